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

#include "bundle.h"
#include "cmd.h"
#include "elf.h"
#include "err.h"
#include "io.h"
#include "manifest.h"
#include "quietpatch.h"

#define FILE_LIMIT	(80u << 20)

static const char help[] =
	"usage: klp-build inspect FILE [--json -]\n"
	"\n"
	"Show what is in a bundle (.klp) or a patch module (.ko).  Checks no signature.\n"
	"\n"
	"      --json FILE  as JSON to FILE, - is the standard output\n"
	"  -h, --help       this text\n";

static json_t *bundle_json(const struct bundle *b, struct klp_err *err)
{
	json_error_t je;
	json_t *m, *j = NULL;
	char *text;
	size_t len;

	if (manifest_format(bundle_manifest(b), &text, &len, err))
		return NULL;
	m = json_loadb(text, len, 0, &je);
	free(text);
	if (m)
		j = json_pack("{s:s,s:I,s:o}", "kind", "bundle", "signatures",
			      (json_int_t)bundle_nr_signatures(b), "manifest", m);
	if (!j)
		klp_err_sys(err, -ENOMEM, "inspect");
	return j;
}

static void print_bundle(const struct bundle *b, size_t len)
{
	const struct manifest *m = bundle_manifest(b);

	printf("bundle     %s, release %llu, %zu bytes, %zu signature%s (not checked)\n", m->name,
	       (unsigned long long)m->release, len, bundle_nr_signatures(b),
	       bundle_nr_signatures(b) == 1 ? "" : "s");
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
	printf("module     %s, %llu bytes, sha256 %s\n", m->module,
	       (unsigned long long)m->module_size, m->module_digest);
	printf("flags     %s%s%s\n", m->flags & QP_PATCH_REPLACE ? " replace" : "",
	       m->flags & QP_PATCH_IRREVERTIBLE ? " irrevertible" : "", m->flags ? "" : " none");
	printf("made by    %s, %s\n", m->builder, m->compiler);
	printf("fix        %s, sha256 %s\n", m->fix_origin, m->fix_digest);
}

/* The symbols that the patch borrows from the kernel. */
static json_t *symbols_json(const struct elf_file *ef)
{
	const struct elf_section *syms = elf_section(ef, QP_SEC_SYMBOLS);
	const struct elf_section *strs = elf_section(ef, QP_SEC_STRINGS);
	json_t *list = json_array();

	for (size_t i = 0; syms && syms->data && strs && strs->data &&
	     (i + 1) * sizeof(struct qp_sym_desc) <= syms->size; i++) {
		struct qp_sym_desc d;

		memcpy(&d, syms->data + i * sizeof(d), sizeof(d));
		if (d.name >= strs->size || d.kname >= strs->size || strs->data[strs->size - 1])
			continue;
		json_array_append_new(list, json_pack("{s:s,s:s,s:I,s:b,s:b}", "name",
				      (const char *)strs->data + d.name, "kallsyms",
				      (const char *)strs->data + d.kname, "offset",
				      (json_int_t)d.offset, "percpu", !!(d.flags & QP_SYM_PERCPU),
				      "data", !!(d.flags & QP_SYM_DATA)));
	}
	return list;
}

static json_t *module_json(const struct elf_file *ef)
{
	const struct elf_section *desc = elf_section(ef, QP_SEC_DESC);
	json_t *sections = json_array();
	struct qp_patch_desc d = { 0 };

	if (desc && desc->data && desc->size >= sizeof(d))
		memcpy(&d, desc->data, sizeof(d));
	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *s = &ef->sections[i];

		if (s->flags & SHF_ALLOC)
			json_array_append_new(sections, json_pack("{s:s,s:I,s:I}", "name", s->name,
					      "size", (json_int_t)s->size, "relocations",
					      (json_int_t)s->nr_relocs));
	}
	return json_pack("{s:s,s:b,s:i,s:i,s:i,s:i,s:o,s:o}", "kind", "module", "patch", !!d.size, "abi",
			 (int)d.abi, "functions", (int)d.nr_funcs, "relocations", (int)d.nr_relocs,
			 "callbacks", (int)d.nr_callbacks, "symbols", symbols_json(ef), "sections",
			 sections);
}

static void print_module(json_t *j)
{
	size_t i;
	json_t *s;

	if (!json_is_true(json_object_get(j, "patch")))
		printf("not a patch module: it has no " QP_SEC_DESC " section\n");
	printf("module     %lld functions, %lld late relocations, %lld callbacks\n",
	       json_integer_value(json_object_get(j, "functions")),
	       json_integer_value(json_object_get(j, "relocations")),
	       json_integer_value(json_object_get(j, "callbacks")));
	json_array_foreach(json_object_get(j, "symbols"), i, s)
		printf("symbol     %s, at " QP_ANCHOR "%+lld\n",
		       json_string_value(json_object_get(s, "name")),
		       json_integer_value(json_object_get(s, "offset")));
	json_array_foreach(json_object_get(j, "sections"), i, s)
		printf("section    %-28s %6lld bytes, %lld relocations\n",
		       json_string_value(json_object_get(s, "name")),
		       json_integer_value(json_object_get(s, "size")),
		       json_integer_value(json_object_get(s, "relocations")));
}

static int inspect(const void *data, size_t len, json_t **out, bool text, struct klp_err *err)
{
	struct elf_file *ef = NULL;
	struct bundle *b = NULL;
	int ret;

	if (len > SELFMAG && !memcmp(data, ELFMAG, SELFMAG)) {
		ret = elf_parse(data, len, &ef, err);
		if (ret)
			return ret;
		*out = module_json(ef);
		if (*out && text)
			print_module(*out);
	} else {
		ret = bundle_parse(data, len, &b, err);
		if (ret)
			return ret;
		*out = bundle_json(b, err);
		if (*out && text)
			print_bundle(b, len);
	}
	bundle_free(b);
	elf_close(ef);
	return *out ? 0 : klp_err_sys(err, -ENOMEM, "inspect");
}

static int write_json(json_t *j, const char *path, struct klp_err *err)
{
	char *s = json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS);
	int ret = 0;

	if (!s)
		return klp_err_sys(err, -ENOMEM, "inspect");
	if (!strcmp(path, "-"))
		puts(s);
	else
		ret = io_write_atomic(path, s, strlen(s), 0644, err);
	free(s);
	return ret;
}

int cmd_inspect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *json = NULL;
	struct klp_err err = { 0 };
	json_t *j = NULL;
	void *data;
	size_t len;
	int c, ret;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return cmd_usage("inspect", NULL);
		}
	}
	if (argc - optind != 1)
		return cmd_usage("inspect", "inspect needs one file");
	ret = io_read_file(argv[optind], FILE_LIMIT, &data, &len, &err);
	if (ret)
		return cmd_fail(&err);
	ret = inspect(data, len, &j, !json, &err);
	if (ret)
		klp_err_wrap(&err, "%s", argv[optind]);
	if (!ret && json)
		ret = write_json(j, json, &err);
	json_decref(j);
	free(data);
	return ret ? cmd_fail(&err) : 0;
}
