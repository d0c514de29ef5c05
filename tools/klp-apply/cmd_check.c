// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_check.c - look at bundles without loading them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "attached.h"
#include "bundle.h"
#include "io.h"
#include "manifest.h"
#include "module.h"
#include "patches.h"
#include "verify.h"

#define BUNDLE_LIMIT	(256u << 20)

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
	json_object_set_new(brief, "file", json_string(file));
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

/* Who uses the patch's functions already, and what becomes of them. */
static int print_attached(struct apply *a, const struct manifest *m, json_t *brief)
{
	const char **names = calloc(m->nr_functions + 1, sizeof(*names));
	struct attached *list;
	size_t nr, i;
	int ret;

	if (!names)
		return refuse(a, EXIT_FAILED, "out of memory");
	for (i = 0; i < m->nr_functions; i++)
		names[i] = m->functions[i].name;
	ret = attached_find("", names, m->nr_functions, &list, &nr);
	free(names);
	if (ret)
		return refuse(a, EXIT_FAILED, "out of memory");
	json_object_set_new(brief, "attached", attached_json(list, nr));
	for (i = 0; i < nr; i++)
		say(a, "  in use by a %s: %s\n    %s\n", attached_word(list[i].kind), list[i].detail,
		    attached_effect(list[i].kind));
	free(list);
	return EXIT_DONE;
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
	for (i = 0; i < argc && vb[i] && !status; i++) {
		const struct manifest *m = verified_bundle_manifest(vb[i]);

		print_manifest(a, m);
		status = print_attached(a, m, json_array_get(json_object_get(a->reply, "bundles"), i));
		for (size_t k = 0; k < m->nr_requires; k++)
			say(a, "  requires patch %s or a later release\n", m->requires[k]);
		say(a, "  %s, fits this kernel%s\n", verified_bundle_insecure(vb[i]) ?
		    "UNSIGNED" : "signature good",
		    module_loaded(m->module) ? "; a module of that name is loaded already" : "");
	}
	for (i = 0; i < argc; i++)
		verified_bundle_free(vb[i]);
	free(vb);
	return status;
}
