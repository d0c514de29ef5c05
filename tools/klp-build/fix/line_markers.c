// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * line_markers.c - keep line numbers where they were.
 *
 * __LINE__ is part of WARN_ON(), of lockdep's keys, of __UNIQUE_ID names: two
 * lines added to one function change the code of all that follow.  A #line
 * behind each change gives them their old numbers back.
 *
 * It may not stand behind a line that ends in '\', which may be a macro's, a string's or
 * a comment's, nor in a comment; and in a macro's arguments only at the preprocessor's
 * mercy.  So it waits for a line that follows the end of a statement or a declaration.
 *
 * In a group that an #if leaves out it isn't read: it comes again after each
 * #else, #elif and #endif of the groups that it stands in.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "overlay.h"
#include "fix.h"

struct state {
	bool comment;	/* inside a block comment */
	bool directive;	/* the last line was one */
	bool statement;	/* the last line of code ended one, or a declaration */
	int depth;	/* of #if groups */
	int marked;	/* the depth of the last #line, which is read only if that group is; 0: it is */
};

/* May a directive follow the last line? */
static bool may_follow(const struct state *s)
{
	return s->statement && !s->comment;
}

/* A directive, from behind its '#' on: does it end a group, or a part of one, in which the last #line may have been left out? */
static bool ends_group(struct state *s, const char *word)
{
	bool lost = s->depth <= s->marked, end;

	word += strspn(word, " \t");
	end = !strncmp(word, "endif", 5);
	if (!end && strncmp(word, "el", 2)) {
		s->depth += !strncmp(word, "if", 2);
		return false;
	}
	if (end && s->depth)
		s->depth--;
	if (s->marked > s->depth)
		s->marked = s->depth;
	return lost;
}

/* Account for one line, joined with those that it goes on in; true: the last #line may not have been read. */
static bool feed(struct state *s, const char *line, size_t len)
{
	const char *first = NULL;
	bool lost = false;
	char last = 0;

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
			first = first ? first : line + i;
		}
	}
	s->directive = first && *first == '#';
	lost = s->directive && ends_group(s, first + 1);
	/* A line without code leaves it as it was. */
	if (!s->directive && last)
		s->statement = last == ';' || last == '{' || last == '}' || last == ':';
	return lost;
}

static const char *next_line(const char *s)
{
	s += strcspn(s, "\n");
	return s + (*s == '\n');
}

char *line_markers_add(const char *orig, const char *patched)
{
	struct state state = { .statement = true };
	struct text out = { 0 };
	struct hunk *hunks;
	size_t nr, line = 0, h = 0;	/* line: 0-based, of the patched text */
	char *joined = xmalloc(strlen(patched) + 1);
	size_t joined_nr = 0;		/* of lines that go on in the next one */
	long shift = 0;			/* what has to be added to get the original's */
	bool pending = false;

	line_diff(orig, patched, &hunks, &nr);
	for (const char *s = patched, *next; *s; s = next, line++) {
		size_t len, whole;

		next = next_line(s);
		whole = (size_t)(next - s);
		len = line_joined_len(s, whole);
		while (h < nr && line >= hunks[h].new + hunks[h].new_nr) {
			shift = (long)(hunks[h].old + hunks[h].old_nr) -
				(long)(hunks[h].new + hunks[h].new_nr);
			pending |= hunks[h].old_nr != hunks[h].new_nr;
			h++;
		}
		/* Not in the middle of the next change. */
		if (pending && !joined_nr && may_follow(&state) && (h == nr || line < hunks[h].new)) {
			text_addf(&out, "#line %ld\n", (long)line + 1 + shift);
			state.marked = state.depth;
			pending = false;
		}
		memcpy(joined + joined_nr, s, len);
		joined_nr += len;
		joined[joined_nr] = '\0';
		if (len == whole) {
			pending |= feed(&state, joined, joined_nr);
			joined_nr = 0;
		}
		text_add(&out, s, whole);
	}
	free(joined);
	free(hunks);
	return text_take(&out);
}
