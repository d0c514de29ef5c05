// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * special_runtime.c - constants that the kernel writes into its own code at boot
 * (asm/runtime-const.h, 6.12 on), which nobody would write into a module's.
 *
 * runtime_const_ptr(sym) compiles to "movabs $0x0123456789abcdef,%reg", of which section
 * runtime_ptr_SYM names the immediate.  The variable that it stands for is still
 * there: the copy loads it, "mov SYM(%rip),%reg", in 7 of the 10 bytes.  That is what
 * the kernel's own modules do.  A shift count has no such form of 3 bytes.
 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "diff/diff.h"
#include "prove/proof.h"
#include "special.h"

#define PTR	"runtime_ptr_"
#define PREFIX	"runtime_"
#define MOVABS	10	/* bytes: REX.W, b8+reg, imm64 */

bool runtime_section(const char *name)
{
	return starts_with(name, PREFIX);
}

static int variable(struct xunit *xu, const struct fragment *p, const char *name, struct out_ref *ref)
{
	const struct elf_symbol *sym = elf_symbol(xu->ef, name, STT_OBJECT), *orig;
	const char *object = xu->u->object;
	struct kernel_place place;
	int ret;

	orig = sym && sym->shndx && sym->shndx < xu->ef->nr_sections ?
	       diff_match(xu->u, sym) : NULL;
	ret = orig ? proof_place(xu->u, orig, &place) :
		     proof_place_extern(xu->b, xu->u, name, &object, &place);
	if (ret) {
		xunit_refuse(xu, REFUSE_RUNTIME_CONST, fragment_name(xu, p),
			     "change a caller or a callee of that function instead",
			     "it uses the boot-time constant %s, whose variable isn't found in the shipped kernel",
			     name);
		return REFUSED;
	}
	/* The displacement counts from the end of its field. */
	return ref_kernel(xu, p, object, &place, true, -4, ref);
}

/* @at: of the immediate, in its section. */
static int load_instead(struct xunit *xu, struct fragment *p, uint64_t at, const char *name)
{
	const uint8_t *movabs = xu->ef->sections[p->shndx].data + at - 2;
	uint8_t code[MOVABS] = { 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x0f, 0x1f, 0x00 };
	struct out_ref ref;
	int ret;

	if (at < p->start + 2 || at + 8 > p->end || (movabs[0] & 0xfe) != 0x48 ||
	    (movabs[1] & 0xf8) != 0xb8) {
		xunit_refuse(xu, REFUSE_RUNTIME_CONST, fragment_name(xu, p),
			     "change a caller or a callee of that function instead",
			     "it uses the boot-time constant %s in an unknown instruction", name);
		return REFUSED;
	}
	ret = variable(xu, p, name, &ref);
	if (ret)
		return ret;
	code[0] |= (movabs[0] & 1) << 2;	/* REX.B of the register is REX.R now */
	code[2] |= (movabs[1] & 7) << 3;
	fragment_poke(xu, p, at - 2, code, sizeof(code));
	elf_out_reloc(xu->out, p->out_sec, p->out_off + at + 1 - p->start, R_X86_64_PC32, ref.sym,
		      ref.addend);
	return 0;
}

int runtime_collect(struct xunit *xu, struct fragment *code)
{
	for (size_t i = 1; i < xu->ef->nr_sections; i++) {
		const struct elf_section *sec = &xu->ef->sections[i];

		if (!runtime_section(sec->name))
			continue;
		for (size_t r = 0; r < sec->nr_relocs; r++) {
			const struct elf_symbol *sym = &xu->ef->symbols[sec->relocs[r].sym];
			uint64_t at = sym->value + (uint64_t)sec->relocs[r].addend;
			int ret = 0;

			if (sym->shndx != code->shndx || at < code->start || at >= code->end)
				continue;
			if (starts_with(sec->name, PTR))
				ret = load_instead(xu, code, at, sec->name + strlen(PTR));
			else
				xunit_refuse(xu, REFUSE_RUNTIME_CONST, fragment_name(xu, code),
					     "change a caller or a callee of that function instead",
					     "it holds the constant of section %s, which the kernel patches into its code at boot, and can't read it from memory in its place",
					     sec->name);
			if (ret && ret != REFUSED)
				return ret;
		}
	}
	return 0;
}
