// SPDX-License-Identifier: GPL-2.0-or-later
/* own_folder.c - see own_folder.h. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "own_folder.h"
#include "owned.h"

int own_folder_check(const char *dir, struct klp_err *err)
{
	struct stat st;

	if (lstat(dir, &st))
		return klp_err_sys(err, -errno, "no state folder %s", dir);
	/* Not even the group that is ours: owned_check() would let it write. */
	if (!S_ISDIR(st.st_mode) || (st.st_uid != geteuid() && st.st_uid) || st.st_mode & 0022)
		return klp_err_set(err, -EPERM, "the state folder %s isn't a folder of yours alone; chown and `chmod 700` it if nobody else has changed it",
				   dir);
	return owned_check(dir, err);
}
