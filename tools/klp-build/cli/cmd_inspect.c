// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_inspect.c - `klp-build inspect`: what is in a bundle, or in a patch
 * module.  It shows, it doesn't judge: signatures are klp-apply's business.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bundle.h"
#include "cmd.h"
#include "elf.h"
#include "err.h"
#include "hex.h"
#include "inspect/inspect.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "modsig.h"
#include "quietpatch.h"
#include "sign.h"

#define FILE_LIMIT	(80u << 20)

enum detail { NOTHING, SOME, ALL };	/* of text */

static const char help[] =
	"usage: klp-build inspect FILE [-v] [--json -]\n"
	"\n"
	"Show what is in a bundle (.klp) or a patch module (.ko): what it replaces, brings\n"
	"along and borrows, and where it is from.  Checks no signature.\n"
	"\n"
	"  -v, --verbose    and the kernel's exports that it uses, and its sections\n"
	"      --json FILE  as JSON to FILE, - is the standard output\n"
	"  -h, --help       this text\n";

/* The public keys of the signatures, by their ids. */
static json_t *keys_json(const struct bundle *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < bundle_nr_signatures(b); i++) {
		char id[2 * KEY_ID_LEN + 1];

		hex_encode(bundle_signature_key(b, i), KEY_ID_LEN, id);
		json_array_append_new(list, json_string(id));
	}
	return list;
}

/* @module is the part about the module, which is taken over. */
static json_t *bundle_json(const struct bundle *b, json_t *module, struct klp_err *err)
{
	json_error_t je;
	json_t *m, *j = NULL;
	char *text;
	size_t len;

	if (manifest_format(bundle_manifest(b), &text, &len, err)) {
		json_decref(module);
		return NULL;
	}
	m = json_loadb(text, len, 0, &je);
	free(text);
	j = json_pack("{s:s,s:I,s:o,s:o,s:o}", "kind", "bundle", "signatures",
		      (json_int_t)bundle_nr_signatures(b), "keys", keys_json(b), "manifest", m, "module",
		      module);
	if (!j)
		klp_err_sys(err, -ENOMEM, "inspect");
	return j;
}

static void print_parts(const struct manifest *m)
{
	for (size_t i = 0; i < m->nr_commits; i++) {
		const struct manifest_commit *c = &m->commits[i];

		printf("commit     %-8s %.12s%s%s", c->outcome, c->id, *c->id ? " " : "", c->subject);
		for (size_t k = 0; k < c->nr_cves; k++)
			printf(" %s", c->cves[k]);
		printf("%s%s\n", *c->why ? ": " : "", c->why);
	}
	if (m->nr_files)
		puts("parts      put together by files, without the commits that they are of");
	for (size_t i = 0; i < m->nr_files; i++) {
		printf("file       %-8s %s\n", m->files[i].outcome, m->files[i].file);
		for (size_t k = 0; k < m->files[i].nr_left_out; k++)
			printf("             without %s\n", m->files[i].left_out[k]);
	}
}

static const char *expiry(uint64_t when, char out[32])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, 32, "%F %R UTC", &tm))
		snprintf(out, 32, "?");
	return out;
}

static void print_bundle(const struct bundle *b, size_t len)
{
	const struct manifest *m = bundle_manifest(b);
	char id[2 * KEY_ID_LEN + 1], day[32];

	printf("bundle     %s, release %llu, %zu bytes\n", m->name, (unsigned long long)m->release, len);
	for (size_t i = 0; i < bundle_nr_signatures(b); i++) {
		hex_encode(bundle_signature_key(b, i), KEY_ID_LEN, id);
		printf("signed by  %s (not checked)\n", id);
	}
	if (!bundle_nr_signatures(b))
		printf("signed by  nobody\n");
	if (*m->summary)
		printf("summary    %s\n", m->summary);
	printf("kernel     %s (%s, %s), build-id %s\n", m->kernel_release, m->kernel_version, m->arch,
	       m->kernel_build_id);
	printf("fixes     ");
	for (size_t i = 0; i < m->nr_cves; i++)
		printf(" %s", m->cves[i]);
	printf("%s\n", m->nr_cves ? "" : " no CVE is named");
	for (size_t i = 0; i < m->nr_functions; i++) {
		const struct manifest_function *f = &m->functions[i];

		printf("function   %s:%s (%s:%u)  %llu -> %llu bytes, proven: %s\n", f->object, f->name,
		       f->file, f->line, (unsigned long long)f->old_size,
		       (unsigned long long)f->new_size, f->proof);
	}
	print_parts(m);
	printf("module     %s, %llu bytes, sha256 %s\n", m->module,
	       (unsigned long long)m->module_size, m->module_digest);
	for (size_t i = 0; i < m->nr_requires; i++)
		printf("requires   %s or a later release\n", m->requires[i]);
	for (size_t i = 0; i < m->nr_mitigates; i++)
		printf("mitigates  %s: takes its place\n", m->mitigates[i]);
	for (size_t i = 0; i < m->nr_tripwires; i++)
		printf("counts     who gets to %s\n", m->tripwires[i]);
	if (m->expires)
		printf("mitigation, not a fix: until %s\n", expiry(m->expires, day));
	printf("flags     %s%s%s\n", m->flags & QP_PATCH_REPLACE ? " replace" : "",
	       m->flags & QP_PATCH_IRREVERTIBLE ? " irrevertible" : "", m->flags ? "" : " none");
	printf("made by    %s, %s\n", m->builder, m->compiler);
	printf("fix        %s, sha256 %s\n", m->fix_origin, m->fix_digest);
}

/* Who signed the module for kernels with Secure Boot: null: nobody; false: it is malformed. */
static json_t *kernel_signature(const void *ko, size_t len)
{
	struct modsig_signer signer;
	struct modsig sig;
	int ret = modsig_find(ko, len, &sig);

	if (!ret)
		ret = modsig_signer(&sig, &signer);
	if (ret)
		return ret == -ENODATA ? json_null() : json_false();
	return signer.by_key_id ? json_pack("{s:o}", "key_id", json_text(signer.id)) :
				  json_pack("{s:o,s:o}", "serial", json_text(signer.id), "issuer", json_text(signer.issuer));
}

static int look_at_module(const void *data, size_t len, json_t **out, struct klp_err *err)
{
	struct elf_file *ef;
	int ret = elf_parse(data, len, &ef, err);

	if (ret)
		return ret;
	*out = inspect_module(ef);
	elf_close(ef);
	if (!*out)
		return klp_err_sys(err, -ENOMEM, "inspect");
	json_object_set_new(*out, "kernel_signature", kernel_signature(data, len));
	return 0;
}

static void print_kernel_signature(json_t *module)
{
	json_t *s = json_object_get(module, "kernel_signature");

	if (!json_is_object(s))
		printf("for kernels %s\n", json_is_null(s) ? "signed by nobody" : "a malformed signature, which they refuse");
	else if (*str(s, "key_id"))
		printf("for kernels signed by key %s (not checked)\n", str(s, "key_id"));
	else
		printf("for kernels signed by the key of serial number %s by %s (not checked)\n", str(s, "serial"), str(s, "issuer"));
}

static int look_at_bundle(const void *data, size_t len, json_t **out, enum detail detail, struct klp_err *err)
{
	json_t *in_module = NULL;
	struct bundle *b;
	void *module;
	size_t n;
	int ret = bundle_parse(data, len, &b, err);

	if (ret)
		return ret;
	ret = bundle_extract(b, &module, &n, err);
	if (!ret) {
		ret = look_at_module(module, n, &in_module, err);
		free(module);
	}
	if (!ret && detail) {
		print_bundle(b, len);
		print_kernel_signature(in_module);
		inspect_module_print(in_module, detail == ALL);
	}
	if (!ret) {
		*out = bundle_json(b, in_module, err);
		ret = *out ? 0 : -ENOMEM;
	}
	bundle_free(b);
	return ret;
}

static int inspect(const void *data, size_t len, json_t **out, enum detail detail, struct klp_err *err)
{
	int ret;

	if (len <= SELFMAG || memcmp(data, ELFMAG, SELFMAG))
		return look_at_bundle(data, len, out, detail, err);
	ret = look_at_module(data, len, out, err);
	if (!ret && detail) {
		print_kernel_signature(*out);
		inspect_module_functions(*out);
		inspect_module_print(*out, detail == ALL);
	}
	return ret;
}

int cmd_inspect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, CMD_JSON },
		{ "verbose", no_argument, NULL, CMD_VERBOSE },
		{ "help", no_argument, NULL, CMD_HELP },
		{ 0 },
	};
	struct cmd_common common = { .command = "inspect", .help = help };
	struct klp_err err = { 0 };
	json_t *j = NULL;
	void *data;
	size_t len;
	int c, ret;

	while ((c = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
		ret = cmd_common(&common, c);
		if (ret)
			return ret - 1;
	}
	if (argc - optind != 1)
		return cmd_usage("inspect", "inspect needs one file");
	ret = io_read_file(argv[optind], FILE_LIMIT, &data, &len, &err);
	if (ret)
		return cmd_fail(&err);
	ret = inspect(data, len, &j, common.json ? NOTHING : common.verbose ? ALL : SOME, &err);
	if (ret)
		klp_err_wrap(&err, "%s", argv[optind]);
	if (!ret && common.json)
		ret = cmd_json(j, common.json, &err);
	json_decref(j);
	free(data);
	return ret ? cmd_fail(&err) : 0;
}
