// SPDX-License-Identifier: GPL-2.0-or-later
/* debuginfo.c - see debuginfo.h. */
#include <dwarf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "debuginfo.h"

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

int dwarf_object_open(const char *path, struct dwarf_object *out, struct klp_err *err)
{
	Dwfl_Module *mod;
	Dwarf_Addr bias;
	Dwarf *dwarf;
	Dwfl *dwfl;

	dwfl = dwfl_begin(&callbacks);
	if (!dwfl)
		return klp_err_set(err, -ENOMEM, "%s: %s", path, dwfl_errmsg(-1));
	mod = dwfl_report_offline(dwfl, "", path, -1);
	dwarf = mod ? dwfl_module_getdwarf(mod, &bias) : NULL;
	if (!dwarf) {
		klp_err_set(err, -EINVAL, "%s: no debug information: %s", path, dwfl_errmsg(-1));
		dwfl_end(dwfl);
		return -EINVAL;
	}
	*out = (struct dwarf_object){ .dwfl = dwfl, .dwarf = dwarf };
	return 0;
}

void dwarf_object_close(struct dwarf_object *d)
{
	dwfl_end(d->dwfl);
	*d = (struct dwarf_object){ 0 };
}

void dwarf_tree_path(const char *path, char *out, size_t len)
{
	static const char *const roots[] = {
		"arch/", "block/", "certs/", "crypto/", "drivers/", "fs/", "include/", "init/",
		"io_uring/", "ipc/", "kernel/", "lib/", "mm/", "net/", "samples/", "security/",
		"sound/", "virt/", NULL
	};
	const char *best = NULL;

	/*
	 * The overlay's path, then the tree's: the first folder of the tree's top
	 * level that follows ".../orig/", ".../patched/" or ".../src/".
	 */
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		for (size_t i = 0; roots[i] && !best; i++)
			if (!strncmp(p, roots[i], strlen(roots[i])))
				best = p;
		if (!strncmp(p, "orig/", 5) || !strncmp(p, "patched/", 8) ||
		    !strncmp(p, "src/", 4))
			best = NULL;
		if (!*p)
			break;
	}
	snprintf(out, len, "%s", best ? best : path);
}

/* The name as the source has it: foo.isra.0.cold -> foo. */
static bool source_name_is(const char *name, const char *symbol)
{
	size_t n = strcspn(symbol, ".");

	return n && !strncmp(name, symbol, n) && !name[n];
}

static bool is_definition(Dwarf_Die *die)
{
	return !dwarf_hasattr(die, DW_AT_declaration) &&
	       (dwarf_tag(die) == DW_TAG_subprogram || dwarf_tag(die) == DW_TAG_variable);
}

/* A static local has its definition in a function, however deep. */
static bool find_local(Dwarf_Die *parent, const char *name, Dwarf_Die *out)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die))
		return false;
	do {
		const char *s = dwarf_diename(&die);
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_variable && s && source_name_is(s, name) && is_definition(&die)) {
			*out = die;
			return true;
		}
		if ((tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block) &&
		    find_local(&die, name, out))
			return true;
	} while (!dwarf_siblingof(&die, &die));
	return false;
}

static int say_line(Dwarf_Die *die, char *file, size_t len, uint32_t *line)
{
	const char *s;
	int n;

	if (dwarf_decl_line(die, &n))
		return -ENOENT;
	s = dwarf_decl_file(die);
	dwarf_tree_path(s ? s : "", file, len);
	*line = n;
	return 0;
}

static int find_line(Dwarf *dwarf, const char *name, char *file, size_t len, uint32_t *line)
{
	Dwarf_Off off = 0, next;
	size_t hsize;
	Dwarf_Die cu, die;

	for (; !dwarf_nextcu(dwarf, off, &next, &hsize, NULL, NULL, NULL); off = next) {
		if (!dwarf_offdie(dwarf, off + hsize, &cu) || dwarf_child(&cu, &die))
			continue;
		do {
			const char *s = is_definition(&die) ? dwarf_diename(&die) : NULL;

			if (s && source_name_is(s, name) && !say_line(&die, file, len, line))
				return 0;
		} while (!dwarf_siblingof(&die, &die));
		if (strchr(name, '.') && find_local(&cu, name, &die))
			return say_line(&die, file, len, line);
	}
	return -ENOENT;
}

int function_line(const char *object_path, const char *name,
		  char *file, size_t file_len, uint32_t *line)
{
	struct dwarf_object d;
	int ret;

	file[0] = 0;
	*line = 0;
	ret = object_path ? dwarf_object_open(object_path, &d, NULL) : -ENOENT;
	if (ret)
		return -ENOENT;
	ret = find_line(d.dwarf, name, file, file_len, line);
	dwarf_object_close(&d);
	return ret;
}
