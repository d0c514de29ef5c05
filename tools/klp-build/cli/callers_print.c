// SPDX-License-Identifier: GPL-2.0-or-later
/* callers_print.c - who calls a function, in words: for `klp-build mitigate`. */
#include "callers_print.h"
#include "object/value_use.h"
#include "target/callers.h"

#define LIST_MAX	40	/* lines of one kind that are printed */

static void print_strings(FILE *to, const char *before, const struct strings *l)
{
	for (size_t i = 0; i < l->nr && i < LIST_MAX; i++)
		fprintf(to, "%s%s\n", before, l->list[i]);
	if (l->nr > LIST_MAX)
		fprintf(to, "  and %zu more\n", l->nr - LIST_MAX);
}

static void print_list(const struct callers *c, bool returns, FILE *to)
{
	size_t shown = 0, unchecked = 0;

	for (size_t i = 0; i < c->nr; i++) {
		bool never = returns && !c->list[i].use;

		unchecked += never;
		/* What matters is told of all, however many there are. */
		if (shown >= LIST_MAX && !never)
			continue;
		shown++;
		fprintf(to, "  %s:%s%s%s\n", c->list[i].object, c->list[i].function, returns ? "  " : "",
			returns ? value_use_word(c->list[i].use) : "");
	}
	if (shown < c->nr)
		fprintf(to, "  and %zu more, none of which never checks it\n", c->nr - shown);
	if (unchecked)
		fprintf(to, "warning: %zu of %zu callers never check what it returns: they go on as if it had done its work\n",
			unchecked, c->nr);
}

void callers_print(const struct callers *c, const char *function, bool returns, FILE *to)
{
	if (c->system_call)
		fprintf(to, "%s is a system call: what it returns goes to the process that called it\n", function);
	else if (!c->nr_copies)
		fprintf(to, "warning: %s() has no code of its own: it is part of its callers, and what they do with its value isn't seen\n",
			function);
	else
		fprintf(to, "%zu direct calls of %s()%s, in the shipped code%s\n", c->nr, function,
			returns ? " and what is done with its value" : "",
			c->nr_copies > 1 ? ", of all functions and parts by that name" : "");
	print_list(c, returns, to);
	if (c->pointers.nr) {
		fprintf(to, "its address is kept or taken in these places: who calls through them, and what they do then, isn't seen\n");
		print_strings(to, "  ", &c->pointers);
	}
	if (c->releases.nr) {
		fprintf(to, "warning: it releases what it doesn't take itself; refused, that may be left to leak or stay locked:\n");
		print_strings(to, "  ", &c->releases);
	}
	if (c->acquires.nr) {
		fprintf(to, "warning: it takes what it doesn't release itself; its callers may release what a refusal didn't take:\n");
		print_strings(to, "  ", &c->acquires);
	}
	if (c->exported)
		fprintf(to, "it is exported: modules that aren't of this kernel's packages may call it, too\n");
}
