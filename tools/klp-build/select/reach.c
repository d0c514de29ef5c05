// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reach.c - what of a preprocessed unit can make code or data.
 *
 * The top-level declarations are a graph: one of a shape that makes nothing by
 * itself (a static inline function, a type, a prototype; decl.c has the list)
 * counts only if one that counts has a word that it declares.  Everything else
 * counts always.  Words are taken without scopes, so that a member or a local
 * variable reaches what is called the same: too much, never too little.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "decl.h"
#include "reach.h"
#include "search.h"

struct chunk {
	size_t from, to;	/* tokens */
	bool reached;
};

/* Word -> chunk that declares it. */
struct declared {
	uint32_t chunk;
	uint32_t next;		/* of the same word, + 1 */
};

struct unit_text {
	struct tokens t;
	struct chunk *chunks;
	size_t nr_chunks;
	struct declared *declared;
	size_t nr_declared;
	uint32_t *first;	/* per word: declared, + 1 */
	uint8_t *reached;	/* per word */
	uint32_t *todo;		/* chunks */
	size_t nr_todo;
	struct hashes macros, files;
	const char *last_file;
	size_t last_len;
};

static void add_hash(struct hashes *h, uint32_t hash)
{
	h->list = xgrow(h->list, h->nr, sizeof(*h->list));
	h->list[h->nr++] = hash;
}

static int by_hash(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted, each once; with and without the flag: with it. */
static void tidy(struct hashes *h)
{
	size_t nr = 0;

	if (h->nr)
		qsort(h->list, h->nr, sizeof(*h->list), by_hash);
	for (size_t i = 0; i < h->nr; i++) {
		if (nr && (h->list[nr - 1] | 1) == (h->list[i] | 1))
			h->list[nr - 1] = h->list[i];
		else
			h->list[nr++] = h->list[i];
	}
	h->nr = nr;
}

/* The hash, with the flag or without: 1 or 0; -1: it isn't there. */
static int find(const struct hashes *h, uint32_t hash)
{
	size_t at = lower_bound(h->nr, i, (h->list[i] & ~1u) < (hash & ~1u));

	return at < h->nr && (h->list[at] & ~1u) == (hash & ~1u) ? (int)(h->list[at] & 1) : -1;
}

bool hashes_have(const struct hashes *h, uint32_t hash)
{
	return find(h, hash) >= 0;
}

/* What "##" pastes: "< " before the beginning of a word that may come of it, "> " before an end. */
static uint32_t paste_hash(bool begins, const char *s, size_t len)
{
	uint64_t h = fnv1a(FNV1A_START, begins ? "< " : "> ", 2);

	h = fnv1a(h, s, len);
	return (uint32_t)(h ^ h >> 32) & ~1u;
}

/* Is the word between @params and the ')' behind it? */
static bool is_parameter(const char *params, const char *end, const struct token *word)
{
	struct token tok;

	while (params && (params = token_next(params, end, &tok)) && *tok.s != ')')
		if (tok.len == word->len && !memcmp(tok.s, word->s, tok.len))
			return true;
	return false;
}

/* "#define NAME(..) BODY", "#undef NAME": the name, and every word of the body. */
static void add_macro(struct unit_text *u, const struct token *line)
{
	const char *s = line->s + 1 + strcspn(line->s + 1, " ") + 1, *end = line->s + line->len;
	const char *params = NULL;
	struct token tok, last = { 0 };
	bool name = true, pasted = false;

	while (s < end && (s = token_next(s, end, &tok))) {
		bool paste = *tok.s == '#' && s < end && *s == '#';

		if (tok.kind == TOKEN_WORD)
			add_hash(&u->macros, name_hash(tok.s, tok.len) | name);
		if (name && *s == '(')
			params = s + 1;
		name = false;
		if (paste) {
			s++;
			if (last.len && !is_parameter(params, end, &last))
				add_hash(&u->macros, paste_hash(true, last.s, last.len));
		} else if (pasted && !is_parameter(params, end, &tok)) {
			add_hash(&u->macros, paste_hash(false, tok.s, tok.len));
		}
		pasted = paste;
		last = tok;
	}
}

/* "# 12 "/path/x.h" 1 3" */
static void add_file(struct unit_text *u, const struct token *line, file_name_fn name, void *arg)
{
	const char *s = memchr(line->s, '"', line->len), *end = line->s + line->len;
	size_t len;
	char *file;

	if (!s++)
		return;
	end = memrchr(s, '"', (size_t)(end - s));
	if (!end)
		return;
	len = (size_t)(end - s);
	if (len == u->last_len && !memcmp(s, u->last_file, len))
		return;
	u->last_file = s;
	u->last_len = len;
	file = name(s, len, arg);
	add_hash(&u->files, name_hash(file, strlen(file)));
	free(file);
}

static bool is_line(const struct token *line, const char *word)
{
	size_t n = strlen(word);

	return line->len > n && !memcmp(line->s, word, n);
}

/* A chunk ends before token @to. */
static void end_chunk(struct unit_text *u, size_t *from, size_t to)
{
	u->chunks = xgrow(u->chunks, u->nr_chunks, sizeof(*u->chunks));
	u->chunks[u->nr_chunks++] = (struct chunk){ .from = *from, .to = to };
	*from = to;
}

static void read_text(struct unit_text *u, const char *text, size_t len, file_name_fn name, void *arg)
{
	const char *s = text, *end = text + len;
	size_t from = 0, depth = 0;
	struct token tok;

	/* The first line is '# 0 "x.c"', which no '\n' is before. */
	s += len && *s == '#' ? strcspn(s, "\n") : 0;
	while ((s = token_next(s, end, &tok))) {
		char c = tok.kind == TOKEN_PUNCT ? *tok.s : 0;

		if (tok.kind == TOKEN_LINE) {
			if (is_line(&tok, "#define ") || is_line(&tok, "#undef ")) {
				add_macro(u, &tok);
				continue;
			}
			if (is_line(&tok, "# ")) {
				add_file(u, &tok, name, arg);
				continue;
			}
		}
		tokens_add(&u->t, tok);
		depth += c == '(' || c == '{' || c == '[';
		if (c == ')' || c == '}' || c == ']')
			depth -= depth > 0;
		if (depth)
			continue;
		if (c == ';' || (tok.kind == TOKEN_LINE && u->t.nr == from + 1) ||
		    (c == '}' && decl_is_body(&u->t, from, u->t.nr)))
			end_chunk(u, &from, u->t.nr);
	}
	if (u->t.nr > from)
		end_chunk(u, &from, u->t.nr);
}

static void reach_chunk(struct unit_text *u, uint32_t i)
{
	if (u->chunks[i].reached)
		return;
	u->chunks[i].reached = true;
	u->todo[u->nr_todo++] = i;
}

static void declare(struct unit_text *u, uint32_t chunk, const struct decl *d)
{
	for (size_t i = 0; i < d->nr_names; i++) {
		u->declared = xgrow(u->declared, u->nr_declared, sizeof(*u->declared));
		u->declared[u->nr_declared] = (struct declared){ chunk, u->first[d->names[i]] };
		u->first[d->names[i]] = (uint32_t)++u->nr_declared;
	}
}

/*
 * What gcc makes of "__builtin_memchr()" may be a call of memchr(): that word, which comes to the others
 * if it isn't there; any other word itself.  Kept summaries of before this was known differ from
 * new ones where it matters, so that such a unit is compiled.
 */
static uint32_t called_by(struct unit_text *u, uint32_t word)
{
	static const char prefix[] = "__builtin_";
	struct word w = u->t.words[word];
	size_t n = strlen(prefix);

	return w.len > n && !memcmp(w.s, prefix, n) ? tokens_word(&u->t, w.s + n, w.len - n) : word;
}

static void reach_word(struct unit_text *u, uint32_t word)
{
	while (!u->reached[word]) {
		u->reached[word] = 1;
		for (uint32_t i = u->first[word]; i; i = u->declared[i - 1].next)
			reach_chunk(u, u->declared[i - 1].chunk);
		word = called_by(u, word);
	}
}

/* The compiler makes calls of these by itself: of "a = b", of a loop. */
static void reach_implied(struct unit_text *u)
{
	static const char *const names[] = {
		"memcpy", "memmove", "memset", "memcmp", "bcmp", "bzero", "abort", "strlen", "strcpy",
		"stpcpy", "strcat", "strcmp", "strncmp", "strchr", "strncpy", "puts", "putchar", "printf",
		"sprintf", "snprintf", "ffs", "main", "__stack_chk_fail", "__stack_chk_guard", "__fentry__",
		"mcount",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t w = 0; w < u->t.nr_words; w++)
			if (u->t.words[w].len == strlen(names[i]) &&
			    !memcmp(u->t.words[w].s, names[i], u->t.words[w].len))
				reach_word(u, (uint32_t)w);
}

static void reach_all(struct unit_text *u)
{
	for (size_t i = 0; i < u->nr_chunks; i++) {
		struct decl d;

		decl_classify(&u->t, u->chunks[i].from, u->chunks[i].to, &d);
		if (d.shape == DECL_UNKNOWN)
			reach_chunk(u, (uint32_t)i);
		else
			declare(u, (uint32_t)i, &d);
		decl_free(&d);
	}
	reach_implied(u);
	while (u->nr_todo) {
		const struct chunk *c = &u->chunks[u->todo[--u->nr_todo]];

		for (size_t i = c->from; i < c->to; i++)
			if (u->t.list[i].kind == TOKEN_WORD)
				reach_word(u, u->t.list[i].value);
	}
}

/* __UNIQUE_ID_x123: the number is __COUNTER__'s, and names a local variable or a function that is never called. */
static uint64_t hash_of_word(const struct word *w)
{
	static const char *const numbered[] = { "__UNIQUE_ID_", "__compiletime_assert_" };
	size_t len = w->len;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(numbered[i]);

		if (len <= n || memcmp(w->s, numbered[i], n))
			continue;
		while (len > n && w->s[len - 1] >= '0' && w->s[len - 1] <= '9')
			len--;
		return fnv1a(FNV1A_START, w->s, len);
	}
	return w->hash;
}

/* A #pragma holds for what follows, wherever it stands ("pack" in a function that nobody calls); one of warnings makes no code. */
static bool is_felt_outside(const struct token *tok)
{
	return tok->kind == TOKEN_LINE && !is_line(tok, "#pragma GCC diagnostic");
}

static uint64_t digest_of(const struct unit_text *u)
{
	uint64_t h = FNV1A_START, x;

	for (size_t i = 0; i < u->nr_chunks; i++) {
		for (size_t k = u->chunks[i].from; k < u->chunks[i].to; k++) {
			const struct token *tok = &u->t.list[k];

			if (!u->chunks[i].reached && !is_felt_outside(tok))
				continue;
			x = tok->kind == TOKEN_WORD ? hash_of_word(&u->t.words[tok->value]) :
						      fnv1a(FNV1A_START + tok->kind, tok->s, tok->len);
			h = fnv1a(h, &x, sizeof(x));
		}
	}
	return h;
}

/* Lines, with white space as one blank and without those of the preprocessor. */
static uint64_t digest_lines(struct unit_text *u, const char *text, size_t len, file_name_fn name, void *arg)
{
	const char *end = text + len;
	uint64_t h = FNV1A_START;

	for (const char *l = text, *e; l < end; l = e + 1) {
		e = memchr(l, '\n', (size_t)(end - l));
		e = e ? e : end;
		if (*l == '#') {
			struct token tok = { .s = l, .len = (uint32_t)(e - l) };

			add_file(u, &tok, name, arg);
			continue;
		}
		for (const char *s = l; s < e; s++)
			if (*s != ' ' && *s != '\t')
				h = fnv1a(h, s, 1);
			else if (s > l && s[-1] != ' ' && s[-1] != '\t')
				h = fnv1a(h, " ", 1);
		if (e > l)
			h = fnv1a(h, "\n", 1);
	}
	return h;
}

static void summarize_c(struct unit_text *u, const char *text, size_t len, file_name_fn name, void *arg,
			struct summary *out)
{
	read_text(u, text, len, name, arg);
	for (uint32_t i = 0; i < u->t.nr_words; i++)
		called_by(u, i);
	u->first = xcalloc(u->t.nr_words + 1, sizeof(*u->first));
	u->reached = xcalloc(u->t.nr_words + 1, 1);
	u->todo = xcalloc(u->nr_chunks + 1, sizeof(*u->todo));
	reach_all(u);
	for (size_t i = 0; i < u->t.nr_words; i++)
		add_hash(&out->names, name_hash(u->t.words[i].s, u->t.words[i].len) | u->reached[i]);
	out->digest = digest_of(u);
}

void reach_summarize(const char *text, size_t len, bool assembly, file_name_fn name, void *arg,
		     struct summary *out)
{
	struct unit_text u = { 0 };

	decl_tokens_init(&u.t);
	*out = (struct summary){ 0 };
	if (assembly)
		out->digest = digest_lines(&u, text, len, name, arg);
	else
		summarize_c(&u, text, len, name, arg, out);
	out->macros = u.macros;
	out->files = u.files;
	tidy(&out->names);
	tidy(&out->macros);
	tidy(&out->files);
	tokens_free(&u.t);
	free(u.chunks);
	free(u.declared);
	free(u.first);
	free(u.reached);
	free(u.todo);
}

void summary_free(struct summary *s)
{
	free(s->names.list);
	free(s->macros.list);
	free(s->files.list);
	*s = (struct summary){ 0 };
}

bool summary_has_file(const struct summary *s, const char *file)
{
	return hashes_have(&s->files, name_hash(file, strlen(file)));
}

bool summary_reaches(const struct summary *s, const char *name)
{
	return find(&s->names, name_hash(name, strlen(name))) == 1;
}

bool summary_sees_macro(const struct summary *s, const char *name)
{
	size_t len = strlen(name);
	uint32_t hash = name_hash(name, len);

	if (hashes_have(&s->macros, hash) || hashes_have(&s->names, hash))
		return true;
	/* Pasted, and gone again before it could be seen: IS_ENABLED() does that. */
	for (size_t n = 1; n < len; n++)
		if (hashes_have(&s->macros, paste_hash(true, name, n)) ||
		    hashes_have(&s->macros, paste_hash(false, name + n, len - n)))
			return true;
	return false;
}
