// SPDX-License-Identifier: GPL-2.0-only
/*
 * symbols.c - symbols that the kernel doesn't export, for patch modules.
 *
 * A patch module has undefined symbols "qp.vmlinux.NAME"; the stock loader
 * resolves them against the core's export table, which is pointed at an array
 * of ours and filled for one load.  So relocations, alternatives and static
 * calls work as in any module, and the file stays as it was signed.
 *
 * The loader's readers hold RCU or module_mutex.  The array never moves; its
 * contents change only while the count is 0 and both kinds have been waited out [I9].
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sort.h>
#include "compat.h"
#include "quietpatch.h"
#include "symbols.h"

#define OWN_MAX		32		/* the core's real exports */
#define PERCPU_MAX	(4u << 20)	/* bytes; a sane limit to zero-based per-CPU offsets */

static struct qp_ksym lent[QP_LEND_MAX + OWN_MAX];
static u8 lent_flags[QP_LEND_MAX + OWN_MAX];	/* 1: GPL only */
static char lent_names[QP_LEND_STRINGS];
static struct { const char *name; unsigned long value; } own[OWN_MAX];
static unsigned int nr_own, nr_lent;
static DEFINE_MUTEX(lend_lock);		/* guards all of the above; the loader reads without it */

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

/*
 * A pass through module_mutex, which isn't exported: reading /proc/modules
 * takes and drops it.  The read fails at the copy (not a user address), after
 * the mutex.  Without /proc, or in a task that is past exit_fs(): readers under
 * the mutex don't sleep in the table, so that a grace period of RCU-tasks has
 * seen them leave; it takes longer.
 */
static void wait_for_loader(void)
{
	struct file *f = current->fs ? filp_open("/proc/modules", O_RDONLY, 0) : ERR_PTR(-ENOENT);
	loff_t pos = 0;

	synchronize_rcu_expedited();
	if (!IS_ERR(f) && f->f_op->read) {
		f->f_op->read(f, (char __user *)-1L, 1, &pos);
		fput(f);
		return;
	}
	if (!IS_ERR(f))
		fput(f);
	synchronize_rcu_tasks();
}

static void set_entry(struct qp_ksym *e, unsigned long value, const char *name)
{
	e->value_offset = value - (unsigned long)&e->value_offset;
	e->name_offset = (unsigned long)name - (unsigned long)&e->name_offset;
	e->namespace_offset = 0;
}

static const char *entry_name(const struct qp_ksym *e)
{
	return offset_to_ptr(&e->name_offset);
}

/* Entries hold distances from themselves, so that moving one means rewriting it. */
static int cmp_entries(const void *a, const void *b)
{
	return strcmp(entry_name(a), entry_name(b));
}

static void swap_entries(void *a, void *b, int size)
{
	struct qp_ksym *x = a, *y = b;
	unsigned long vx = (unsigned long)offset_to_ptr(&x->value_offset);
	unsigned long vy = (unsigned long)offset_to_ptr(&y->value_offset);
	const char *nx = entry_name(x), *ny = entry_name(y);

	set_entry(x, vy, ny);
	set_entry(y, vx, nx);
}

static bool reaches(unsigned long value)
{
	long first = value - (unsigned long)&lent[0];
	long last = value - (unsigned long)&lent[ARRAY_SIZE(lent)];

	return first == (int)first && last == (int)last;
}

static void publish(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < nr_own; i++)
		set_entry(&lent[n + i], own[i].value, own[i].name);
	sort(lent, n + nr_own, sizeof(lent[0]), cmp_entries, swap_entries);
	nr_lent = n;
	/* The loader reads the count first, then the entries. */
	smp_wmb();
	qp_exports_count(THIS_MODULE, n + nr_own);
}

void qp_symbols_clear(void)
{
	mutex_lock(&lend_lock);
	if (nr_lent) {
		qp_exports_count(THIS_MODULE, 0);
		wait_for_loader();
		publish(0);
	}
	mutex_unlock(&lend_lock);
}

/* Address of one symbol, checked against kallsyms. */
static int resolve(const struct qp_sym_desc *s, const char *strings, unsigned int len,
		   unsigned long *value)
{
	unsigned long addr;

	/* The strings end in a NUL, so each offset inside is a string. */
	if (s->name >= len || s->kname >= len || s->reserved ||
	    (s->flags & ~(QP_SYM_PERCPU | QP_SYM_DATA)))
		return -EINVAL;
	if (strncmp(strings + s->name, "qp.", 3) || strlen(strings + s->name) > 2 * KSYM_NAME_LEN)
		return -EINVAL;
	if ((s->flags & QP_SYM_PERCPU) && QP_PERCPU_ZERO_BASED) {
		/* kallsyms has no size for these: only the range can be checked. */
		if (s->offset < 0 || s->offset >= PERCPU_MAX)
			return -EINVAL;
		addr = s->offset;
	} else {
		addr = (unsigned long)&_printk + s->offset;
		if (qp_symbol_verify(addr, strings + s->kname, NULL)) {
			pr_err("symbol %s isn't at %pS, where the patch expects it: built for another kernel?\n",
			       strings + s->kname, (void *)addr);
			return -ENOENT;
		}
	}
	if (!reaches(addr))
		return -ERANGE;
	*value = addr;
	return 0;
}

int qp_symbols_lend(const struct qp_sym_desc *syms, unsigned int n, const char *strings,
		    unsigned int len, unsigned int *bad)
{
	unsigned long value;
	unsigned int i;
	int ret;

	if (n > QP_LEND_MAX || len > QP_LEND_STRINGS)
		return -E2BIG;
	if (!len || strings[len - 1])
		return -EINVAL;
	for (i = 0; i < n; i++) {
		ret = resolve(&syms[i], strings, len, &value);
		if (ret) {
			*bad = i;
			return ret;
		}
	}
	mutex_lock(&lend_lock);
	qp_exports_count(THIS_MODULE, 0);
	wait_for_loader();
	memcpy(lent_names, strings, len);
	for (i = 0; i < n; i++) {
		resolve(&syms[i], strings, len, &value);
		set_entry(&lent[i], value, lent_names + syms[i].name);
	}
	publish(n);
	mutex_unlock(&lend_lock);
	return 0;
}

/*
 * Point the table at our array.  It holds the same entries in the same order as
 * the module's own, so a reader may mix old and new fields.
 */
int qp_symbols_init(void)
{
	const struct qp_ksym *tab;
	unsigned int i, n = qp_exports_get(THIS_MODULE, &tab);

	if (n > OWN_MAX)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		own[i].name = entry_name(&tab[i]);
		own[i].value = (unsigned long)offset_to_ptr(&tab[i].value_offset);
		set_entry(&lent[i], own[i].value, own[i].name);
	}
	memset(lent_flags, 1, sizeof(lent_flags));
	nr_own = n;
	smp_wmb();
	qp_exports_point(THIS_MODULE, lent, lent_flags);
	return 0;
}
