// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * alone.c - extract each function of one unit by itself, as if a fix had changed
 * it and nothing else: alone KREL UNIT.c UNIT.o PLAIN.o OUTDIR
 *
 * UNIT.o is compiled with a section per function and variable, PLAIN.o without.
 * Writes OUTDIR/FUNCTION.x.o, and a line "FUNCTIONS EXTRACTED" for the sum; what
 * was refused, and why, goes to stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/report_data.h"
#include "cli/report_print.h"
#include "diff/diff.h"
#include "extract/extract.h"
#include "extract/keys.h"
#include "prove/proof.h"
#include "target/target.h"

static int fail(const char *what, const struct klp_err *err)
{
	fprintf(stderr, "alone: %s: %s\n", what, err->text);
	return 1;
}

/* A weak function that another one overrides. */
static bool dead_copy(const struct unit *u, const struct elf_symbol *orig)
{
	struct kernel_place place;

	return proof_is_overridden(u, orig) ||
	       (orig->bind == STB_WEAK && proof_place(u, orig, &place));
}

/* Can a fix replace it at all?  The differ and the proof refuse the others. */
static bool replaceable(const struct unit *u, const struct diff_symbol *d)
{
	const char *sec;

	if (!d->patched || d->patched->type != STT_FUNC || !d->has_fentry || !d->orig)
		return false;
	sec = u->patched->sections[d->patched->shndx].name;
	return strncmp(sec, ".init", 5) && strncmp(sec, ".exit", 5) &&
	       strncmp(sec, ".meminit", 8) && !dead_copy(u, d->orig);
}

static bool extract_alone(struct build *b, struct diff_symbol *d, const char *dir)
{
	struct klp_err err = { 0 };
	char path[4096];
	bool done = false;

	b->report = report_new(false, false, stderr);
	d->forced = true;
	if (units_keys(b, &err) || units_extract(b, &err)) {
		fprintf(stderr, "%s:%s: %s\n", b->units->source, d->patched->name, err.text);
	} else if (report_nr_refusals(b->report)) {
		report_print_refusals(b->report);
	} else {
		snprintf(path, sizeof(path), "%s/%s.x.o", dir, d->patched->name);
		done = !rename(b->units->extract_path, path);
	}
	d->forced = false;
	report_free(b->report);
	return done;
}

int main(int argc, char **argv)
{
	struct unit u = { .object = "vmlinux" };
	struct build b = { .units = &u, .nr_units = 1, .name = "alone", .module = "qp_alone" };
	size_t all = 0, done = 0;
	struct klp_err err = { 0 };
	char object[4096];
	const char *owner;

	if (argc != 6)
		return 64;
	if (target_open(argv[1], &b.target, &err))
		return fail(argv[1], &err);
	snprintf(object, sizeof(object), "%.*so", (int)strlen(argv[2]) - 1, argv[2]);
	owner = target_object_of(b.target, object);
	if (!owner || strcmp(owner, "vmlinux"))
		return 77;	/* of a module, or of none */
	u.source = argv[2];
	b.workdir = argv[5];
	b.report = report_new(false, false, stderr);
	if (elf_open(argv[3], &u.orig, &err) || elf_open(argv[3], &u.patched, &err) ||
	    elf_open(argv[4], &u.plain, &err) || units_diff(&b, &err) ||
	    unit_prove(&b, &u, &err) || unit_prove_plain(&b, &u, &err))
		return fail(argv[2], &err);
	for (size_t i = 0; i < u.nr_symbols; i++) {
		if (!replaceable(&u, &u.symbols[i]))
			continue;
		all++;
		done += extract_alone(&b, &u.symbols[i], argv[5]);
	}
	printf("%zu %zu\n", all, done);
	return 0;
}
