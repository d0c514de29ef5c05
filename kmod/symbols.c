// SPDX-License-Identifier: GPL-2.0-only
/*
 * symbols.c - what the kernel has where: for patches, by name.
 *
 * A patch module reaches what vmlinux doesn't export by its distance from QP_ANCHOR, so
 * the stock loader links it like any module; its table says what has to lie there.  It also
 * has an undefined symbol, QP_VERIFIED and the table's digest in hex.  The core exports one of
 * that name once it has found all of the table to be true.  So nothing is linked that wasn't
 * compared with the kernel that runs [I9].
 */
#include <crypto/sha2.h>
#include <linux/kallsyms.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "arch.h"
#include "compat.h"
#include "quietpatch.h"
#include "symbols.h"

#define OWN_MAX		32		/* the core's real exports */

/*
 * What the loader sees as our exports: the real ones, then the one for a patch, which is
 * there when the count says so.
 */
static struct qp_ksym exports[OWN_MAX + 1];
static u8 exports_flags[OWN_MAX + 1];	/* 1: GPL only */
static char verified[] = QP_VERIFIED "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static unsigned int nr_own;

static_assert(sizeof(verified) == sizeof(QP_VERIFIED) + 2 * SHA256_DIGEST_SIZE);

int qp_symbol_verify(unsigned long addr, const char *name, unsigned long *size)
{
	char buf[KSYM_SYMBOL_LEN + 1];
	size_t len = strlen(name);
	unsigned long sz;
	char *rest;

	if (len >= KSYM_NAME_LEN)
		return -ENAMETOOLONG;
	/* "name+0x0/0x1a0" or "name+0x0/0x1a0 [module]" */
	sprint_symbol(buf, addr);
	if (strncmp(buf, name, len) || strncmp(buf + len, "+0x0/0x", 7))
		return -ENOENT;
	rest = strpbrk(buf + len + 7, " ");
	if (rest)
		*rest = '\0';
	if (kstrtoul(buf + len + 7, 16, &sz))
		return -ENOENT;
	if (size)
		*size = sz;
	return 0;
}

struct module *qp_module_get(const char *name)
{
	struct module *mod = NULL;
	struct kobject *k;

	k = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, name);
	if (!k)
		return NULL;
	/* NULL for what is built in but has parameters. */
	mod = container_of(k, struct module_kobject, kobj)->mod;
	if (mod && !try_module_get(mod))
		mod = NULL;
	kobject_put(k);
	return mod;
}

int qp_module_symbol(struct module *mod, const char *name, unsigned int pos, unsigned long *addr)
{
	unsigned int i, seen = 0;
	unsigned long found = 0;
	struct mod_kallsyms *ks;
	int ret = -ENOENT;

	rcu_read_lock();
	ks = rcu_dereference(mod->kallsyms);
	for (i = 0; ks && i < ks->num_symtab; i++) {
		const Elf_Sym *s = &ks->symtab[i];

		if (s->st_shndx == SHN_UNDEF || strcmp(ks->strtab + s->st_name, name))
			continue;
		seen++;
		if (!pos || seen == pos)
			found = s->st_value;
	}
	rcu_read_unlock();
	if (!pos && seen > 1)
		ret = -ENOTUNIQ;
	else if (found) {
		*addr = found;
		ret = 0;
	}
	return ret;
}

static void set_entry(struct qp_ksym *e, unsigned long value, const char *name)
{
	e->value_offset = value - (unsigned long)&e->value_offset;
	e->name_offset = (unsigned long)name - (unsigned long)&e->name_offset;
	e->namespace_offset = 0;
}

/* Is one entry true? */
static int check_symbol(const struct qp_sym_desc *s, const char *strings, unsigned int len)
{
	unsigned long addr = (unsigned long)&_printk + s->offset;
	const char *name = strings + s->name;

	/* The strings end in a NUL, so each offset inside is a string. */
	if (s->name >= len || !*name || strnlen(name, KSYM_NAME_LEN) == KSYM_NAME_LEN ||
	    (s->flags & ~(QP_SYM_PERCPU | QP_SYM_DATA)))
		return -EINVAL;
	/* kallsyms doesn't find these by address: only the range can be checked. */
	if (s->flags & QP_SYM_PERCPU)
		return QP_PERCPU_ZERO_BASED && s->offset >= 0 && s->offset < QP_PERCPU_MAX ? 0 : -EINVAL;
	if (!qp_symbol_verify(addr, name, NULL))
		return 0;
	pr_err("symbol %s isn't at %pS, where the patch expects it: built for another kernel?\n",
	       name, (void *)addr);
	return -ENOENT;
}

/* A loader may read the digits while they change: a mixture of two digests is no table's. */
int qp_symbols_check(const struct qp_sym_desc *syms, unsigned int n, unsigned int len, unsigned int *bad)
{
	const char *strings = (const char *)&syms[n];
	u8 digest[SHA256_DIGEST_SIZE];
	unsigned int i;
	int ret;

	if (n > QP_SYMBOLS_MAX || len > QP_STRINGS_MAX)
		return -E2BIG;
	if (!len || strings[len - 1])
		return -EINVAL;
	for (i = 0; i < n; i++) {
		ret = check_symbol(&syms[i], strings, len);
		if (ret) {
			*bad = i;
			return ret;
		}
		cond_resched();
	}
	sha256((const u8 *)syms, n * sizeof(*syms) + len, digest);
	qp_symbols_clear();
	sprintf(verified + strlen(QP_VERIFIED), "%*phN", (int)sizeof(digest), digest);
	/* The loader reads the count first, then the name. */
	smp_wmb();
	qp_exports_count(THIS_MODULE, nr_own + 1);
	return 0;
}

void qp_symbols_clear(void)
{
	qp_exports_count(THIS_MODULE, nr_own);
	/* Before the name changes. */
	smp_wmb();
}

/*
 * Point the loader at our array.  It begins with the same entries in the same order as the
 * module's own, so a reader may mix old and new fields.
 */
int qp_symbols_init(void)
{
	const struct qp_ksym *tab;
	unsigned int i, n = qp_exports_get(THIS_MODULE, &tab);

	if (n > OWN_MAX)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		const char *name = offset_to_ptr(&tab[i].name_offset);

		/* The loader's search wants them sorted. */
		if (strcmp(name, verified) >= 0)
			return -EINVAL;
		set_entry(&exports[i], (unsigned long)offset_to_ptr(&tab[i].value_offset), name);
	}
	/* Nobody uses the value; any that is never 0 will do. */
	set_entry(&exports[n], (unsigned long)verified, verified);
	memset(exports_flags, 1, sizeof(exports_flags));
	nr_own = n;
	smp_wmb();
	qp_exports_point(THIS_MODULE, exports, exports_flags);
	return 0;
}
