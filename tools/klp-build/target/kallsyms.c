// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kallsyms.c - find and decode the kallsyms tables in a kernel image.
 *
 * scripts/kallsyms.c of the kernel emits these arrays next to each other, each
 * aligned to 8 bytes (4 from 7.0 on):
 *
 *   up to 6.5                  from 6.6 on                 from 7.0 on
 *     offsets[n]      s32        num_syms        u32         num_syms
 *     relative_base   u64        names[]         bytes       names[]
 *     num_syms        u32        markers[]       u32         markers[]
 *     names[]         bytes      token_table     256 strings token_table
 *     markers[]       u32        token_index[256] u16        token_index
 *     [seqs_of_names]            offsets[n]      s32         offsets[n]
 *     token_table                relative_base   u64         seqs_of_names
 *     token_index     u16        seqs_of_names
 *
 * The newest one's offsets count each from its own place, so the image's
 * program headers are needed to know where that is.
 *
 * No symbol says where.  The token table gives itself away: 256 strings, of
 * which those of '0' to '9' are always the digits themselves, followed by the
 * 256 offsets of these strings.  From there the others are found by walking
 * and checked by each other: markers must equal the offsets of each 256th
 * name, addresses must ascend.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/xalloc.h"
#include "err.h"
#include "kallsyms.h"

#define NR_TOKENS	256
#define MARKER_STEP	256	/* one marker for so many names */
#define NAME_MAX_LEN	1024	/* expanded, with type; KSYM_NAME_LEN is 512 */
#define SYMBOLS_MAX	(4u << 20)

struct tables {
	const uint8_t *buf;
	size_t len;
	size_t tokens[NR_TOKENS];	/* offset of each token's string */
	size_t token_table;		/* offsets into buf, as all below */
	size_t token_index;
	size_t num_syms;
	size_t names;
	size_t nr;
	size_t offsets;
	uint64_t base;		/* own_place: the address of offsets[0] */
	bool absolute_percpu;
	bool own_place;		/* each offset counts from itself */
};

static size_t align(size_t v, size_t to)
{
	return (v + to - 1) & ~(to - 1);
}

static bool token_index_at(struct tables *t, size_t start, size_t index)
{
	if (index + NR_TOKENS * 2 > t->len)
		return false;
	for (int i = 0; i < NR_TOKENS; i++) {
		size_t want = t->tokens[i] - start;
		const uint8_t *p = t->buf + index + 2 * (size_t)i;

		if ((size_t)(p[0] | p[1] << 8) != want)
			return false;
	}
	t->token_table = start;
	t->token_index = index;
	return true;
}

/* Is there a token table that starts at @start?  Fills tokens and token_index. */
static bool token_table_at(struct tables *t, size_t start)
{
	size_t pos = start;

	for (int i = 0; i < NR_TOKENS; i++) {
		const uint8_t *nul = memchr(t->buf + pos, 0, t->len - pos);

		if (!nul || (size_t)(nul - t->buf) - pos > NAME_MAX_LEN)
			return false;
		t->tokens[i] = pos;
		pos = (size_t)(nul - t->buf) + 1;
	}
	/* The offset of the table in the file and its address agree modulo 8. */
	return token_index_at(t, start, align(pos, 4)) || token_index_at(t, start, align(pos, 8));
}

/* Step back over the 48 strings before that of '0'; the first starts at a multiple of 4. */
static bool token_table_before(struct tables *t, size_t digit_zero)
{
	size_t pos = digit_zero, limit = digit_zero > 48 * 64 ? digit_zero - 48 * 64 : 0;
	int nuls = 0;

	while (pos > limit && nuls < 48)
		nuls += !t->buf[--pos];
	if (nuls < 48)
		return false;
	/* What lies before needn't end in a NUL: try each place that token 0 can start at. */
	limit = pos > NAME_MAX_LEN ? pos - NAME_MAX_LEN : 0;
	for (pos &= ~(size_t)3; pos >= limit; pos -= 4) {
		if (token_table_at(t, pos))
			return true;
		if (pos < 4)
			break;
	}
	return false;
}

static int find_tokens(struct tables *t, struct klp_err *err)
{
	static const uint8_t digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	size_t from = 0;

	while (from < t->len) {
		const uint8_t *hit = memmem(t->buf + from, t->len - from, digits, sizeof(digits));

		if (!hit)
			break;
		from = (size_t)(hit - t->buf);
		if (from && token_table_before(t, from))
			return 0;
		from++;
	}
	return klp_err_set(err, -ENOENT, "no kallsyms token table in the image");
}

/* Length in tokens and bytes of the length field of the name at @pos. */
static bool name_length(const struct tables *t, size_t pos, size_t *len, size_t *field)
{
	if (pos + 1 >= t->token_table)
		return false;
	*len = t->buf[pos];
	*field = 1;
	if (*len & 0x80) {
		*len = (*len & 0x7f) | (size_t)t->buf[pos + 1] << 7;
		*field = 2;
	}
	return *len && *len < NAME_MAX_LEN && *len < t->token_table - pos - *field;
}

/* Do markers at @markers agree with the @nr names from @start on? */
static bool markers_at(const struct tables *t, size_t markers, size_t start, size_t nr)
{
	size_t pos = start, len, field;

	if (markers + 4 * ((nr + MARKER_STEP - 1) / MARKER_STEP) > t->token_table)
		return false;
	for (size_t i = 0; i < nr; i++) {
		if ((i % MARKER_STEP == 0 &&
		     get32(t->buf + markers + 4 * (i / MARKER_STEP)) != pos - start) ||
		    !name_length(t, pos, &len, &field))
			return false;
		pos += field + len;
	}
	return true;
}

/* Are there @nr names from @start on, and behind them markers that agree? */
static bool names_at(const struct tables *t, size_t start, size_t nr)
{
	size_t pos = start, len, field;

	for (size_t i = 0; i < nr; i++) {
		if (!name_length(t, pos, &len, &field))
			return false;
		pos += field + len;
	}
	return markers_at(t, align(pos, 4), start, nr) || markers_at(t, align(pos, 8), start, nr);
}

/* Is the number @back bytes before @pos that of the names from @pos on? */
static bool count_before(struct tables *t, size_t pos, size_t back)
{
	uint32_t n = get32(t->buf + pos - back);

	if (!n || n > SYMBOLS_MAX || 2 * (size_t)n > t->token_table - pos || !names_at(t, pos, n))
		return false;
	t->num_syms = pos - back;
	t->names = pos;
	t->nr = n;
	return true;
}

/* num_syms is a number that fits what follows it, at once or padded with zeros to 8 bytes. */
static int find_names(struct tables *t, struct klp_err *err)
{
	for (size_t pos = t->token_table & ~(size_t)3; pos >= 8; pos -= 4)
		if (get32(t->buf + pos - 4) ? count_before(t, pos, 4) : count_before(t, pos, 8))
			return 0;
	return klp_err_set(err, -EBADMSG, "kallsyms: no names that agree with their markers");
}

static uint64_t address_of(const struct tables *t, size_t i)
{
	int32_t off = (int32_t)get32(t->buf + t->offsets + 4 * i);

	if (t->own_place)
		return t->base + 4 * i + (uint64_t)(int64_t)off;
	if (!t->absolute_percpu)
		return t->base + (uint32_t)off;
	/* CONFIG_KALLSYMS_ABSOLUTE_PERCPU: -1 - distance, or an absolute value. */
	return off >= 0 ? (uint64_t)off : t->base - 1 - (uint64_t)(int64_t)off;
}

static bool addresses_ascend(const struct tables *t)
{
	uint64_t prev = 0;

	for (size_t i = 0; i < t->nr; i++) {
		uint64_t a = address_of(t, i);

		if (a < prev)
			return false;
		prev = a;
	}
	return true;
}

static bool offsets_ascend(struct tables *t, size_t offsets, size_t base)
{
	if (base + 8 > t->len || offsets + 4 * t->nr > t->len)
		return false;
	t->offsets = offsets;
	t->base = get64(t->buf + base);
	if (t->base >> 32 != 0xffffffff)
		return false;
	t->absolute_percpu = (int32_t)get32(t->buf + offsets + 4 * (t->nr - 1)) < 0;
	return addresses_ascend(t);
}

/* Where the byte at @off of an ELF image is linked to, 0 if it isn't loaded. */
static uint64_t loaded_at(const uint8_t *buf, size_t len, size_t off)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (len < sizeof(eh))
		return 0;
	memcpy(&eh, buf, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_phentsize != sizeof(ph) ||
	    eh.e_phoff > len || eh.e_phnum > (len - eh.e_phoff) / sizeof(ph))
		return 0;
	for (size_t i = 0; i < eh.e_phnum; i++) {
		memcpy(&ph, buf + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_LOAD && off >= ph.p_offset && off - ph.p_offset < ph.p_filesz)
			return ph.p_vaddr + (off - ph.p_offset);
	}
	return 0;
}

static bool own_places_ascend(struct tables *t, size_t offsets)
{
	if (offsets > t->len || 4 * t->nr > t->len - offsets)
		return false;
	t->offsets = offsets;
	t->base = loaded_at(t->buf, t->len, offsets);
	t->own_place = true;
	/* Unlike distances from a base these ascend even when they are something else: ask for text's place, too. */
	if (t->base && address_of(t, t->nr - 1) >> 32 == 0xffffffff && addresses_ascend(t))
		return true;
	t->own_place = false;
	return false;
}

static int find_offsets(struct tables *t, struct klp_err *err)
{
	size_t room = align(4 * t->nr, 8), end = t->token_index + NR_TOKENS * 2;
	size_t after = align(end, 8);

	if (t->num_syms >= room + 8 && offsets_ascend(t, t->num_syms - 8 - room, t->num_syms - 8))
		return 0;
	if (offsets_ascend(t, after, after + room) || own_places_ascend(t, align(end, 4)))
		return 0;
	return klp_err_set(err, -EBADMSG,
			   "kallsyms: no ascending addresses beside the %zu names; this kernel's layout is newer than klp-build knows",
			   t->nr);
}

static int expand_name(const struct tables *t, size_t *pos, char *out, size_t *out_len,
		       struct klp_err *err)
{
	size_t len, field, n = 0;

	if (!name_length(t, *pos, &len, &field))
		return klp_err_set(err, -EBADMSG, "kallsyms: name runs over");
	*pos += field;
	while (len--) {
		const char *token = (const char *)t->buf + t->tokens[t->buf[(*pos)++]];
		size_t k = strlen(token);

		if (n + k >= NAME_MAX_LEN)
			return klp_err_set(err, -EBADMSG, "kallsyms: a name is longer than %d",
					   NAME_MAX_LEN);
		memcpy(out + n, token, k);
		n += k;
	}
	out[n] = '\0';
	*out_len = n;
	/* A type character and at least one more. */
	return n >= 2 ? 0 : klp_err_set(err, -EBADMSG, "kallsyms: empty name");
}

static void append(struct kallsyms *k, size_t *cap, const char *s, size_t len)
{
	if (k->strings_len + len > *cap) {
		*cap = *cap * 2 + len;
		k->strings = xreallocarray(k->strings, *cap, 1);
	}
	memcpy(k->strings + k->strings_len, s, len);
	k->strings_len += len;
}

static int decode(const struct tables *t, struct kallsyms *k, struct klp_err *err)
{
	char name[NAME_MAX_LEN];
	size_t pos = t->names, len = 0, cap = 0;
	int ret;

	k->symbols = xcalloc(t->nr, sizeof(*k->symbols));
	for (size_t i = 0; i < t->nr; i++) {
		ret = expand_name(t, &pos, name, &len, err);
		if (ret)
			return ret;
		k->symbols[i] = (struct kallsym){
			.address = address_of(t, i),
			.name = (uint32_t)k->strings_len,
			.type = name[0],
		};
		append(k, &cap, name + 1, len);
	}
	k->nr = t->nr;
	return 0;
}

int kallsyms_parse(const void *buf, size_t len, struct kallsyms *out, struct klp_err *err)
{
	struct tables t = { .buf = buf, .len = len };
	struct kallsyms k = { 0 };
	int ret;

	ret = find_tokens(&t, err);
	if (!ret)
		ret = find_names(&t, err);
	if (!ret)
		ret = find_offsets(&t, err);
	if (!ret)
		ret = decode(&t, &k, err);
	if (ret)
		kallsyms_free(&k);
	else
		*out = k;
	return ret;
}

void kallsyms_free(struct kallsyms *k)
{
	free(k->symbols);
	free(k->strings);
	*k = (struct kallsyms){ 0 };
}
