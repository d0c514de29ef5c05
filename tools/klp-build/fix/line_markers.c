// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * line_markers.c - keep line numbers where they were.
 *
 * __LINE__ is part of WARN_ON(), of lockdep's keys, of __UNIQUE_ID names: two
 * lines added to one function change the code of all that follow.  A #line
 * behind each change gives them their old numbers back.
 *
 * It may not stand in a macro that goes on after '\', nor in a comment; and in
 * a macro's arguments only at the preprocessor's mercy.  So it waits for a line
 * that follows the end of a statement, a declaration or a directive.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "overlay.h"
#include "fix.h"

struct state {
	bool comment;	/* inside a block comment */
	bool directive;	/* the last line began or continued one, and goes on */
	bool ended;	/* a directive may follow the last line */
};

/* Account for one line of code. */
static void feed(struct state *s, const char *line, size_t len)
{
	char last = 0, first = 0;

	for (size_t i = 0; i < len; i++) {
		if (s->comment) {
			if (line[i] == '*' && i + 1 < len && line[i + 1] == '/') {
				s->comment = false;
				i++;
			}
			continue;
		}
		if (line[i] == '/' && i + 1 < len && line[i + 1] == '*') {
			s->comment = true;
			i++;
			continue;
		}
		if (line[i] == '/' && i + 1 < len && line[i + 1] == '/')
			break;
		if (line[i] == '"' || line[i] == '\'') {
			char quote = line[i];

			for (i++; i < len && line[i] != quote; i++)
				i += line[i] == '\\';
			last = quote;
			continue;
		}
		if (!isspace((unsigned char)line[i])) {
			last = line[i];
			first = first ? first : last;
		}
	}
	if (first == '#')
		s->directive = true;
	if (last == '\\')
		s->ended = false;
	else if (last || s->directive)
		s->ended = s->directive || last == ';' || last == '{' || last == '}' || last == ':';
	/* A line without code leaves it as it was. */
	if (last != '\\')
		s->directive = false;
}

static const char *next_line(const char *s)
{
	s += strcspn(s, "\n");
	return s + (*s == '\n');
}

char *line_markers_add(const char *orig, const char *patched)
{
	struct state state = { .ended = true };
	struct text out = { 0 };
	struct hunk *hunks;
	size_t nr, line = 0, h = 0;	/* line: 0-based, of the patched text */
	long shift = 0;			/* what has to be added to get the original's */
	bool pending = false;

	if (line_diff(orig, patched, &hunks, &nr))
		return NULL;
	for (const char *s = patched, *next; *s; s = next, line++) {
		next = next_line(s);
		while (h < nr && line >= hunks[h].new + hunks[h].new_nr) {
			shift = (long)(hunks[h].old + hunks[h].old_nr) -
				(long)(hunks[h].new + hunks[h].new_nr);
			pending |= hunks[h].old_nr != hunks[h].new_nr;
			h++;
		}
		/* Not in the middle of the next change. */
		if (pending && state.ended && !state.comment && (h == nr || line < hunks[h].new)) {
			text_addf(&out, "#line %ld\n", (long)line + 1 + shift);
			pending = false;
		}
		feed(&state, s, (size_t)(next - s));
		text_add(&out, s, (size_t)(next - s));
	}
	free(hunks);
	return text_take(&out);
}
