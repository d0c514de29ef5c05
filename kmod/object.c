// SPDX-License-Identifier: GPL-2.0-only
/*
 * object.c - a target of a patch: vmlinux, or a module that may come and go.
 *
 * Nothing is redirected before the function is where the patch says, and its
 * live bytes are what the patch was built against.
 */
#include <crypto/sha2.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "arch.h"
#include "call.h"
#include "compat.h"
#include "handler.h"
#include "loading.h"
#include "object.h"
#include "patch.h"
#include "symbols.h"

/* SHA-256 of the live bytes with what boot and load rewrite as 0. */
static int verify_bytes(struct qp_func *func, unsigned long addr)
{
	static const u8 none[QP_DIGEST_LEN];
	const struct qp_func_desc *d = func->desc;
	const struct qp_mask *m = qp_ptr(d->masks);
	u8 digest[QP_DIGEST_LEN];
	unsigned int i;
	u8 *copy;

	/* No digest: the patch states no expectation (hand-made modules; klp-build always does). */
	if (!memcmp(d->digest, none, sizeof(none)))
		return 0;
	copy = kvmalloc(d->old_size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	if (copy_from_kernel_nofault(copy, (void *)addr, d->old_size)) {
		kvfree(copy);
		return -EFAULT;
	}
	for (i = 0; i < d->nr_masks; i++)
		memset(copy + m[i].offset, 0, m[i].len);
	sha256(copy, d->old_size, digest);
	if (!memcmp(digest, d->digest, sizeof(digest))) {
		kvfree(copy);
		return 0;
	}
	/* A kprobe may be a breakpoint or, optimised, a jump: the bytes don't tell. */
	pr_err("%s: its code in memory isn't what the patch was built against: a kprobe inside it (it would never fire again; see /sys/kernel/debug/kprobes/list), another patcher, a rootkit, or built for another kernel\n",
	       func->name);
	kvfree(copy);
	return -EINVAL;
}

static int locate_function(struct qp_func *func, struct module *mod, unsigned long *addr, unsigned long *cold)
{
	const struct qp_func_desc *d = func->desc;
	const char *cold_name = qp_ptr(d->cold_name);
	int ret;

	*cold = 0;
	if (!mod) {
		*addr = (unsigned long)&_printk + d->old_offset;
		if (d->cold_size)
			*cold = (unsigned long)&_printk + d->cold_offset;
		return 0;
	}
	ret = qp_module_symbol(mod, func->name, d->sympos, addr);
	if (ret) {
		pr_err("%s: %s in module %s: error %d\n", func->name,
		       ret == -ENOTUNIQ ? "several functions of this name" : "no such function", mod->name, ret);
		return ret;
	}
	if (d->cold_size) {
		ret = qp_module_symbol(mod, cold_name, d->sympos, cold);
		if (ret)
			pr_err("%s: not found in module %s\n", cold_name, mod->name);
	}
	return ret;
}

static int resolve_func(struct qp_func *func, struct module *mod)
{
	const struct qp_func_desc *d = func->desc;
	unsigned long addr, cold, size, old_size;
	int ret;

	ret = locate_function(func, mod, &addr, &cold);
	if (ret)
		return ret;
	ret = qp_symbol_verify(addr, func->name, &old_size);
	if (!ret && old_size < d->old_size)
		ret = -EINVAL;
	if (ret) {
		pr_err("%s: not at %pS with %u bytes: built for another kernel?\n",
		       func->name, (void *)addr, d->old_size);
		return -EINVAL;
	}
	if (cold) {
		ret = qp_symbol_verify(cold, qp_ptr(d->cold_name), &size);
		if (ret || size < d->cold_size) {
			pr_err("%s: its part %s isn't at %pS\n", func->name, (char *)qp_ptr(d->cold_name), (void *)cold);
			return -EINVAL;
		}
	}
	if (qp_handler_check(addr)) {
		pr_err("%s: no ftrace call at its start: it is notrace, or patched away\n", func->name);
		return -EINVAL;
	}
	ret = verify_bytes(func, addr);
	if (ret)
		return ret;
	func->old_addr = addr;
	func->old_size = old_size;
	func->cold_addr = cold;
	return 0;
}

static int apply_reloc(struct qp_patch *patch, const struct qp_reloc_desc *r, struct module *mod)
{
	struct mutex *lock = qp_ptr(patch->desc->text_mutex);
	unsigned long sym;
	struct qp_reloc_value v;
	int ret;

	ret = qp_module_symbol(mod, qp_ptr(r->name), r->sympos, &sym);
	if (!ret)
		ret = qp_arch_reloc(r, sym, &v);
	if (!ret && !qp_module_owns(patch->mod, r->place, v.len))
		ret = -EINVAL;
	if (ret) {
		pr_err("%s: reference to %s of module %s: error %d\n", patch->mod->name,
		       (char *)qp_ptr(r->name), mod->name, ret);
		return ret;
	}
	/* Written before, and perhaps in use: what an object that is there shares with one that comes. */
	if (!memcmp((void *)(unsigned long)r->place, &v.value, v.len))
		return 0;
	mutex_lock(lock);
	qp_call3(patch->desc->text_poke, (void *)(unsigned long)r->place, &v.value, v.len);
	mutex_unlock(lock);
	return 0;
}

static bool is_object(struct qp_patch *patch, const char *name)
{
	struct qp_object *obj;

	qp_for_each_object(patch, obj)
		if (!strcmp(obj->name, name))
			return true;
	return false;
}

/*
 * A module that the patch changes nothing of: kvm, for a patch of kvm_intel. Whoever needs
 * it depends on it, so it is there when the object is; if not, it is another object's.
 */
static int apply_foreign(struct qp_patch *patch, const struct qp_reloc_desc *r)
{
	struct module *mod = qp_module_get(qp_ptr(r->object));
	int ret;

	if (!mod)
		return 0;
	ret = apply_reloc(patch, r, mod);
	module_put(mod);
	return ret;
}

/* No task runs code of this object's replacements yet: only then may text be written plainly. */
static int apply_relocs(struct qp_object *obj, struct module *mod)
{
	const struct qp_patch_desc *d = obj->patch->desc;
	const struct qp_reloc_desc *r = qp_ptr(d->relocs);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < d->nr_relocs && !ret; i++) {
		const char *name = qp_ptr(r[i].object);

		if (!strcmp(name, obj->name))
			ret = apply_reloc(obj->patch, &r[i], mod);
		else if (!is_object(obj->patch, name))
			ret = apply_foreign(obj->patch, &r[i]);
	}
	if (ret)
		return ret;
	if (d->nr_relocs && d->text_poke_sync)
		qp_call3(d->text_poke_sync, NULL, NULL, 0);
	return 0;
}

void qp_object_forget(struct qp_object *obj)
{
	struct qp_func *func;

	obj->present = false;
	qp_for_each_func(obj->patch, func)
		if (func->obj == obj) {
			func->old_addr = 0;
			func->cold_addr = 0;
		}
}

int qp_object_resolve(struct qp_object *obj, struct module *mod)
{
	struct qp_func *func;
	int ret = 0;

	lockdep_assert_held(&qp_mutex);
	if (mod)
		ret = apply_relocs(obj, mod);
	qp_for_each_func(obj->patch, func) {
		if (ret)
			break;
		if (func->obj == obj)
			ret = resolve_func(func, mod);
	}
	if (ret)
		qp_object_forget(obj);
	else
		obj->present = true;
	return ret;
}

/* What was right when the patch was registered may have been changed since. */
static int verify_again(struct qp_object *obj)
{
	struct qp_func *func;
	int ret = 0;

	qp_for_each_func(obj->patch, func) {
		if (func->obj == obj)
			ret = verify_bytes(func, func->old_addr);
		if (ret)
			break;
	}
	return ret;
}

int qp_objects_resolve(struct qp_patch *patch)
{
	struct qp_object *obj;
	struct module *mod;
	int ret = 0;

	qp_for_each_object(patch, obj) {
		if (obj->present) {
			ret = verify_again(obj);
			if (ret)
				return ret;
			continue;
		}
		mod = obj->vmlinux ? NULL : qp_module_get(obj->name);
		if (!mod && !obj->vmlinux) {
			if (qp_loading_has(obj->name)) {
				pr_err("module %s is just being loaded: try again\n", obj->name);
				return -EAGAIN;
			}
			continue;
		}
		ret = qp_object_resolve(obj, mod);
		if (mod)
			module_put(mod);
		if (ret)
			return ret;
	}
	return 0;
}
