// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * headerdiff.c - see headerdiff.h.
 *
 * A header is a sequence of items, macros and top-level declarations, each under
 * its #ifs.  Items that both versions have in the same order, under the same
 * #ifs, mean the same to all that don't see one of the changed macros.  The rest
 * has names if it has a shape of decl.c's allow-list, else it is "everything".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "decl.h"
#include "headerdiff.h"
#include "layout.h"
#include "search.h"

enum item_kind {
	ITEM_DECLARATION,
	ITEM_MACRO,		/* #define, #undef */
	ITEM_SILENT,		/* #error, #warning, #line: no code comes of it */
	ITEM_OTHER,		/* #include, #pragma, a piece of assembly */
};

struct item {
	uint64_t hash;		/* of its tokens, the white space between them and the #ifs it is under */
	uint64_t conditions;
	size_t from, to;	/* tokens */
	enum item_kind kind;
	bool changed;
};

#define MAX_IFS	64

struct branch {
	uint64_t conditions;	/* digest of all #ifs around */
	size_t from, depth;	/* the declaration that the #if stands in */
	bool inside;		/* it stands in one */
	bool never;		/* for C++ */
};

struct header {
	char *text;
	struct tokens t;
	struct item *items;
	size_t nr_items;
	struct branch ifs[MAX_IFS + 1];
	size_t nr_ifs;
	size_t from, depth;	/* the declaration that is being read: its first token */
	bool odd;		/* an #if and a declaration cross: nothing is certain */
	uint64_t all;		/* digest of everything */
};

/* White space counts where there was none: "#x" makes a string of it. */
static uint64_t hash_token(uint64_t h, const struct token *tok, bool first)
{
	const char *s = tok->s, *end = tok->s + tok->len;
	struct token part;

	h = fnv1a(h, tok->space && !first ? " " : "\1", 1);
	if (tok->kind != TOKEN_LINE)
		return fnv1a(h, tok->s, tok->len);
	h = fnv1a(h, "#", 1);
	for (s += 1 + strspn(s + 1, " \t"); s < end && (s = token_next(s, end, &part));)
		h = fnv1a(fnv1a(h, part.space ? " " : "\1", 1), part.s, part.len);
	return h;
}

static void add_item(struct header *h, enum item_kind kind, size_t from, size_t to)
{
	uint64_t hash = h->ifs[h->nr_ifs].conditions;

	if (from == to)
		return;
	h->items = xgrow(h->items, h->nr_items, sizeof(*h->items));
	for (size_t i = from; i < to; i++)
		hash = hash_token(hash, &h->t.list[i], i == from);
	h->items[h->nr_items++] = (struct item){
		.hash = hash, .conditions = h->ifs[h->nr_ifs].conditions,
		.from = from, .to = to, .kind = kind,
	};
}

/* What is behind "#  define ", or NULL if it is another directive. */
static const char *directive(const struct token *line, const char *word)
{
	const char *s = line->s + 1 + strspn(line->s + 1, " \t"), *end = line->s + line->len;
	struct token tok;
	const char *rest = token_next(s, end, &tok);

	if (!rest || tok.len != strlen(word) || memcmp(tok.s, word, tok.len))
		return NULL;
	return rest + strspn(rest, " \t");
}

static bool is_for_cplusplus(const struct token *line)
{
	const char *s = directive(line, "ifdef");

	if (!s) {
		s = directive(line, "if");
		if (s && starts_with(s, "defined(__cplusplus)"))
			s += strlen("defined(");
	}
	return s && starts_with(s, "__cplusplus") && strchr(" \t\n)", s[strlen("__cplusplus")]);
}

static void open_if(struct header *h, const struct token *line)
{
	struct branch *outer = &h->ifs[h->nr_ifs], *b = outer + 1;

	if (h->nr_ifs == MAX_IFS) {
		h->odd = true;
		return;
	}
	h->nr_ifs++;
	*b = (struct branch){
		.conditions = hash_token(outer->conditions, line, true),
		.from = h->from, .depth = h->depth, .inside = h->t.nr > h->from,
		.never = outer->never || is_for_cplusplus(line),
	};
	if (b->inside && !b->never)
		tokens_add(&h->t, *line);
}

/* #else, #elif, #endif: what was begun in this branch ends in it. */
static void close_branch(struct header *h, const struct token *line)
{
	struct branch *b = &h->ifs[h->nr_ifs];

	if (!h->nr_ifs) {
		h->odd = true;
		return;
	}
	if (!b->never) {
		h->odd |= h->depth != b->depth || (b->inside && h->from != b->from);
		if (b->inside) {
			tokens_add(&h->t, *line);
		} else {
			add_item(h, ITEM_OTHER, h->from, h->t.nr);
			h->from = h->t.nr;
		}
	}
	if (directive(line, "endif")) {
		h->nr_ifs--;
	} else {
		b->conditions = hash_token(b->conditions, line, true);
		b->never = b[-1].never;
	}
}

static bool is_silent(const struct token *line)
{
	return directive(line, "error") || directive(line, "warning") || directive(line, "line");
}

static void read_directive(struct header *h, const struct token *line)
{
	bool inside = h->t.nr > h->from;
	size_t at = h->t.nr;

	if (directive(line, "if") || directive(line, "ifdef") || directive(line, "ifndef")) {
		open_if(h, line);
		return;
	}
	if (directive(line, "else") || directive(line, "elif") || directive(line, "endif")) {
		close_branch(h, line);
		return;
	}
	/* Our own "#line" aren't the fix's. */
	if (h->ifs[h->nr_ifs].never || directive(line, "line"))
		return;
	tokens_add(&h->t, *line);
	add_item(h, directive(line, "define") || directive(line, "undef") ? ITEM_MACRO :
		 is_silent(line) ? ITEM_SILENT : ITEM_OTHER, at, h->t.nr);
	/* Of the declaration that it stands in it is a part, too. */
	if (!inside)
		h->from = h->t.nr;
}

static void read_header(struct header *h, const char *text)
{
	const char *s, *end;
	struct token tok;

	h->text = c_splice(text);
	decl_tokens_init(&h->t);
	h->ifs[0].conditions = h->all = FNV1A_START;
	s = h->text;
	end = s + strlen(s);
	while ((s = token_next(s, end, &tok))) {
		char c = tok.kind == TOKEN_PUNCT ? *tok.s : 0;

		if (tok.kind != TOKEN_LINE || !directive(&tok, "line"))
			h->all = hash_token(h->all, &tok, false);
		if (tok.kind == TOKEN_LINE) {
			read_directive(h, &tok);
			continue;
		}
		if (h->ifs[h->nr_ifs].never)
			continue;
		tokens_add(&h->t, tok);
		h->depth += c == '(' || c == '{' || c == '[';
		if (c == ')' || c == '}' || c == ']') {
			h->odd |= !h->depth;
			h->depth -= h->depth > 0;
		}
		if (!h->depth && (c == ';' || (c == '}' && decl_is_body(&h->t, h->from, h->t.nr)))) {
			add_item(h, ITEM_DECLARATION, h->from, h->t.nr);
			h->from = h->t.nr;
		}
	}
	add_item(h, ITEM_OTHER, h->from, h->t.nr);
	h->odd |= h->depth || h->nr_ifs;
}

static void header_free(struct header *h)
{
	free(h->text);
	free(h->items);
	tokens_free(&h->t);
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted hashes of all items. */
static uint64_t *sorted(const struct header *h)
{
	uint64_t *list = xcalloc(h->nr_items + 1, sizeof(*list));

	for (size_t i = 0; i < h->nr_items; i++)
		list[i] = h->items[i].hash;
	qsort(list, h->nr_items, sizeof(*list), by_hash);
	return list;
}

static size_t count(const uint64_t *list, size_t nr, uint64_t hash)
{
	size_t low = lower_bound(nr, i, list[i] < hash), n = 0;

	while (low + n < nr && list[low + n] == hash)
		n++;
	return n;
}

/* The next item from *@i on that isn't changed. */
static struct item *unchanged(struct header *h, size_t *i)
{
	while (*i < h->nr_items && h->items[*i].changed)
		++*i;
	return *i < h->nr_items ? &h->items[(*i)++] : NULL;
}

/* Items that the other version has not, not as often, or not in this order. */
static void mark_changed(struct header *a, struct header *b)
{
	uint64_t *in_a = sorted(a), *in_b = sorted(b);
	struct item *x, *y;
	size_t i = 0, k = 0;
	bool moved = false;

	for (size_t n = 0; n < a->nr_items; n++)
		a->items[n].changed = count(in_a, a->nr_items, a->items[n].hash) !=
				      count(in_b, b->nr_items, a->items[n].hash);
	for (size_t n = 0; n < b->nr_items; n++)
		b->items[n].changed = count(in_a, a->nr_items, b->items[n].hash) !=
				      count(in_b, b->nr_items, b->items[n].hash);
	/* From the first that is elsewhere on, everything is. */
	while ((x = unchanged(a, &i)) && (y = unchanged(b, &k))) {
		moved |= x->hash != y->hash;
		x->changed = y->changed = moved;
	}
	free(in_a);
	free(in_b);
}

static void add_word(struct strings *to, const char *s, size_t len)
{
	for (size_t i = 0; i < to->nr; i++)
		if (strlen(to->list[i]) == len && !memcmp(to->list[i], s, len))
			return;
	strings_add_len(to, s, len);
}

static void add_words(const struct header *h, const uint32_t *words, size_t nr, struct strings *to)
{
	for (size_t i = 0; i < nr; i++)
		add_word(to, h->t.words[words[i]].s, h->t.words[words[i]].len);
}

static void add_macro(const struct token *line, struct header_change *c)
{
	const char *s = directive(line, "define");
	struct token tok;

	s = s ? s : directive(line, "undef");
	if (!token_next(s, line->s + line->len, &tok) || tok.kind != TOKEN_WORD) {
		c->everything = true;
		return;
	}
	add_word(&c->macros, tok.s, tok.len);
}

/* The one item that defines struct or union @tag; NULL: none, or several. */
static const struct item *definition(struct header *h, const char *tag, size_t len)
{
	const struct item *found = NULL;

	for (size_t i = 0; i < h->nr_items; i++) {
		const struct item *item = &h->items[i];
		const struct token *t = &h->t.list[item->from];

		if (item->to - item->from < 4 || item->kind != ITEM_DECLARATION || t[1].len != len ||
		    memcmp(t[1].s, tag, len) || *t[2].s != '{')
			continue;
		if (found)
			return NULL;
		found = item;
	}
	return found;
}

static const char *item_text(const struct header *h, const struct item *item, size_t *len)
{
	const struct token *last = &h->t.list[item->to - 1];
	const char *s = h->t.list[item->from].s;

	*len = (size_t)(last->s + last->len - s);
	return s;
}

/* A struct that may keep its layout: false if not. */
static bool add_struct(const char *path, struct header *a, struct header *b, const struct item *item,
		       struct layouts *layouts, struct header_change *c)
{
	const struct token *tag = &a->t.list[item->from + 1];
	const struct item *mine, *other;
	const char *s, *o;
	size_t n, m;

	if (!layouts)
		return false;
	mine = definition(a, tag->s, tag->len);
	other = definition(b, tag->s, tag->len);
	if (mine != item || !other || mine->conditions != other->conditions)
		return false;
	/* Found from the other side. */
	if (layouts_have(layouts, tag->s, tag->len))
		return true;
	s = item_text(a, mine, &n);
	o = item_text(b, other, &m);
	if (layout_compare(s, n, o, m, path, layouts))
		return false;
	add_word(&c->structs, tag->s, tag->len);
	return true;
}

/* A token that ends the enum's head: "enum tag {". */
#define ENUM_HEAD	3

/* How many tokens from the beginning on two enums of one tag have in common, up to the end of an enumerator. */
static size_t common_enumerators(const struct token *a, size_t nr_a, const struct token *b, size_t nr_b)
{
	size_t depth = 0, common = 0;

	for (size_t i = 0; i < nr_a && i < nr_b; i++) {
		char c = *a[i].s;

		if (a[i].len != b[i].len || memcmp(a[i].s, b[i].s, a[i].len)) {
			/* "E_LAST }" and "E_LAST, E_NEW }" */
			if (depth == 1 && strchr(",}", c) && strchr(",}", *b[i].s))
				common = i;
			break;
		}
		depth += c == '(' || c == '{' || c == '[';
		depth -= (c == ')' || c == '}' || c == ']') && depth;
		if (depth == 1 && (c == ',' || c == '{'))
			common = i + 1;
	}
	return common;
}

/* A number that an int holds, so that the enum's type is what it was. */
static bool is_small(const struct token *t)
{
	char *end;
	unsigned long long n = strtoull(t->s, &end, 0);

	return *t->s >= '0' && *t->s <= '9' && end == t->s + t->len && n < 0x7fff0000;
}

/* Are there but names, small numbers, '=' and ',' from @from on, and nothing behind the '}'? */
static bool only_names(const struct token *t, size_t from, size_t nr)
{
	if (nr < from + 2 || *t[nr - 1].s != ';' || *t[nr - 2].s != '}')
		return false;
	for (size_t i = from; i < nr - 2; i++)
		if (t[i].kind != TOKEN_WORD && *t[i].s != ',' &&
		    (*t[i].s != '=' || !is_small(&t[i + 1])) && (*t[i - 1].s != '=' || !is_small(&t[i])))
			return false;
	return true;
}

/*
 * An enum that both versions have, which only grows, shrinks or is sorted anew behind a common
 * beginning, with values that are numbers or none: the names in front mean what they did.  False: not one.
 */
static bool add_enum(struct header *a, struct header *b, const struct item *item, struct header_change *c)
{
	const struct token *t = &a->t.list[item->from], *o;
	const struct item *mine = definition(a, t[1].s, t[1].len), *other = definition(b, t[1].s, t[1].len);
	size_t n = item->to - item->from, m, common;

	if (mine != item || !other || mine->conditions != other->conditions)
		return false;
	o = &b->t.list[other->from];
	m = other->to - other->from;
	common = common_enumerators(t, n, o, m);
	if (common < ENUM_HEAD || !only_names(t, common, n) || !only_names(o, common, m))
		return false;
	for (size_t i = common; i < n; i++)
		if (t[i].kind == TOKEN_WORD) {
			add_word(&c->names, t[i].s, t[i].len);
			add_word(&c->plain, t[i].s, t[i].len);
		}
	return true;
}

static void add_inside(const struct header *h, const struct item *item, struct header_change *c)
{
	for (size_t i = item->from; i < item->to; i++)
		if (h->t.list[i].kind == TOKEN_WORD)
			add_word(&c->inside, h->t.list[i].s, h->t.list[i].len);
}

static void add_declaration(const char *path, struct header *a, struct header *b, const struct item *item,
			    struct layouts *layouts, struct header_change *c)
{
	struct decl d;

	decl_classify(&a->t, item->from, item->to, &d);
	c->everything |= d.shape == DECL_UNKNOWN;
	add_inside(a, item, c);
	if (d.shape != DECL_TAGGED || !d.tag ||
	    !(d.is_enum ? add_enum(a, b, item, c) : add_struct(path, a, b, item, layouts, c))) {
		add_words(a, d.names, d.nr_names, &c->names);
		add_words(a, d.names, d.nr_names, &c->plain);
		add_words(a, d.others, d.nr_others, &c->plain);
	}
	decl_free(&d);
}

static void add_changed(const char *path, struct header *a, struct header *b, struct layouts *layouts,
			struct header_change *c)
{
	for (size_t i = 0; i < a->nr_items; i++) {
		const struct item *item = &a->items[i];

		if (!item->changed)
			continue;
		if (item->kind == ITEM_MACRO)
			add_macro(&a->t.list[item->from], c);
		else if (item->kind == ITEM_DECLARATION)
			add_declaration(path, a, b, item, layouts, c);
		else
			c->everything |= item->kind == ITEM_OTHER;
	}
}

void header_compare(const char *path, const char *old, const char *new, struct layouts *layouts,
		    struct header_change *out)
{
	struct header a = { 0 }, b = { 0 };

	read_header(&a, old);
	read_header(&b, new);
	mark_changed(&a, &b);
	*out = (struct header_change){ 0 };
	if (a.odd || b.odd)
		out->everything = a.all != b.all;
	else
		add_changed(path, &a, &b, layouts, out);
	if (!out->everything)
		add_changed(path, &b, &a, layouts, out);
	header_free(&a);
	header_free(&b);
}

void header_change_free(struct header_change *c)
{
	strings_free(&c->macros);
	strings_free(&c->names);
	strings_free(&c->structs);
	strings_free(&c->plain);
	strings_free(&c->inside);
}
