// SPDX-License-Identifier: GPL-2.0-or-later
/* eventfds - makes an eventfd, and for each line read tells its owner by /proc/self/fdinfo: patches/eventfd-owner. */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

static void show(int fd)
{
	char path[64], line[256], owner[256] = "no owner\n";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "eventfd-owner:", 14))
			strcpy(owner, line);
	if (f)
		fclose(f);
	fputs(owner, stdout);
	fflush(stdout);
}

int main(void)
{
	char line[64];
	int fd = eventfd(0, 0);

	while (fgets(line, sizeof(line), stdin))
		show(fd);
	return fd < 0;
}
