// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * select_headers.c - the units that a change of headers can matter to.
 *
 *	includes_closure()	units that may include a changed file, by text
 *	header_compare()	what changed in it: names, or "everything"
 *	summaries_make()	what the units are made from, by the compiler's preprocessor: which
 *				files, which macros, which names code or data can come from
 *	judge()			a unit that doesn't read the file, or has none of the names, is the
 *				same; one whose code has a name is compiled; of the others (macros, and
 *				what has no certain name) the patched side is preprocessed, too
 *
 * Only the compiler's own reading leaves a unit out.  What can't be preprocessed is compiled.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "fix/fix.h"
#include "fix/known.h"
#include "fix/overlay.h"
#include "headerdiff.h"
#include "io.h"
#include "layout.h"
#include "pragmas.h"
#include "select.h"
#include "summary.h"
#include "target/target.h"
#include "tokens.h"

#define FILE_LIMIT	(64u << 20)
#define SETTLE_AT_ONCE	16	/* units */

struct changed_file {
	const char *path;
	bool created;		/* may stand before another of its name: who reads it isn't known */
	struct header_change change;
};

struct selection {
	struct build *b;
	struct changed_file *files;
	size_t nr_files;
	struct strings objects;	/* that may include one of the files */
	struct strings opened;	/* ... that may include one that is created */
	struct hashes tested;	/* files with an #if that may see a changed macro */
	struct strings certain, later, unsure;
};

static void selection_free(struct selection *s)
{
	for (size_t i = 0; i < s->nr_files; i++)
		header_change_free(&s->files[i].change);
	free(s->files);
	free(s->tested.list);
	strings_free(&s->objects);
	strings_free(&s->opened);
	strings_free(&s->certain);
	strings_free(&s->later);
	strings_free(&s->unsure);
}

/* Frees @path.  "" if it isn't there; NULL: it can't be read. */
static char *read_text(char *path, struct klp_err *err)
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

static int compare_file(struct selection *s, const char *path, bool created, struct klp_err *err)
{
	struct changed_file *f = &s->files[s->nr_files];
	const struct build *b = s->b;
	char *old = read_text(format("%s/src/%s", b->target->dir, path), err);
	char *new = old ? read_text(format("%s/patched/%s", b->workdir, path), err) : NULL;
	int ret = old && new ? 0 : err->code;

	if (!ret)
		header_compare(path, old, new, b->layouts, &f->change);
	f->path = path;
	f->created = created;
	s->nr_files++;
	/* Code of who includes it, whatever they name; a new file may hide another one. */
	f->change.everything |= created || !ends_with(path, ".h");
	free(old);
	free(new);
	return ret;
}

static int compare_files(struct selection *s, const struct strings *included, struct klp_err *err)
{
	const struct fix *fix = s->b->fix;
	int ret = 0;

	s->files = xcalloc(included->nr + fix->nr_files + 1, sizeof(*s->files));
	for (size_t i = 0; i < included->nr && !ret; i++)
		ret = compare_file(s, included->list[i], false, err);
	for (size_t i = 0; i < fix->nr_files && !ret; i++)
		if (fix->files[i].created && !strings_have(included, fix->files[i].path))
			ret = compare_file(s, fix->files[i].path, true, err);
	return ret;
}

static bool is_changed(const struct header_change *c)
{
	return c->everything || c->macros.nr || c->names.nr || c->structs.nr;
}

/* ---- macros that stand where a name is ---- */

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
static void look_at_line(struct selection *s, const struct token *line, const struct strings *macros,
			 bool *tested)
{
	const char *end = line->s + line->len, *rest;
	struct token word, tok;

	rest = token_next(line->s + 1, end, &word);
	if (!rest)
		return;
	if (word.len == 6 && !memcmp(word.s, "define", 6)) {
		rest = token_next(rest, end, &tok);
		for (size_t i = 0; rest && i < s->nr_files; i++)
			if (is_one_of(&s->files[i].change.plain, &tok) && !defines_itself(&tok, rest, end))
				s->files[i].change.everything = true;
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

static void look_at_text(struct selection *s, const char *name, const char *raw, const struct strings *words,
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
			look_at_line(s, &tok, macros, &tested);
	free(text);
	if (tested) {
		s->tested.list = xgrow(s->tested.list, s->tested.nr, sizeof(*s->tested.list));
		s->tested.list[s->tested.nr++] = name_hash(name, strlen(name));
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
static int look_for_pragmas(struct selection *s, struct pragmas *p, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->nr_files && !ret; i++) {
		char *text = read_text(format("%s/patched/%s", s->b->workdir, s->files[i].path), err);

		if (text)
			pragmas_read(p, text);
		else
			ret = err->code;
		free(text);
	}
	if (!ret)
		pragmas_close(p);
	for (size_t i = 0; i < s->nr_files && !ret; i++) {
		struct header_change *c = &s->files[i].change;

		for (size_t k = 0; k < c->inside.nr; k++)
			c->everything |= pragmas_have(p, c->inside.list[k]);
	}
	return ret;
}

/*
 * Is a word of a changed declaration a macro anywhere in what the units read?  And which files test a
 * changed macro in an #if: the preprocessor doesn't tell of one that isn't defined.
 */
static int look_near(struct selection *s, const struct strings *near, struct klp_err *err)
{
	const struct build *b = s->b;
	struct strings words = { 0 }, macros = { 0 };
	struct pragmas pragmas = { 0 };
	bool inside = false;
	int ret = 0;

	for (size_t i = 0; i < s->nr_files; i++) {
		inside |= s->files[i].change.inside.nr && !s->files[i].change.everything;
		drop_harmless(&s->files[i].change.plain);
		add_words(&s->files[i].change.plain, &words);
		add_words(&s->files[i].change.macros, &macros);
	}
	add_words(&macros, &words);
	for (size_t i = 0; i < near->nr && !ret && (words.nr || inside); i++) {
		const char *name = near->list[i];
		char *text = read_text(starts_with(name, "obj:") ?
				       format("%s/obj/%s", b->target->dir, name + 4) :
				       format("%s/src/%s", b->target->dir, name), err);

		if (text)
			look_at_text(s, name, text, &words, &macros);
		else
			ret = err->code;
		if (text && inside)
			pragmas_read(&pragmas, text);
		free(text);
	}
	/* And in what the fix itself defines. */
	for (size_t i = 0; i < s->nr_files; i++)
		for (size_t k = 0; k < macros.nr; k++)
			if (strings_have(&s->files[i].change.plain, macros.list[k]))
				s->files[i].change.everything = true;
	if (!ret && inside)
		ret = look_for_pragmas(s, &pragmas, err);
	pragmas_free(&pragmas);
	strings_free(&words);
	strings_free(&macros);
	return ret ? klp_err_sys(err, ret, "headers") : 0;
}

/* ---- judging units ---- */

enum judgement { SAME, LATER, UNSURE, CERTAIN };

static bool reads_tested(const struct selection *s, const struct summary *u)
{
	for (size_t i = 0; i < s->tested.nr; i++)
		if (hashes_have(&u->files, s->tested.list[i]))
			return true;
	return false;
}

/* Named, or called by what gcc makes of "__builtin_memchr()". */
static bool reaches(const struct summary *u, const char *name)
{
	char builtin[64];

	if (summary_reaches(u, name))
		return true;
	if (snprintf(builtin, sizeof(builtin), "__builtin_%s", name) >= (int)sizeof(builtin))
		return false;
	return summary_reaches(u, builtin);
}

static enum judgement judge_change(const struct selection *s, const struct header_change *c,
				   const struct summary *u)
{
	for (size_t i = 0; i < c->names.nr; i++)
		if (reaches(u, c->names.list[i]))
			return CERTAIN;
	if (c->everything || (c->macros.nr && reads_tested(s, u)))
		return UNSURE;
	for (size_t i = 0; i < c->macros.nr; i++)
		if (summary_sees_macro(u, c->macros.list[i]))
			return UNSURE;
	for (size_t i = 0; i < c->structs.nr; i++)
		if (summary_reaches(u, c->structs.list[i]))
			return LATER;
	return SAME;
}

static enum judgement judge(const struct selection *s, const char *object, const struct summary *u)
{
	enum judgement worst = strings_have(&s->opened, object) ? UNSURE : SAME;

	for (size_t i = 0; i < s->nr_files; i++) {
		const struct changed_file *f = &s->files[i];
		enum judgement j;

		if (!summary_has_file(u, f->path))
			continue;
		/* An assembler's input is all lines; a by-product isn't compiled into anything. */
		if (summary_is_lines(s->b, object) || !target_object_of(s->b->target, object))
			j = is_changed(&f->change) ? UNSURE : SAME;
		else
			j = judge_change(s, &f->change, u);
		worst = j > worst ? j : worst;
	}
	return worst;
}

static int judge_all(struct selection *s, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->objects.nr && !ret; i++) {
		const char *object = s->objects.list[i];
		struct summary u;
		enum judgement j;

		ret = summary_load(s->b, object, SIDE_ORIG, &u);
		if (ret && ret != -ENOENT)
			break;
		j = ret ? CERTAIN : judge(s, object, &u);
		ret = 0;
		if (j != SAME)
			strings_add(j == CERTAIN ? &s->certain : j == LATER ? &s->later : &s->unsure, object);
		summary_free(&u);
	}
	return ret ? klp_err_sys(err, ret, "headers") : 0;
}

/* Units in folders that are links would not see a patched "../x.h". */
static int make_dir_real(const struct build *b, const char *object, struct klp_err *err)
{
	const struct by_product *p = by_product_of(object);
	const char *command = p ? p->source : target_command(b->target, object);
	char *src = format("%s/src/", b->target->dir), *dir, *slash;
	int ret = 0;

	dir = command ? xstrdup(p ? command : strrchr(command, ' ') + 1) : NULL;
	if (dir && starts_with(dir, src))
		memmove(dir, dir + strlen(src), strlen(dir + strlen(src)) + 1);
	if (!dir)
		ret = klp_err_set(err, -ENOENT, "no command makes %s", object);
	else if (*dir != '/' && (slash = strrchr(dir, '/'))) {
		*slash = '\0';
		path_fold(dir);
		ret = overlay_real_dir(b, dir, err);
	}
	free(dir);
	free(src);
	return ret;
}

/* -E of both sides gives the same declarations, or lines. */
static bool is_same(const struct build *b, const char *object)
{
	uint64_t before, after;

	return summary_digest(b, object, SIDE_ORIG, &before) && summary_digest(b, object, SIDE_PATCHED, &after) &&
	       before == after;
}

/* The units that are certain so far are more than the fix may reach. */
static bool is_over(const struct selection *s, size_t nr_differ)
{
	return s->b->max_units && s->b->nr_units + s->certain.nr + nr_differ > s->b->max_units;
}

/* Those that differ, or can't be told, go to @differ. */
static int settle_some(struct selection *s, const struct strings *objects, const struct known *known,
		       struct strings *differ, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < objects->nr && !ret; i++)
		ret = make_dir_real(s->b, objects->list[i], err);
	if (!ret)
		ret = summaries_make(s->b, objects, known, err);
	for (size_t i = 0; i < objects->nr && !ret; i++)
		if (!is_same(s->b, objects->list[i]))
			strings_add(differ, objects->list[i]);
	return ret;
}

/*
 * Of the unsure ones keep those that differ, or can't be told.  What reaches more units than it may is
 * refused when that many are known: the header of all units needs minutes for the rest.
 */
static int settle_unsure(struct selection *s, struct klp_err *err)
{
	struct strings differ = { 0 };
	struct known known = { 0 };
	int ret = 0;

	if (s->unsure.nr)
		known_open(s->b, &known);
	for (size_t i = 0; i < s->unsure.nr && !ret && !is_over(s, differ.nr); i += SETTLE_AT_ONCE) {
		size_t nr = s->unsure.nr - i;
		struct strings some = { .list = s->unsure.list + i, .nr = nr < SETTLE_AT_ONCE ? nr : SETTLE_AT_ONCE };

		ret = settle_some(s, &some, &known, &differ, err);
	}
	if (!ret && is_over(s, differ.nr))
		units_limit(s->b, s->b->nr_units + s->certain.nr + differ.nr);
	known_close(&known);
	strings_free(&s->unsure);
	s->unsure = differ;
	return ret;
}

/* ---- what can't be a unit of a patch ---- */

static int refuse_by_product(struct selection *s, const struct by_product *p, struct klp_err *err)
{
	char *old = NULL, *new = NULL;
	int ret = 0;

	if (ends_with(p->source, ".c")) {
		ret = by_product_constants(s->b, p, SIDE_ORIG, &old, err);
		if (!ret)
			ret = by_product_constants(s->b, p, SIDE_PATCHED, &new, err);
	}
	if (ret == -ECHILD)
		ret = 0;
	if (!ret && (!old || !new || strcmp(old, new)))
		report_refuse(s->b->report, REFUSE_BUILD, NULL, p->source, 0,
			      "leave that change out of the fix if the rest works without it",
			      "a changed header changes %s, which is made from this file and which all that is built depends on",
			      p->makes);
	free(old);
	free(new);
	return ret;
}

static void refuse_apart(struct selection *s, const char *object)
{
	const char *command = target_command(s->b->target, object), *source = strrchr(command, ' ') + 1;
	char *src = format("%s/src/", s->b->target->dir);

	if (starts_with(source, src))
		source += strlen(src);
	if (!ends_with(source, ".c"))
		report_refuse(s->b->report, REFUSE_ASSEMBLY, NULL, source, 0,
			      "leave what it uses of the header as it is, or boot a kernel that has the fix",
			      "a changed header changes it, and it is assembly, which can't be compared and extracted function by function");
	else
		report_refuse(s->b->report, REFUSE_ASSEMBLY, NULL, source, 0,
			      "leave what it uses of the header as it is, or boot a kernel that has the fix",
			      "a changed header changes it, and it is built into boot code or the vdso, which no patch of kernel functions reaches");
	free(src);
}

/* A unit of the running kernel's own C code, or a refusal. */
static int add_object(struct selection *s, const char *object, struct klp_err *err)
{
	const struct by_product *p = by_product_of(object);

	if (p)
		return refuse_by_product(s, p, err);
	if (summary_is_lines(s->b, object) || !target_object_of(s->b->target, object))
		refuse_apart(s, object);
	else
		return units_add(s->b, object, err);
	return 0;
}

static int add_objects(struct selection *s, const struct strings *objects, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < objects->nr && !ret; i++)
		ret = add_object(s, objects->list[i], err);
	return ret;
}

/* Those that follow only if a layout changes.  What can't be a unit is no reason to refuse before that is known. */
static int add_later(struct selection *s, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->later.nr && !ret; i++) {
		const char *object = s->later.list[i];

		if (units_can(s->b, object))
			ret = units_add(s->b, object, err);
		else
			strings_add(&s->b->apart, object);
	}
	return ret;
}

int select_apart(struct build *b, struct klp_err *err)
{
	struct selection s = { .b = b };

	return add_objects(&s, &b->apart, err);
}

/* ---- all of it ---- */

static int find_objects(struct selection *s, struct klp_err *err)
{
	struct strings all = { 0 }, created = { 0 }, reached = { 0 }, near = { 0 }, upward = { 0 };
	int ret = 0;

	for (size_t i = 0; i < s->nr_files && !ret; i++) {
		if (s->files[i].created)
			strings_add(&created, s->files[i].path);
		if (!ret && is_changed(&s->files[i].change))
			strings_add(&all, s->files[i].path);
	}
	if (ret)
		klp_err_sys(err, ret, "headers");
	else if (all.nr)
		ret = includes_closure(s->b->target, &all, &reached, &s->objects, &near, &upward, err);
	strings_free(&reached);
	if (!ret && created.nr)
		ret = includes_closure(s->b->target, &created, &reached, &s->opened, NULL, &upward, err);
	/* A ".." out of a folder that is a link would lead into the pristine tree. */
	for (size_t i = 0; i < upward.nr && !ret; i++)
		ret = overlay_real_dirs_of(s->b, upward.list[i], err);
	if (!ret)
		ret = look_near(s, &near, err);
	strings_free(&all);
	strings_free(&created);
	strings_free(&reached);
	strings_free(&near);
	strings_free(&upward);
	return ret;
}

/* The fix's own units are compiled anyway. */
static void drop_direct(struct selection *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->objects.nr; i++) {
		bool direct = false;

		for (size_t k = 0; k < s->b->nr_direct && !direct; k++)
			direct = !strcmp(s->b->units[k].o, s->objects.list[i]);
		if (direct)
			free(s->objects.list[i]);
		else
			s->objects.list[kept++] = s->objects.list[i];
	}
	s->objects.nr = kept;
}

static int run_selection(struct selection *s, struct klp_err *err)
{
	struct build *b = s->b;
	int ret = find_objects(s, err);

	drop_direct(s);
	if (!ret)
		ret = summaries_make(b, &s->objects, NULL, err);
	if (!ret)
		ret = judge_all(s, err);
	if (!ret)
		ret = settle_unsure(s, err);
	if (!ret)
		ret = add_objects(s, &s->certain, err);
	if (!ret)
		ret = add_objects(s, &s->unsure, err);
	b->nr_certain = b->nr_units;
	if (!ret)
		ret = add_later(s, err);
	if (!ret)
		report_verbose(b->report, "%zu units may include what changed in headers, it matters to %zu",
			       s->objects.nr, b->nr_units - b->nr_direct);
	return ret;
}

int select_included(struct build *b, const struct strings *included, struct klp_err *err)
{
	struct selection s = { .b = b };
	bool any = false;
	int ret = 0;

	b->layouts = xcalloc(1, sizeof(*b->layouts));
	ret = compare_files(&s, included, err);
	for (size_t i = 0; i < s.nr_files; i++)
		any |= is_changed(&s.files[i].change);
	if (!ret && any)
		ret = run_selection(&s, err);
	selection_free(&s);
	return ret;
}
