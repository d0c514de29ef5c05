/* SPDX-License-Identifier: GPL-2.0-only */
/* symbols.h - addresses by name and position; symbols lent to the module loader. */
#ifndef QP_SYMBOLS_H
#define QP_SYMBOLS_H

#include <linux/types.h>

struct module;
struct qp_sym_desc;

/* Does kallsyms say that `name` starts at addr?  Its size there (to the next symbol) in *size. */
int qp_symbol_verify(unsigned long addr, const char *name, unsigned long *size);
/* A live module by name, with a reference; NULL if it isn't there (or on its way out). */
struct module *qp_module_get(const char *name);
int qp_module_symbol(struct module *mod, const char *name, unsigned int pos, unsigned long *addr);

/* Lend n symbols to the loader: -EINVAL/-ENOENT and *bad on the first one that isn't what it says. */
int qp_symbols_lend(const struct qp_sym_desc *syms, unsigned int n, const char *strings,
		    unsigned int strings_len, unsigned int *bad);
void qp_symbols_clear(void);
int qp_symbols_init(void);

#endif
