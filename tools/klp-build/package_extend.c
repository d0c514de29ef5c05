// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_extend.c - what a selection that failed lacks of the update's other changes.
 *
 * An error of the compiler's names it: a helper, a type or a header that the update
 * brings in; a function that the update changes, too, where the error lies; or a name
 * that the update takes away, or whose type it changes.  They are asked in this order,
 * and the first that has an answer counts: each group more is one that may be refused.
 */
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "err.h"
#include "words.h"
#include "package.h"
#include "package_message.h"

#define MAX_HEADERS	4	/* that one name may come from */
#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* What a hunk brings in: its new lines name it, its old ones don't, or it is the changed head itself. */
static bool brings(const struct pkg_hunk *h, const char *name)
{
	return pkg_mentions(h->new, name) &&
	       (!strcmp(h->piece, name) || !pkg_mentions(h->old, name));
}

static bool removes(const struct pkg_hunk *h, const char *name)
{
	return pkg_mentions(h->old, name) && !pkg_mentions(h->new, name);
}

/* Something new, or the changed head. */
static bool defines(const struct pkg_hunk *h, const char *name)
{
	return brings(h, name) && (!strcmp(h->piece, name) || strings_have(&h->defines, name));
}

/* A member or prototype that has another type. */
static bool changes(const struct pkg_hunk *h, const char *name)
{
	return pkg_mentions(h->lead, name) ||
	       (pkg_mentions(h->old, name) && pkg_mentions(h->new, name));
}

/* A line "DEFINE_FREE(name, ...", which the compiler knows by a name that nobody has written. */
static bool defines_by_macro(const struct pkg_hunk *h, const char *name)
{
	for (const char *l = h->new; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		size_t n = strspn(l, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), len = strlen(name);

		if (starts_with(l, "DEFINE_") && l[n] == '(' && !strncmp(l + n + 1, name, len) &&
		    strchr(",)", l[n + 1 + len]))
			return true;
	}
	return false;
}

/* Every line that it brings includes a header. */
static bool is_include(const struct pkg_hunk *h, const char *unused)
{
	(void)unused;
	for (const char *l = h->new; *l; l += strcspn(l, "\n"), l += *l == '\n')
		if (!starts_with(l, "#include") && *l != '\n')
			return false;
	return starts_with(h->new + strspn(h->new, "\n"), "#include");
}

static bool is_of(const struct pkg_hunk *h, const char *name)
{
	return !strcmp(h->piece, name);
}

typedef bool (*hunk_test)(const struct pkg_hunk *h, const char *name);

/* Add the groups of file @i that have a hunk of this kind. */
static size_t add_groups(struct pick *k, size_t i, const char *name, hunk_test test)
{
	const struct pkg_file *f = &k->pkg->files[i];
	size_t added = 0;

	for (size_t h = 0; h < f->nr_hunks; h++)
		if (!pick_has(k, i, f->hunks[h].group) && test(&f->hunks[h], name))
			added += !pick_set(k, i, f->hunks[h].group, true);
	return added;
}

static bool has_hunk(const struct pkg_file *f, const char *name, hunk_test test)
{
	for (size_t h = 0; h < f->nr_hunks; h++)
		if (test(&f->hunks[h], name))
			return true;
	return false;
}

static bool is_header(const struct pick *k, size_t i)
{
	const char *path = k->pkg->files[i].path;

	return ends_with(path, ".h") && strchr(path, '/') && pick_reaches(k, path);
}

/* Beside the files that are in, not for everybody. */
static bool is_private_header(const struct pick *k, size_t i)
{
	return is_header(k, i) && !starts_with(k->pkg->files[i].path, "include/");
}

/* From headers; what many of them have ("flags", "skb") is no name to go by. */
static size_t add_from_headers_that(bool (*is)(const struct pick *k, size_t i), struct pick *k,
				    const char *name, hunk_test test)
{
	size_t added = 0, files = 0;

	for (size_t i = 0; i < k->pkg->nr_files; i++)
		files += has_hunk(&k->pkg->files[i], name, test) && is(k, i);
	for (size_t i = 0; files && files <= MAX_HEADERS && i < k->pkg->nr_files; i++)
		if (is(k, i))
			added += add_groups(k, i, name, test);
	return added;
}

static size_t add_from_headers(struct pick *k, const char *name, hunk_test test)
{
	return add_from_headers_that(is_header, k, name, test);
}

/* Headers know the name first; then other changes of the files that are in already. */
static size_t add_name(struct pick *k, const char *name)
{
	/* What macros make of the name that a header has. */
	static const char *const made[] = { "__SCT__", "__SCK__", "__tracepoint_", "trace_" };
	size_t added = add_from_headers(k, name, brings);

	for (size_t i = 0; !added && i < sizeof(made) / sizeof(made[0]); i++)
		if (starts_with(name, made[i]))
			added = add_from_headers(k, name + strlen(made[i]), brings);
	for (size_t i = 0; !added && i < k->pkg->nr_files; i++)
		if (k->on[i])
			added += add_groups(k, i, name, brings);
	return added;
}

/* A symbol that no unit has is one that another unit's change defines. */
static size_t add_symbol(struct pick *k, const char *name)
{
	size_t added = 0;

	for (size_t i = 0; i < k->pkg->nr_files; i++)
		if (k->pkg->files[i].unit)
			added += add_groups(k, i, name, defines);
	return added;
}

/* "fatal error: net/x.h: No such file": a header that is new; "../common/x.h", too. */
static size_t add_header(struct pick *k, const char *path, size_t len)
{
	size_t added = 0;

	for (; len > 3 && starts_with(path, "../"); path += 3)
		len -= 3;
	for (size_t i = 0; i < k->pkg->nr_files; i++) {
		const struct pkg_file *f = &k->pkg->files[i];
		size_t n = strlen(f->path);

		if (f->base || n < len || memcmp(f->path + n - len, path, len) ||
		    (n > len && f->path[n - len - 1] != '/'))
			continue;
		for (size_t g = 0; g < f->nr_groups; g++)
			if (!pick_has(k, i, g) && !pick_set(k, i, g, true))
				added++;
	}
	return added;
}

/* For each change of the piece (function, initialiser) that holds this line of the base. */
static size_t add_at_line(struct pick *k, size_t i, unsigned long line,
			  size_t (*add)(struct pick *k, size_t i, const struct pkg_hunk *h))
{
	const struct pkg_file *f = &k->pkg->files[i];
	const struct c_piece *p = NULL;
	struct c_piece *pieces;
	size_t nr, added = 0;

	if (!f->base || c_scan(f->base, strlen(f->base), &pieces, &nr))
		return 0;
	for (size_t n = 0; n < nr && !p; n++)
		if (line >= pieces[n].line && line <= pieces[n].end_line)
			p = &pieces[n];
	for (size_t h = 0; p && h < f->nr_hunks; h++) {
		const struct hunk *d = &f->hunks[h].h;
		size_t first = d->old + 1;

		if (first <= p->end_line && first + (d->old_nr ? d->old_nr : 1) > p->line)
			added += add(k, i, &f->hunks[h]);
	}
	free(pieces);
	return added;
}

static size_t add_hunk(struct pick *k, size_t i, const struct pkg_hunk *h)
{
	return !pick_has(k, i, h->group) && !pick_set(k, i, h->group, true);
}

/* "set->ext_size", "o.size" */
static bool is_member(const char *text, const char *id)
{
	return (id > text && id[-1] == '.') || (id > text + 1 && id[-1] == '>' && id[-2] == '-');
}

/* For each identifier in @text that @is; NULL: for all. */
static size_t add_names_that(bool (*is)(const char *text, const char *id), struct pick *k,
			     const char *text, size_t len,
			     size_t (*add)(struct pick *k, const char *name))
{
	size_t pos = 0, n, added = 0;
	const char *id;

	while ((id = c_identifier(text, len, &pos, &n))) {
		char *name = !is || is(text, id) ? strndup(id, n) : NULL;

		if (name)
			added += add(k, name);
		free(name);
	}
	return added;
}

static size_t add_names(struct pick *k, const char *text, size_t len,
			size_t (*add)(struct pick *k, const char *name))
{
	return add_names_that(NULL, k, text, len, add);
}

static size_t add_macro(struct pick *k, const char *name)
{
	return add_from_headers(k, name, defines_by_macro);
}

/* A member of another type; of members headers for everybody have too many. */
static size_t add_member(struct pick *k, const char *name)
{
	return add_from_headers_that(is_private_header, k, name, changes);
}

/* What its new lines name. */
static size_t add_named_by_hunk(struct pick *k, size_t i, const struct pkg_hunk *h)
{
	size_t added;

	if (!pick_has(k, i, h->group))
		return 0;
	added = add_names(k, h->new, strlen(h->new), add_macro);
	return added ? added : add_names(k, h->new, strlen(h->new), add_member);
}

/* What the line of the base names, which need not have changed. */
static size_t add_named_by_line(struct pick *k, size_t i, unsigned long line)
{
	const char *l = k->pkg->files[i].base;

	while (l && *l && --line) {
		l += strcspn(l, "\n");
		l += *l == '\n';
	}
	return l && *l ? add_names(k, l, strcspn(l, "\n"), add_member) : 0;
}

/* Does the file change what the line of code at fault names? */
static size_t add_named_in_code(struct pick *k, const struct gcc_error *e)
{
	size_t pos = 0, len, added = 0;
	const char *id;

	while ((id = c_identifier(e->code, (size_t)(e->code_end - e->code), &pos, &len))) {
		char *name = strndup(id, len);

		if (name)
			added += add_groups(k, e->file, name, is_of);
		free(name);
	}
	return added;
}

enum quoted { QUOTED_FIRST, QUOTED_LAST, QUOTED_ALL };

/* For names in quotes: the first or last each ("const struct nft_ctx *", "expr->ops->validate"), or all. */
static size_t add_quoted(struct pick *k, const struct gcc_error *e, enum quoted which,
			 size_t (*add)(struct pick *k, const char *name))
{
	const char *q = e->text, *end;
	size_t added = 0;

	while ((q = memchr(q, '\'', (size_t)(e->end - q)))) {
		end = memchr(q + 1, '\'', (size_t)(e->end - q - 1));
		if (!end)
			break;
		for (q++; q < end;) {
			size_t n = strspn(q, NAME_CHARS);
			bool skip = names_is_keyword(q, n) || (which == QUOTED_LAST && q + n < end);
			char *name = n && !skip ? strndup(q, n) : NULL;

			q += n ? n : 1;
			if (!name)
				continue;
			added += add(k, name);
			free(name);
			if (which == QUOTED_FIRST)
				break;
		}
		q = end + 1;
	}
	return added;
}

/*
 * "'struct x' has no member named 'rcu'": the change of x that brings it.  By itself the
 * member's name says nothing, and that of the struct is on none of the change's lines.
 */
static size_t add_missing_member(struct pick *k, const struct gcc_error *e)
{
	static const char says[] = "' has no member named '";
	const char *at = memmem(e->text, (size_t)(e->end - e->text), says, strlen(says)), *type = at;
	char *name, *member;
	size_t added = 0;

	if (!at)
		return 0;
	while (type > e->text && strchr(NAME_CHARS, type[-1]))
		type--;
	name = strndup(type, (size_t)(at - type));
	at += strlen(says);
	member = strndup(at, strspn(at, NAME_CHARS));
	for (size_t i = 0; name && member && i < k->pkg->nr_files; i++)
		for (size_t h = 0; h < k->pkg->files[i].nr_hunks; h++) {
			const struct pkg_hunk *d = &k->pkg->files[i].hunks[h];

			if (is_of(d, name) && brings(d, member) && (k->on[i] || is_header(k, i)))
				added += add_hunk(k, i, d);
		}
	free(member);
	free(name);
	return added;
}

static size_t add_removal(struct pick *k, const char *name)
{
	return add_from_headers(k, name, removes);
}

static size_t add_change(struct pick *k, const char *name)
{
	return add_from_headers(k, name, changes);
}

/* The name that isn't known may come with what the files, headers too, newly include. */
static size_t add_includes(struct pick *k, const struct gcc_error *e)
{
	size_t added = e->file < k->pkg->nr_files ? add_groups(k, e->file, NULL, is_include) : 0;

	for (size_t i = 0; i < k->pkg->nr_files; i++)
		if (k->on[i])
			added += add_groups(k, i, NULL, is_include);
	return added;
}

static bool is_unknown_name(const struct gcc_error *e)
{
	static const char *const words[] = { "declar", "incomplete type", "has no member" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(e->text, (size_t)(e->end - e->text), words[i], strlen(words[i])))
			return true;
	return false;
}

static size_t extend_by_error(struct pick *k, const struct gcc_error *e)
{
	size_t added;

	if (starts_with(e->text, "fatal error: ")) {
		const char *path = e->text + strlen("fatal error: ");

		return add_header(k, path, strcspn(path, ":\n"));
	}
	added = add_missing_member(k, e);
	if (!added)
		added = add_quoted(k, e, QUOTED_FIRST, add_name);
	if (added || is_unknown_name(e))
		added += add_includes(k, e);
	if (!added && e->file < k->pkg->nr_files)
		added = add_at_line(k, e->file, e->line, add_hunk);
	if (!added && e->file < k->pkg->nr_files)
		added = add_named_in_code(k, e);
	if (!added && e->declared_file < k->pkg->nr_files)
		added = add_at_line(k, e->declared_file, e->declared_line, add_hunk);
	if (!added)
		added = add_quoted(k, e, QUOTED_ALL, add_removal);
	if (!added)
		added = add_quoted(k, e, QUOTED_LAST, add_change);
	if (!added && e->file < k->pkg->nr_files)
		added = add_at_line(k, e->file, e->line, add_named_by_hunk);
	if (!added && e->file < k->pkg->nr_files && e->line)
		added = add_named_by_line(k, e->file, e->line);
	return added;
}

static size_t extend_by_message(struct pick *k, const char *s)
{
	struct gcc_error e;
	size_t added = 0;

	while (gcc_error_next(k->pkg, &s, &e))
		added += extend_by_error(k, &e);
	return added;
}

/* By the code alone that the errors show: what stands in a new function is on no line of the base. */
static size_t extend_by_code(struct pick *k, const char *s)
{
	struct gcc_error e;
	size_t added = 0;

	while (gcc_error_next(k->pkg, &s, &e)) {
		size_t len = (size_t)(e.code_end - e.code), n = add_names(k, e.code, len, add_macro);

		added += n ? n : add_names_that(is_member, k, e.code, len, add_change);
	}
	return added;
}

size_t pick_extend(struct pick *k, json_t *verdict)
{
	/* The lines of `compiler` are the base's; `message` shows the right code. */
	const char *said = json_string_value(json_object_get(verdict, "compiler"));
	const char *message = json_string_value(json_object_get(verdict, "message"));
	size_t i, added;
	json_t *r;

	if (!said)
		said = message;
	added = said ? extend_by_message(k, said) : 0;
	if (!added && message)
		added = extend_by_code(k, message);
	json_array_foreach(json_object_get(verdict, "refusals"), i, r) {
		const char *reason = json_string_value(json_object_get(r, "reason"));
		const char *why = json_string_value(json_object_get(r, "why"));

		if (reason && !strcmp(reason, "symbol") && why)
			added += add_names(k, why, strlen(why), add_symbol);
	}
	return added;
}
