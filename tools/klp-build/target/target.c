// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * target.c - open a prepared kernel: see target.h.  prepare.c makes one.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "io.h"
#include "prepare.h"
#include "search.h"
#include "target_priv.h"

#define SYMBOLS_MAX	(64u << 20)	/* bytes of the symbols file */

/* "ffffffff817fb050 t sock_map_alloc\n" */
static int parse_symbol(char *line, char *end, struct target_symbol *out)
{
	char *rest;

	out->address = strtoull(line, &rest, 16);
	if (rest - line != 16 || end - rest < 4 || rest[0] != ' ' || rest[2] != ' ')
		return -EBADMSG;
	out->type = rest[1];
	out->name = rest + 3;
	*end = '\0';
	return 0;
}

void target_index(struct target *t)
{
	struct target_priv *priv = t->priv;

	free(priv->chain);
	free(priv->buckets);
	priv->chain = xcalloc(t->nr_symbols, sizeof(*priv->chain));
	for (priv->nr_buckets = 1024; priv->nr_buckets < t->nr_symbols;)
		priv->nr_buckets *= 2;
	priv->buckets = xcalloc(priv->nr_buckets, sizeof(*priv->buckets));
	/* From the end, so that each chain is in the table's order. */
	for (size_t i = t->nr_symbols; i-- > 0;) {
		uint32_t *b = &priv->buckets[fnv1a_name(t->symbols[i].name) & (priv->nr_buckets - 1)];

		priv->chain[i] = *b;
		*b = (uint32_t)i + 1;
	}
}

static int load_symbols(struct target *t, struct klp_err *err)
{
	struct target_priv *priv = t->priv;
	char *path = format("%s/symbols", t->dir), *line, *end;
	size_t len, nr = 0, cap = 0;
	void *text = NULL;
	int ret = io_read_file(path, SYMBOLS_MAX, &text, &len, err);

	if (ret)
		goto out;
	priv->symbol_text = text;
	for (line = text; (end = strchr(line, '\n')); line = end + 1)
		cap++;
	t->symbols = xcalloc(cap, sizeof(*t->symbols));
	for (line = text; (end = strchr(line, '\n')); line = end + 1, nr++) {
		if (parse_symbol(line, end, &t->symbols[nr])) {
			ret = klp_err_set(err, -EBADMSG, "%s:%zu is not \"ADDRESS TYPE NAME\"", path,
					  nr + 1);
			goto out;
		}
	}
	t->nr_symbols = nr;
	target_index(t);
	if (ret)
		klp_err_sys(err, ret, "symbols");
out:
	free(path);
	return ret;
}

static char *member(json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	return s ? xstrdup(s) : NULL;
}

static int load_json(struct target *t, struct klp_err *err)
{
	struct target_priv *priv = t->priv;
	char *path = format("%s/target.json", t->dir);
	json_error_t je;
	json_t *j = NULL;
	int ret = 0;

	if (!path || access(path, R_OK)) {
		ret = klp_err_set(err, -ENOENT,
				  "the kernel %s isn't prepared (no %s); run `klp-build prepare --kernel %s`",
				  t->krel, path ? path : "target.json", t->krel);
		goto out;
	}
	j = json_load_file(path, 0, &je);
	if (!j || json_integer_value(json_object_get(j, "format")) != 1) {
		ret = klp_err_set(err, -EBADMSG, "%s: %s; run `klp-build prepare --force --kernel %s`",
				  path, j ? "of another version of klp-build" : je.text, t->krel);
		goto out;
	}
	if (!json_is_true(json_object_get(j, "complete"))) {
		ret = klp_err_set(err, -ENOENT,
				  "the kernel %s is prepared for running only; run `klp-build prepare --kernel %s`",
				  t->krel, t->krel);
		goto out;
	}
	if (json_integer_value(json_object_get(j, "revision")) != TARGET_REVISION) {
		ret = klp_err_set(err, -ENOENT,
				  "the kernel %s was prepared by another version of klp-build, in a way that this one doesn't rely on (%s has revision %d, not %d); run `klp-build prepare --kernel %s`, which prepares it anew",
				  t->krel, path, (int)json_integer_value(json_object_get(j, "revision")),
				  TARGET_REVISION, t->krel);
		goto out;
	}
	t->version = member(j, "version");
	t->compiler = member(j, "compiler");
	t->build_id = member(j, "build_id");
	priv->cc = member(j, "cc");
	t->source_package = member(j, "source_package");
	if (!t->version || !t->compiler || !t->build_id || !priv->cc || !t->source_package ||
	    sscanf(t->version, "%u.%u", &t->major, &t->minor) != 2)
		ret = klp_err_set(err, -EBADMSG, "%s lacks a member or has a bad version", path);
out:
	json_decref(j);
	free(path);
	return ret;
}

struct target *target_new(const char *krel, const char *dir)
{
	struct target *t = xcalloc(1, sizeof(*t));

	t->krel = xstrdup(krel);
	t->dir = xstrdup(dir);
	t->priv = xcalloc(1, sizeof(struct target_priv));
	return t;
}

int target_open(const char *krel, struct target **out, struct klp_err *err)
{
	char *dir = NULL, *image = NULL;
	struct target *t;
	int ret;

	if (strchr(krel, '/') || *krel == '.')
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a kernel release", krel);
	dir = format("%s/%s", cache_dir(), krel);
	image = format("%s/%s/vmlinux", cache_dir(), krel);
	t = target_new(krel, dir);
	ret = load_json(t, err);
	if (!ret)
		ret = load_symbols(t, err);
	if (!ret)
		ret = target_load_commands(t, err);
	if (!ret)
		ret = elf_open(image, &t->image, err);
	free(dir);
	free(image);
	if (ret)
		target_close(t);
	else
		*out = t;
	return ret;
}

void target_close(struct target *t)
{
	struct target_priv *priv;

	if (!t)
		return;
	priv = t->priv;
	if (priv) {
		free(priv->symbol_text);
		free(priv->buckets);
		free(priv->chain);
		free(priv->command_text);
		free(priv->commands);
		strings_free(&priv->modules);
		free(priv->cc);
		free(t->source_package);
		free(priv);
	}
	elf_close(t->image);
	free(t->symbols);
	free(t->krel);
	free(t->dir);
	free(t->version);
	free(t->compiler);
	free(t->build_id);
	free(t);
}

const uint8_t *target_bytes(const struct target *t, uint64_t addr, size_t len)
{
	for (size_t i = 1; i < t->image->nr_sections; i++) {
		const struct elf_section *s = &t->image->sections[i];

		if (!(s->flags & SHF_ALLOC) || !s->data || addr < s->addr ||
		    addr - s->addr >= s->size)
			continue;
		return len <= s->size - (addr - s->addr) ? s->data + (addr - s->addr) : NULL;
	}
	return NULL;
}

const struct target_symbol *target_symbol_next(const struct target *t, const char *name, size_t *pos)
{
	const struct target_priv *priv = t->priv;
	uint32_t i;

	/* *pos: 0, or index + 1 of the symbol that was returned last. */
	if (*pos > t->nr_symbols)
		return NULL;
	i = *pos ? priv->chain[*pos - 1] :
		   priv->buckets[fnv1a_name(name) & (priv->nr_buckets - 1)];
	for (; i; i = priv->chain[i - 1]) {
		if (!strcmp(t->symbols[i - 1].name, name)) {
			*pos = i;
			return &t->symbols[i - 1];
		}
	}
	*pos = t->nr_symbols + 1;
	return NULL;
}

size_t target_symbols_until(const struct target *t, uint64_t addr)
{
	return lower_bound(t->nr_symbols, i, t->symbols[i].address <= addr);
}

const char *target_listed(const struct target *t, uint64_t addr)
{
	size_t first = addr ? target_symbols_until(t, addr - 1) : 0, pos = 0;
	const struct target_symbol *end = target_symbol_next(t, "_end", &pos);

	if (first == t->nr_symbols || t->symbols[first].address != addr || (end && addr >= end->address))
		return NULL;
	return t->symbols[first].name;
}

uint64_t target_symbol_size(const struct target *t, const struct target_symbol *s)
{
	const struct target_symbol *end = t->symbols + t->nr_symbols, *n;

	for (n = s + 1; n < end; n++)
		if (n->address > s->address)
			return n->address - s->address;
	return 0;
}

bool target_has_strong(const struct target *t, const char *name)
{
	const struct target_symbol *s;
	size_t pos = 0;

	while ((s = target_symbol_next(t, name, &pos)))
		if (s->type == 'T')
			return true;
	return false;
}
