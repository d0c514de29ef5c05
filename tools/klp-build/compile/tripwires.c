// SPDX-License-Identifier: GPL-2.0-or-later
/* tripwires.c - where a fix's text refuses what was let through before: see tripwires.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/patch_names.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "fix/cscan.h"
#include "fix/fix.h"
#include "tripwires.h"

/*
 * The caller's registers stay as they are (glue.c), so that nothing has to be saved where nobody trips. The
 * operand makes the compiler have its stack frame ready, as the kernel's ASM_CALL_CONSTRAINT.
 */
#define COUNT	"asm volatile(\"call " QP_TRIPWIRE_HERE "\" : \"+r\" (current_stack_pointer));"

enum kind { WORD, OTHER, DIRECTIVE };

struct token {
	enum kind kind;
	size_t pos, len;
	size_t line;		/* index of the physical line */
	int parens;		/* ( and [ around it */
};

struct body {
	const char *text;
	struct token *list;
	size_t nr;
};

/* ---- tokens ---- */

static size_t literal_end(const char *s, size_t end, size_t pos)
{
	char quote = s[pos];

	for (pos++; pos < end && s[pos] != quote && s[pos] != '\n'; pos++)
		pos += s[pos] == '\\';
	return pos < end ? pos + 1 : end;
}

static size_t comment_end(const char *s, size_t end, size_t pos)
{
	const char *e;

	if (s[pos + 1] == '/')
		return c_line_end(s, end, pos);
	e = memmem(s + pos + 2, end - pos - 2, "*/", 2);
	return e ? (size_t)(e - s) + 2 : end;
}

static bool first_on_line(const char *s, size_t pos)
{
	while (pos && (s[pos - 1] == ' ' || s[pos - 1] == '\t'))
		pos--;
	return !pos || s[pos - 1] == '\n';
}

static size_t token_end(const char *s, size_t end, size_t pos, enum kind *kind)
{
	size_t n = 0;

	*kind = OTHER;
	if (s[pos] == '#' && first_on_line(s, pos)) {
		*kind = DIRECTIVE;
		return c_line_end(s, end, pos);
	}
	if (s[pos] == '"' || s[pos] == '\'')
		return literal_end(s, end, pos);
	while (pos + n < end && (isalnum((unsigned char)s[pos + n]) || s[pos + n] == '_'))
		n++;
	if (n)
		*kind = isdigit((unsigned char)s[pos]) ? OTHER : WORD;
	return pos + (n ? n : 1);
}

/* The tokens of @text from @pos to @end; @line is the index of the line of @pos. */
static void tokenize(const char *text, size_t pos, size_t end, size_t line, struct body *b)
{
	int parens = 0;

	*b = (struct body){ .text = text, .list = xcalloc(end - pos + 1, sizeof(*b->list)) };
	while (pos < end) {
		struct token t = { .pos = pos, .line = line };
		size_t to;

		if (text[pos] == '/' && pos + 1 < end && (text[pos + 1] == '/' || text[pos + 1] == '*')) {
			to = comment_end(text, end, pos);
		} else if (isspace((unsigned char)text[pos])) {
			to = pos + 1;
		} else {
			to = token_end(text, end, pos, &t.kind);
			parens -= text[pos] == ')' || text[pos] == ']';
			t.parens = parens;
			parens += text[pos] == '(' || text[pos] == '[';
			t.len = to - pos;
			b->list[b->nr++] = t;
		}
		for (; pos < to; pos++)
			line += text[pos] == '\n';
	}
}

static bool is(const struct body *b, size_t i, const char *what)
{
	return i < b->nr && b->list[i].kind != DIRECTIVE && b->list[i].len == strlen(what) &&
	       !memcmp(b->text + b->list[i].pos, what, b->list[i].len);
}

static bool is_any(const struct body *b, size_t i, const char *const *words)
{
	for (; *words; words++)
		if (is(b, i, *words))
			return true;
	return false;
}

/* The token that closes the bracket at @i; nr: none. */
static size_t closing(const struct body *b, size_t i)
{
	char open = b->text[b->list[i].pos], close = open == '(' ? ')' : '}';
	int depth = 0;

	for (; i < b->nr; i++) {
		if (b->list[i].kind != OTHER || b->list[i].len != 1)
			continue;
		depth += b->text[b->list[i].pos] == open;
		depth -= b->text[b->list[i].pos] == close;
		if (!depth)
			return i;
	}
	return b->nr;
}

/* ---- what is a refusal ---- */

/* What a caller is told that has asked for too much.  Not that memory is short, or to come again. */
static const char *const refusals[] = {
	"EINVAL", "EPERM", "EACCES", "ERANGE", "EOVERFLOW", "E2BIG", "EFAULT", "EBADF", "EBADMSG", "EMSGSIZE", "EPROTO", "EIO",
	"EFSCORRUPTED", "EUCLEAN", "EEXIST", "ENOENT", "EOPNOTSUPP", "ENOTSUPP", "EILSEQ", "ENAMETOOLONG", "ELOOP", "EMLINK",
	"EDOM", "EDQUOT", "ENOSPC", "ENODATA", "EISDIR", "ENOTDIR", "EXDEV", "EROFS", "ENODEV", "ENXIO", "ESRCH", "EKEYREJECTED",
	"EISCONN", "ENOTCONN", "EPROTONOSUPPORT", "EAFNOSUPPORT", "EADDRNOTAVAIL", "ENOTTY", NULL
};

/* "-EINVAL" at @i. */
static bool is_error(const struct body *b, size_t i)
{
	return is(b, i, "-") && is_any(b, i + 1, refusals);
}

/* "return -EINVAL;", "return ERR_PTR(-EINVAL);" */
static bool returns_error(const struct body *b, size_t i)
{
	if (!is(b, i, "return"))
		return false;
	return (is_error(b, i + 1) && is(b, i + 3, ";")) ||
	       (is(b, i + 1, "ERR_PTR") && is(b, i + 2, "(") && is_error(b, i + 3) && is(b, i + 5, ")") && is(b, i + 6, ";"));
}

/* A label with a word in it that says so: "err_free", "bad_inode". */
static bool is_error_label(const struct body *b, size_t i)
{
	static const char *const words[] = { "err", "error", "errout", "fail", "failed", "failure", "bad", "inval", "invalid", "einval",
					     "efault", "eperm", "reject", "refuse", "drop", "discard", "abort", "corrupt", NULL };
	const char *s = b->text + b->list[i].pos, *end = s + b->list[i].len;

	while (s < end) {
		const char *e = memchr(s, '_', end - s);
		size_t n = (size_t)((e ? e : end) - s);

		for (const char *const *w = words; *w; w++)
			if (strlen(*w) == n && !strncasecmp(s, *w, n))
				return true;
		s += n + 1;
	}
	return false;
}

/* What stands behind it does: "eio: ret = -EIO;", "bad: return -EINVAL;". */
static bool leads_to_error(const struct body *b, size_t label)
{
	const struct token *l = &b->list[label];

	for (size_t i = 1; i + 4 < b->nr; i++) {
		if (b->list[i].kind != WORD || b->list[i].len != l->len || !is(b, i + 1, ":") || is(b, i - 1, "?") ||
		    memcmp(b->text + b->list[i].pos, b->text + l->pos, l->len))
			continue;
		return returns_error(b, i + 2) || (b->list[i + 2].kind == WORD && is(b, i + 3, "=") && is_error(b, i + 4));
	}
	return false;
}

static const char *judge_goto(const struct body *b, size_t from, size_t last)
{
	if (!is(b, last + 2, ";") || b->list[last + 1].kind != WORD)
		return "its goto isn't one to a label";
	for (size_t i = from; i + 2 < last; i++)
		if (is(b, i, "=") && is_error(b, i + 1))
			return NULL;
	return is_error_label(b, last + 1) || leads_to_error(b, last + 1) ? NULL : "its goto isn't seen to lead to an error exit";
}

/*
 * The branch from token @from on, which ends at @end: its ';', or its '}' if @braced.  NULL: it refuses, and
 * nothing in it branches before; "": no refusal.
 */
static const char *judge_branch(const struct body *b, size_t from, size_t end, bool braced)
{
	static const char *const control[] = { "if", "else", "for", "while", "do", "switch", "case", "default", "goto", "return",
					       "break", "continue", "asm", "__asm__", "{", "}", NULL };
	size_t last = from;

	if (braced) {
		if (end < from + 2 || !is(b, end - 1, ";"))
			return "";
		for (last = end - 1; last > from && !is(b, last - 1, ";") && !is(b, last - 1, "{") && !is(b, last - 1, "}"); last--)
			;
	}
	if (!returns_error(b, last) && !is(b, last, "goto"))
		return "";
	for (size_t i = from; i < last; i++)
		if (is_any(b, i, control))
			return "its branch has branches of its own";
	return is(b, last, "goto") ? judge_goto(b, from, last) : NULL;
}

/* ---- lines ---- */

enum line { OLD, CHANGED, ADDED };

/* What each line of @text is, held against @orig. */
static void mark_lines(const char *orig, const char *text, unsigned char **out, size_t *nr)
{
	struct hunk *hunks = NULL;
	size_t nr_hunks;
	const char **lines = line_starts(text, nr);

	line_diff(orig, text, &hunks, &nr_hunks);
	free(lines);
	*out = xcalloc(*nr + 2, 1);
	for (size_t i = 0; i < nr_hunks; i++)
		for (size_t k = 0; k < hunks[i].new_nr && hunks[i].new + k < *nr; k++)
			(*out)[hunks[i].new + k] = hunks[i].old_nr ? CHANGED : ADDED;
	free(hunks);
}

/* Of the patched file: the overlay's has "#line"s of ours. */
static uint32_t own_line(const char *text, size_t pos)
{
	uint32_t line = 1;

	for (const char *p = text; p < text + pos; p++)
		if (*p == '\n')
			line += strncmp(p + 1, "#line ", 6) != 0;
	return line;
}

/* ---- a function ---- */

struct search {
	const char *text;
	const unsigned char *lines;
	const char *all;	/* why none of this file, or function, can be counted; NULL: no such reason */
	const char *function;
	struct tripwires *out;
};

static void add(struct search *s, const struct body *b, size_t at, const char *why, size_t from, size_t end)
{
	why = s->all ? s->all : why;
	s->out->list = xgrow(s->out->list, s->out->nr, sizeof(*s->out->list));
	s->out->list[s->out->nr++] = (struct tripwire){
		.function = xstrdup(s->function), .line = own_line(s->text, b->list[at].pos),
		.why = why ? xstrdup(why) : NULL, .at = from, .end = end,
	};
}

/* The `if` at token @i. */
static void look_at_if(struct search *s, const struct body *b, size_t i)
{
	size_t close = is(b, i + 1, "(") ? closing(b, i + 1) : b->nr, from, end;
	bool any = false, all = true, directive = false, braced = is(b, close + 1, "{");
	const char *why;

	if (close + 1 >= b->nr)
		return;
	from = close + 1 + braced;
	end = braced ? closing(b, close + 1) : from;
	while (!braced && end < b->nr && !(is(b, end, ";") && b->list[end].parens == b->list[i].parens))
		end++;
	if (end >= b->nr)
		return;
	for (size_t k = i; k <= end; k++) {
		any |= s->lines[b->list[k].line] != OLD;
		all &= s->lines[b->list[k].line] == ADDED;
		directive |= b->list[k].kind == DIRECTIVE;
	}
	why = any ? judge_branch(b, from, end, braced) : "";
	if (why && !*why)
		return;
	if (!all)
		why = "it changes an `if` that was there";
	else if (directive)
		why = "a preprocessor's line is in it";
	else if (b->list[i].parens)
		why = "it stands in parentheses: a macro may use it several times";
	add(s, b, i, why, braced ? b->list[close + 1].pos + 1 : b->list[from].pos,
		   braced ? 0 : b->list[end].pos + 1);
}

/* "int foo(int a) __must_hold(x) {", "SYSCALL_DEFINE1(foo, int, a) {" -> "foo" */
static char *function_name(const char *text, const struct c_declaration *p)
{
	struct body b;
	char *name = NULL;
	size_t i, depth;

	tokenize(text, p->start, p->body, 0, &b);
	for (i = b.nr; i > 1 && !name; i--) {
		if (!is(&b, i - 1, ")"))
			continue;
		for (depth = 0; i > 1; i--) {
			depth += is(&b, i - 1, ")");
			depth -= is(&b, i - 1, "(");
			if (!depth)
				break;
		}
		if (i < 2 || b.list[i - 2].kind != WORD)
			continue;
		name = xstrndup(text + b.list[i - 2].pos, b.list[i - 2].len);
		if (!strncmp(name, "__", 2) && i > 2 && is(&b, i - 3, ")")) {
			free(name);	/* an annotation behind the parameters */
			name = NULL;
		} else if (name && isupper((unsigned char)*name) && i < b.nr && b.list[i].kind == WORD) {
			free(name);
			name = xstrndup(text + b.list[i].pos, b.list[i].len);
		}
	}
	free(b.list);
	return name ? name : xstrdup("?");
}

/* Between these the processor may touch user memory, and nothing may be called. */
static bool opens_user_memory(const struct body *b)
{
	static const char *const words[] = { "user_access_begin", "user_read_access_begin", "user_write_access_begin", "unsafe_get_user",
					     "unsafe_put_user", "__uaccess_begin", "__uaccess_begin_nospec", "stac",
					     "masked_user_access_begin", "scoped_user_access", NULL };

	for (size_t i = 0; i < b->nr; i++)
		if (is_any(b, i, words))
			return true;
	return false;
}

static void look_at_function(struct search *s, const struct c_declaration *p, const char *all)
{
	size_t from = p->body ? p->body : p->start, line = 0;
	struct body b;
	char *name;

	for (const char *c = s->text; c < s->text + from; c++)
		line += *c == '\n';
	/* A macro's own text: without what would make all of it a directive. */
	if (p->macro)
		from += strcspn(s->text + from, "#") + 1;
	tokenize(s->text, from, p->end, line, &b);
	name = p->body ? function_name(s->text, p) : xstrdup("a macro");
	s->function = name;
	s->all = all ? all : opens_user_memory(&b) ? "its function calls nothing while user memory is open" : NULL;
	for (size_t i = 0; i < b.nr; i++)
		if (is(&b, i, "if"))
			look_at_if(s, &b, i);
	free(name);
	free(b.list);
}

void tripwires_find(const char *file, const char *orig, const char *text, struct tripwires *out)
{
	struct search s = { .text = text, .out = out };
	bool header = ends_with(file, ".h");
	unsigned char *lines = NULL;
	struct c_declaration *declarations = NULL;
	size_t nr, nr_lines;

	*out = (struct tripwires){ 0 };
	mark_lines(orig, text, &lines, &nr_lines);
	c_scan(text, strlen(text), &declarations, &nr);
	s.lines = lines;
	for (size_t i = 0; i < nr; i++)
		if (declarations[i].body || declarations[i].macro)
			look_at_function(&s, &declarations[i], header ? "it is in a header, which many units include" :
					       declarations[i].macro ? "it is in a macro" : NULL);
	free(declarations);
	free(lines);
}

void tripwires_free(struct tripwires *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		free(t->list[i].function);
		free(t->list[i].why);
	}
	free(t->list);
	*t = (struct tripwires){ 0 };
}

char *tripwires_insert(const char *text, const struct tripwires *t, const bool *chosen)
{
	struct text out = { 0 };
	size_t done = 0;

	/* In the order of the text; none lies in another, since a branch with branches isn't counted. */
	for (size_t i = 0; i < t->nr; i++) {
		const struct tripwire *w = &t->list[i];

		if (w->why || !chosen[i])
			continue;
		text_add(&out, text + done, w->at - done);
		done = w->at;
		if (w->end) {
			text_addf(&out, "{ " COUNT " %.*s }", (int)(w->end - w->at), text + w->at);
			done = w->end;
		} else {
			/* As a declaration, since others may follow. */
			text_addf(&out, " _Bool qp_tripped __attribute__((unused)) = ({ " COUNT " 0; });");
		}
	}
	text_add(&out, text + done, strlen(text + done));
	return text_take(&out);
}
