// SPDX-License-Identifier: GPL-2.0-or-later
/* decl.c - see decl.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "decl.h"

/* Words with a meaning of their own have their index known: W_ as in own_words[]. */
enum {
	W_ATTRIBUTE, W_ATTRIBUTE2, W_EXTENSION, W_TYPEOF, W_TYPEOF2, W_TYPEOF3, W_ASM, W_ASM2, W_ASM3,
	W_STRUCT, W_UNION, W_ENUM, W_TYPEDEF, W_EXTERN, W_STATIC, W_ASSERT, W_CONST, W_VOLATILE,
	W_INLINE, W_INLINE2, W_INLINE3, W_INLINE4,
	/* What the text of headers has in place of attributes with arguments. */
	W_PRINTF, W_SCANF, W_MUST_HOLD, W_ACQUIRES, W_RELEASES, W_ALLOC_SIZE, W_ALIGNED,
	/* And without. */
	W_PACKED, W_MUST_CHECK, W_NORETURN, W_PURE, W_CONST_FN, W_COLD, W_MAYBE_UNUSED, W_RANDOMIZE,
	W_CACHE_ALIGNED, W_CACHE_ALIGNED_SMP,
	W_LAST,
};

static const char *const own_words[W_LAST] = {
	[W_ATTRIBUTE] = "__attribute__", [W_ATTRIBUTE2] = "__attribute",
	[W_EXTENSION] = "__extension__", [W_TYPEOF] = "typeof", [W_TYPEOF2] = "__typeof__",
	[W_TYPEOF3] = "__typeof", [W_ASM] = "asm", [W_ASM2] = "__asm__", [W_ASM3] = "__asm",
	[W_STRUCT] = "struct", [W_UNION] = "union", [W_ENUM] = "enum", [W_TYPEDEF] = "typedef",
	[W_EXTERN] = "extern", [W_STATIC] = "static", [W_ASSERT] = "_Static_assert",
	[W_CONST] = "const", [W_VOLATILE] = "volatile", [W_INLINE] = "inline",
	[W_INLINE2] = "__inline", [W_INLINE3] = "__inline__", [W_INLINE4] = "__always_inline",
	[W_PRINTF] = "__printf", [W_SCANF] = "__scanf", [W_MUST_HOLD] = "__must_hold",
	[W_ACQUIRES] = "__acquires", [W_RELEASES] = "__releases", [W_ALLOC_SIZE] = "__alloc_size",
	[W_ALIGNED] = "__aligned",
	[W_PACKED] = "__packed", [W_MUST_CHECK] = "__must_check", [W_NORETURN] = "__noreturn",
	[W_PURE] = "__pure", [W_CONST_FN] = "__attribute_const__", [W_COLD] = "__cold",
	[W_MAYBE_UNUSED] = "__maybe_unused", [W_RANDOMIZE] = "__randomize_layout",
	[W_CACHE_ALIGNED] = "____cacheline_aligned",
	[W_CACHE_ALIGNED_SMP] = "____cacheline_aligned_in_smp",
};

void decl_tokens_init(struct tokens *t)
{
	tokens_init(t, own_words, W_LAST);
}

/* A declaration's top level: what is in brackets is one part. */
struct part {
	char kind;		/* 'w' word, '(' '{' '[' a group, '#' a line, 'x' number or string, else itself */
	uint32_t word;
	size_t from, to;	/* tokens */
};

#define MAX_PARTS	48

struct parts {
	struct part list[MAX_PARTS];
	size_t nr;
	bool odd;		/* too many, or attributes or an asm() that mean more than is known */
};

static bool is_punct(const struct token *tok, char c)
{
	return tok->kind == TOKEN_PUNCT && tok->value == (uint8_t)c;
}

static bool is_open(const struct token *tok)
{
	return is_punct(tok, '(') || is_punct(tok, '{') || is_punct(tok, '[');
}

static bool is_close(const struct token *tok)
{
	return is_punct(tok, ')') || is_punct(tok, '}') || is_punct(tok, ']');
}

/* Behind the group that opens at @i. */
static size_t group_end(const struct tokens *t, size_t i, size_t to)
{
	size_t depth = 0;

	for (; i < to; i++) {
		depth += is_open(&t->list[i]);
		depth -= is_close(&t->list[i]) && depth;
		if (!depth)
			return i + 1;
	}
	return to;
}

/* Attributes that make nothing of what nobody names. */
static bool attribute_known(const struct word *w)
{
	static const char *const known[] = {
		"gnu_inline", "unused", "no_instrument_function", "always_inline", "const", "pure",
		"warn_unused_result", "noinline", "malloc", "alloc_size", "nonnull", "cold", "hot",
		"format", "no_sanitize", "no_sanitize_address", "no_sanitize_thread",
		"no_sanitize_undefined", "no_stack_protector", "flatten", "assume_aligned",
		"returns_nonnull", "noreturn", "error", "warning", "deprecated", "section", "visibility",
		"aligned", "packed", "mode", "may_alias", "designated_init", "artificial", "indirect_branch",
		"function_return", "fallthrough", "vector_size", "nocf_check", "no_profile_instrument_function",
		"noclone", "no_reorder", "transparent_union", "address_space", "noderef", "nothrow", "leaf",
		"regparm", "copy", "target", "optimize", "tls_model", "counted_by", "nonstring",
	};
	const char *s = w->s;
	size_t len = w->len;

	if (len > 4 && !memcmp(s, "__", 2) && !memcmp(s + len - 2, "__", 2)) {
		s += 2;
		len -= 4;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == len && !memcmp(known[i], s, len))
			return true;
	return false;
}

/* ((a, b(1), c)) */
static bool attributes_known(const struct tokens *t, size_t from, size_t to)
{
	size_t depth = 0;

	for (size_t i = from; i < to; i++) {
		const struct token *tok = &t->list[i];

		depth += is_open(tok);
		depth -= is_close(tok) && depth;
		if (depth == 2 && tok->kind == TOKEN_WORD && !attribute_known(&t->words[tok->value]))
			return false;
	}
	return true;
}

static bool is_attribute(uint32_t word)
{
	return word == W_ATTRIBUTE || word == W_ATTRIBUTE2 || (word >= W_PRINTF && word <= W_ALIGNED);
}

static void add_part(struct parts *p, char kind, uint32_t word, size_t from, size_t to)
{
	if (p->nr == MAX_PARTS)
		p->odd = true;
	else
		p->list[p->nr++] = (struct part){ kind, word, from, to };
}

static void take_apart(const struct tokens *t, size_t from, size_t to, struct parts *p)
{
	for (size_t i = from, n; i < to; i = n) {
		const struct token *tok = &t->list[i];
		bool group = i + 1 < to && is_open(&t->list[i + 1]);

		n = i + 1;
		if (tok->kind == TOKEN_WORD && group && is_attribute(tok->value)) {
			n = group_end(t, n, to);
			if (tok->value <= W_ATTRIBUTE2 && !attributes_known(t, i + 1, n))
				p->odd = true;
		} else if (tok->kind == TOKEN_WORD &&
			   (tok->value == W_EXTENSION || (tok->value >= W_PACKED && tok->value < W_LAST))) {
			continue;
		} else if (tok->kind == TOKEN_WORD && group && tok->value >= W_TYPEOF && tok->value <= W_TYPEOF3) {
			n = group_end(t, n, to);
			add_part(p, 'w', tok->value, i, n);
		} else if (tok->kind == TOKEN_WORD) {
			p->odd |= tok->value >= W_ASM && tok->value <= W_ASM3;
			add_part(p, 'w', tok->value, i, n);
		} else if (is_open(tok)) {
			n = group_end(t, i, to);
			add_part(p, (char)tok->value, 0, i, n);
		} else {
			add_part(p, tok->kind == TOKEN_PUNCT ? (char)tok->value :
				    tok->kind == TOKEN_LINE ? '#' : 'x', 0, i, n);
		}
	}
}

bool decl_is_body(const struct tokens *t, size_t from, size_t to)
{
	struct parts p = { 0 };

	/* A long initialiser has its '=' early; what is longer than MAX_PARTS is no function's head. */
	take_apart(t, from, to, &p);
	if (p.nr < 3 || p.nr == MAX_PARTS || p.list[p.nr - 1].kind != '{' || p.list[p.nr - 2].kind != '(')
		return false;
	for (size_t i = 0; i < p.nr; i++)
		if (p.list[i].kind == '=' || (p.list[i].kind == 'w' && p.list[i].word == W_TYPEDEF))
			return false;
	return true;
}

static bool is_word(const struct part *p, uint32_t word)
{
	return p->kind == 'w' && p->word == word;
}

static bool has_word(const struct parts *p, uint32_t word)
{
	for (size_t i = 0; i < p->nr; i++)
		if (is_word(&p->list[i], word))
			return true;
	return false;
}

/* struct, union, enum */
static bool is_tag_word(uint32_t word)
{
	return word == W_STRUCT || word == W_UNION || word == W_ENUM;
}

/* Says how or where, not of which type. */
static bool is_specifier(uint32_t word)
{
	return word == W_EXTERN || word == W_STATIC || word == W_CONST || word == W_VOLATILE ||
	       (word >= W_INLINE && word <= W_INLINE4);
}

static bool is_type_word(const struct tokens *t, uint32_t word)
{
	static const char *const words[] = { "void", "char", "short", "int", "long", "float", "double",
					     "signed", "unsigned", "_Bool", "bool", "__int128", };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == t->words[word].len && !memcmp(words[i], t->words[word].s, t->words[word].len))
			return true;
	return word < W_LAST;
}

static void add_name(uint32_t **list, size_t *nr, uint32_t word)
{
	*list = xgrow(*list, *nr, sizeof(**list));
	(*list)[(*nr)++] = word;
}

/* The enumerators of the braces at @from; false: some may come out of a macro. */
static bool add_enumerators(const struct tokens *t, size_t from, size_t to, struct decl *d)
{
	bool first = false;	/* an enumerator's name is next */
	size_t depth = 0;

	for (size_t i = from; i < to; i++) {
		const struct token *tok = &t->list[i];

		depth += is_open(tok);
		depth -= is_close(tok) && depth;
		if (depth == 1 && (is_punct(tok, '{') || is_punct(tok, ','))) {
			first = true;
		} else if (first && tok->kind == TOKEN_WORD) {
			const struct token *next = &t->list[i + 1];

			first = false;
			if (!is_punct(next, '=') && !is_punct(next, ',') && !is_punct(next, '}') &&
			    next->kind != TOKEN_LINE &&
			    !(next->kind == TOKEN_WORD && is_attribute(next->value)))
				return false;
			add_name(&d->names, &d->nr_names, tok->value);
			add_name(&d->others, &d->nr_others, tok->value);
		} else if (first && tok->kind != TOKEN_LINE && !is_punct(tok, '}')) {
			return false;
		}
	}
	return true;
}

/* Tags and enumerators that are defined between @from and @to, at any depth.  False: as above. */
static bool add_inner(const struct tokens *t, size_t from, size_t to, struct decl *d)
{
	for (size_t i = from; i + 1 < to; i++) {
		const struct token *tok = &t->list[i];
		size_t k = i + 1;
		uint32_t tag = 0;

		if (tok->kind != TOKEN_WORD || !is_tag_word(tok->value))
			continue;
		while (k + 1 < to && t->list[k].kind == TOKEN_WORD && is_attribute(t->list[k].value) &&
		       is_open(&t->list[k + 1]))
			k = group_end(t, k + 1, to);
		if (k < to && t->list[k].kind == TOKEN_WORD)
			tag = t->list[k++].value;
		if (k >= to || !is_punct(&t->list[k], '{'))
			continue;
		if (tag)
			add_name(&d->names, &d->nr_names, tag);
		if (tok->value == W_ENUM && !add_enumerators(t, k, group_end(t, k, to), d))
			return false;
	}
	return true;
}

/* Words at the top level besides the name at part @skip: they may be macros. */
static void add_others(const struct parts *p, size_t skip, struct decl *d)
{
	for (size_t i = 0; i < p->nr; i++)
		if (p->list[i].kind == 'w' && i != skip && p->list[i].word >= W_LAST)
			add_name(&d->others, &d->nr_others, p->list[i].word);
}

/* Is there a type before part @name, and nothing but words and '*'? */
static bool has_type_before(const struct parts *p, size_t name)
{
	bool type = false;

	for (size_t i = 0; i < name; i++) {
		const struct part *x = &p->list[i];

		if (x->kind != 'w' && x->kind != '*')
			return false;
		if (x->kind == 'w' && (x->word == W_TYPEDEF || (x->word >= W_ASM && x->word <= W_ASM3)))
			return false;
		type |= x->kind == '*' || !is_specifier(x->word);
	}
	/* "struct x (...)" names no function. */
	return type && !(name && p->list[name - 1].kind == 'w' && is_tag_word(p->list[name - 1].word));
}

/* One name at part @at. */
static void declares(const struct tokens *t, const struct parts *p, size_t at, enum decl_shape shape,
		     struct decl *d)
{
	if (p->list[at].kind != 'w' || is_type_word(t, p->list[at].word) || !has_type_before(p, at))
		return;
	d->shape = shape;
	add_name(&d->names, &d->nr_names, p->list[at].word);
	add_others(p, at, d);
}

static void classify_function(const struct tokens *t, const struct parts *p, struct decl *d)
{
	bool is_inline = false;

	for (uint32_t w = W_INLINE; w <= W_INLINE4; w++)
		is_inline |= has_word(p, w);
	if (!is_inline || !has_word(p, W_STATIC) || p->odd)
		return;
	declares(t, p, p->nr - 3, DECL_FUNCTION, d);
}

/* "struct tag {...};", "enum {...};", "struct tag;" */
static void classify_tagged(const struct tokens *t, const struct parts *p, size_t from, size_t to,
			    struct decl *d)
{
	bool tag = p->nr > 2 && p->list[1].kind == 'w';
	size_t at = tag ? 2 : 1;

	if (p->nr > at && p->list[at].kind == '{')
		at++;
	if (p->nr != at + 1 || p->list[at].kind != ';' || at < 2 || (tag && p->list[1].word < W_LAST))
		return;
	d->tag = tag;
	d->is_enum = p->list[0].word == W_ENUM;
	if (tag)
		add_name(&d->names, &d->nr_names, p->list[1].word);
	if (!add_inner(t, from, to, d))
		return;
	if (d->nr_names)
		d->shape = DECL_TAGGED;
	add_others(p, (size_t)-1, d);
}

/* All words in the group are names, as far as anybody knows. */
static void add_group_names(const struct tokens *t, const struct part *group, struct decl *d)
{
	for (size_t i = group->from; i < group->to; i++)
		if (t->list[i].kind == TOKEN_WORD && t->list[i].value >= W_LAST)
			add_name(&d->names, &d->nr_names, t->list[i].value);
}

/* typedef T name; name[..]; name(..); (*name)(..) */
static void classify_typedef(const struct tokens *t, const struct parts *p, size_t from, size_t to,
			     struct decl *d)
{
	size_t i, groups = 0, at = p->nr - 1;

	for (i = 1; i + 1 < p->nr; i++) {
		if (!strchr("w*[({", p->list[i].kind))
			return;
		groups += p->list[i].kind == '(';
	}
	while (at > 1 && p->list[at - 1].kind == '[')
		at--;
	if (groups && p->list[at - 1].kind != '(')
		return;
	if (groups == 2 && p->list[at - 2].kind == '(')
		add_group_names(t, &p->list[at - 2], d);
	else if (groups <= 1 && at > groups + 2 && p->list[at - 1 - groups].kind == 'w')
		add_name(&d->names, &d->nr_names, p->list[at - 1 - groups].word);
	else
		return;
	if (!add_inner(t, from, to, d))
		return;
	if (d->nr_names)
		d->shape = DECL_TYPEDEF;
	add_others(p, (size_t)-1, d);
}

static void classify(const struct tokens *t, const struct parts *p, size_t from, size_t to, struct decl *d)
{
	const struct part *last = &p->list[p->nr - 1];
	size_t at = p->nr - 1;

	if (p->nr == 1 && last->kind == ';') {
		d->shape = DECL_NOTHING;
		return;
	}
	if (p->nr > 2 && last->kind == '{' && last[-1].kind == '(') {
		classify_function(t, p, d);
		return;
	}
	if (last->kind != ';' || p->nr < 3)
		return;
	if (is_word(&p->list[0], W_ASSERT) && p->nr == 3) {
		d->shape = DECL_NOTHING;
		return;
	}
	if (is_word(&p->list[0], W_TYPEDEF)) {
		classify_typedef(t, p, from, to, d);
		return;
	}
	if (p->list[0].kind == 'w' && is_tag_word(p->list[0].word))
		classify_tagged(t, p, from, to, d);
	if (d->shape || p->odd)
		return;
	if (p->list[at - 1].kind == '(') {
		if (at >= 2)
			declares(t, p, at - 2, DECL_PROTOTYPE, d);
		return;
	}
	while (at > 1 && p->list[at - 1].kind == '[')
		at--;
	if (has_word(p, W_EXTERN))
		declares(t, p, at - 1, DECL_EXTERN, d);
}

void decl_classify(struct tokens *t, size_t from, size_t to, struct decl *out)
{
	struct parts p = { 0 };

	*out = (struct decl){ 0 };
	take_apart(t, from, to, &p);
	if (p.nr && p.nr < MAX_PARTS)
		classify(t, &p, from, to, out);
	if (!out->shape) {
		decl_free(out);
		*out = (struct decl){ 0 };
	}
}

void decl_free(struct decl *d)
{
	free(d->names);
	free(d->others);
	d->names = d->others = NULL;
	d->nr_names = d->nr_others = 0;
}
