// SPDX-License-Identifier: GPL-2.0-or-later
/* pragmas.c - see pragmas.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "pragmas.h"
#include "reach.h"
#include "search.h"
#include "tokens.h"

static void add_pair(struct pragmas *p, uint32_t word, uint32_t macro)
{
	p->pairs = xgrow(p->pairs, p->nr, sizeof(*p->pairs));
	p->pairs[p->nr++] = (uint64_t)word << 32 | macro;
}

/* "#define NAME BODY": parameters are words like those of the body. */
static void read_line(struct pragmas *p, const struct token *line)
{
	const char *end = line->s + line->len, *s;
	struct token tok;
	uint32_t macro;

	s = token_next(line->s + 1, end, &tok);
	if (!s || tok.len != 6 || memcmp(tok.s, "define", 6))
		return;
	s = token_next(s, end, &tok);
	macro = s ? name_hash(tok.s, tok.len) : 0;
	while (s && (s = token_next(s, end, &tok)))
		if (tok.kind == TOKEN_WORD)
			add_pair(p, name_hash(tok.s, tok.len), macro);
}

void pragmas_read(struct pragmas *p, const char *text)
{
	char *spliced = strstr(text, "define") ? c_splice(text) : NULL;
	const char *s = spliced, *end = spliced ? spliced + strlen(spliced) : NULL;
	struct token tok;

	while (s && (s = token_next(s, end, &tok)))
		if (tok.kind == TOKEN_LINE)
			read_line(p, &tok);
	free(spliced);
}

static int by_word(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The first pair of @word, or where it would be. */
static size_t first_of(const struct pragmas *p, uint32_t word)
{
	return lower_bound(p->nr, i, p->pairs[i] >> 32 < word);
}

static void add_lead(struct pragmas *p, uint32_t macro)
{
	for (size_t i = 0; i < p->nr_leads; i++)
		if (p->leads[i] == macro)
			return;
	p->leads = xgrow(p->leads, p->nr_leads, sizeof(*p->leads));
	p->leads[p->nr_leads++] = macro;
}

void pragmas_close(struct pragmas *p)
{
	add_lead(p, name_hash("_Pragma", 7));
	if (p->nr)
		qsort(p->pairs, p->nr, sizeof(*p->pairs), by_word);
	for (size_t i = 0; i < p->nr_leads; i++)
		for (size_t k = first_of(p, p->leads[i]); k < p->nr && p->pairs[k] >> 32 == p->leads[i]; k++)
			add_lead(p, (uint32_t)p->pairs[k]);
}

bool pragmas_have(const struct pragmas *p, const char *word)
{
	uint32_t hash = name_hash(word, strlen(word));

	for (size_t i = 0; i < p->nr_leads; i++)
		if (p->leads[i] == hash)
			return true;
	return false;
}

void pragmas_free(struct pragmas *p)
{
	free(p->pairs);
	free(p->leads);
	*p = (struct pragmas){ 0 };
}
