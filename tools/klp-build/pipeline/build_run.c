// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * build_run.c - one build, as a page of passes: see build.h.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "build_run.h"
#include "compile/api.h"
#include "compile/compile.h"
#include "compile/tripwires.h"
#include "diff/diff.h"
#include "extract/extract.h"
#include "extract/keys.h"
#include "fix/fix.h"
#include "fix/overlay.h"
#include "link/link.h"
#include "manifest.h"
#include "prove/proof.h"
#include "quietpatch.h"
#include "select/file_state.h"
#include "select/layout.h"
#include "select/select.h"
#include "target/prepare.h"
#include "target/target.h"
#include "threads.h"
#include "types/types.h"

/* Names that end a pass: nothing to do, or refused. */
enum { GO_ON = 0, STOP_NO_CHANGE = 1, STOP_REFUSED = 2 };

static int make_workdir(struct build *b, struct klp_err *err)
{
	const char *tmp = tmp_dir();

	/* Paths become words of make's and of the compiler's commands. */
	if (strpbrk(tmp, " \t\n'\"$#:;&") || strpbrk(b->target->dir, " \t\n'\"$#:;&"))
		return klp_err_set(err, -EINVAL,
				   "cannot work in %s with the cache in %s: make takes no blanks, quotes or $#:;& in a path; set TMPDIR or KLP_CACHE to another",
				   tmp, b->target->dir);
	b->workdir = format("%s/klp-build.XXXXXX", tmp);
	if (!mkdtemp(b->workdir))
		return klp_err_sys(err, -errno, "cannot make a work folder in %s", tmp);
	return 0;
}

static int name_module(struct build *b, const struct build_options *o, struct klp_err *err)
{
	char module[MANIFEST_NAME_LEN];

	if (manifest_module_name(b->fix->name, o->release, module))
		return klp_err_set(err, -ENAMETOOLONG,
				   "\"%s\" is too long a name for release %llu: the kernel has 55 characters for a module's; choose a shorter one with --name",
				   b->fix->name, (unsigned long long)o->release);
	b->release = o->release;
	b->patch_flags = o->flags;
	b->name = xstrdup(b->fix->name);
	b->module = xstrdup(module);
	return 0;
}

/* "NAME[:RELEASE]" -> "NAME RELEASE", as in the manifest. */
static int add_requirement(struct strings *to, const char *word, struct klp_err *err)
{
	const char *colon = strchr(word, ':');
	char *text = format("%.*s %s", colon ? (int)(colon - word) : (int)strlen(word), word,
			    colon ? colon + 1 : "1");
	char name[MANIFEST_NAME_LEN];
	uint64_t release;
	int ret;

	ret = manifest_requirement(text, name, &release);
	if (ret)
		klp_err_set(err, ret, "\"%s\" isn't a patch to require: NAME, or NAME:RELEASE", word);
	else
		strings_add_once(to, text);
	free(text);
	return ret;
}

static int name_mitigated(struct build *b, const struct build_options *o, struct klp_err *err)
{
	struct strings *names = &b->fix->mitigates, list = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < names->nr + o->mitigates.nr; i++) {
		const char *name = i < names->nr ? names->list[i] : o->mitigates.list[i - names->nr];

		if (!manifest_is_name(name) || !strcmp(name, b->fix->name))
			ret = klp_err_set(err, -EINVAL, "\"%s\" isn't the name of a mitigation that %s could be the fix of", name,
					  b->fix->name);
		else
			strings_add_once(&list, name);
	}
	strings_free(names);
	*names = list;
	b->mitigates = names;
	return ret;
}

static int name_required(struct build *b, const struct build_options *o, struct klp_err *err)
{
	struct strings *words = &b->fix->requires, list = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < words->nr; i++)
		ret = add_requirement(&list, words->list[i], err);
	for (size_t i = 0; !ret && i < o->requires.nr; i++)
		ret = add_requirement(&list, o->requires.list[i], err);
	strings_free(words);
	*words = list;
	b->requires = words;
	return ret;
}

/* Functions of units that both have and that differ: those that the patch replaces. */
static size_t nr_replaced(const struct build *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->nr_units; i++) {
		const struct unit *u = &b->units[i];

		for (size_t k = 0; k < u->nr_symbols; k++)
			n += build_replaces(&u->symbols[k]);
	}
	return n;
}

/* A callback of its author's may be all that a patch does. */
static bool has_callbacks(const struct build *b)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		const struct elf_section *sec = elf_section(b->units[i].patched, QP_SEC_CALLBACKS);

		if (sec && sec->size)
			return true;
	}
	return false;
}

static int pass_target(struct build *b, const struct build_options *o, struct klp_err *err)
{
	int ret;

	report_stage(b->report, "target");
	b->target = o->target;
	ret = b->target ? 0 : target_open(o->krel, &b->target, err);
	if (!ret && !o->target)
		ret = compiler_check(b->target->compiler, err);
	if (!ret)
		report_stage_end(b->report, "%s, %s, build-id %.12s", b->target->krel,
				 b->target->version, b->target->build_id);
	return ret;
}

static int pass_fix(struct build *b, const struct build_options *o, struct klp_err *err)
{
	int ret;

	report_stage(b->report, "fix");
	ret = fix_load(b->target, o->fixes, o->nr_fixes, o->name, b->report, &b->fix, err);
	if (!ret) {
		strings_add_all(&b->fix->allow_data, &o->allow_data);
		b->allow_data = &b->fix->allow_data;
		ret = name_module(b, o, err);
	}
	if (!ret)
		ret = name_required(b, o, err);
	if (!ret)
		ret = name_mitigated(b, o, err);
	if (!ret)
		ret = files_settle(b, err);
	if (!ret && !report_nr_refusals(b->report))
		ret = overlay_create(b, err);
	if (!ret && report_nr_refusals(b->report))
		return STOP_REFUSED;
	if (!ret)
		ret = api_write(b, err);
	if (!ret)
		report_stage_end(b->report, "%s, from %s: %zu file%s", b->fix->name, b->fix->origin,
				 b->fix->nr_files, b->fix->nr_files == 1 ? "" : "s");
	return ret;
}

/* What a pass is done with leaves the process, so that the next one's needs don't come on top. */
static int rest(struct build *b, int ret)
{
	for (size_t i = 0; i < b->nr_units; i++)
		proven_rest(&b->units[i]);
	malloc_trim(0);
	return ret;
}

/* What many units will cost: a unit takes about a second of CPU, twice. */
static const char *estimate(const struct build *b, size_t nr, char cost[64])
{
	cost[0] = '\0';
	if (nr > 16)
		snprintf(cost, 64, ", about %zu s at worst",
			 2 * nr / (b->jobs ? b->jobs : 1));
	return cost;
}

/* Without those that only use a struct whose declaration changes. */
static const char *at_best(const struct build *b, char text[64])
{
	text[0] = '\0';
	if (b->nr_units > b->nr_certain)
		snprintf(text, 64, "; %zu if structs keep their layout", b->nr_certain);
	return text;
}

static int select_units(struct build *b, struct klp_err *err)
{
	struct strings included = { 0 };
	int ret = units_select_own(b, &included, err);

	/* What lacks other changes of its update isn't compiled: that shows before all that reads a header is read. */
	if (!ret && b->of_update && included.nr)
		ret = units_try(b, err);
	if (!ret)
		ret = units_select_reached(b, &included, err);
	strings_free(&included);
	return ret;
}

static int pass_compile(struct build *b, const struct build_options *o, struct klp_err *err)
{
	char cost[64], best[64];
	size_t nr;
	int ret;

	report_stage(b->report, "units");
	ret = rest(b, select_units(b, err));
	if (ret)
		return ret;
	nr = b->nr_units;
	report_stage_end(b->report, "%zu to compile, twice each%s%s", nr, estimate(b, nr, cost),
			 at_best(b, best));
	if (!report_nr_refusals(b->report))
		units_limit(b, b->nr_certain);
	if (report_nr_refusals(b->report))
		return STOP_REFUSED;
	if (!nr)
		return STOP_NO_CHANGE;
	report_stage(b->report, "compile");
	ret = units_compile(b, err);
	if (ret)
		return ret;
	if (o->tripwires)
		ret = units_tripwires(b, err);
	if (ret)
		return ret;
	report_stage_end(b->report, "%zu of %zu differ", b->nr_units,
			 layouts_kept(b->layouts) ? b->nr_certain : nr);
	if (report_nr_refusals(b->report))
		return STOP_REFUSED;
	return b->nr_units ? GO_ON : STOP_NO_CHANGE;
}

/*
 * Of a function's new code: two builds in which it is the same have the same.  Of what it refers to by a place, the place
 * doesn't count, which other functions' strings move.
 */
static uint64_t code_digest(const struct elf_file *f, const struct elf_symbol *sym)
{
	const struct elf_section *s = &f->sections[sym->shndx];
	uint64_t h = FNV1A_START;

	h = s->data && sym->value + sym->size <= s->size ? fnv1a(h, s->data + sym->value, sym->size) : h;
	for (size_t i = 0; i < s->nr_relocs; i++) {
		const struct elf_reloc *r = &s->relocs[i];
		const struct elf_symbol *to = &f->symbols[r->sym];
		bool named = *to->name && *to->name != '.';
		const char *name = named || to->shndx >= f->nr_sections ? to->name : f->sections[to->shndx].name;

		if (r->offset < sym->value || r->offset >= sym->value + sym->size)
			continue;
		h = fnv1a(fnv1a(h, &r->type, sizeof(r->type)), name, strlen(name) + 1);
		h = named ? fnv1a(h, &r->addend, sizeof(r->addend)) : h;
	}
	return h;
}

/* For a caller that has to know what belongs together: also what is refused later on. */
static void list_changes(const struct build *b)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		const struct unit *u = &b->units[i];

		for (size_t k = 0; k < u->nr_symbols; k++) {
			const struct diff_symbol *d = &u->symbols[k];
			const struct elf_symbol *sym = d->orig ? d->orig : d->patched;

			if (d->change != CHANGE_SAME && sym->type == STT_FUNC)
				report_changed(b->report, u->source, sym->name, d->patched ? code_digest(u->patched, d->patched) : 0);
		}
	}
}

static int pass_diff(struct build *b, const struct build_options *o, struct klp_err *err)
{
	size_t nr;
	int ret;

	report_stage(b->report, "diff");
	ret = signatures_settle(b, err);
	if (!ret)
		ret = units_diff(b, err);
	if (!ret && o->list_changes)
		list_changes(b);
	if (!ret)
		ret = units_moves(b, err);
	if (!ret)
		ret = units_globals(b, err);
	if (!ret)
		units_annotations(b);
	if (!ret)
		ret = types_compare(b, true, err);
	if (ret)
		return ret;
	nr = nr_replaced(b);
	report_stage_end(b->report, "%zu function%s to replace", nr, nr == 1 ? "" : "s");
	if (report_nr_refusals(b->report))
		return STOP_REFUSED;
	return nr || has_callbacks(b) ? GO_ON : STOP_NO_CHANGE;
}

static int pass_prove(struct build *b, struct klp_err *err)
{
	int ret;

	report_stage(b->report, "prove");
	ret = units_prove(b, err);
	if (!ret)
		build_list_functions(b, err);
	if (ret)
		return ret;
	threads_check(b);
	report_stage_end(b->report, "against the shipped bytes");
	return report_nr_refusals(b->report) ? STOP_REFUSED : GO_ON;
}

static int pass_link(struct build *b, const struct build_options *o, struct klp_err *err)
{
	int ret;

	report_stage(b->report, "extract");
	ret = units_keys(b, err);
	if (!ret)
		ret = units_extract(b, err);
	ret = rest(b, ret);
	if (ret)
		return ret;
	if (report_nr_refusals(b->report))
		return STOP_REFUSED;
	report_stage_end(b->report, "changed code and what it needs");
	if (!o->out)
		return GO_ON;
	report_stage(b->report, "link");
	ret = rest(b, link_module(b, err));
	if (ret)
		return ret;
	if (report_nr_refusals(b->report))
		return STOP_REFUSED;
	report_stage_end(b->report, "%s.ko", b->module);
	report_stage(b->report, "bundle");
	return build_write_bundle(b, o, err);
}

/* The passes; a positive value is a STOP. */
static int run_passes(struct build *b, const struct build_options *o, struct klp_err *err)
{
	int ret;

	ret = pass_target(b, o, err);
	if (!ret)
		ret = make_workdir(b, err);
	if (!ret)
		ret = pass_fix(b, o, err);
	if (!ret)
		ret = rest(b, pass_compile(b, o, err));
	if (!ret)
		ret = rest(b, pass_diff(b, o, err));
	if (!ret)
		ret = rest(b, pass_prove(b, err));
	if (!ret)
		ret = pass_link(b, o, err);
	if (ret >= 0) {
		int told = files_report(b, ret == STOP_REFUSED, err);

		ret = told ? told : ret;
	}
	return ret;
}

static void build_free(struct build *b, bool close_target)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		proof_free(b->units[i].proof);
		unit_free(&b->units[i]);
	}
	free(b->units);
	extract_free(b->extract);
	layouts_free(b->layouts);
	free(b->layouts);
	strings_free(&b->renamed);
	strings_free(&b->apart);
	fix_free(b->fix);
	if (close_target)
		target_close(b->target);
	free(b->workdir);
	free(b->name);
	free(b->module);
	free(b->module_path);
}

int build_run(const struct build_options *o, struct report *r, enum outcome *outcome,
	      struct klp_err *err)
{
	struct build b = { .report = r, .jobs = o->jobs, .objects = o->objects,
			   .max_units = o->max_units, .of_update = o->of_update };
	int ret = run_passes(&b, o, err);

	ret = proc_blame_disk(b.workdir, ret, err);
	if (ret == -ENODATA) {
		report_warn(r, "%s", err->text);
		ret = STOP_NO_CHANGE;
	}
	if (ret >= 0) {
		static const enum outcome outcomes[] = {
			[GO_ON] = OUTCOME_BUILT,
			[STOP_NO_CHANGE] = OUTCOME_NO_CHANGE,
			[STOP_REFUSED] = OUTCOME_REFUSED,
		};

		*outcome = outcomes[ret];
		ret = 0;
	}
	if (b.workdir && ((ret && b.nr_units && !o->objects && !proc_interrupted()) || o->keep))
		report_warn(r, "the work folder is kept: %s", b.workdir);
	else if (b.workdir)
		remove_tree(b.workdir, NULL);
	build_free(&b, !o->target);
	return ret;
}
