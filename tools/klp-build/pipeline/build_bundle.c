// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * build_bundle.c - the last pass: what the patch says of itself, and the file
 * that carries it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "build_run.h"
#include "bundle.h"
#include "diff/diff.h"
#include "extract/extract.h"
#include "fix/fix.h"
#include "io.h"
#include "link/module_key.h"
#include "manifest.h"
#include "object/debuginfo.h"
#include "prove/proof.h"
#include "passphrase.h"
#include "sign.h"
#include "target/target.h"

#define MODULE_MAX	(64u << 20)

bool build_replaces(const struct diff_symbol *d)
{
	return d->orig && (d->patched || d->moved) && d->orig->type == STT_FUNC && d->has_fentry &&
	       (d->change != CHANGE_SAME || d->forced) && !strstr(d->orig->name, ".cold");
}

static uint32_t line_of(const struct unit *u, const struct elf_symbol *sym)
{
	char file[256];
	uint32_t line = 0;

	return function_line(u->patched_path, sym->name, file, sizeof(file), &line) ? 0 : line;
}

void build_list_functions(struct build *b, struct klp_err *err)
{
	(void)err;
	for (size_t i = 0; i < b->nr_units; i++) {
		struct unit *u = &b->units[i];

		for (size_t k = 0; k < u->nr_symbols; k++) {
			const struct diff_symbol *d = &u->symbols[k];
			const struct elf_symbol *now;
			const struct unit *where;

			if (!build_replaces(d))
				continue;
			now = diff_successor(u, d, &where);
			report_function(b->report, u->object, d->orig->name, where->source,
					line_of(where, now), d->orig->size, now->size,
					proof_how(u, d->orig));
		}
		proven_rest(u);
	}
}

static int add_function(struct manifest *m, const struct build *b, const struct unit *u,
			const struct diff_symbol *d)
{
	struct manifest_function *f = manifest_add_function(m);
	struct kernel_place place;
	const char *how = proof_how(u, d->orig);
	const struct unit *where;
	const struct elf_symbol *now = diff_successor(u, d, &where);

	if (!f || proof_place(u, d->orig, &place))
		return -ENOMEM;
	f->line = line_of(where, now);
	f->old_size = place.size;
	f->new_size = now->size;
	if (manifest_set(&f->object, u->object) || manifest_set(&f->name, place_listed(b->target, u->object, &place)) ||
	    manifest_set(&f->file, where->source) || manifest_set(&f->proof, how ? how : "") ||
	    manifest_add_object(m, u->object))
		return -ENOMEM;
	return 0;
}

static int add_functions(struct manifest *m, const struct build *b, struct unit *u)
{
	int ret = 0;

	for (size_t i = 0; i < u->nr_symbols && !ret; i++)
		if (build_replaces(&u->symbols[i]))
			ret = add_function(m, b, u, &u->symbols[i]);
	proven_rest(u);
	return ret;
}

static int add_tripwires(struct manifest *m, const struct build *b)
{
	struct strings counted = { 0 };
	int ret = 0;

	report_counted(b->report, &counted);
	for (size_t i = 0; i < counted.nr && !ret; i++)
		ret = manifest_add_tripwire(m, counted.list[i]);
	strings_free(&counted);
	return ret;
}

/* Functions with another signature stay for who else calls them, and everyone of the kernel's calls the new ones. */
static int add_superseded(struct manifest *m, const struct build *b)
{
	struct manifest_note *note = b->renamed.nr ? manifest_add_note(m) : NULL;
	struct text t = { 0 };
	int ret;

	if (!b->renamed.nr)
		return 0;
	for (size_t i = 0; i < b->renamed.nr; i++)
		text_addf(&t, "%s%s", i ? " " : "", b->renamed.list[i]);
	ret = !note || !t.s || manifest_set(&note->name, MANIFEST_NOTE_SUPERSEDED) || manifest_set(&note->value, t.s);
	free(t.s);
	return ret ? -ENOMEM : 0;
}

static int fill(struct manifest *m, const struct build *b, const struct build_options *o)
{
	const struct target *t = b->target;
	const struct fix *f = b->fix;
	int ret = 0;

	m->release = o->release;
	m->flags = b->patch_flags;
	if (manifest_set(&m->name, b->name) || manifest_set(&m->module, b->module) ||
	    manifest_set(&m->summary, o->summary ? o->summary : f->summary) ||
	    manifest_set(&m->kernel_release, t->krel) ||
	    manifest_set(&m->kernel_build_id, t->build_id) ||
	    manifest_set(&m->kernel_version, t->version) || manifest_set(&m->arch, "x86_64") ||
	    manifest_set(&m->builder, "klp-build " QP_VERSION) ||
	    manifest_set(&m->compiler, t->compiler) || manifest_set(&m->fix_digest, f->digest) ||
	    manifest_set(&m->fix_origin, o->origin ? o->origin : f->origin))
		return -ENOMEM;
	for (size_t i = 0; i < f->cves.nr && !ret; i++)
		ret = manifest_add_cve(m, f->cves.list[i]);
	for (size_t i = 0; i < o->cves.nr && !ret; i++)
		if (!strings_have(&f->cves, o->cves.list[i]))
			ret = manifest_add_cve(m, o->cves.list[i]);
	for (size_t i = 0; i < b->requires->nr && !ret; i++) {
		char name[MANIFEST_NAME_LEN];
		uint64_t release;

		ret = manifest_requirement(b->requires->list[i], name, &release);
		if (!ret)
			ret = manifest_add_requirement(m, name, release);
	}
	for (size_t i = 0; i < b->mitigates->nr && !ret; i++)
		ret = manifest_add_mitigated(m, b->mitigates->list[i]);
	m->expires = o->expires;
	if (!ret)
		ret = add_tripwires(m, b);
	for (size_t i = 0; i < b->nr_units && !ret; i++)
		ret = add_functions(m, b, &b->units[i]);
	if (!ret && o->parts)
		ret = manifest_copy_parts(m, o->parts);
	for (size_t i = 0; i < b->extract->callback_objects.nr && !ret; i++)
		ret = manifest_add_object(m, b->extract->callback_objects.list[i]);
	return ret ? ret : add_superseded(m, b);
}

/* The linked module as it goes into the bundle: nothing may change its bytes once the kernel's own signature is behind it. */
static int read_module(const struct build *b, const struct build_options *o, void **out, size_t *len, struct klp_err *err)
{
	struct module_key *key = NULL;
	void *unsigned_ko = NULL;
	size_t n;
	int ret;

	if (!o->module_key)
		return io_read_file(b->module_path, MODULE_MAX, out, len, err);
	ret = module_key_load(o->module_key, o->module_cert, passphrase_ask, &key, err);
	if (!ret)
		ret = io_read_file(b->module_path, MODULE_MAX, &unsigned_ko, &n, err);
	if (!ret)
		ret = module_key_sign(key, unsigned_ko, n, out, len, err);
	free(unsigned_ko);
	module_key_free(key);
	return ret;
}

int build_write_bundle(struct build *b, const struct build_options *o, struct klp_err *err)
{
	struct manifest *m = manifest_new();
	struct signing_key *key = NULL;
	void *module = NULL, *bundle = NULL;
	size_t module_len = 0, len = 0;
	int ret = m && !fill(m, b, o) ? 0 : klp_err_sys(err, -ENOMEM, "manifest");

	if (!ret && o->key)
		ret = signing_key_load_asking(o->key, passphrase_ask, &key, err);
	if (!ret)
		ret = read_module(b, o, &module, &module_len, err);
	if (!ret)
		ret = bundle_build(m, module, module_len, &key, key ? 1 : 0, &bundle, &len, err);
	if (!ret)
		ret = io_write_output(o->out, bundle, len, 0644, err);
	if (!ret)
		report_stage_end(b->report, "%s: %zu bytes, %s%s", o->out, len,
				 key ? "signed" : "UNSIGNED", o->module_key ? ", and its module for the kernel" : "");
	if (!ret && !key)
		report_warn(b->report,
			    "%s is unsigned: klp-apply takes it only with --insecure; --key signs", o->out);
	free(bundle);
	free(module);
	signing_key_free(key);
	manifest_free(m);
	return ret;
}
