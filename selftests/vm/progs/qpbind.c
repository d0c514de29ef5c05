// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qpbind.c - [I9]: what QP_IOC_BIND takes, and what the module loader makes of it.
 *   qpbind load MODULE.ko             binds its table, loads it
 *   qpbind part MODULE.ko             binds all but the last entry, tries to load it
 *   qpbind moved TABLE.ko             moves each entry in turn by 16 bytes: each is refused, and the right one named
 *   qpbind most                       as many entries as are allowed, all true; one more is refused
 *   qpbind storm MODULE.ko ROUNDS     binds ever other tables while two processes load qp_bound, which has the
 *                                     first: loads work if that was bound all the while, and never if it wasn't
 * exit: 0 good, 1 not
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "quietpatch.h"

struct table { struct qp_sym_desc *syms; const char *strings; unsigned int nr, len; };

static int dev;
static unsigned int bad;	/* of the last table that was refused */

static int bind_table(const struct table *t)
{
	struct qp_bind b = { .size = sizeof(b), .nr_symbols = t->nr, .symbols = (uintptr_t)t->syms,
			     .strings = (uintptr_t)t->strings, .strings_len = t->len };
	int ret = ioctl(dev, QP_IOC_BIND, &b) ? -errno : 0;

	bad = b.bad;
	return ret;
}

static int unbind(void)
{
	return bind_table(&(struct table){ 0 });
}

/* The table of a module that klp-build made. */
static struct table table_of(const char *ko)
{
	struct table t = { 0 };
	int fd = open(ko, O_RDONLY | O_CLOEXEC);
	const Elf64_Shdr *sh;
	const char *names;
	struct stat st;
	char *p;

	if (fd < 0 || fstat(fd, &st))
		return t;
	p = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	sh = (const void *)(p + ((const Elf64_Ehdr *)p)->e_shoff);
	names = p + sh[((const Elf64_Ehdr *)p)->e_shstrndx].sh_offset;
	for (int i = 1; i < ((const Elf64_Ehdr *)p)->e_shnum; i++) {
		if (!strcmp(names + sh[i].sh_name, QP_SEC_SYMBOLS)) {
			t.syms = (void *)(p + sh[i].sh_offset);
			t.nr = sh[i].sh_size / sizeof(*t.syms);
		} else if (!strcmp(names + sh[i].sh_name, QP_SEC_STRINGS)) {
			t.strings = p + sh[i].sh_offset;
			t.len = sh[i].sh_size;
		}
	}
	close(fd);
	return t;
}

/* Not by file: one who loads the same file at the same time may get the other's result (6.5 on). */
static int insmod(const char *ko)
{
	int fd = open(ko, O_RDONLY | O_CLOEXEC), ret = -ENODATA;
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st))
		return ret;
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p != MAP_FAILED) {
		ret = syscall(SYS_init_module, p, st.st_size, "") ? -errno : 0;
		munmap(p, st.st_size);
	}
	close(fd);
	return ret;
}

static int cmd_load(const char *ko, unsigned int less)
{
	struct table t = table_of(ko);
	int ret = -ENODATA;

	if (t.nr > less) {
		t.nr -= less;
		ret = bind_table(&t);
	}
	if (ret) {
		printf("bind: %s, entry %u of %u: %s\n", strerror(-ret), bad, t.nr,
		       bad < t.nr ? t.strings + t.syms[bad].name : "?");
		return 1;
	}
	ret = insmod(ko);
	printf("%u entries; load: %s\n", t.nr, strerror(-ret));
	return unbind() || ret;
}

static int cmd_moved(const char *from)
{
	struct table t = table_of(from);
	unsigned int percpu = 0, wrong = 0;
	int ret;

	for (unsigned int i = 0; i < t.nr; i++) {
		int64_t was = t.syms[i].offset;

		/* Of these only the range is checked. */
		t.syms[i].offset = t.syms[i].flags & QP_SYM_PERCPU ? 1l << 40 : was + 16;
		percpu += t.syms[i].flags & QP_SYM_PERCPU;
		ret = bind_table(&t);
		if (bad != i || ret != (t.syms[i].flags & QP_SYM_PERCPU ? -EINVAL : -ENOENT)) {
			printf("%s moved: %s, entry %u\n", t.strings + t.syms[i].name, strerror(-ret), bad);
			wrong++;
		}
		t.syms[i].offset = was;
	}
	ret = bind_table(&t);
	printf("%u entries, %u of them zero-based per-CPU; %u wrong; unchanged: %s\n", t.nr, percpu, wrong, strerror(-ret));
	return !t.nr || wrong || ret || unbind();
}

static int cmd_most(void)
{
	struct table t = { .nr = QP_SYMBOLS_MAX, .len = QP_STRINGS_MAX };
	char *strings = calloc(1, t.len + 1);
	int most, more, longer;

	t.syms = calloc(t.nr + 1, sizeof(*t.syms));
	t.strings = strings;
	if (!strings || !t.syms)
		return 1;
	strcpy(strings, QP_ANCHOR);
	most = bind_table(&t);
	t.nr++;
	more = bind_table(&t);
	t.nr--;
	t.len++;
	longer = bind_table(&t);
	printf("most: %s; one more: %s; longer: %s\n", strerror(-most), strerror(-more), strerror(-longer));
	return most || more != -E2BIG || longer != -E2BIG || unbind();
}

struct tally {
	atomic_uint seq;	/* odd while the table changes */
	atomic_bool bound;	/* qp_bound's table */
	atomic_uint seen;	/* loads that worked or didn't, with no change of the table meanwhile */
	int right, none, wrong, missed, other, last;
};

static void load(const char *ko, struct tally *t)
{
	for (;;) {
		unsigned int seq = atomic_load(&t->seq);
		bool bound = atomic_load(&t->bound), steady;
		int ret = insmod(ko);

		steady = !(seq & 1) && seq == atomic_load(&t->seq);
		if (!ret) {
			t->right++;
			t->wrong += steady && !bound;
			t->seen += steady;
			syscall(SYS_delete_module, "qp_bound", O_NONBLOCK);
		} else if (ret == -ENOENT) {
			t->none++;
			t->missed += steady && bound;
			t->seen += steady;
		} else if (ret != -EEXIST && ret != -EBUSY) {
			t->other++;
			t->last = -ret;
		}
	}
}

/* 1: a table that isn't true was taken. */
static int change(struct tally *t, int round)
{
	static struct qp_sym_desc anchor, data = { .flags = QP_SYM_DATA }, moved = { .offset = 16 };
	struct qp_sym_desc *const turn[] = { &anchor, &data, &anchor, &moved, &anchor, NULL };
	struct qp_sym_desc *d = turn[round % 6];
	int ret;

	atomic_fetch_add(&t->seq, 1);
	ret = bind_table(&(struct table){ d, d ? QP_ANCHOR : NULL, !!d, d ? sizeof(QP_ANCHOR) : 0 });
	atomic_store(&t->bound, d == &anchor);
	atomic_fetch_add(&t->seq, 1);
	if (d == &moved)
		return ret != -ENOENT;
	return ret;
}

static int cmd_storm(const char *ko, int rounds)
{
	struct tally *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, refused = 0;
	unsigned int seen;
	pid_t p[2];

	if (t == MAP_FAILED)
		return 1;
	for (i = 0; i < 2; i++) {
		p[i] = fork();
		if (!p[i])
			load(ko, t);
	}
	for (i = 0; i < rounds; i++) {
		if (change(t, i)) {
			printf("round %d: a false table was TAKEN, or a true one wasn't\n", i);
			refused++;
		}
		/* Some loads are to meet a change, and each kind of table a load. */
		seen = t->seen;
		for (int ms = 0; ms < 5000 && i % 4 && t->seen == seen; ms++)
			usleep(1000);
		usleep(500);
	}
	for (i = 0; i < 2; i++) {
		kill(p[i], SIGKILL);
		waitpid(p[i], NULL, 0);
	}
	printf("loads: %d done, %d told that there is none, %d WRONG, %d missed, %d failed otherwise (%s)\n",
	       t->right, t->none, t->wrong, t->missed, t->other, strerror(t->last));
	return refused || t->wrong || t->missed || t->other || t->right < 10 || t->none < 10;
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "";

	dev = open(QP_DEVICE, O_RDWR | O_CLOEXEC);
	if (dev < 0) {
		printf("%s: %s\n", QP_DEVICE, strerror(errno));
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(cmd, "load") && argc == 3)
		return cmd_load(argv[2], 0);
	if (!strcmp(cmd, "part") && argc == 3)
		return cmd_load(argv[2], 1);
	if (!strcmp(cmd, "moved") && argc == 3)
		return cmd_moved(argv[2]);
	if (!strcmp(cmd, "most"))
		return cmd_most();
	if (!strcmp(cmd, "storm") && argc == 4)
		return cmd_storm(argv[2], atoi(argv[3]));
	printf("usage: see the source\n");
	return 1;
}
