// SPDX-License-Identifier: GPL-2.0-or-later
/* words.c - see words.h. */
#include "words.h"

bool names_is_keyword(const char *id, size_t len)
{
	static const char *const words[] = {
		"bool", "char", "const", "double", "enum", "extern", "float", "inline", "int", "long",
		"short", "signed", "s16", "s32", "s64", "s8", "size_t", "static", "struct", "typedef",
		"u16", "u32", "u64", "u8", "union", "unsigned", "void", "volatile", "NULL", "true",
		"false", "__always_inline",
		"break", "case", "continue", "default", "do", "else", "for", "goto", "if", "return", "sizeof",
		"switch", "typeof", "while",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(id, len, words[i]))
			return true;
	return false;
}

bool names_is_attribute(const char *id, size_t len)
{
	static const char *const words[] = {
		"__acquires", "__alias", "__aligned", "__alloc_size", "__assume_aligned",
		"__attribute__", "__cacheline_aligned", "__cacheline_aligned_in_smp", "__cond_acquires",
		"__counted_by", "__diag_ignore_all", "__exitdata", "__initconst", "__initdata",
		"__maybe_unused", "__must_hold", "__page_aligned_bss", "__page_aligned_data",
		"__printf", "__randomize_layout", "__read_mostly", "__refdata", "__releases",
		"__ro_after_init", "__scanf", "__section", "__typeof__", "__used", "__weak",
		"____cacheline_aligned", "____cacheline_aligned_in_smp", "asm", "typeof",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(id, len, words[i]))
			return true;
	return false;
}
