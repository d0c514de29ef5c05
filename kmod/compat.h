/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h - what differs between the kernels that quietpatch.ko runs on.
 *
 * The only place that asks for the kernel's version; everything else is
 * written against the names made here.
 */
#ifndef QP_COMPAT_H
#define QP_COMPAT_H

#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define qp_set_ip(fregs, ip)	ftrace_regs_set_instruction_pointer(fregs, ip)
#else
#define qp_set_ip(fregs, ip)	ftrace_instruction_pointer_set(fregs, ip)
#endif

/* A module's text that stays after its init. */
static inline void qp_module_text(struct module *mod, unsigned long *start, unsigned long *size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	*start = (unsigned long)mod->mem[MOD_TEXT].base;
	*size = mod->mem[MOD_TEXT].size;
#else
	*start = (unsigned long)mod->core_layout.base;
	*size = mod->core_layout.text_size;
#endif
}

/* Is [addr, addr + len) within [base, base + size)?  Nothing of it may wrap. */
static inline bool qp_range_holds(unsigned long base, unsigned long size, unsigned long addr, unsigned long len)
{
	return addr >= base && len <= size && addr - base <= size - len;
}

/* Is [addr, addr + len) within what stays of the module? */
static inline bool qp_module_owns(struct module *mod, unsigned long addr, unsigned long len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	for_each_mod_mem_type(type)
		if (mod_mem_type_is_core(type) &&
		    qp_range_holds((unsigned long)mod->mem[type].base, mod->mem[type].size, addr, len))
			return true;
	return false;
#else
	return qp_range_holds((unsigned long)mod->core_layout.base, mod->core_layout.size, addr, len);
#endif
}

/* system_unbound_wq got a new name in 6.17, and newer kernels complain about the old one. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define qp_unbound_wq	system_dfl_wq
#else
#define qp_unbound_wq	system_unbound_wq
#endif

/* Defines the probe of sched_process_exit. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define QP_EXIT_PROBE(name, task) static void name(void *unused, struct task_struct *task, bool last_thread)
#else
#define QP_EXIT_PROBE(name, task) static void name(void *unused, struct task_struct *task)
#endif

/* From 6.16 on, a tracepoint without an event is called trace_NAME_tp(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define qp_trace_observe(w)	trace_quietpatch_observe_tp(w)
#else
#define qp_trace_observe(w)	trace_quietpatch_observe(w)
#endif

/* One entry of a module's export table: struct kernel_symbol with PREL32, private to the loader in newer kernels. */
struct qp_ksym {
	int value_offset;
	int name_offset;
	int namespace_offset;
};

/*
 * The module's own (GPL) exports, as the loader sees them.  6.19 merged the two
 * tables and keeps one flag byte a symbol.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
static inline unsigned int qp_exports_get(struct module *mod, const struct qp_ksym **tab)
{
	*tab = (const struct qp_ksym *)mod->syms;
	return mod->num_syms;
}
static inline void qp_exports_point(struct module *mod, struct qp_ksym *tab, u8 *flags)
{
	mod->crcs = NULL;
	mod->flagstab = flags;
	mod->syms = (void *)tab;
}
static inline void qp_exports_count(struct module *mod, unsigned int n)
{
	WRITE_ONCE(mod->num_syms, n);
}
#else
static inline unsigned int qp_exports_get(struct module *mod, const struct qp_ksym **tab)
{
	*tab = (const struct qp_ksym *)mod->gpl_syms;
	return mod->num_gpl_syms;
}
static inline void qp_exports_point(struct module *mod, struct qp_ksym *tab, u8 *flags)
{
	mod->gpl_crcs = NULL;
	mod->gpl_syms = (void *)tab;
}
static inline void qp_exports_count(struct module *mod, unsigned int n)
{
	WRITE_ONCE(mod->num_gpl_syms, n);
}
#endif

/* Per-CPU symbols were offsets from zero before 6.15. */
#define QP_PERCPU_ZERO_BASED	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0))

/* Direct calls by ops. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define qp_modify_direct(ops, addr)	modify_ftrace_direct(ops, addr)
#define qp_register_direct(ops, addr)	register_ftrace_direct(ops, addr)
#define qp_drop_direct(ops, addr)	unregister_ftrace_direct(ops, addr, false)
#else
#define qp_modify_direct(ops, addr)	modify_ftrace_direct_multi(ops, addr)
static inline int qp_register_direct(struct ftrace_ops *ops, unsigned long addr)
{
	return register_ftrace_direct_multi(ops, addr);
}
#define qp_drop_direct(ops, addr)	unregister_ftrace_direct_multi(ops, addr)
#endif

/* What ftrace doesn't let go of still needs its filter, and is tried again. */
static inline int qp_unregister_direct(struct ftrace_ops *ops, unsigned long addr)
{
	int ret = qp_drop_direct(ops, addr);

	if (!ret)
		ftrace_free_filter(ops);
	return ret;
}

/*
 * Where a direct call has to lead so that @target runs instead of the function.
 * From 7.0 on ftrace takes an odd address for a jump: @target returns to the
 * function's caller by itself, and the slot is left out.
 */
static inline unsigned long qp_direct_addr(unsigned long slot, unsigned long target)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0) && defined(CONFIG_DYNAMIC_FTRACE_WITH_JMP)
	if (!ftrace_is_jmp(target))
		return ftrace_jmp_set(target);
#endif
	return slot;
}

/* Defines the function that ftrace asks whether a direct call gets along with ops that change the address. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define QP_DIRECT_OPS_FUNC(name, op, cmd) \
	static int name(struct ftrace_ops *op, unsigned long ip, enum ftrace_ops_cmd cmd)
#else
#define QP_DIRECT_OPS_FUNC(name, op, cmd) \
	static int name(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
#endif

#endif /* QP_COMPAT_H */
