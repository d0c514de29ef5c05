/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys_text.h - compile a unit so that tests of some static keys read the key, instead of being jump labels. */
#ifndef KLP_KEYS_TEXT_H
#define KLP_KEYS_TEXT_H

#include <stddef.h>

struct build;
struct klp_err;
struct strings;
struct text;
struct unit;

/* Pure; s[len] is NUL. How many jump labels of @keys there were. */
int keys_rewrite(const char *s, size_t len, const struct strings *keys, struct text *out);

/* compile_keys.c: the patched object made once more, without jump labels of @keys; *out receives its path. */
int unit_compile_without(struct build *b, struct unit *u, const struct strings *keys, char **out,
			 struct klp_err *err);

#endif
