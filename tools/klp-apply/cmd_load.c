// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_load.c - from a file that nobody trusts to a patch that runs.
 *
 * Everything that can be refused is refused before the kernel is touched; what
 * fails after that is undone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "attached.h"
#include "blockers.h"
#include "bundle.h"
#include "core.h"
#include "elf.h"
#include "kernel_keys.h"
#include "kmsg.h"
#include "machine.h"
#include "manifest.h"
#include "module.h"
#include "patches.h"
#include "policy.h"
#include "relations.h"
#include "remember.h"
#include "session.h"
#include "transition.h"
#include "verify.h"

static int is_applied(struct apply *a, const char *module, bool *out)
{
	const struct patch *p;
	struct patch *list;
	size_t nr;

	if (patches_get(&list, &nr, &a->err))
		return EXIT_FAILED;
	p = patches_find(list, nr, module);
	*out = p && p->state == QP_PATCH_APPLIED;
	patches_free(list, nr);
	return EXIT_DONE;
}

/* Is the module in the kernel the very one in the bundle? */
static int same_module(struct apply *a, const struct manifest *m, const struct elf_file *ef)
{
	char loaded[BUILD_ID_HEX], file[BUILD_ID_HEX];

	if (module_build_id(m->module, loaded) || module_file_build_id(ef, file))
		return refuse(a, EXIT_FAILED, "%s: a module %s is in the kernel already, and nothing "
			      "tells whether it is the same; revert it first: klp-apply revert %s",
			      m->name, m->module, m->name);
	if (strcmp(loaded, file))
		return refuse(a, EXIT_FAILED, "%s: another release of this patch is in the kernel "
			      "already; revert it first: klp-apply revert %s", m->name, m->name);
	return EXIT_DONE;
}

/* What the kernel would refuse for its signature isn't tried: it would be remembered as something that this machine has had. */
static int check_policy(struct apply *a, const struct verified_bundle *vb)
{
	struct standing s;
	struct policy p;
	size_t len;
	const void *ko = verified_bundle_module(vb, &len);

	policy_read(&p);
	if (!policy_judge(&p, ko, len, kernel_keys_find, &s, &a->err))
		return EXIT_DONE;
	klp_err_wrap(&a->err, "cannot load %s", verified_bundle_manifest(vb)->name);
	return EXIT_TRUST;
}

/* Have the core verify where the patch expects things, then load it. */
static int load_module(struct session *s, struct apply *a, const struct verified_bundle *vb,
		       const struct elf_file *ef)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	const struct elf_section *syms = elf_section(ef, QP_SEC_SYMBOLS);
	const struct elf_section *strings = elf_section(ef, QP_SEC_STRINGS);
	bool bind = syms && syms->size && strings && strings->size;
	struct klp_err unbind;
	int ret;

	if (bind && core_bind(s->core, (const void *)syms->data,
			      syms->size / sizeof(struct qp_sym_desc),
			      (const char *)strings->data, strings->size, &a->err))
		return EXIT_NOT_FOUND;
	ret = module_load(verified_bundle_module_fd(vb), m->module, &a->err);
	if (bind && core_bind(s->core, NULL, 0, NULL, 0, &unbind) && !ret) {
		ret = unbind.code;
		a->err = unbind;
	}
	if (ret == -EKEYREJECTED)
		return EXIT_TRUST;
	return ret ? EXIT_FAILED : EXIT_DONE;
}

/* What it can't do anything in yet; all of it: then "applied" would promise too much. */
static void report_pending(struct apply *a, const struct manifest *m)
{
	const struct patch *p;
	struct patch *list;
	struct klp_err err;
	char text[256];
	size_t nr;

	if (patches_get(&list, &nr, &err))
		return;
	p = patches_find(list, nr, m->module);
	if (p && json_array_size(p->pending)) {
		json_object_set(a->reply, "pending", p->pending);
		if (p->nothing_here)
			json_object_set_new(a->reply, "outcome", json_string("pending"));
		say(a, "%s: %s.\n", m->name, pending_word(p->pending, p->nothing_here, text));
	}
	patches_free(list, nr);
}

static void report_applied(struct apply *a, const struct manifest *m, const struct transition *tr)
{
	json_object_set_new(a->reply, "outcome", json_string("applied"));
	say(a, "Applied %s (release %llu): %zu function%s, ", m->name, (unsigned long long)m->release,
	    m->nr_functions, m->nr_functions == 1 ? "" : "s");
	session_tell_switch(a, "switched", tr);
	report_pending(a, m);
}

/* After a failure: nothing of the patch may stay.  Keeps the first reason. */
static void undo(struct apply *a, const struct manifest *m)
{
	struct klp_err first = a->err;
	size_t used = strlen(first.text);

	if (!module_loaded(m->module))
		return;
	if (m->flags & QP_PATCH_IRREVERTIBLE) {
		snprintf(first.text + used, sizeof(first.text) - used, "; its module stays loaded, out "
			 "of use, since the address of one of its functions may be kept somewhere");
	} else if (session_unload(a, m->module)) {

		snprintf(first.text + used, sizeof(first.text) - used, "; moreover: %.400s",
			 a->err.text);
	}
	a->err = first;
}

/* Failing to record is no reason to take a fix out again. */
static void record(const struct verified_bundle *vb, const struct transition *tr)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	struct klp_err err;

	if (record_write(m, verified_bundle_id(vb), tr, &err))
		fprintf(stderr, "klp-apply: status will know less of %s: %s\n", m->name, err.text);
}

static int finish(struct session *s, struct apply *a, const struct verified_bundle *vb, int status,
		  const struct transition *tr)
{
	const struct manifest *m = verified_bundle_manifest(vb);

	if (status == EXIT_PENDING)
		return status;	/* the module is in use: it must stay */
	if (status) {
		undo(a, m);
		return status;
	}
	report_applied(a, m, tr);
	record(vb, tr);
	/* What stragglers run may be the release before. */
	if (!tr->nr_left)
		relations_retire(s, a, m->module);
	return EXIT_DONE;
}

static int resume_load(struct session *s, struct apply *a, const struct verified_bundle *vb)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	struct transition tr;
	int status;

	if (strcmp(s->info.patch, m->module) || s->info.target != QP_PATCH_APPLIED)
		return refuse(a, EXIT_PENDING, "%s: a transition of %s is under way, left behind by a "
			      "klp-apply that was killed; finish it first: klp-apply resume, or "
			      "klp-apply revert %s", m->name, s->info.patch, s->info.patch);
	say(a, "Resuming the transition of %s that a killed klp-apply left behind.\n", m->name);
	status = session_observe(s, a, s->info.flags);
	if (status)
		return status;
	status = session_resume(s, a, false, &tr);
	status = finish(s, a, vb, status, &tr);
	transition_free(&tr);
	return status;
}

/* What the reply says of the bundle. */
static json_t *brief_of(const struct apply *a, const struct manifest *m)
{
	json_t *brief;
	size_t i;

	json_array_foreach(json_object_get(a->reply, "bundles"), i, brief)
		if (!strcmp(json_string_value(json_object_get(brief, "name")), m->name))
			return brief;
	return a->reply;
}

static int fresh_load(struct session *s, struct apply *a, const struct verified_bundle *vb,
		      const struct elf_file *ef)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	struct transition tr = { 0 };
	int status, log;

	status = attached_tell(a, m, false, brief_of(a, m));
	if (!status)
		status = session_observe(s, a, session_start_flags(a));
	if (!status && !module_loaded(m->module))
		status = check_policy(a, vb);
	if (status)
		return status;
	remember_begin(vb);
	log = kmsg_mark();
	if (!module_loaded(m->module)) {
		status = load_module(s, a, vb, ef);
		if (status)
			kmsg_explain(log, m->module, &a->err);
	}
	if (!status) {
		record(vb, NULL);
		status = session_switch(s, a, m->module, QP_PATCH_APPLIED, &tr);
		if (status == EXIT_FAILED)
			kmsg_explain(log, m->module, &a->err);
	}
	if (log >= 0)
		close(log);
	status = finish(s, a, vb, status, &tr);
	transition_free(&tr);
	return status;
}

static int load_with(struct session *s, struct apply *a, const struct verified_bundle *vb)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	struct elf_file *ef;
	bool applied = false;
	size_t len;
	int status;
	const void *ko = verified_bundle_module(vb, &len);

	if (elf_parse(ko, len, &ef, &a->err)) {
		klp_err_wrap(&a->err, "%s: its module isn't one", m->name);
		return EXIT_FAILED;
	}
	if (module_is_patch(ef, m->module, m->kernel_release, &a->err)) {
		klp_err_wrap(&a->err, "cannot load %s", m->name);
		status = EXIT_TRUST;
		goto out;
	}
	if (module_loaded(m->module)) {
		status = is_applied(a, m->module, &applied);
		if (!status)
			status = same_module(a, m, ef);
		if (!status && applied && !session_pending(s)) {
			/* Should a klp-apply have been killed just before its end. */
			relations_retire(s, a, m->module);
			json_object_set_new(a->reply, "outcome", json_string("unchanged"));
			status = refuse(a, EXIT_NOTHING, "%s (release %llu) is applied already; "
					"nothing to do", m->name, (unsigned long long)m->release);
		}
		if (status)
			goto out;
	}
	if (session_pending(s))
		status = resume_load(s, a, vb);
	else
		status = relations_check(a, m);
	if (!status && !session_pending(s))
		status = remember_check(a, vb);
	if (!status && !session_pending(s))
		status = fresh_load(s, a, vb, ef);
out:
	elf_close(ef);
	return status;
}

static int load_one(struct apply *a, const struct verified_bundle *vb)
{
	struct session s;
	int status = session_open(&s, a);

	if (!status)
		status = load_with(&s, a, vb);
	else
		klp_err_wrap(&a->err, "cannot load %s", verified_bundle_manifest(vb)->name);
	/* A transition that goes on without us is still its loading. */
	if (status != EXIT_PENDING)
		remember_end();
	session_close(&s);
	return status;
}

int cmd_load(struct apply *a, int argc, char **argv)
{
	struct verified_bundle **vb;
	bool did = false;
	int i, status;

	if (!argc)
		return refuse(a, EXIT_USAGE, "load wants at least one FILE.klp");
	if (argc > 1 && a->timeline)
		return refuse(a, EXIT_USAGE, "--timeline draws one switch: load one FILE.klp at a time");
	vb = calloc(argc, sizeof(*vb));
	if (!vb)
		return refuse(a, EXIT_FAILED, "out of memory");
	/* All are verified before the first is loaded. */
	status = verify_files(a, argc, argv, vb);
	if (!status && a->verify_only)
		say(a, "Verified; nothing loaded (--verify-only).\n");
	if (!status)
		relations_sort(vb, argc);
	for (i = 0; !status && !a->verify_only && i < argc; i++) {
		status = load_one(a, vb[i]);
		if (status == EXIT_NOTHING && argc > 1) {
			say(a, "%s.\n", a->err.text);
			status = EXIT_DONE;
			continue;
		}
		did |= !status;
	}
	if (!status && !a->verify_only && !did)
		status = EXIT_NOTHING;
	for (i = 0; i < argc; i++)
		verified_bundle_free(vb[i]);
	free(vb);
	return status;
}
