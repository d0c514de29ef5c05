// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qplend.c MODULE.ko ROUNDS - [I9]: lends ever other tables of symbols to the loader, while two
 * processes load a module that needs one of them. Each load gets the right address, or is told that
 * there is no such symbol; never a wrong one, which the module tells by EUCLEAN.
 * All names have one length and are sorted, and each table is turned by one against the last: so a
 * loader that saw new names beside old addresses would find a wrong one, and not just none (were the
 * wanted one near either end of the alphabet, it would: the turned table isn't sorted there).
 * exit: 0 good, 1 a wrong one, or too few loads of either kind to mean anything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "quietpatch.h"

#define MAX	800
#define WANTED	"generic_file_mmap"

struct tally { int right, none, wrong, other, last; };

static struct { unsigned long long addr; char name[56]; } syms[MAX];
static int nr_syms;

static int by_name(const void *a, const void *b)
{
	return strcmp((const char *)a + 8, (const char *)b + 8);
}

/* Functions of vmlinux with an address of their own: what kallsyms can check by name. */
static int read_symbols(void)
{
	unsigned long long addr, anchor = 0, last = 0;
	char type, name[256], line[512];
	FILE *f = fopen("/proc/kallsyms", "r");
	int i, wanted = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strchr(line, '[') || sscanf(line, "%llx %c %255s", &addr, &type, name) != 3 || (type | 32) != 't')
			continue;
		if (!strcmp(name, QP_ANCHOR))
			anchor = addr;
		/* An alias shares its address; whichever kallsyms tells would do for neither. */
		if (nr_syms && addr == last && strcmp(syms[nr_syms - 1].name, WANTED))
			nr_syms--;
		last = addr;
		i = !strcmp(name, WANTED);
		wanted |= i;
		if (i || (nr_syms < MAX - 1 && strlen(name) == strlen(WANTED) && !strchr(name, '.'))) {
			syms[nr_syms].addr = addr;
			strcpy(syms[nr_syms++].name, name);
		}
	}
	if (f)
		fclose(f);
	for (i = 0; i < nr_syms; i++)
		syms[i].addr -= anchor;
	qsort(syms, nr_syms, sizeof(syms[0]), by_name);
	return anchor && wanted && nr_syms > 100 ? 0 : -1;
}

/* All symbols, turned by `turn`; what the core says isn't there is left out from then on. */
static int lend(int fd, int turn)
{
	static struct qp_sym_desc d[MAX];
	static char strings[QP_NAME_LEN * MAX * 2];
	int n, len, i;
	struct qp_bind b;

	for (;;) {
		len = 0;
		for (n = 0; n < nr_syms; n++) {
			i = (n + turn) % nr_syms;
			memset(&d[n], 0, sizeof(d[n]));
			d[n].offset = syms[i].addr;
			d[n].name = len;
			d[n].kname = len + sizeof("qp.vmlinux.") - 1;
			len += sprintf(strings + len, "qp.vmlinux.%s", syms[i].name) + 1;
		}
		b = (struct qp_bind){ .size = sizeof(b), .nr_symbols = n, .symbols = (uintptr_t)d,
				      .strings = (uintptr_t)strings, .strings_len = len };
		if (!ioctl(fd, QP_IOC_BIND, &b))
			return n;
		if (errno != ENOENT || b.bad >= (unsigned int)n || !strcmp(syms[(b.bad + turn) % nr_syms].name, WANTED))
			return -1;
		i = (b.bad + turn) % nr_syms;
		memmove(&syms[i], &syms[i + 1], (--nr_syms - i) * sizeof(syms[0]));
	}
}

static void load(const char *ko, struct tally *t)
{
	int fd = open(ko, O_RDONLY | O_CLOEXEC);

	for (;;) {
		if (!syscall(SYS_finit_module, fd, "", 0)) {
			t->right++;
			syscall(SYS_delete_module, "qp_lent", O_NONBLOCK);
		} else if (errno == ENOENT) {
			t->none++;
		} else if (errno == EUCLEAN) {
			t->wrong++;
		} else if (errno != EEXIST && errno != EBUSY) {
			t->other++;
			t->last = errno;
		}
	}
}

int main(int argc, char **argv)
{
	struct tally *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open(QP_DEVICE, O_RDWR | O_CLOEXEC), rounds = argc > 2 ? atoi(argv[2]) : 0, i, n = 0;
	struct qp_bind none = { .size = sizeof(none) };
	pid_t p[2];

	if (argc < 3 || fd < 0 || t == MAP_FAILED || read_symbols()) {
		printf("cannot begin: %d symbols, %s\n", nr_syms, strerror(errno));
		return 1;
	}
	for (i = 0; i < 2; i++) {
		p[i] = fork();
		if (!p[i])
			load(argv[1], t);
	}
	for (i = 0; i < rounds && n >= 0; i++) {
		n = lend(fd, i % 3);
		usleep(2000);
		/* Now and then nothing is lent at all. */
		if (i % 4 == 3 && ioctl(fd, QP_IOC_BIND, &none))
			n = -1;
	}
	if (n < 0)
		printf("bind: %s\n", strerror(errno));
	for (i = 0; i < 2; i++) {
		kill(p[i], SIGKILL);
		waitpid(p[i], NULL, 0);
	}
	printf("%d symbols; loads: %d right, %d told that there is none, %d WRONG, %d failed otherwise (%s)\n",
	       nr_syms, t->right, t->none, t->wrong, t->other, strerror(t->last));
	return n < 0 || t->wrong || t->other || t->right < 10 || t->none < 1;
}
