// SPDX-License-Identifier: GPL-2.0-or-later
/* unit.c - the objects of a unit, opened and let go: see build.h. */
#include <stdlib.h>

#include "build.h"

int unit_reopen(const char *path, struct elf_file **ef, struct klp_err *err)
{
	struct elf_file *now;
	int ret = elf_open(path, &now, err);

	if (ret)
		return ret;
	elf_close(*ef);
	*ef = now;
	return 0;
}

void unit_free(struct unit *u)
{
	free(u->source);
	free(u->o);
	free(u->object);
	free(u->module_path);
	free(u->orig_path);
	free(u->patched_path);
	free(u->plain_path);
	elf_close(u->orig);
	elf_close(u->patched);
	elf_close(u->plain);
	free(u->symbols);
	free(u->extract_path);
}

void unit_rest(struct unit *u)
{
	elf_rest(u->orig);
	elf_rest(u->patched);
	elf_rest(u->plain);
}
