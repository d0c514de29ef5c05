// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes behind a PC-relative field.  The assembler is the judge: it writes addend
 * -4 - n for a field with n bytes of immediate behind it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "err.h"
#include "fixture.h"
#include "object/insn.h"
#include "object/pcrel.h"

static const char *const insns[] = {
	/* No immediate. */
	"mov x(%rip), %al", "mov x(%rip), %ax", "mov x(%rip), %eax", "mov x(%rip), %r9", "mov %r9, x(%rip)",
	"lea x(%rip), %rdi", "add %eax, x(%rip)", "lock incl x(%rip)", "decw x(%rip)", "negl x(%rip)", "notq x(%rip)",
	"mull x(%rip)", "divq x(%rip)", "idivl x(%rip)", "push x(%rip)", "pop x(%rip)", "call *x(%rip)", "jmp *x(%rip)",
	"cmpxchg %ecx, x(%rip)", "lock xadd %eax, x(%rip)", "xchg %rax, x(%rip)", "cmpxchg16b x(%rip)", "bt %eax, x(%rip)",
	"movzwl x(%rip), %eax", "movsbq x(%rip), %rax", "movslq x(%rip), %rax", "sete x(%rip)", "cmovne x(%rip), %rax",
	"imul x(%rip), %eax", "shll x(%rip)", "sarq %cl, x(%rip)", "shld %cl, %eax, x(%rip)", "shrd %cl, %eax, x(%rip)",
	"popcnt x(%rip), %rax", "tzcnt x(%rip), %eax", "bsf x(%rip), %rax", "movbe x(%rip), %eax", "crc32l x(%rip), %eax",
	"prefetcht0 x(%rip)", "prefetchw x(%rip)", "clflush x(%rip)", "ldmxcsr x(%rip)", "fxsave x(%rip)", "xsave64 x(%rip)",
	"lgdt x(%rip)", "lidt x(%rip)", "ltr x(%rip)", "invpcid x(%rip), %rax", "verw x(%rip)", "fldl x(%rip)",
	"movdqa x(%rip), %xmm1", "movups %xmm1, x(%rip)", "pshufb x(%rip), %xmm1", "aesenc x(%rip), %xmm1", "paddd x(%rip), %xmm9",
	"vpaddd x(%rip), %ymm1, %ymm2", "vpshufb x(%rip), %ymm9, %ymm2", "vbroadcasti128 x(%rip), %ymm1", "andn x(%rip), %rax, %rdx",
	"vpaddd x(%rip), %zmm1, %zmm2", "vmovdqu64 x(%rip), %zmm20", "vpaddd x(%rip){1to16}, %zmm1, %zmm2{%k1}",
	"mov %gs:x(%rip), %rax", "mov %fs:x(%rip), %eax", "addl %eax, %gs:x(%rip)", "ud1 x(%rip), %eax",
	/* One byte. */
	"movb $1, x(%rip)", "addb $1, x(%rip)", "cmpb $1, x(%rip)", "testb $1, x(%rip)", "addl $1, x(%rip)", "addw $1, x(%rip)",
	"cmpq $1, x(%rip)", "lock orl $1, x(%rip)", "shll $3, x(%rip)", "shrb $3, x(%rip)", "rolw $3, x(%rip)", "sarq $3, x(%rip)",
	"imul $3, x(%rip), %eax", "imul $3, x(%rip), %r9", "btl $3, x(%rip)", "lock btsq $3, x(%rip)", "shld $3, %eax, x(%rip)",
	"shrd $3, %r9, x(%rip)", "cmpps $3, x(%rip), %xmm1", "pinsrw $3, x(%rip), %xmm1", "shufps $3, x(%rip), %xmm1",
	"pshufd $3, x(%rip), %xmm1", "pinsrd $3, x(%rip), %xmm1", "pinsrq $3, x(%rip), %xmm1", "pextrd $3, %xmm1, x(%rip)",
	"palignr $3, x(%rip), %xmm1", "pclmulqdq $3, x(%rip), %xmm1", "aeskeygenassist $3, x(%rip), %xmm1", "sha1rnds4 $3, x(%rip), %xmm1",
	"vpshufd $3, x(%rip), %ymm1", "vpinsrd $3, x(%rip), %xmm1, %xmm2", "vpalignr $3, x(%rip), %ymm1, %ymm2", "rorx $3, x(%rip), %rax",
	"vpblendvb %ymm1, x(%rip), %ymm2, %ymm3", "vpternlogd $3, x(%rip), %zmm1, %zmm2", "vpshufd $3, x(%rip), %zmm1",
	"addl $1, %gs:x(%rip)", "cmpb $1, %gs:x(%rip)",
	/* A word. */
	"movw $0x1234, x(%rip)", "addw $0x1234, x(%rip)", "cmpw $0x1234, x(%rip)", "testw $0x1234, x(%rip)",
	"imul $0x1234, x(%rip), %ax", "imul $0x1234, x(%rip), %r9w", "cmpw $0x1234, %gs:x(%rip)",
	/* Four bytes. */
	"movl $0x12345678, x(%rip)", "movq $0x12345678, x(%rip)", "data16 movq $0x12345678, x(%rip)", "addl $0x12345678, x(%rip)",
	"cmpq $0x12345678, x(%rip)", "testl $0x12345678, x(%rip)", "testq $0x12345678, x(%rip)", "imul $0x12345678, x(%rip), %eax",
	"imul $0x12345678, x(%rip), %r9", "lock orq $0x12345678, x(%rip)", "movl $0x12345678, %gs:x(%rip)",
};
#define NR	(sizeof(insns) / sizeof(insns[0]))

/* All of them in one function, each behind what could be taken for a part of it. */
static struct elf_file *assemble(void)
{
	char *folder = fixture_folder(), *path = fixture_path(folder, "a.o"), cmd[512];
	struct klp_err err = { 0 };
	struct elf_file *ef = NULL;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "as -o %s -", path);
	p = popen(cmd, "w");
	ck_assert_ptr_nonnull(p);
	fprintf(p, ".text\n.type f, @function\nf:\n");
	for (size_t i = 0; i < NR; i++)
		fprintf(p, "%s\nand $%#x, %%eax\n", insns[i], i % 2 ? 0x66 : 0x0f);
	fprintf(p, "ret\n.size f, . - f\n");
	ck_assert_int_eq(pclose(p), 0);
	ck_assert_msg(!elf_open(path, &ef, &err), "%s", err.text);
	fixture_remove(folder);
	free(path);
	return ef;
}

START_TEST(as_the_assembler_has_it)
{
	struct elf_file *ef = assemble();
	const struct elf_section *text = elf_section(ef, ".text");

	ck_assert_uint_eq(text->nr_relocs, NR);
	for (size_t i = 0; i < NR; i++) {
		unsigned int behind = 99;
		int64_t bias;

		ck_assert_msg(!insn_behind(text->data, text->size, 0, text->relocs[i].offset, &behind),
			      "%s isn't known", insns[i]);
		ck_assert_msg(-4 - (int64_t)behind == text->relocs[i].addend, "%s: %u behind", insns[i], behind);
		ck_assert_msg(!pcrel_bias(ef, text, &text->relocs[i], &bias) &&
			      bias == -text->relocs[i].addend, "%s: bias", insns[i]);
	}
	elf_close(ef);
}
END_TEST

/* What is unknown, or whose length depends on who made the processor, isn't guessed. */
START_TEST(not_known)
{
	static const struct {
		uint8_t text[16];
		unsigned int field;
	} t[] = {
		{ { 0x0f, 0xff, 0x05 }, 3 },			/* ud0 */
		{ { 0x0f, 0x0f, 0x05, 0, 0, 0, 0, 0x9e }, 3 },	/* 3DNow! */
		{ { 0x66, 0x0f, 0x78, 0x05 }, 4 },		/* extrq has no such operand */
		{ { 0x8f, 0xe8, 0x78, 0xc0, 0x05 }, 5 },	/* XOP: vprotb */
		{ { 0x0f, 0xb8, 0x05 }, 3 },			/* popcnt without its prefix */
		{ { 0xd5, 0x10, 0x8b, 0x05 }, 4 },		/* REX2 */
		{ { 0x06, 0x8b, 0x05 }, 3 },			/* push %es */
		{ { 0x62, 0xf4, 0x7c, 0x08, 0x01, 0x05 }, 6 },	/* EVEX map 4: APX */
		{ { 0x48, 0xc7, 0xc0 }, 3 },			/* mov $imm, %rax: no displacement */
		{ { 0x68 }, 1 },				/* push $imm */
		{ { 0x66, 0xe9 }, 2 },				/* jmpw, or jmp with a prefix */
		{ { 0x90, 0x90 }, 1 },
		{ { 0x8b, 0x05 }, 1 },				/* the field would be ModRM */
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		unsigned int behind = 99;

		ck_assert_msg(insn_behind(t[i].text, sizeof(t[i].text), 0, t[i].field, &behind), "case %zu", i);
		ck_assert_uint_eq(behind, 99);
	}
}
END_TEST

/* What is read at an address, and what has the address itself. */
START_TEST(accesses)
{
	static const struct {
		uint8_t text[16];
		unsigned int field;
		bool is, there;
	} t[] = {
		{ { 0x8b, 0x05 }, 2, true, true },				/* mov x(%rip), %eax */
		{ { 0x90, 0x48, 0x89, 0x05 }, 4, true, true },		/* mov %rax, x(%rip) */
		{ { 0x48, 0x8b, 0x04, 0xc5 }, 4, true, false },		/* mov x(,%rax,8), %rax */
		{ { 0x48, 0x8b, 0x80 }, 3, true, false },		/* mov x(%rax), %rax */
		{ { 0x65, 0x8b, 0x04, 0x25 }, 4, true, true },		/* mov %gs:x, %eax */
		{ { 0x65, 0x8b, 0x04, 0x24 }, 4, false, false },	/* mov %gs:(%rsp), %eax */
		{ { 0xff, 0x24, 0xc5 }, 3, true, false },			/* jmp *x(,%rax,8) */
		{ { 0xf0, 0xff, 0x05 }, 3, true, true },			/* lock incl x(%rip) */
		{ { 0xc7, 0x05 }, 2, true, true },				/* movl $imm, x(%rip) */
		{ { 0xe8 }, 1, true, true },					/* call x */
		{ { 0x48, 0x8d, 0x3d }, 3, false, false },			/* lea x(%rip), %rdi */
		{ { 0x48, 0xc7, 0xc7 }, 3, false, false },			/* mov $x, %rdi */
		{ { 0xbf }, 1, false, false },					/* mov $x, %edi */
		{ { 0x48, 0xc7, 0x05, 1, 2, 3, 4 }, 7, false, false },		/* movq $x, y(%rip) */
		{ { 0x48, 0xc7, 0x47, 0x08 }, 4, false, false },		/* movq $x, 8(%rdi) */
		{ { 0x48, 0x81, 0xff }, 3, false, false },			/* cmp $x, %rdi */
		{ { 0x68 }, 1, false, false },					/* push $x */
		{ { 0x48, 0xbf }, 2, false, false },				/* movabs $x, %rdi */
		{ { 0x06, 0x8b, 0x05 }, 3, false, false },			/* not known */
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_msg(insn_accesses(t[i].text, sizeof(t[i].text), 0, t[i].field) == t[i].is, "case %zu", i);
		ck_assert_msg(insn_accesses_there(t[i].text, sizeof(t[i].text), 0, t[i].field) == t[i].there,
			      "case %zu", i);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("insn");

	tcase_add_test(tc, as_the_assembler_has_it);
	tcase_add_test(tc, not_known);
	tcase_add_test(tc, accesses);
	return fixture_run("insn", tc);
}
