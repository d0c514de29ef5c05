// SPDX-License-Identifier: GPL-2.0-or-later
/* difffix.c - see difffix.h. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "difffix.h"

struct elf_out *o, *n;
struct unit unit;
struct report *report;

const uint8_t code[32] = { 0xe8, 0, 0, 0, 0, 0x48, 0x89, 0xf8, 0xc3 };
const uint8_t other_code[32] = { 0xe8, 0, 0, 0, 0, 0x48, 0x89, 0xf0, 0xc3 };
const uint8_t zeros[64];

void diff_setup(void)
{
	o = elf_out_new();
	n = elf_out_new();
	report = report_new(true, false, stdout);
	unit = (struct unit){ .source = "a.c", .object = "vmlinux" };
}

void diff_teardown(void)
{
	report_free(report);
	free(unit.symbols);
	elf_close(unit.orig);
	elf_close(unit.patched);
}

void run(void)
{
	struct klp_err err = { 0 };

	unit.orig = elffix_finish(o);
	unit.patched = elffix_finish(n);
	ck_assert_msg(!unit_diff(&unit, report, &err), "%s", err.text);
}

const struct diff_symbol *find(const char *name)
{
	for (size_t i = 0; i < unit.nr_symbols; i++) {
		const struct diff_symbol *ds = &unit.symbols[i];

		if (!strcmp((ds->patched ? ds->patched : ds->orig)->name, name))
			return ds;
	}
	ck_abort_msg("%s isn't listed", name);
	return NULL;
}

enum change change_of(const char *name)
{
	return find(name)->change;
}

bool refused(enum refusal reason, const char *name)
{
	size_t i;
	json_t *j;

	json_array_foreach(report->refusals, i, j)
		if (!strcmp(json_string_value(json_object_get(j, "reason")),
			    report_reason_name(reason)) &&
		    !strcmp(json_string_value(json_object_get(j, "function")), name))
			return true;
	return false;
}

struct elffix func(struct elf_out *out, const char *name)
{
	return elffix_function(out, name, STB_GLOBAL, true, code, sizeof(code));
}

void code_of(struct elf_out *out, const char *section, const char *name, uint8_t bind, bool traced)
{
	elffix_function_in(out, section, name, bind, traced, out == o ? code : other_code, sizeof(code));
}
