// SPDX-License-Identifier: GPL-2.0-or-later
/* package_pick.c - selections of groups: see package.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "err.h"
#include "package.h"
#include "target.h"

#define MAX_HEADERS	4	/* that one name may come from */

int pick_init(struct pick *k, const struct pkg *p)
{
	k->pkg = p;
	k->on = calloc(p->nr_files ? p->nr_files : 1, sizeof(*k->on));
	return k->on ? 0 : -ENOMEM;
}

void pick_free(struct pick *k)
{
	for (size_t i = 0; k->on && i < k->pkg->nr_files; i++)
		free(k->on[i]);
	free(k->on);
	k->on = NULL;
}

bool pick_has(const struct pick *k, size_t file, size_t group)
{
	return k->on[file] && k->on[file][group];
}

int pick_set(struct pick *k, size_t file, size_t group, bool on)
{
	if (!k->on[file])
		k->on[file] = calloc(k->pkg->files[file].nr_groups + 1, sizeof(bool));
	if (!k->on[file])
		return -ENOMEM;
	k->on[file][group] = on;
	return 0;
}

int pick_copy(struct pick *to, const struct pick *from)
{
	int ret = pick_init(to, from->pkg);

	for (size_t i = 0; !ret && i < from->pkg->nr_files; i++)
		for (size_t g = 0; !ret && from->on[i] && g < from->pkg->files[i].nr_groups; g++)
			if (from->on[i][g])
				ret = pick_set(to, i, g, true);
	return ret;
}

bool pick_empty(const struct pick *k)
{
	for (size_t i = 0; i < k->pkg->nr_files; i++)
		for (size_t g = 0; k->on[i] && g < k->pkg->files[i].nr_groups; g++)
			if (k->on[i][g])
				return false;
	return true;
}

/* The base with the picked hunks in it; NULL: no memory. */
static char *picked_text(const struct pick *k, size_t file)
{
	const struct pkg_file *f = &k->pkg->files[file];
	const char *p = f->base ? f->base : "";
	struct text t = { 0 };
	size_t line = 0;

	for (size_t i = 0; i < f->nr_hunks; i++) {
		const struct pkg_hunk *h = &f->hunks[i];

		for (; line < h->h.old; line++) {
			size_t n = strcspn(p, "\n");

			n += p[n] == '\n';
			text_add(&t, p, n);
			p += n;
		}
		if (!pick_has(k, file, h->group))
			continue;
		text_add(&t, h->new, strlen(h->new));
		p += strlen(h->old);
		line += h->h.old_nr;
	}
	text_add(&t, p, strlen(p));
	return text_take(&t);
}

int pick_diff(const struct pick *k, char **out, struct klp_err *err)
{
	struct text diff = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < k->pkg->nr_files; i++) {
		const struct pkg_file *f = &k->pkg->files[i];
		char *text, *path;

		if (!k->on[i])
			continue;
		text = picked_text(k, i);
		path = f->base ? format("%s/src/%s", k->pkg->target->dir, f->path) :
				 strdup("/dev/null");
		ret = text && path ? fix_make_diff(path, text, f->path, &diff, err) :
				     klp_err_sys(err, -ENOMEM, "package");
		free(path);
		free(text);
	}
	if (!ret)
		*out = text_take(&diff);
	text_free(&diff);
	return !ret && !*out ? klp_err_sys(err, -ENOMEM, "package") : ret;
}

/* What a hunk brings in: its new lines name it, its old ones don't, or it is the changed head itself. */
static bool brings(const struct pkg_hunk *h, const char *name)
{
	return pkg_mentions(h->new, name) &&
	       (!strcmp(h->piece, name) || !pkg_mentions(h->old, name));
}

/* Add the groups of file @i that bring in @name; @piece: that define it. */
static size_t add_naming(struct pick *k, size_t i, const char *name, bool piece)
{
	const struct pkg_file *f = &k->pkg->files[i];
	size_t added = 0;

	for (size_t h = 0; h < f->nr_hunks; h++) {
		const struct pkg_hunk *u = &f->hunks[h];

		if (pick_has(k, i, u->group) || !brings(u, name) || (piece && strcmp(u->piece, name)))
			continue;
		if (!pick_set(k, i, u->group, true))
			added++;
	}
	return added;
}

/*
 * May one of the files that are in already include the header?  Those of include/ are
 * for everybody; another folder's own ("common.h", "internal.h") only for what is below it.
 */
static bool in_reach(const struct pick *k, const char *header)
{
	size_t dir = (size_t)(strrchr(header, '/') - header) + 1;

	if (starts_with(header, "include/") || starts_with(header, "arch/x86/include/"))
		return true;
	for (size_t i = 0; i < k->pkg->nr_files; i++)
		if (k->on[i] && !strncmp(k->pkg->files[i].path, header, dir))
			return true;
	return false;
}

/* Where a missing name may come from: a symbol from another unit, all else from a header. */
static bool is_source_of(const struct pick *k, size_t i, bool symbol)
{
	const struct pkg_file *f = &k->pkg->files[i];

	return symbol ? f->unit : ends_with(f->path, ".h") && strchr(f->path, '/') && in_reach(k, f->path);
}

static bool file_brings(const struct pkg_file *f, const char *name)
{
	for (size_t h = 0; h < f->nr_hunks; h++)
		if (brings(&f->hunks[h], name))
			return true;
	return false;
}

/* Headers know the name first; then other changes of the files that are in already. */
static size_t add_name(struct pick *k, const char *name, bool symbol)
{
	size_t added = 0, files = 0;

	/* What many headers bring in ("flags", "skb") is no name to go by. */
	for (size_t i = 0; !symbol && i < k->pkg->nr_files; i++)
		files += is_source_of(k, i, symbol) && file_brings(&k->pkg->files[i], name);
	for (size_t i = 0; files <= MAX_HEADERS && i < k->pkg->nr_files; i++)
		if (is_source_of(k, i, symbol))
			added += add_naming(k, i, name, symbol);
	for (size_t i = 0; !added && !symbol && i < k->pkg->nr_files; i++)
		if (k->on[i])
			added += add_naming(k, i, name, false);
	return added;
}

/* "fatal error: net/x.h: No such file": a header that is new. */
static size_t add_header(struct pick *k, const char *path, size_t len)
{
	size_t added = 0;

	for (size_t i = 0; i < k->pkg->nr_files; i++) {
		const struct pkg_file *f = &k->pkg->files[i];
		size_t n = strlen(f->path);

		if (f->base || n < len || memcmp(f->path + n - len, path, len))
			continue;
		for (size_t g = 0; g < f->nr_groups; g++)
			if (!pick_has(k, i, g) && !pick_set(k, i, g, true))
				added++;
	}
	return added;
}

/* "const struct nft_ctx *", "int (*)(void)": what a header would bring in is the first name of its own. */
static const char *skip_type_words(const char *s)
{
	static const char *const words[] = {
		"bool", "char", "const", "enum", "int", "long", "short", "signed", "static", "struct",
		"u16", "u32", "u64", "u8", "union", "unsigned", "void",
	};
	size_t i, n;

	do {
		s += strspn(s, " (*)");
		n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i]) == n && !memcmp(s, words[i], n))
				break;
		if (i < sizeof(words) / sizeof(words[0]))
			s += n;
	} while (i < sizeof(words) / sizeof(words[0]));
	return s;
}

/* The compiler's messages: each identifier in quotes of an error. */
static size_t extend_by_message(struct pick *k, const char *s)
{
	size_t added = 0;

	for (const char *l = s, *end; *l; l = *end ? end + 1 : end) {
		const char *q = l, *fatal;
		char name[128];

		end = l + strcspn(l, "\n");
		fatal = memmem(l, (size_t)(end - l), "fatal error: ", 13);
		if (fatal) {
			fatal += 13;
			added += add_header(k, fatal, strcspn(fatal, ":\n"));
			continue;
		}
		if (!memmem(l, (size_t)(end - l), "error: ", 7))
			continue;
		while ((q = memchr(q, '\'', (size_t)(end - q)))) {
			size_t n;

			q = skip_type_words(q + 1);
			n = strspn(q, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
			if (n && n < sizeof(name)) {
				memcpy(name, q, n);
				name[n] = '\0';
				added += add_name(k, name, false);
			}
			q = memchr(q, '\'', (size_t)(end - q));
			if (!q)
				break;
			q++;
		}
	}
	return added;
}

size_t pick_extend(struct pick *k, json_t *verdict)
{
	const char *message = json_string_value(json_object_get(verdict, "message"));
	size_t i, added = message ? extend_by_message(k, message) : 0;
	json_t *r;

	json_array_foreach(json_object_get(verdict, "refusals"), i, r) {
		const char *reason = json_string_value(json_object_get(r, "reason"));
		const char *why = json_string_value(json_object_get(r, "why"));
		size_t pos = 0, len;
		const char *id;

		if (!reason || strcmp(reason, "symbol") || !why)
			continue;
		while ((id = c_identifier(why, strlen(why), &pos, &len))) {
			char *name = strndup(id, len);

			if (name)
				added += add_name(k, name, true);
			free(name);
		}
	}
	return added;
}
