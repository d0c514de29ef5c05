// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_check.c - look at bundles without loading them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "attached.h"
#include "bundle.h"
#include "core.h"
#include "io.h"
#include "jsonstr.h"
#include "kernel_keys.h"
#include "machine.h"
#include "manifest.h"
#include "module.h"
#include "outlook.h"
#include "patches.h"
#include "policy.h"
#include "remember.h"
#include "verify.h"

#define BUNDLE_LIMIT	(256u << 20)
#define LOOK_S		2	/* an idle machine is done at the first look */

static void print_manifest(const struct apply *a, const struct manifest *m)
{
	size_t i;

	say(a, "%s release %llu, for %s (%s, package %s)\n", m->name,
	    (unsigned long long)m->release, m->kernel_release, m->arch, m->kernel_version);
	if (m->summary[0])
		say(a, "  %s\n", m->summary);
	for (i = 0; i < m->nr_cves; i++)
		say(a, "%s%s%s", i ? ", " : "  fixes ", m->cves[i], i + 1 == m->nr_cves ? "\n" : "");
	for (i = 0; i < m->nr_functions; i++)
		say(a, "  %s:%s (%s:%u), %llu -> %llu bytes\n", m->functions[i].object,
		    m->functions[i].name, m->functions[i].file, m->functions[i].line,
		    (unsigned long long)m->functions[i].old_size,
		    (unsigned long long)m->functions[i].new_size);
	say(a, "  built by %s with %s, fix from %s\n", m->builder, m->compiler, m->fix_origin);
}

static int info_one(struct apply *a, const char *file)
{
	const struct manifest *m;
	struct bundle *b;
	json_t *brief;
	void *data;
	size_t len, sigs;
	int ret;

	ret = io_read_file(file, BUNDLE_LIMIT, &data, &len, &a->err);
	if (ret)
		return ret == -ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
	ret = bundle_parse(data, len, &b, &a->err);
	if (ret) {
		klp_err_wrap(&a->err, "%s", file);
		free(data);
		return bundle_exit(ret);
	}
	m = bundle_manifest(b);
	sigs = bundle_nr_signatures(b);
	brief = manifest_brief(m);
	json_object_set_new(brief, "file", json_text(file));
	json_object_set_new(brief, "signatures", json_integer(sigs));
	json_array_append_new(json_object_get(a->reply, "bundles"), brief);
	print_manifest(a, m);
	say(a, "  %zu signature%s, none looked at here; klp-apply check verifies\n", sigs,
	    sigs == 1 ? "" : "s");
	bundle_free(b);
	free(data);
	return EXIT_DONE;
}

int cmd_info(struct apply *a, int argc, char **argv)
{
	int i, status = EXIT_DONE;

	json_object_set_new(a->reply, "bundles", json_array());
	if (!argc)
		return refuse(a, EXIT_USAGE, "info wants at least one FILE.klp");
	for (i = 0; !status && i < argc; i++)
		status = info_one(a, argv[i]);
	return status;
}

/* Modules that aren't loaded: until they are, the patch does nothing in them. */
static void print_pending(struct apply *a, const struct manifest *m, json_t *brief)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < m->nr_objects; i++) {
		if (!strcmp(m->objects[i], "vmlinux") || module_present(m->objects[i]))
			continue;
		json_array_append_new(list, json_string(m->objects[i]));
		say(a, "  pending: waits for module %s, which isn't loaded\n", m->objects[i]);
	}
	json_object_set_new(brief, "waits_for", list);
}

/* Is there a core module to load it with? */
static int check_core(struct apply *a, json_t *brief)
{
	struct machine mc;
	struct core *core;
	char path[512];
	int ret = core_open(&core, &a->err);

	if (!ret)
		core_close(core);
	if (!ret || ret == -EPERM) {
		json_object_set_new(brief, "core", json_string("loaded"));
		return EXIT_DONE;
	}
	json_object_set_new(brief, "core", json_string(ret == -ENOENT ? "absent" : "unfit"));
	if (ret != -ENOENT)
		return EXIT_FAILED;
	if (!machine_read(&mc, &a->err) && !machine_module_path(&mc, CORE_MODULE, path, sizeof(path))) {
		json_object_set_new(brief, "core", json_string("installed"));
		/* load loads it */
		return policy_judge_file(CORE_MODULE, path, &a->err) ? EXIT_TRUST : EXIT_DONE;
	}
	return refuse(a, EXIT_NOT_FOUND, "the patch is good, but it couldn't be loaded: the core module %s isn't loaded, and "
		      "none is installed for this kernel (quietpatch-dkms, or make install)", CORE_MODULE);
}

/* Would the kernel take the module, whoever loads it? */
static int check_policy(struct apply *a, const struct verified_bundle *vb, json_t *brief)
{
	struct standing s = { 0 };
	struct policy p;
	char text[512];
	size_t len;
	const void *ko = verified_bundle_module(vb, &len);
	int ret;

	if (machine_closed(&a->err)) {
		json_object_set_new(brief, "kernel_takes_it", json_false());
		return EXIT_FAILED;
	}
	policy_read(&p);
	ret = policy_judge(&p, ko, len, kernel_keys_find, &s, &a->err);
	policy_json(&p, &s, brief);
	if (s.is_signed) {
		policy_describe(&s, text, sizeof(text));
		say(a, "  %s\n", text);
	}
	if (!ret && s.takes == ANSWER_UNKNOWN)
		say(a, "  whether the kernel takes the module will show when it is loaded\n");
	return !ret ? EXIT_DONE : ret == -ENOKEY || ret == -EBADMSG ? EXIT_TRUST : EXIT_FAILED;
}

/* How the switch would go.  Not being able to tell is no fault of the patch. */
static int print_outlook(struct apply *a, const struct manifest *m, json_t *brief)
{
	struct klp_err why;
	struct outlook o;
	bool stalls;

	if (outlook_get(m, a->for_s ? a->for_s : LOOK_S, !a->for_s, &o, &why)) {
		say(a, "  can't look ahead: %s\n", why.text);
		json_object_set_new(brief, "outlook", json_null());
		json_object_set_new(brief, "no_outlook", json_string(why.text));
		return EXIT_DONE;
	}
	outlook_print(a, &o);
	json_object_set_new(brief, "outlook", outlook_json(&o));
	stalls = o.nr_blockers;
	outlook_free(&o);
	if (!stalls || !a->for_s)
		return EXIT_DONE;
	return refuse(a, EXIT_PENDING, "the patch is good, but the switch to it would have to wait: see who stands in its way above");
}

static int check_one(struct apply *a, const struct verified_bundle *vb, json_t *brief)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	int status;

	print_manifest(a, m);
	status = attached_tell(a, m, true, brief);
	for (size_t k = 0; k < m->nr_requires; k++)
		say(a, "  requires patch %s or a later release\n", m->requires[k]);
	say(a, "  %s, fits this kernel%s\n", verified_bundle_insecure(vb) ? "UNSIGNED" : "signature good",
	    module_loaded(m->module) ? "; a module of that name is loaded already" : "");
	print_pending(a, m, brief);
	/* The memory is root's, and so is loading. */
	if (!status && !geteuid())
		status = remember_check(a, vb);
	if (!status)
		status = check_policy(a, vb, brief);
	if (!status)
		status = check_core(a, brief);
	return status ? status : print_outlook(a, m, brief);
}

int cmd_check(struct apply *a, int argc, char **argv)
{
	struct verified_bundle **vb;
	int i, status;

	if (!argc)
		return refuse(a, EXIT_USAGE, "check wants at least one FILE.klp");
	vb = calloc(argc, sizeof(*vb));
	if (!vb)
		return refuse(a, EXIT_FAILED, "out of memory");
	status = verify_files(a, argc, argv, vb);
	for (i = 0; i < argc && vb[i] && !status; i++)
		status = check_one(a, vb[i], json_array_get(json_object_get(a->reply, "bundles"), i));
	for (i = 0; i < argc; i++)
		verified_bundle_free(vb[i]);
	free(vb);
	return status;
}
