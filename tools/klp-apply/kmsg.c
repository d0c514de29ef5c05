// SPDX-License-Identifier: GPL-2.0-or-later
/* kmsg.c - see kmsg.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "kmsg.h"

#define KMSG_LINES	4
#define KMSG_RECORD	8192	/* the kernel's CONSOLE_EXT_LOG_MAX */

int kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -ESPIPE;
	}
	return fd;
}

int kmsg_relevant(char *record, const char *module, const char **text)
{
	char *p = strchr(record, ';');
	size_t n = strlen(module);

	if (!p)
		return 0;
	p++;
	p[strcspn(p, "\n")] = '\0';
	/* Our own taint and the loader's "unknown symbol" name the module. */
	if (strncmp(p, "quietpatch: ", 12) && (!n || strncmp(p, module, n) || p[n] != ':'))
		return 0;
	*text = p;
	return 1;
}

void kmsg_explain(int fd, const char *module, struct klp_err *err)
{
	char record[KMSG_RECORD + 1], lines[KMSG_LINES][200];
	unsigned int seen = 0, i;
	const char *text;
	size_t used;
	ssize_t n;

	if (fd < 0)
		return;
	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			continue;	/* overwritten meanwhile: the next one is there */
		if (n <= 0)
			break;
		record[n] = '\0';
		if (kmsg_relevant(record, module, &text))
			snprintf(lines[seen++ % KMSG_LINES], sizeof(lines[0]), "%.199s", text);
	}
	for (i = seen > KMSG_LINES ? seen - KMSG_LINES : 0; i < seen; i++) {
		used = strlen(err->text);
		snprintf(err->text + used, sizeof(err->text) - used, "%s\"%s\"",
			 i && used && err->text[used - 1] == '"' ? ", " : "; the kernel says: ",
			 lines[i % KMSG_LINES]);
	}
}
