// SPDX-License-Identifier: GPL-2.0-or-later
/* dryrun.c - reading the output of `make -n`: see dryrun.h.  Pure functions of its text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "dryrun.h"
#include "err.h"

/* As make and the compiler may name one file: "./a.o", "a/../b/c.o". */
static void fold(char *path)
{
	while (starts_with(path, "./"))
		memmove(path, path + 2, strlen(path + 2) + 1);
	path_fold(path);
}

/* Next unquoted end of a simple command, or @end. */
static const char *command_end(const char *s, const char *end)
{
	char quote = 0;

	for (; s < end; s++) {
		if (quote) {
			if (*s == quote)
				quote = 0;
			else if (*s == '\\' && quote == '"')
				s++;
		} else if (*s == '\'' || *s == '"') {
			quote = *s;
		} else if (*s == '\\') {
			s++;
		} else if (*s == ';' || *s == '|' || *s == '&' || *s == '\n') {
			return s;
		}
	}
	return end;
}

void commands_parse_line(const char *line, size_t len, const char *cc, struct text *out)
{
	static const char output[] = " -c -o ";
	const char *end = line + len, *s, *e, *o;
	size_t cc_len = strlen(cc), n;

	if (!memmem(line, len, output, sizeof(output) - 1))
		return;
	for (s = line; s < end; s = e + 1) {
		e = command_end(s, end);
		while (s < e && *s == ' ')
			s++;
		if ((size_t)(e - s) <= cc_len || memcmp(s, cc, cc_len) || s[cc_len] != ' ')
			continue;
		n = (size_t)(e - s);
		while (n && s[n - 1] == ' ')
			n--;
		o = memmem(s, n, output, sizeof(output) - 1);
		if (!o || (memcmp(s + n - 2, ".c", 2) && memcmp(s + n - 2, ".S", 2)))
			continue;
		o += sizeof(output) - 1;
		text_add(out, o, strcspn(o, " "));
		text_add(out, "\t", 1);
		text_add(out, s, n);
		text_add(out, "\n", 1);
	}
}

/* The record that a line ends with: "... 'savedcmd_TARGET := COMMAND' > FILE" or "fixdep D TARGET 'COMMAND' > FILE". */
struct record {
	const char *start;	/* of the command that writes it, in the line */
	char *target;
	char *command;		/* as make runs it */
};

static void record_free(struct record *r)
{
	free(r->target);
	free(r->command);
	*r = (struct record){ 0 };
}

/*
 * The single-quoted text behind @s, with what kbuild's make-cmd escapes taken back: '\'' is a quote,
 * $$ a dollar, $(pound) a #.  NULL: it doesn't end as a record does.
 */
static char *unquote(const char *s, const char *end)
{
	static const char close[] = "' > ", quote[] = "'\\''", pound[] = "$(pound)";
	struct text t = { 0 };

	while (s < end && *s != '\n') {
		size_t left = (size_t)(end - s);

		if (left >= 4 && !memcmp(s, close, 4))
			return text_take(&t);
		if (left >= 4 && !memcmp(s, quote, 4)) {
			text_add(&t, "'", 1);
			s += 4;
		} else if (*s == '\'') {
			break;
		} else if (left >= 2 && s[0] == '$' && s[1] == '$') {
			text_add(&t, "$", 1);
			s += 2;
		} else if (left >= 8 && !memcmp(s, pound, 8)) {
			text_add(&t, "#", 1);
			s += 8;
		} else {
			text_add(&t, s++, 1);
		}
	}
	text_free(&t);
	return NULL;
}

/* "printf '%s\n' 'savedcmd_TARGET := COMMAND' > FILE"; 6.1 has cmd_. */
static bool saved_record(const char *line, const char *end, struct record *r)
{
	static const char *const starts[] = { "printf '%s\\n' 'savedcmd_", "printf '%s\\n' 'cmd_" };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(starts[i]);
		const char *s = memmem(line, (size_t)(end - line), starts[i], n), *is;

		if (!s)
			continue;
		is = memmem(s, (size_t)(end - s), " := ", 4);
		r->start = s;
		r->target = is ? xstrndup(s + n, (size_t)(is - s) - n) : NULL;
		r->command = is ? unquote(is + 4, end) : NULL;
		return true;
	}
	return false;
}

/* "./scripts/basic/fixdep net/core/.sock_map.o.d net/core/sock_map.o 'gcc-12 ...' > FILE" */
static bool fixdep_record(const char *line, const char *end, struct record *r)
{
	static const char tool[] = "scripts/basic/fixdep ";
	const char *s = memmem(line, (size_t)(end - line), tool, sizeof(tool) - 1), *t, *q;

	if (!s)
		return false;
	t = memchr(s + sizeof(tool) - 1, ' ', (size_t)(end - s) - (sizeof(tool) - 1));
	q = t ? memchr(t + 1, ' ', (size_t)(end - t - 1)) : NULL;
	/* Else that program's own compilation. */
	if (!q || end - q < 3 || q[1] != '\'')
		return false;
	r->start = s;
	while (r->start > line && r->start[-1] != ' ' && r->start[-1] != ';')
		r->start--;
	r->target = xstrndup(t + 1, (size_t)(q - t) - 1);
	r->command = unquote(q + 2, end);
	return true;
}

static size_t trimmed(const char *s, size_t len)
{
	while (len && (s[len - 1] == ' ' || s[len - 1] == ';'))
		len--;
	return len;
}

/* Is the record of @line what the line itself runs? */
static bool runs_as_recorded(const char *line, const struct record *r)
{
	size_t run = trimmed(line, (size_t)(r->start - line));
	size_t len = trimmed(r->command, strlen(r->command));
	size_t at = run - len;

	return len && len <= run && !memcmp(line + at, r->command, len) &&
	       (!at || line[at - 1] == ' ' || line[at - 1] == ';');
}

static int torn(const char *target, struct klp_err *err)
{
	return klp_err_set(err, -EBADMSG, "the line of `make -n` that makes %s isn't whole", target);
}

/* ---- lists ---- */

static char *next_word(char **s)
{
	char *start = *s + strspn(*s, " ");

	if (!*start)
		return NULL;
	*s = start + strcspn(start, " ");
	if (**s)
		*(*s)++ = '\0';
	return start;
}

static void add_members(struct dry_list *l, const char *prefix, char *words)
{
	char *word;

	while ((word = next_word(&words))) {
		char *path = format("%s%s", prefix, word);

		fold(path);
		strings_add(&l->members, path);
		free(path);
	}
}

/* Behind "ar cDPrST TARGET" in @s: its words up to the end of the command.  NULL: no such command. */
static char *archive_words(char *s, const char *target)
{
	size_t n = strlen(target);

	for (char *ar = s; (ar = strstr(ar, "ar c")); ar++) {
		char *flags = ar + 3, *name = flags + strcspn(flags, " ;|");

		if (*name == ' ' && !strncmp(name + 1, target, n) && (!name[n + 1] || strchr(" ;", name[n + 1]))) {
			char *words = name + n + 1;

			words[strcspn(words, ";|")] = '\0';
			return words;
		}
	}
	return NULL;
}

/*
 * "rm -f A; ar cDPrST A MEMBER...", or in a folder with many
 * "rm -f A; printf "FOLDER/%s " MEMBER... | xargs ar cDPrST A".
 */
static int archive_members(struct dry_list *l, char *s)
{
	static const char print[] = "printf \"", each[] = "%s \" ";
	char *list = strstr(s, print), *pipe = list ? strstr(list, "| xargs ") : NULL;
	char *words = archive_words(pipe ? pipe : s, l->target), *behind;

	if (!words)
		return -EBADMSG;
	if (!pipe)
		return list ? -EBADMSG : (add_members(l, "", words), 0);
	if (words[strspn(words, " ")])
		return -EBADMSG;
	*pipe = '\0';
	list += sizeof(print) - 1;
	behind = strstr(list, each);
	if (!behind)
		return -EBADMSG;
	*behind = '\0';
	add_members(l, list, behind + sizeof(each) - 1);
	return 0;
}

/* printf '%s\n' MEMBER... | awk '!x[$0]++ { print("FOLDER/"$0) }' > TARGET */
static int module_members(struct dry_list *l, char *s)
{
	static const char print[] = "printf '%s\\n' ", prefix[] = "print(\"";
	char *pipe = strstr(s, "| awk "), *folder = pipe ? strstr(pipe, prefix) : NULL, *end;

	if (!starts_with(s, print) || !folder)
		return -EBADMSG;
	*pipe = '\0';
	folder += sizeof(prefix) - 1;
	end = strstr(folder, "\"$0)");
	if (!end)
		return -EBADMSG;
	*end = '\0';
	add_members(l, folder, s + sizeof(print) - 1);
	return 0;
}

/* "objcopy OPTION... OBJECT TARGET": 7.3's code that runs before the kernel is mapped has its symbols renamed. */
static int copied_member(struct dry_list *l, char *s)
{
	char *words = s, *word, *from = NULL, *to = NULL;

	for (word = next_word(&words); word; word = next_word(&words)) {
		from = to;
		to = word;
	}
	if (!from || strcmp(to, l->target) || !ends_with(from, ".o"))
		return -EBADMSG;
	add_members(l, "", from);
	return 0;
}

static int list_members(struct dry_list *l, char *s)
{
	if (ends_with(l->target, ".a"))
		return archive_members(l, s);
	return ends_with(l->target, ".mod") ? module_members(l, s) : copied_member(l, s);
}

static int take_list(struct dry_run *d, const struct record *r, struct klp_err *err)
{
	char *s = xstrdup(r->command);
	int ret;

	d->lists = xgrow(d->lists, d->nr_lists, sizeof(*d->lists));
	d->lists[d->nr_lists] = (struct dry_list){ .target = xstrdup(r->target) };
	ret = list_members(&d->lists[d->nr_lists++], s);
	free(s);
	return ret ? klp_err_set(err, ret, "cannot read of what %s is made: %.200s", r->target, r->command) : 0;
}

/* ---- compile commands ---- */

static char *source_of(const struct dry_run *d, const char *command)
{
	const char *s = strrchr(command, ' ');
	size_t n = strlen(d->src);
	char *path;

	s = s ? s + 1 : command;
	if (!strncmp(s, d->src, n) && s[n] == '/')
		s += n + 1;
	path = xstrdup(s);
	fold(path);
	return path;
}

/* @text: "OBJECT<TAB>COMMAND\n" */
static void take_command(struct dry_run *d, const char *text)
{
	const char *tab = strchr(text, '\t');
	struct dry_command *c;

	d->commands = xgrow(d->commands, d->nr_commands, sizeof(*d->commands));
	c = &d->commands[d->nr_commands++];
	*c = (struct dry_command){
		.object = xstrndup(text, (size_t)(tab - text)), .path = xstrndup(text, (size_t)(tab - text)),
		.command = xstrndup(tab + 1, strcspn(tab + 1, "\n")),
	};
	c->source = source_of(d, c->command);
	fold(c->path);
}

/* Programs that the build itself runs, made by makefiles of their own kind; @object up to a tab. */
static bool of_a_host_tool(const char *object)
{
	return *object == '/' || starts_with(object, "tools/") || starts_with(object, "scripts/");
}

/* A line that compiles something: in the way that its record says, and nothing else. */
static int compile_line(struct dry_run *d, const char *run, const struct record *r, struct klp_err *err)
{
	struct text recorded = { 0 };
	char *object = xstrndup(run, strcspn(run, "\t\n"));
	int ret = 0;

	if (r->command)
		commands_parse_line(r->command, strlen(r->command), d->cc, &recorded);
	if (of_a_host_tool(object))
		;
	else if (!recorded.len || strcmp(run, recorded.s) || !r->target || strcmp(r->target, object) ||
		 strchr(run, '\n')[1])
		ret = torn(object, err);
	else
		take_command(d, run);
	text_free(&recorded);
	free(object);
	return ret;
}

/* Does the record tell of a compilation? */
static bool recorded_compile(const struct dry_run *d, const struct record *r)
{
	struct text t = { 0 };
	bool is;

	commands_parse_line(r->command, strlen(r->command), d->cc, &t);
	is = t.len && !of_a_host_tool(t.s);
	text_free(&t);
	return is;
}

/* Archives, modules' lists, and objects that objcopy makes of others. */
static bool is_list(const struct record *r)
{
	const char *first;

	if (!r->target || of_a_host_tool(r->target))
		return false;
	if (ends_with(r->target, ".a") || ends_with(r->target, ".mod"))
		return true;
	first = r->command ? strchr(r->command, ' ') : NULL;
	return first && ends_with(r->target, ".o") && first - r->command >= 7 && !memcmp(first - 7, "objcopy", 7);
}

int dry_run_line(struct dry_run *d, const char *line, size_t len, struct klp_err *err)
{
	const char *end = line + len;
	struct record r = { 0 };
	struct text run = { 0 };
	bool have = fixdep_record(line, end, &r) || saved_record(line, end, &r);
	int ret = 0;

	commands_parse_line(line, have ? (size_t)(r.start - line) : len, d->cc, &run);
	if (run.len)
		ret = compile_line(d, run.s, &r, err);
	else if (r.target && r.command && recorded_compile(d, &r))
		ret = torn(r.target, err);
	else if (is_list(&r))
		ret = r.command && runs_as_recorded(line, &r) ? take_list(d, &r, err) : torn(r.target, err);
	text_free(&run);
	record_free(&r);
	return ret;
}

/* ---- the whole ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct dry_command *)a)->path, ((const struct dry_command *)b)->path);
}

static int by_target(const void *a, const void *b)
{
	return strcmp(((const struct dry_list *)a)->target, ((const struct dry_list *)b)->target);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void command_free(struct dry_command *c)
{
	free(c->object);
	free(c->path);
	free(c->command);
	free(c->source);
}

int dry_run_sort(struct dry_run *d, struct klp_err *err)
{
	size_t nr = 0;

	if (d->nr_commands)
		qsort(d->commands, d->nr_commands, sizeof(*d->commands), by_path);
	if (d->nr_lists)
		qsort(d->lists, d->nr_lists, sizeof(*d->lists), by_target);
	for (size_t i = 1; i < d->nr_commands; i++)
		if (!strcmp(d->commands[i - 1].path, d->commands[i].path) &&
		    strcmp(d->commands[i - 1].command, d->commands[i].command))
			return klp_err_set(err, -EBADMSG, "`make -n` compiles %s in two ways", d->commands[i].path);
	for (size_t i = 0; i < d->nr_commands; i++) {
		if (nr && !strcmp(d->commands[nr - 1].path, d->commands[i].path))
			command_free(&d->commands[i]);
		else
			d->commands[nr++] = d->commands[i];
	}
	d->nr_commands = nr;
	for (size_t i = 0; i < nr; i++)
		strings_add(&d->sources, d->commands[i].source);
	if (nr)
		qsort(d->sources.list, d->sources.nr, sizeof(*d->sources.list), by_name);
	return 0;
}

void dry_run_free(struct dry_run *d)
{
	for (size_t i = 0; i < d->nr_commands; i++)
		command_free(&d->commands[i]);
	for (size_t i = 0; i < d->nr_lists; i++) {
		free(d->lists[i].target);
		strings_free(&d->lists[i].members);
	}
	free(d->commands);
	free(d->lists);
	strings_free(&d->sources);
	*d = (struct dry_run){ 0 };
}

struct dry_command *dry_run_command(const struct dry_run *d, const char *path)
{
	struct dry_command key = { .path = (char *)path };

	return d->nr_commands ? bsearch(&key, d->commands, d->nr_commands, sizeof(key), by_path) : NULL;
}

struct dry_list *dry_run_list(const struct dry_run *d, const char *target)
{
	struct dry_list key = { .target = (char *)target };

	return d->nr_lists ? bsearch(&key, d->lists, d->nr_lists, sizeof(key), by_target) : NULL;
}

bool dry_run_compiles(const struct dry_run *d, const char *source)
{
	return d->sources.nr && bsearch(&source, d->sources.list, d->sources.nr, sizeof(source), by_name);
}
