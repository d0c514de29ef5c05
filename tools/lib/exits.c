// SPDX-License-Identifier: GPL-2.0-or-later
/* exits.c - see exits.h. */
#include <errno.h>

#include "err.h"
#include "exits.h"
#include "io.h"
#include "log.h"

const char exits_help[] =
	"Exit status, the same in all of Quietpatch's tools:\n"
	"  0   done, protected, built\n"
	"  1   failed\n"
	"  2   nothing to do\n"
	"  3   not found, nothing for this kernel, or no live patch is possible\n"
	"  4   not trusted\n"
	"  5   held by policy\n"
	"  6   pending: something else is under way, or has to come first\n"
	"  7   taken back\n"
	"  8   needs a reboot\n"
	"  64  usage\n"
	"  101 the source didn't answer\n";

int exit_of(int code)
{
	switch (code) {
	case -ENOKEY:
	case -EKEYREJECTED:
	case -EBADMSG:
	case -ESTALE:
	case -EFBIG:
	case -E2BIG:
	case -EKEYEXPIRED:
	case -EPROTONOSUPPORT:
		return EXIT_TRUST;
	case -ENETUNREACH:
	case -ENODATA:
		return EXIT_NETWORK;
	case -ENOENT:
		return EXIT_NOT_FOUND;
	case -EBUSY:
	case -EINTR:
		return EXIT_PENDING;
	default:
		return EXIT_FAILED;
	}
}

int exit_printed(int status)
{
	struct klp_err err;

	if (!io_flush_stdout(&err))
		return status;
	log_error("%s; without that the exit status were %d", err.text, status);
	return EXIT_FAILED;
}
