// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insn.c - see insn.h.  Encodings: Intel SDM, volume 2, chapter 2 and appendix A.
 */
#include <errno.h>

#include "insn.h"

/* Per opcode: has ModRM, size of the immediate.  'z': 4, or 2 with a 66 prefix. */
enum { N = 0, M = 1, B = 2, Z = 4, W = 8, V = 16, J1 = 32, J4 = 64, X = 128 };

/* One-byte map, by rows of 8.  X: prefix, escape, invalid or handled apart. */
static const uint8_t map1[256] = {
	M, M, M, M, B, Z, X, X,		M, M, M, M, B, Z, X, X,		/* 00 */
	M, M, M, M, B, Z, X, X,		M, M, M, M, B, Z, X, X,		/* 10 */
	M, M, M, M, B, Z, X, X,		M, M, M, M, B, Z, X, X,		/* 20 */
	M, M, M, M, B, Z, X, X,		M, M, M, M, B, Z, X, X,		/* 30 */
	X, X, X, X, X, X, X, X,		X, X, X, X, X, X, X, X,		/* 40: REX */
	N, N, N, N, N, N, N, N,		N, N, N, N, N, N, N, N,		/* 50 */
	X, X, X, M, X, X, X, X,		Z, M | Z, B, M | B, N, N, N, N,	/* 60 */
	J1, J1, J1, J1, J1, J1, J1, J1,	J1, J1, J1, J1, J1, J1, J1, J1,	/* 70 */
	M | B, M | Z, X, M | B, M, M, M, M,	M, M, M, M, M, M, M, M,	/* 80 */
	N, N, N, N, N, N, N, N,		N, N, X, N, N, N, N, N,		/* 90 */
	X, X, X, X, N, N, N, N,		B, Z, N, N, N, N, N, N,		/* a0 */
	B, B, B, B, B, B, B, B,		V, V, V, V, V, V, V, V,		/* b0 */
	M | B, M | B, W, N, X, X, M | B, M | Z,	X, N, W, N, N, B, X, N,	/* c0 */
	M, M, M, M, X, X, X, N,		M, M, M, M, M, M, M, M,		/* d0 */
	J1, J1, J1, J1, B, B, B, B,	J4, J4, X, J1, N, N, N, N,	/* e0 */
	X, N, X, X, N, N, M, M,		N, N, N, N, N, N, M, M,		/* f0 */
};

/* Two-byte map (0f xx). */
static const uint8_t map2[256] = {
	M, M, M, M, X, N, N, N,		N, N, X, N, X, M, X, X,		/* 00 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* 10 */
	M, M, M, M, X, X, X, X,		M, M, M, M, M, M, M, M,		/* 20 */
	N, N, N, N, N, N, X, N,		X, X, X, X, X, X, X, X,		/* 30 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* 40 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* 50 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* 60 */
	M | B, M | B, M | B, M | B, M, M, M, N,	M, M, X, X, M, M, M, M,	/* 70 */
	J4, J4, J4, J4, J4, J4, J4, J4,	J4, J4, J4, J4, J4, J4, J4, J4,	/* 80 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* 90 */
	N, N, N, M, M | B, M, X, X,	N, N, N, M, M | B, M, M, M,	/* a0 */
	M, M, M, M, M, M, M, M,		M, M, M | B, M, M, M, M, M,	/* b0 */
	M, M, M | B, M, M | B, M | B, M | B, M,	N, N, N, N, N, N, N, N,	/* c0 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* d0 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,		/* e0 */
	M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, X,		/* f0: ud0 has ModRM or not */
};

struct cursor {
	const uint8_t *p;
	size_t at, len;
	bool word;		/* operand-size prefix */
	bool wide;		/* REX.W */
	bool rep;		/* f3 */
	bool repne;		/* f2 */
	bool addr32;		/* address-size prefix */
};

static int take(struct cursor *c, size_t n)
{
	if (c->len - c->at < n)
		return -EINVAL;
	c->at += n;
	return 0;
}

static int modrm(struct cursor *c, struct insn *insn, uint8_t *out)
{
	uint8_t m, mod, rm;

	if (take(c, 1))
		return -EINVAL;
	m = c->p[c->at - 1];
	insn->modrm = (unsigned int)c->at - 1;
	*out = m;
	mod = m >> 6;
	rm = m & 7;
	if (mod == 3)
		return 0;
	if (mod == 0 && rm == 5) {
		insn->disp = (unsigned int)c->at;
		return take(c, 4);
	}
	if (rm == 4) {
		if (take(c, 1))
			return -EINVAL;
		if (mod == 0 && (c->p[c->at - 1] & 7) == 5)
			return take(c, 4);
	}
	return mod == 1 ? take(c, 1) : mod == 2 ? take(c, 4) : 0;
}

static int operands(struct cursor *c, uint8_t kind, struct insn *insn, uint8_t *m)
{
	if ((kind & M) && modrm(c, insn, m))
		return -EINVAL;
	if (kind & B)
		insn->imm = 1;
	if (kind & W)
		insn->imm = 2;
	if (kind & Z)
		insn->imm = c->word && !c->wide ? 2 : 4;
	if (kind & V)
		insn->imm = c->wide ? 8 : c->word ? 2 : 4;
	if (kind & (J1 | J4)) {
		if (c->word)	/* 2 bytes or 4, by the vendor */
			return -EINVAL;
		insn->branch = true;
		insn->rel = kind & J1 ? 1 : 4;
		return take(c, insn->rel);
	}
	return take(c, insn->imm);
}

/* An opcode of a map by its number: 1 to 3 are 0f, 0f38 and 0f3a; 5 and 6 (EVEX) have no immediates. */
static int mapped(struct cursor *c, unsigned int map, struct insn *insn)
{
	uint8_t op, m;

	if (take(c, 1))
		return -EINVAL;
	op = c->p[c->at - 1];
	switch (map) {
	case 1:
		return map2[op] & (X | J1 | J4) ? -EINVAL : operands(c, map2[op], insn, &m);
	case 2:
	case 5:
	case 6:
		return operands(c, M, insn, &m);
	case 3:
		return operands(c, M | B, insn, &m);
	default:
		return -EINVAL;
	}
}

static int vex(struct cursor *c, uint8_t first, struct insn *insn)
{
	unsigned int bytes = first == 0xc5 ? 1 : first == 0xc4 ? 2 : 3, map = 1;

	if (take(c, bytes))
		return -EINVAL;
	if (first == 0xc4)
		map = c->p[c->at - 2] & 0x1f;
	if (first == 0x62) {		/* EVEX; fixed bits tell it from what APX makes of them */
		map = c->p[c->at - 3] & 7;
		if (c->p[c->at - 3] & 8 || !(c->p[c->at - 2] & 4))
			return -EINVAL;
	}
	if (map > 3 && first != 0x62)
		return -EINVAL;
	return mapped(c, map, insn);
}

static int escaped(struct cursor *c, struct insn *insn)
{
	uint8_t op, m;

	if (take(c, 1))
		return -EINVAL;
	op = c->p[c->at - 1];
	/* extrq and insertq of one vendor have two immediates; b8 alone was another architecture's. */
	if ((op == 0x78 && (c->word || c->repne)) || (op == 0xb8 && !c->rep))
		return -EINVAL;
	if (op == 0x38 || op == 0x3a)
		return take(c, 1) ? -EINVAL : operands(c, op == 0x3a ? M | B : M, insn, &m);
	return map2[op] & X ? -EINVAL : operands(c, map2[op], insn, &m);
}

static int body(struct cursor *c, uint8_t op, struct insn *insn)
{
	uint8_t m = 0;

	if (op == 0x0f)
		return escaped(c, insn);
	if (op == 0xc4 || op == 0xc5 || op == 0x62)
		return vex(c, op, insn);
	if (op >= 0xa0 && op <= 0xa3)
		return c->addr32 ? -EINVAL : take(c, 8);
	if (op == 0xc8)
		return take(c, 3);
	if (map1[op] & X)
		return -EINVAL;
	if (operands(c, map1[op], insn, &m))
		return -EINVAL;
	/* Other members of these groups are XOP and xbegin. */
	if ((op == 0x8f || op == 0xc7) && m & 0x38)
		return -EINVAL;
	/* TEST, alone in its group, has an immediate. */
	if ((op == 0xf6 || op == 0xf7) && (m & 0x30) == 0) {
		insn->imm = op == 0xf6 ? 1 : c->word && !c->wide ? 2 : 4;
		return take(c, insn->imm);
	}
	return 0;
}

int insn_decode(const uint8_t *p, size_t len, struct insn *insn)
{
	struct cursor c = { .p = p, .len = len < 15 ? len : 15 };
	uint8_t op;

	*insn = (struct insn){ 0 };
	for (;;) {
		if (take(&c, 1))
			return -EINVAL;
		op = p[c.at - 1];
		c.word |= op == 0x66;
		c.rep |= op == 0xf3;
		c.repne |= op == 0xf2;
		c.addr32 |= op == 0x67;
		if (op != 0x66 && op != 0x2e && op != 0x36 && op != 0x3e && op != 0x26 && op != 0x64 &&
			 op != 0x65 && op != 0x67 && op != 0xf0 && op != 0xf2 && op != 0xf3)
			break;
	}
	if ((op & 0xf0) == 0x40) {
		c.wide = op & 8;
		if (take(&c, 1))
			return -EINVAL;
		op = p[c.at - 1];
	}
	if (body(&c, op, insn))
		return -EINVAL;
	insn->len = (unsigned int)c.at;
	return 0;
}

int insn_behind(const uint8_t *text, size_t len, size_t from, size_t off, unsigned int *behind)
{
	struct insn insn;

	for (size_t at = from; at < off && at < len; at += insn.len) {
		if (insn_decode(text + at, len - at, &insn))
			return -EINVAL;
		if (insn.disp && at + insn.disp == off) {
			*behind = insn.len - insn.disp - 4;
			return 0;
		}
	}
	return -EINVAL;
}

/* The instruction that the field at @off is of, from *at on. */
static bool find(const uint8_t *text, size_t len, size_t *at, size_t off, struct insn *insn)
{
	for (;; *at += insn->len) {
		if (*at > off || *at >= len || insn_decode(text + *at, len - *at, insn))
			return false;
		if (off < *at + insn->len)
			return true;
	}
}

bool insn_accesses(const uint8_t *text, size_t len, size_t from, size_t off)
{
	struct insn insn;

	if (!find(text, len, &from, off, &insn))
		return false;
	if (insn.branch)
		return true;
	/* "8d" is lea; behind a 0f it is a jump, which has no ModRM byte. */
	return insn.modrm && text[from + insn.modrm - 1] != 0x8d && off > from + insn.modrm &&
	       off < from + insn.len - insn.imm;
}

bool insn_accesses_there(const uint8_t *text, size_t len, size_t from, size_t off)
{
	const uint8_t *modrm;
	struct insn insn;

	if (!insn_accesses(text, len, from, off) || !find(text, len, &from, off, &insn))
		return false;
	modrm = text + from + insn.modrm;
	/* x(%rip); or by a SIB byte of neither base nor index, as %gs:x is. */
	return insn.branch || insn.disp || ((modrm[0] & 0xc7) == 4 && (modrm[1] & 0x3f) == 0x25);
}
