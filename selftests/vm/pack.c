// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pack.c - a bundle around a hand-made patch module, for tests: the loader and the monitor then
 * meet the oracle of qp_victim, on any kernel that modules can be built for, klp-build's or not.
 *
 *   pack MODULE.ko KREL BUILD-ID KEY OUT.klp
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "manifest.h"
#include "sign.h"

#define MODULE_MAX	(64u << 20)

/* "…/qp_patch_a.ko" is module qp_patch_a, patch patch-a. */
static int set_names(struct manifest *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *module = strdup(slash ? slash + 1 : path), *name;
	int ret = -ENOMEM;

	if (!module)
		return ret;
	if (strlen(module) > 6 && !strncmp(module, "qp_", 3)) {
		module[strlen(module) - 3] = '\0';
		ret = manifest_set(&m->module, module);
		name = module + 3;
		for (char *c = name; *c; c++)
			if (*c == '_')
				*c = '-';
		ret = ret ? ret : manifest_set(&m->name, name);
	} else {
		ret = -EINVAL;
	}
	free(module);
	return ret;
}

static int describe_function(struct manifest *m, const char *name)
{
	struct manifest_function *f = manifest_add_function(m);

	if (!f)
		return -ENOMEM;
	f->old_size = f->new_size = 1;
	if (manifest_set(&f->object, "qp_victim") || manifest_set(&f->name, name) ||
	    manifest_set(&f->file, "qp_victim.c") || manifest_set(&f->proof, "none: hand-made"))
		return -ENOMEM;
	return 0;
}

static int describe(struct manifest *m, char **argv)
{
	/* Of qp_patch_a; who looks ahead goes by them.  The core goes by the module. */
	static const char *const functions[] = { "qp_inner", "qp_outer", "qp_sleeper", "qp_spinner", "qp_hidden" };
	int ret = set_names(m, argv[1]);
	size_t i;

	for (i = 0; !ret && i < sizeof(functions) / sizeof(functions[0]); i++)
		ret = describe_function(m, functions[i]);
	if (ret)
		return ret;
	m->release = 1;
	if (manifest_set(&m->summary, "hand-made, for tests") || manifest_set(&m->kernel_release, argv[2]) ||
	    manifest_set(&m->kernel_build_id, argv[3]) || manifest_set(&m->arch, "x86_64") ||
	    manifest_add_object(m, "qp_victim"))
		return -ENOMEM;
	return 0;
}

int main(int argc, char **argv)
{
	struct manifest *m = manifest_new();
	struct klp_err err = { 0 };
	struct signing_key *key;
	void *module, *bundle;
	size_t len, bundle_len;

	if (argc != 6 || !m || describe(m, argv)) {
		fprintf(stderr, "usage: pack qp_NAME.ko KREL BUILD-ID KEY OUT.klp\n");
		return 64;
	}
	if (signing_key_load(argv[4], &key, &err) || io_read_file(argv[1], MODULE_MAX, &module, &len, &err) ||
	    bundle_build(m, module, len, &key, 1, &bundle, &bundle_len, &err) ||
	    io_write_atomic(argv[5], bundle, bundle_len, 0644, &err)) {
		fprintf(stderr, "pack: %s\n", err.text);
		return 1;
	}
	free(bundle);
	free(module);
	signing_key_free(key);
	manifest_free(m);
	return 0;
}
