// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_settle.c - whether patched functions are called directly, or through
 * ftrace's handler so that BPF programs and tracers find their sites free.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "io.h"
#include "quietpatch.h"

#define SETTLE	QP_SYSFS "/settle"

static int set(struct apply *a, bool on)
{
	int fd = open(SETTLE, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	switch (ret) {
	case 0:
		return EXIT_DONE;
	case -ENOENT:
		return refuse(a, EXIT_NOT_FOUND, "the core module isn't loaded (no " SETTLE ")");
	case -EBUSY:
		return refuse(a, EXIT_PENDING, "a transition is under way; try again when it has ended");
	default:
		return refuse(a, EXIT_FAILED, "cannot write " SETTLE ": %s", strerror(-ret));
	}
}

static int show(struct apply *a)
{
	bool on;
	void *text;
	size_t len;
	int ret = io_read_file(SETTLE, 16, &text, &len, &a->err);

	if (ret)
		return ret == -ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
	on = len && *(char *)text == '1';
	free(text);
	json_object_set_new(a->reply, "settle", json_boolean(on));
	say(a, on ? "on: patched functions are called directly\n" :
	    "off: patched functions are called through ftrace's handler\n");
	return EXIT_DONE;
}

int cmd_settle(struct apply *a, int argc, char **argv)
{
	bool on = argc && !strcmp(argv[0], "on");
	int status = EXIT_DONE;

	if (argc > 1 || (argc && !on && strcmp(argv[0], "off")))
		return refuse(a, EXIT_USAGE, "settle takes on, off, or nothing to tell which it is");
	if (argc)
		status = set(a, on);
	return status ? status : show(a);
}
