// SPDX-License-Identifier: GPL-2.0-or-later
/* asuser UID CMD... - runs a command without any privilege; busybox has nothing for it. */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned int uid = argc > 2 ? atoi(argv[1]) : 0;

	if (!uid)
		return 64;
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		return 1;
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
