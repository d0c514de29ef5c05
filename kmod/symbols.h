/* SPDX-License-Identifier: GPL-2.0-only */
/* symbols.h - addresses by name and position; which patch module may be linked. */
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

/*
 * Compare a patch's table, n entries and len bytes of strings right behind them, with the kernel that
 * runs; then let the loader link the module that has this very table, and no other. -ENOENT, -EINVAL: *bad is the
 * first entry that isn't true. The caller sees to it that there is one at a time.
 */
int qp_symbols_check(const struct qp_sym_desc *syms, unsigned int n, unsigned int len, unsigned int *bad);
void qp_symbols_clear(void);
int qp_symbols_init(void);

#endif
