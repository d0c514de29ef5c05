// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manifest_check.c - rules for a manifest that is to be signed or installed.
 *
 * Names end up in paths, in sysfs and in other programs' output, so each one
 * is held to the characters that it needs.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <quietpatch.h>

#include "err.h"
#include "hex.h"
#include "manifest.h"
#include "printable.h"

#define NAME_MAX_LEN	48	/* "qp_" + name stays below the kernel's MODULE_NAME_LEN (56) */
#define MODULE_MAX_LEN	55	/* MODULE_NAME_LEN, without the NUL */
#define LINE_MAX_LEN	256
#define NOTE_MAX_LEN	1024
#define KNOWN_FLAGS	(QP_PATCH_REPLACE | QP_PATCH_IRREVERTIBLE)

static int bad(struct klp_err *err, const char *member, const char *value, const char *rule)
{
	char shown[128];

	text_printable(value, 80, shown, sizeof(shown));
	return klp_err_set(err, -EBADMSG, "manifest: %s \"%s\" %s", member, shown, rule);
}

static bool only(const char *s, size_t max, const char *also)
{
	size_t n = strlen(s);

	if (!n || n > max)
		return false;
	for (; *s; s++) {
		if (!isascii(*s) || (!islower(*s) && !isdigit(*s) && !strchr(also, *s)))
			return false;
	}
	return true;
}

/* Printable ASCII without blanks: symbols, files, releases, versions. */
static bool word(const char *s, size_t max)
{
	size_t n = strlen(s);

	if (!n || n > max)
		return false;
	for (; *s; s++) {
		if (!isascii(*s) || !isgraph(*s))
			return false;
	}
	return true;
}

/* One line of text for a person, which can't steer a terminal or look like another one. */
static bool line(const char *s)
{
	return strlen(s) <= LINE_MAX_LEN && text_is_printable(s, strlen(s));
}

static bool source_path(const char *s)
{
	return word(s, LINE_MAX_LEN) && s[0] != '/' && strncmp(s, "../", 3) && !strstr(s, "/../");
}

static bool cve_number(const char *s)
{
	int year = 0, serial = 0, end = 0;

	return word(s, 32) && sscanf(s, "CVE-%4d-%7d%n", &year, &serial, &end) == 2 &&
	       !s[end] && isdigit(s[4]) && isdigit(s[9]) && strlen(s) >= strlen("CVE-1999-0001");
}

int manifest_module_name(const char *name, uint64_t release, char out[MANIFEST_NAME_LEN])
{
	int n;

	/* No name has a capital letter, so that no two patches share a module's name. */
	if (release > 1)
		n = snprintf(out, MANIFEST_NAME_LEN, "qp_%.60s_R%llu", name, (unsigned long long)release);
	else
		n = snprintf(out, MANIFEST_NAME_LEN, "qp_%.60s", name);
	if (n > MODULE_MAX_LEN)
		return -ENAMETOOLONG;
	for (char *p = out; *p; p++)
		if (*p == '-')
			*p = '_';
	return 0;
}

bool manifest_is_cve(const char *s)
{
	return cve_number(s);
}

bool manifest_is_line(const char *s)
{
	return line(s);
}

bool manifest_is_name(const char *s)
{
	return only(s, NAME_MAX_LEN, "-");
}

static int check_module_name(const struct manifest *m, struct klp_err *err)
{
	char first[MANIFEST_NAME_LEN], own[MANIFEST_NAME_LEN];

	if (!manifest_module_name(m->name, 1, first) && !strcmp(m->module, first))
		return 0;
	if (!manifest_module_name(m->name, m->release, own) && !strcmp(m->module, own))
		return 0;
	return bad(err, "module", m->module,
		   "must be \"qp_\" and the name, with '_' for '-', and from release 2 on \"_R\" and the release");
}

static int check_names(const struct manifest *m, struct klp_err *err)
{
	if (!only(m->name, NAME_MAX_LEN, "-"))
		return bad(err, "name", m->name, "must be 1 to 48 of a-z, 0-9 and '-'");
	if (!m->release || m->release > INT64_MAX)
		return klp_err_set(err, -EBADMSG, "manifest: release must be 1 or more");
	if (!line(m->summary))
		return bad(err, "summary", m->summary, "must be one line of at most 256 bytes");
	if (strcmp(m->arch, "x86_64"))
		return bad(err, "arch", m->arch, "must be x86_64");
	if (*m->min_tool && manifest_tool_serves(m->min_tool, m->min_tool))
		return bad(err, "min_tool_version", m->min_tool, "must be a version, like 0.2");
	if (m->flags & ~KNOWN_FLAGS)
		return klp_err_set(err, -EBADMSG, "manifest: flags 0x%x has unknown bits", m->flags);
	return check_module_name(m, err);
}

static int check_kernel(const struct manifest *m, struct klp_err *err)
{
	if (!word(m->kernel_release, 64) || strchr(m->kernel_release, '/'))
		return bad(err, "kernel.release", m->kernel_release, "must be one word");
	if (!hex_valid(m->kernel_build_id, 2 * QP_BUILD_ID_LEN))
		return bad(err, "kernel.build_id", m->kernel_build_id,
			   "must be 40 lower-case hex digits");
	if (*m->kernel_version && !word(m->kernel_version, 64))
		return bad(err, "kernel.version", m->kernel_version, "must be one word or empty");
	return 0;
}

static bool has_object(const struct manifest *m, const char *object)
{
	for (size_t i = 0; i < m->nr_objects; i++) {
		if (!strcmp(m->objects[i], object))
			return true;
	}
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each of @list once?  It is sorted for that: a signed manifest of the full size takes no longer to check than to read. */
static int check_once(char *const *list, size_t nr, const char *member, struct klp_err *err)
{
	char **sorted;
	int ret = 0;

	if (nr < 2)
		return 0;
	sorted = calloc(nr, sizeof(*sorted));
	if (!sorted)
		return klp_err_sys(err, -ENOMEM, "cannot check a manifest");
	memcpy(sorted, list, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), by_text);
	for (size_t i = 1; i < nr && !ret; i++)
		if (!strcmp(sorted[i - 1], sorted[i]))
			ret = bad(err, member, sorted[i], "is there twice");
	free(sorted);
	return ret;
}

static int check_cves(char *const *cves, size_t nr, const char *member, struct klp_err *err)
{
	for (size_t i = 0; i < nr; i++)
		if (!cve_number(cves[i]))
			return bad(err, member, cves[i], "must be CVE-YEAR-NUMBER");
	return check_once(cves, nr, member, err);
}

static int check_lists(const struct manifest *m, struct klp_err *err)
{
	int ret = check_cves(m->cves, m->nr_cves, "cves", err);

	if (ret)
		return ret;
	if (!m->nr_objects)
		return klp_err_set(err, -EBADMSG, "manifest: objects is empty");
	for (size_t i = 0; i < m->nr_objects; i++) {
		if (!word(m->objects[i], QP_NAME_LEN - 1) || strchr(m->objects[i], '/'))
			return bad(err, "objects", m->objects[i], "must be \"vmlinux\" or a module's name");
	}
	return check_once(m->objects, m->nr_objects, "objects", err);
}

static int check_requires(const struct manifest *m, struct klp_err *err)
{
	char name[MANIFEST_NAME_LEN];
	uint64_t release;

	if (m->nr_requires && m->flags & QP_PATCH_REPLACE)
		return klp_err_set(err, -EBADMSG,
				   "manifest: a cumulative patch takes over from all, so it can't require any");
	for (size_t i = 0; i < m->nr_requires; i++) {
		if (manifest_requirement(m->requires[i], name, &release))
			return bad(err, "requires", m->requires[i], "must be a patch's name and a release");
		if (!strcmp(name, m->name))
			return bad(err, "requires", m->requires[i], "is the patch itself");
	}
	return check_once(m->requires, m->nr_requires, "requires", err);
}

static int check_mitigates(const struct manifest *m, struct klp_err *err)
{
	for (size_t i = 0; i < m->nr_mitigates; i++)
		if (!manifest_is_name(m->mitigates[i]) || !strcmp(m->mitigates[i], m->name))
			return bad(err, "mitigates", m->mitigates[i], "must be another patch's name");
	if (m->nr_mitigates && m->expires)
		return klp_err_set(err, -EBADMSG, "manifest: a mitigation (it expires) is no fix of one");
	for (size_t i = 0; i < m->nr_tripwires; i++)
		if (!*m->tripwires[i] || !line(m->tripwires[i]))
			return bad(err, "tripwires", m->tripwires[i], "must be one line of at most 256 bytes");
	if (m->expires > INT64_MAX)
		return klp_err_set(err, -EBADMSG, "manifest: expires is no time");
	return check_once(m->mitigates, m->nr_mitigates, "mitigates", err);
}

static int check_function(const struct manifest *m, const struct manifest_function *f,
			  struct klp_err *err)
{
	if (!word(f->name, LINE_MAX_LEN))
		return bad(err, "functions.name", f->name, "must be a symbol");
	if (!has_object(m, f->object))
		return bad(err, "functions.object", f->object, "must be one of objects");
	if (*f->file && !source_path(f->file))
		return bad(err, "functions.file", f->file, "must be a path inside the source tree");
	if (!line(f->proof))
		return bad(err, "functions.proof", f->proof, "must be one line");
	return 0;
}

static bool one_of(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(s, *words))
			return true;
	return false;
}

static int check_commit(const struct manifest_commit *c, struct klp_err *err)
{
	static const char *const outcomes[] = { "built", "nothing", "refused", "waits", NULL };

	if (*c->id && !hex_valid(c->id, 40))
		return bad(err, "commits.id", c->id, "must be 40 lower-case hex digits or empty");
	if (!line(c->subject))
		return bad(err, "commits.subject", c->subject, "must be one line of at most 256 bytes");
	if (!one_of(c->outcome, outcomes))
		return bad(err, "commits.outcome", c->outcome, "must be built, nothing, refused or waits");
	if (!line(c->why))
		return bad(err, "commits.why", c->why, "must be one line of at most 256 bytes");
	return check_cves(c->cves, c->nr_cves, "commits.cves", err);
}

/* What was put together by files was not by commits; what is left out of a file makes it "partly" or "refused". */
static int check_file(const struct manifest *m, const struct manifest_file *f, struct klp_err *err)
{
	static const char *const outcomes[] = { "built", "partly", "nothing", "refused", NULL };
	bool lacks = !strcmp(f->outcome, "partly") || !strcmp(f->outcome, "refused");

	if (m->nr_commits)
		return klp_err_set(err, -EBADMSG, "manifest: it has commits, so it can't have files");
	if (!source_path(f->file))
		return bad(err, "files.file", f->file, "must be a path inside the source tree");
	if (!one_of(f->outcome, outcomes))
		return bad(err, "files.outcome", f->outcome, "must be built, partly, nothing or refused");
	if (lacks != (f->nr_left_out > 0))
		return bad(err, "files.left_out", f->file, "must be there for partly and refused, and only for these");
	for (size_t i = 0; i < f->nr_left_out; i++)
		if (!*f->left_out[i] || !line(f->left_out[i]))
			return bad(err, "files.left_out", f->left_out[i], "must be one line of at most 256 bytes");
	return 0;
}

static int check_notes(const struct manifest *m, struct klp_err *err)
{
	for (size_t i = 0; i < m->nr_notes; i++) {
		const struct manifest_note *n = &m->notes[i];

		if (!manifest_is_name(n->name) || manifest_note(m, n->name) != n->value)
			return bad(err, "notes.name", n->name, "must be 1 to 48 of a-z, 0-9 and '-', each once");
		if (strlen(n->value) > NOTE_MAX_LEN || !text_is_printable(n->value, strlen(n->value)))
			return bad(err, "notes.value", n->name, "must be printable, in at most 1024 bytes");
	}
	return 0;
}

static int check_provenance(const struct manifest *m, struct klp_err *err)
{
	if (!line(m->builder) || !line(m->compiler) || !line(m->fix_origin))
		return klp_err_set(err, -EBADMSG,
				   "manifest: provenance must be one line of at most 256 bytes each");
	if (*m->fix_digest && !hex_valid(m->fix_digest, SHA256_HEX_LEN))
		return bad(err, "provenance.fix_digest", m->fix_digest, "must be SHA-256 in hex");
	if (!hex_valid(m->module_digest, SHA256_HEX_LEN))
		return bad(err, "payload.digest", m->module_digest, "must be SHA-256 in hex");
	if (!m->module_size)
		return klp_err_set(err, -EBADMSG, "manifest: payload.size is 0");
	return 0;
}

int manifest_check(const struct manifest *m, struct klp_err *err)
{
	int ret;

	ret = check_names(m, err);
	if (!ret)
		ret = check_kernel(m, err);
	if (!ret)
		ret = check_lists(m, err);
	if (!ret)
		ret = check_requires(m, err);
	if (!ret)
		ret = check_mitigates(m, err);
	for (size_t i = 0; i < m->nr_functions && !ret; i++)
		ret = check_function(m, &m->functions[i], err);
	for (size_t i = 0; i < m->nr_commits && !ret; i++)
		ret = check_commit(&m->commits[i], err);
	for (size_t i = 0; i < m->nr_files && !ret; i++)
		ret = check_file(m, &m->files[i], err);
	if (!ret)
		ret = check_notes(m, err);
	if (!ret)
		ret = check_provenance(m, err);
	return ret;
}
