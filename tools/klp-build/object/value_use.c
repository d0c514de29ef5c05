// SPDX-License-Identifier: GPL-2.0-or-later
/* value_use.c - see value_use.h.  Encodings: Intel SDM, volume 2, appendix A; registers: the System V ABI. */
#include <stdbool.h>
#include <string.h>

#include "insn.h"
#include "value_use.h"

#define MAX_STATES	512	/* instructions looked at for one call */

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

#define REG(r)		(1u << (r))
#define CALLEE_SAVED	(REG(RBX) | REG(RSP) | REG(RBP) | 0xf000u)
#define ARGUMENTS	(REG(RDI) | REG(RSI) | REG(RDX) | REG(RCX) | 0x300u)
#define FLAGS		(1u << 16)	/* the flags come from the value */

/* One instruction, as far as registers go. */
struct op {
	unsigned int code;	/* opcode; 0x100: of the 0f map */
	unsigned int reg, rm;	/* of ModRM; rm: only if !memory */
	unsigned int group;	/* ModRM's reg field, as an opcode's extension */
	unsigned int address;	/* registers of the memory operand */
	bool memory;
};

struct state {
	uint64_t at;
	unsigned int held;	/* REG() of those that hold the value, and FLAGS */
};

struct walk {
	const struct code_view *code;
	struct state list[MAX_STATES];
	size_t nr, done;
	unsigned int use;
};

/* The opcode, and what ModRM says, of the instruction at @p. */
static void parse_op(const uint8_t *p, const struct insn *insn, struct op *op)
{
	unsigned int rex = 0, mod, low;
	const uint8_t *m = insn->modrm ? p + insn->modrm : NULL;
	bool byte;

	memset(op, 0, sizeof(*op));
	while (memchr("\x66\xf2\xf3\x2e\x3e\x26\x36\x64\x65\x67\xf0", *p, 11))
		p++;
	if ((*p & 0xf0) == 0x40)
		rex = *p++;
	if (*p == 0x0f) {
		op->code = 0x100;
		p++;
	}
	op->code |= *p;
	op->rm = (op->code & 7) | (rex & 1) << 3;	/* of those that have it in the opcode */
	if (!m)
		return;
	mod = *m >> 6;
	low = *m & 7;
	op->group = *m >> 3 & 7;
	op->reg = op->group | (rex & 4) << 1;
	op->rm = low | (rex & 1) << 3;
	op->memory = mod != 3;
	/* Of AH and its kind, the registers that they are parts of. */
	byte = !rex && !(op->code & 1) && (op->code < 0x40 || (op->code & ~0xfu) == 0x80 || op->code == 0xf6 || op->code == 0xfe);
	if (byte)
		op->reg &= 3;
	if (byte && !op->memory)
		op->rm &= 3;
	if (!op->memory || (low == 5 && !mod))
		return;
	if (low != 4) {
		op->address = REG(op->rm);
		return;
	}
	if ((m[1] >> 3 & 7) != RSP || rex & 2)
		op->address |= REG((m[1] >> 3 & 7) | (rex & 2) << 2);
	if ((m[1] & 7) != 5 || mod)
		op->address |= REG((m[1] & 7) | (rex & 1) << 3);
}

static void add_state(struct walk *w, uint64_t at, unsigned int held)
{
	for (size_t i = 0; i < w->nr; i++)
		if (w->list[i].at == at && (w->list[i].held | held) == w->list[i].held)
			return;
	if (w->nr == MAX_STATES)
		w->use |= USE_UNSEEN;
	else
		w->list[w->nr++] = (struct state){ at, held };
}

/* @to becomes what @from holds, and nothing else. */
static unsigned int copied(unsigned int held, unsigned int to, bool holds)
{
	return holds ? held | REG(to) : held & ~REG(to);
}

/* @to is reckoned from itself and what @other says; the flags, too. */
static unsigned int reckoned(unsigned int held, unsigned int to, bool other, bool memory, unsigned int *use)
{
	bool from = other || (!memory && held & REG(to));

	if (memory && other)
		*use |= USE_TAKEN;
	else if (!memory)
		held = copied(held, to, from);
	return from ? held | FLAGS : held & ~FLAGS;
}

/* add, or, adc, sbb, and, sub, xor, cmp; by the opcodes 00 to 3d. */
static unsigned int arithmetic(unsigned int held, const struct op *op, unsigned int *use)
{
	unsigned int form = op->code & 7, what = op->code >> 3;
	bool reg = held & REG(op->reg), rm = !op->memory && held & REG(op->rm);

	if (form >= 4) {
		if (what == 7) {
			*use |= held & REG(RAX) ? USE_TESTED : 0;
			return held & ~FLAGS;
		}
		return reckoned(held, RAX, false, false, use);
	}
	if (what == 7) {
		*use |= reg || rm ? USE_TESTED : 0;
		return held & ~FLAGS;
	}
	/* Cleared. */
	if ((what == 5 || what == 6) && !op->memory && op->reg == op->rm)
		return held & ~(REG(op->rm) | FLAGS);
	return form < 2 ? reckoned(held, op->rm, reg, op->memory, use) : reckoned(held, op->reg, rm, false, use);
}

static unsigned int moved(unsigned int held, const struct op *op, bool to_rm, unsigned int *use)
{
	bool reg = held & REG(op->reg), rm = !op->memory && held & REG(op->rm);

	if (!to_rm)
		return copied(held, op->reg, rm);
	if (op->memory) {
		*use |= reg ? USE_TAKEN : 0;
		return held;
	}
	return copied(held, op->rm, reg);
}

/* f6, f7: test, not, neg, mul, div; fe, ff but branches: inc, dec, push. */
static unsigned int unary(unsigned int held, const struct op *op, unsigned int *use)
{
	bool rm = !op->memory && held & REG(op->rm), from;

	if (op->code >= 0xfe) {
		if (op->group == 6) {
			*use |= rm ? USE_TAKEN : 0;
			return held;
		}
		return reckoned(held, op->rm, false, op->memory, use);
	}
	if (op->group < 2) {
		*use |= rm ? USE_TESTED : 0;
		return held & ~FLAGS;
	}
	if (op->group < 4)
		return reckoned(held, op->rm, false, op->memory, use);
	from = rm || held & (REG(RAX) | REG(RDX));
	held = copied(copied(held, RAX, from), RDX, from);
	return from ? held | FLAGS : held & ~FLAGS;
}

/* Of the 0f map, but branches. */
static bool second_map(struct state *s, const struct op *op, unsigned int *use)
{
	unsigned int code = op->code & 0xff, held = s->held;
	bool rm = !op->memory && held & REG(op->rm);

	switch (code) {
	case 0x0b:			/* ud2: a WARN() goes on behind it */
	case 0x0d: case 0x18: case 0x1e: case 0x1f: case 0xae:
		return code != 0xae || !op->memory;
	case 0x31:			/* rdtsc */
		s->held &= ~(REG(RAX) | REG(RDX));
		return true;
	case 0xaf: case 0xbc: case 0xbd:
		s->held = reckoned(held, op->reg, rm, false, use);
		return true;
	case 0xa3: case 0xab: case 0xb3: case 0xbb:
		*use |= rm || held & REG(op->reg) ? USE_TESTED : 0;
		return true;
	case 0xba:
		*use |= rm ? USE_TESTED : 0;
		return true;
	case 0xb6: case 0xb7: case 0xbe: case 0xbf:
		s->held = copied(held, op->reg, rm);
		return true;
	}
	if (code >= 0x40 && code < 0x50) {
		*use |= held & FLAGS ? USE_TESTED : 0;
		s->held |= rm ? REG(op->reg) : 0;
		return true;
	}
	if (code >= 0x90 && code < 0xa0) {
		*use |= held & FLAGS ? USE_TESTED : 0;
		return true;
	}
	return code >= 0xc8 && code < 0xd0;	/* bswap */
}

/* What isn't a branch.  False: not understood. */
static bool step(struct state *s, const struct op *op, unsigned int *use)
{
	unsigned int held = s->held;
	bool rm = !op->memory && held & REG(op->rm);

	if (op->memory && held & op->address && op->code != 0x8d && op->code != 0x11f)
		*use |= USE_TAKEN;
	if (op->code >= 0x100)
		return second_map(s, op, use);
	if (op->code < 0x40 && (op->code & 7) < 6) {
		s->held = arithmetic(held, op, use);
		return true;
	}
	if ((op->code & ~7u) == 0x50) {
		*use |= rm ? USE_TAKEN : 0;
		return true;
	}
	if ((op->code & ~7u) == 0x58 || (op->code & ~7u) == 0xb8) {
		s->held = held & ~REG(op->rm);
		return true;
	}
	switch (op->code) {
	case 0x63:
		s->held = copied(held, op->reg, rm);
		return true;
	case 0x69: case 0x6b:
		s->held = reckoned(held & ~REG(op->reg), op->reg, rm, false, use);
		return true;
	case 0x80: case 0x81: case 0x83:
		if (op->group == 7)
			*use |= rm ? USE_TESTED : 0;
		s->held = op->group == 7 ? held & ~FLAGS : reckoned(held, op->rm, false, op->memory, use);
		return true;
	case 0x84: case 0x85:
		*use |= rm || held & REG(op->reg) ? USE_TESTED : 0;
		s->held = held & ~FLAGS;
		return true;
	case 0x88: case 0x89:
		s->held = moved(held, op, true, use);
		return true;
	case 0x8a: case 0x8b:
		s->held = moved(held, op, false, use);
		return true;
	case 0x8d:
		s->held = copied(held, op->reg, held & op->address);
		return true;
	case 0x68: case 0x6a: case 0x90: case 0x98: case 0xfa: case 0xfb:
		return true;
	case 0x99:
		s->held = copied(held, RDX, held & REG(RAX));
		return true;
	case 0xa8: case 0xa9:
		*use |= held & REG(RAX) ? USE_TESTED : 0;
		s->held = held & ~FLAGS;
		return true;
	case 0xc6: case 0xc7:
		if (!op->memory && op->code == 0xc7)
			s->held = held & ~REG(op->rm);
		return true;
	case 0xc0: case 0xc1: case 0xd0: case 0xd1: case 0xd2: case 0xd3:
		s->held = reckoned(held, op->rm, op->code >= 0xd2 && held & REG(RCX), op->memory, use);
		return true;
	case 0xf6: case 0xf7:
		s->held = unary(held, op, use);
		return true;
	case 0xfe: case 0xff:
		s->held = unary(held, op, use);
		return true;
	}
	return false;
}

/* Another function runs: it may be given the value, and the value is only left where it must be kept. */
static unsigned int called(unsigned int held, unsigned int *use)
{
	*use |= held & ARGUMENTS ? USE_TAKEN : 0;
	return held & CALLEE_SAVED;
}

static void leave(struct walk *w, unsigned int held)
{
	w->use |= held & REG(RAX) ? USE_RETURNED : 0;
}

static void branch(struct walk *w, const struct state *s, const struct op *op, const struct insn *insn)
{
	uint64_t behind = s->at + insn->len, to = w->code->target(w->code->arg, behind - insn->rel, insn->rel);
	bool jump = op->code == 0xe9 || op->code == 0xeb;
	unsigned int held = s->held;

	if (op->code == 0xe8) {
		held = called(held, &w->use);
		if (held & 0xffff)
			add_state(w, behind, held);
		return;
	}
	if (!jump && held & FLAGS) {
		w->use |= USE_TESTED;
		return;
	}
	if (to == CODE_RETURN)
		leave(w, held);
	else if (to == CODE_ELSEWHERE)
		called(held, &w->use);
	else
		add_state(w, to, held);
	if (!jump)
		add_state(w, behind, held);
}

static void look_at(struct walk *w, struct state s)
{
	unsigned int use = 0;
	const uint8_t *p;
	struct insn insn;
	struct op op;
	size_t len;

	p = w->code->bytes(w->code->arg, s.at, &len);
	if (!p)
		return;		/* behind what never returns */
	if (insn_decode(p, len, &insn)) {
		w->use |= USE_UNSEEN;
		return;
	}
	parse_op(p, &insn, &op);
	if (insn.branch) {
		branch(w, &s, &op, &insn);
		return;
	}
	if (op.code == 0xc3 || op.code == 0xc2) {
		leave(w, s.held);
		return;
	}
	if (op.code == 0xcc)
		return;
	if (op.code == 0xff && op.group >= 2 && op.group <= 5) {
		/* Indirect: who is called is the value, or it may be given it. */
		use = (!op.memory && s.held & REG(op.rm)) || s.held & op.address ? USE_TAKEN : 0;
		s.held = called(s.held, &use);
		w->use |= use | (op.group >= 4 ? USE_UNSEEN : 0);
		if (op.group < 4 && s.held & 0xffff)
			add_state(w, s.at + insn.len, s.held);
		return;
	}
	if (!step(&s, &op, &use))
		use |= USE_UNSEEN;
	w->use |= use;
	if (!(use & (USE_TESTED | USE_UNSEEN)) && s.held)
		add_state(w, s.at + insn.len, s.held);
}

unsigned int value_use(const struct code_view *code, uint64_t place)
{
	struct walk w = { .code = code };

	add_state(&w, place, REG(RAX));
	while (w.done < w.nr && !(w.use & USE_TESTED))
		look_at(&w, w.list[w.done++]);
	return w.use;
}

const char *value_use_word(unsigned int use)
{
	if (use & USE_TESTED)
		return "checked";
	if (use & USE_RETURNED)
		return "returned";
	if (use & USE_TAKEN)
		return "used, not checked";
	return use & USE_UNSEEN ? "can't be told" : "never checked";
}
