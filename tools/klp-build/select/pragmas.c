// SPDX-License-Identifier: GPL-2.0-or-later
/* pragmas.c - see pragmas.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "pragmas.h"
#include "reach.h"
#include "search.h"
#include "tokens.h"

static int add_pair(struct pragmas *p, uint32_t word, uint32_t macro)
{
	if (!(p->nr & (p->nr - 1))) {
		uint64_t *list = reallocarray(p->pairs, p->nr ? 2 * p->nr : 1, sizeof(*list));

		if (!list)
			return -ENOMEM;
		p->pairs = list;
	}
	p->pairs[p->nr++] = (uint64_t)word << 32 | macro;
	return 0;
}

/* "#define NAME BODY": parameters are words like those of the body. */
static int read_line(struct pragmas *p, const struct token *line)
{
	const char *end = line->s + line->len, *s;
	struct token tok;
	uint32_t macro;
	int ret = 0;

	s = token_next(line->s + 1, end, &tok);
	if (!s || tok.len != 6 || memcmp(tok.s, "define", 6))
		return 0;
	s = token_next(s, end, &tok);
	macro = s ? name_hash(tok.s, tok.len) : 0;
	while (!ret && s && (s = token_next(s, end, &tok)))
		if (tok.kind == TOKEN_WORD)
			ret = add_pair(p, name_hash(tok.s, tok.len), macro);
	return ret;
}

int pragmas_read(struct pragmas *p, const char *text)
{
	char *spliced = strstr(text, "define") ? c_splice(text) : NULL;
	const char *s = spliced, *end = spliced ? spliced + strlen(spliced) : NULL;
	struct token tok;
	int ret = spliced || !strstr(text, "define") ? 0 : -ENOMEM;

	while (!ret && s && (s = token_next(s, end, &tok)))
		if (tok.kind == TOKEN_LINE)
			ret = read_line(p, &tok);
	free(spliced);
	return ret;
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

static int add_lead(struct pragmas *p, uint32_t macro)
{
	uint32_t *list;

	for (size_t i = 0; i < p->nr_leads; i++)
		if (p->leads[i] == macro)
			return 0;
	list = reallocarray(p->leads, p->nr_leads + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	p->leads = list;
	list[p->nr_leads++] = macro;
	return 0;
}

int pragmas_close(struct pragmas *p)
{
	int ret = add_lead(p, name_hash("_Pragma", 7));

	if (p->nr)
		qsort(p->pairs, p->nr, sizeof(*p->pairs), by_word);
	for (size_t i = 0; i < p->nr_leads && !ret; i++)
		for (size_t k = first_of(p, p->leads[i]); k < p->nr && p->pairs[k] >> 32 == p->leads[i] && !ret; k++)
			ret = add_lead(p, (uint32_t)p->pairs[k]);
	return ret;
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
