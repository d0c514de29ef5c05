// SPDX-License-Identifier: GPL-2.0-or-later
/* header_macros.c - see header_macros.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "err.h"
#include "header_macros.h"
#include "io.h"
#include "pragmas.h"
#include "target/target.h"
#include "tokens.h"

#define FILE_LIMIT	(64u << 20)

char *header_text(char *path, struct klp_err *err)
{
	void *text = NULL;
	size_t len;

	if (access(path, F_OK))
		text = xstrdup("");
	else if (io_read_file(path, FILE_LIMIT, &text, &len, err))
		text = NULL;
	free(path);
	return text;
}

/* They make attributes of a declaration, never a name. */
static bool is_harmless(const char *word)
{
	static const char *const words[] = {
		"__user", "__iomem", "__percpu", "__rcu", "__force", "__kernel", "__bitwise", "__init",
		"__exit", "__net_init", "__net_exit", "__initdata", "__sched", "__ref", "__meminit",
		"__init_or_module", "notrace", "noinline", "noinline_for_stack", "noinstr", "noreturn",
		"nokprobe_inline", "asmlinkage", "__visible", "__always_unused", "__malloc", "__weak",
		"__read_mostly", "__ro_after_init", "__latent_entropy", "__deprecated", "__no_kcsan",
		"__no_sanitize_address", "__sanitize_address", "__no_caller_saved_registers", "__private",
		"__nocast", "__noclone", "__flatten", "__gnu_inline", "__cficanonical", "__bpf_kfunc",
		"__attribute_const__", "__returns_nonnull", "__section", "fastcall", "__printf",
		"__cpuidle", "__naked", "__hot", "__nonstring",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static bool is_one_of(const struct strings *l, const struct token *tok)
{
	for (size_t i = 0; i < l->nr; i++)
		if (strlen(l->list[i]) == tok->len && !memcmp(l->list[i], tok->s, tok->len))
			return true;
	return false;
}

/* "#define foo foo" changes nothing. */
static bool defines_itself(const struct token *name, const char *rest, const char *end)
{
	struct token tok;
	const char *more = *rest == '(' ? NULL : token_next(rest, end, &tok);

	if (*rest == '(' || !more)
		return false;
	return tok.len == name->len && !memcmp(tok.s, name->s, tok.len) && !token_next(more, end, &tok);
}

/* A line of a file that units read. */
static void look_at_line(struct header_macros *m, const struct token *line, const struct strings *macros,
			 bool *tested)
{
	const char *end = line->s + line->len, *rest;
	struct token word, tok;

	rest = token_next(line->s + 1, end, &word);
	if (!rest)
		return;
	if (word.len == 6 && !memcmp(word.s, "define", 6)) {
		rest = token_next(rest, end, &tok);
		for (size_t i = 0; rest && i < m->nr_files; i++)
			if (is_one_of(&m->files[i].change.plain, &tok) && !defines_itself(&tok, rest, end))
				m->files[i].change.everything = true;
		return;
	}
	if (memcmp(word.s, "if", 2) && memcmp(word.s, "el", 2))
		return;
	while ((rest = token_next(rest, end, &tok)))
		*tested |= tok.kind == TOKEN_WORD && is_one_of(macros, &tok);
}

/* Most files have none of the words at all. */
static bool has_any(const char *text, const struct strings *words)
{
	for (size_t i = 0; i < words->nr; i++)
		if (strstr(text, words->list[i]))
			return true;
	return false;
}

static void look_at_text(struct header_macros *m, const char *name, const char *raw, const struct strings *words,
			 const struct strings *macros)
{
	char *text = has_any(raw, words) ? c_splice(raw) : NULL;
	const char *p = text, *end = text ? text + strlen(text) : NULL;
	struct token tok;
	bool tested = false;

	if (!text)
		return;
	while ((p = token_next(p, end, &tok)))
		if (tok.kind == TOKEN_LINE)
			look_at_line(m, &tok, macros, &tested);
	free(text);
	if (tested) {
		m->tested.list = xgrow(m->tested.list, m->tested.nr, sizeof(*m->tested.list));
		m->tested.list[m->tested.nr++] = name_hash(name, strlen(name));
	}
}

static void add_words(const struct strings *from, struct strings *to)
{
	for (size_t i = 0; i < from->nr; i++)
		if (!is_harmless(from->list[i]))
			strings_add_once(to, from->list[i]);
}

/* Attributes don't count among what must not be a macro. */
static void drop_harmless(struct strings *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->nr; i++) {
		if (is_harmless(l->list[i]))
			free(l->list[i]);
		else
			l->list[kept++] = l->list[i];
	}
	l->nr = kept;
}

/* A changed declaration that may have a _Pragma() matters to who doesn't name it. */
static int look_for_pragmas(struct header_macros *m, struct pragmas *p, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < m->nr_files && !ret; i++) {
		char *text = header_text(format("%s/patched/%s", m->b->workdir, m->files[i].path), err);

		if (text)
			pragmas_read(p, text);
		else
			ret = err->code;
		free(text);
	}
	if (!ret)
		pragmas_close(p);
	for (size_t i = 0; i < m->nr_files && !ret; i++) {
		struct header_change *c = &m->files[i].change;

		for (size_t k = 0; k < c->inside.nr; k++)
			c->everything |= pragmas_have(p, c->inside.list[k]);
	}
	return ret;
}

int header_macros_look(struct header_macros *m, const struct strings *near, struct klp_err *err)
{
	const struct build *b = m->b;
	struct strings words = { 0 }, macros = { 0 };
	struct pragmas pragmas = { 0 };
	bool inside = false;
	int ret = 0;

	for (size_t i = 0; i < m->nr_files; i++) {
		inside |= m->files[i].change.inside.nr && !m->files[i].change.everything;
		drop_harmless(&m->files[i].change.plain);
		add_words(&m->files[i].change.plain, &words);
		add_words(&m->files[i].change.macros, &macros);
	}
	add_words(&macros, &words);
	for (size_t i = 0; i < near->nr && !ret && (words.nr || inside); i++) {
		const char *name = near->list[i];
		char *text = header_text(starts_with(name, "obj:") ?
				       format("%s/obj/%s", b->target->dir, name + 4) :
				       format("%s/src/%s", b->target->dir, name), err);

		if (text)
			look_at_text(m, name, text, &words, &macros);
		else
			ret = err->code;
		if (text && inside)
			pragmas_read(&pragmas, text);
		free(text);
	}
	/* And in what the fix itself defines. */
	for (size_t i = 0; i < m->nr_files; i++)
		for (size_t k = 0; k < macros.nr; k++)
			if (strings_have(&m->files[i].change.plain, macros.list[k]))
				m->files[i].change.everything = true;
	if (!ret && inside)
		ret = look_for_pragmas(m, &pragmas, err);
	pragmas_free(&pragmas);
	strings_free(&words);
	strings_free(&macros);
	return ret ? klp_err_sys(err, ret, "headers") : 0;
}
