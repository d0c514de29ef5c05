// SPDX-License-Identifier: GPL-2.0-only
/*
 * register.c - patch modules register what they carry; all of it is validated
 * here, before anything acts on it.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "compat.h"
#include "fork.h"
#include "object.h"
#include "patch.h"
#include "register.h"
#include "sysfs.h"

#define MAX_FUNCS	4096
#define MAX_RELOCS	65536
#define MAX_CALLBACKS	256
#define MAX_STATES	64
#define MAX_REQUIRES	64
#define MAX_OLD_SIZE	(1u << 20)	/* bytes of one function */

/* A NUL-terminated name inside the patch module, shorter than max. */
static bool name_ok(struct module *mod, u64 ptr, size_t max)
{
	const char *s = qp_ptr(ptr);
	size_t i;

	for (i = 0; i < max; i++) {
		if (!qp_module_owns(mod, (unsigned long)s + i, 1))
			return false;
		if (!s[i])
			return i > 0;
	}
	return false;
}

static bool array_ok(struct module *mod, u64 ptr, u32 n, size_t size)
{
	return !n || qp_module_owns(mod, ptr, n * size);
}

static int check_masks(struct module *mod, const struct qp_func_desc *f)
{
	const struct qp_mask *m = qp_ptr(f->masks);
	u32 i, end = 0;

	if (f->nr_masks > f->old_size || !array_ok(mod, f->masks, f->nr_masks, sizeof(*m)))
		return -EINVAL;
	for (i = 0; i < f->nr_masks; i++) {
		if (m[i].offset < end || m[i].offset >= f->old_size ||
		    !m[i].len || m[i].len > f->old_size - m[i].offset)
			return -EINVAL;
		end = m[i].offset + m[i].len;
	}
	return 0;
}

/* A function of the patch module, or none. */
static bool function_ok(struct module *mod, u64 addr)
{
	unsigned long text, size;

	qp_module_text(mod, &text, &size);
	return !addr || qp_range_holds(text, size, addr, 1);
}

static int check_callbacks(struct module *mod, const struct qp_patch_desc *d)
{
	const struct qp_callback_desc *c = qp_ptr(d->callbacks);
	u32 i;

	for (i = 0; i < d->nr_callbacks; i++)
		if (!name_ok(mod, c[i].object, MODULE_NAME_LEN) ||
		    !function_ok(mod, c[i].pre_apply) || !function_ok(mod, c[i].post_apply) ||
		    !function_ok(mod, c[i].pre_revert) || !function_ok(mod, c[i].post_revert)) {
			pr_err("%s: the descriptor of callback %u is malformed\n", mod->name, i);
			return -EINVAL;
		}
	return 0;
}

static int check_states(const struct qp_patch_desc *d)
{
	const struct qp_state_desc *s = qp_ptr(d->states);
	u32 i;

	for (i = 0; i < d->nr_states; i++)
		if (s[i].reserved)
			return -EINVAL;
	return 0;
}

static int check_func(struct module *mod, const struct qp_func_desc *f)
{
	unsigned long text, size;
	bool vmlinux;

	if (!name_ok(mod, f->name, KSYM_NAME_LEN) || !name_ok(mod, f->object, MODULE_NAME_LEN))
		return -EINVAL;
	vmlinux = !strcmp(qp_ptr(f->object), QP_VMLINUX);
	qp_module_text(mod, &text, &size);
	if (f->flags || !f->old_size || f->old_size > MAX_OLD_SIZE || !f->new_size ||
	    !qp_range_holds(text, size, f->new_addr, f->new_size) ||
	    (!vmlinux && (f->old_offset || f->cold_offset)) ||
	    (!f->cold_size && (f->cold_offset || f->cold_name)))
		return -EINVAL;
	if (f->cold_size && (f->cold_size > MAX_OLD_SIZE || !name_ok(mod, f->cold_name, KSYM_NAME_LEN)))
		return -EINVAL;
	return check_masks(mod, f);
}

static int check_relocs(struct module *mod, const struct qp_patch_desc *d)
{
	const struct qp_reloc_desc *r = qp_ptr(d->relocs);
	u32 i;

	if (!d->nr_relocs)
		return 0;
	if (!d->text_poke || !d->text_mutex)
		return -EINVAL;
	for (i = 0; i < d->nr_relocs; i++)
		if (!name_ok(mod, r[i].object, MODULE_NAME_LEN) || !name_ok(mod, r[i].name, KSYM_NAME_LEN) ||
		    !qp_module_owns(mod, r[i].place, 4))
			return -EINVAL;
	return 0;
}

static int check_relations(struct module *mod, const struct qp_patch_desc *d)
{
	const struct qp_require_desc *r = qp_ptr(d->requires);
	u32 i;

	if (d->name && !name_ok(mod, d->name, QP_NAME_LEN))
		return -EINVAL;
	/* A cumulative patch would take over from what it needs. */
	if (d->nr_requires > MAX_REQUIRES || !array_ok(mod, d->requires, d->nr_requires, sizeof(*r)) ||
	    (d->nr_requires && (d->flags & QP_PATCH_REPLACE)))
		return -EINVAL;
	for (i = 0; i < d->nr_requires; i++)
		if (!name_ok(mod, r[i].name, QP_NAME_LEN) || r[i].flags & ~QP_REQUIRE_TAKES_OVER)
			return -EINVAL;
	return 0;
}

static int check_desc(struct module *mod, const struct qp_patch_desc *d)
{
	const struct qp_func_desc *f;
	u32 i;

	if (!qp_module_owns(mod, (unsigned long)d, sizeof(*d)) || d->size != sizeof(*d)) {
		pr_err("%s: its descriptor has another size than this core's\n", mod->name);
		return -EINVAL;
	}
	if (d->abi != QP_ABI) {
		pr_err("%s: built for ABI %u, this core has %d\n", mod->name, d->abi, QP_ABI);
		return -EINVAL;
	}
	if ((d->flags & ~(QP_PATCH_REPLACE | QP_PATCH_IRREVERTIBLE)) || d->nr_states > MAX_STATES ||
	    d->nr_funcs > MAX_FUNCS ||
	    (!d->nr_funcs && !d->nr_callbacks) ||
	    d->nr_relocs > MAX_RELOCS || d->nr_callbacks > MAX_CALLBACKS ||
	    !array_ok(mod, d->funcs, d->nr_funcs, sizeof(*f)) ||
	    !array_ok(mod, d->relocs, d->nr_relocs, sizeof(struct qp_reloc_desc)) ||
	    !array_ok(mod, d->callbacks, d->nr_callbacks, sizeof(struct qp_callback_desc)) ||
	    check_relocs(mod, d) || !array_ok(mod, d->states, d->nr_states, sizeof(struct qp_state_desc)) ||
	    check_states(d) || check_relations(mod, d)) {
		pr_err("%s: its descriptor is malformed\n", mod->name);
		return -EINVAL;
	}
	for (f = qp_ptr(d->funcs), i = 0; i < d->nr_funcs; i++)
		if (check_func(mod, &f[i])) {
			pr_err("%s: the descriptor of function %u is malformed\n", mod->name, i);
			return -EINVAL;
		}
	return check_callbacks(mod, d);
}

/* The GNU build-id among the running kernel's notes; -ENOENT where sysfs isn't mounted. */
static int kernel_build_id(u8 *id)
{
	struct { u32 namesz, descsz, type; } *n;
	struct file *f;
	loff_t pos = 0;
	ssize_t len, at = 0;
	int ret = -ENOENT;
	u8 *buf;

	f = filp_open("/sys/kernel/notes", O_RDONLY, 0);
	if (IS_ERR(f))
		return -ENOENT;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	len = buf ? kernel_read(f, buf, PAGE_SIZE, &pos) : -ENOMEM;
	if (len < 0)
		ret = len;
	while (len > 0 && at + (ssize_t)sizeof(*n) <= len) {
		size_t name, desc;

		n = (void *)(buf + at);
		name = ALIGN((size_t)n->namesz, 4);
		desc = ALIGN((size_t)n->descsz, 4);
		at += sizeof(*n);
		if (name > len - at || desc > len - at - name)
			break;
		if (n->type == 3 && n->namesz == 4 && !memcmp(buf + at, "GNU", 4) &&
		    n->descsz == QP_BUILD_ID_LEN) {
			memcpy(id, buf + at + name, QP_BUILD_ID_LEN);
			ret = 0;
			break;
		}
		at += name + desc;
	}
	kfree(buf);
	fput(f);
	return ret;
}

static int check_build_id(struct module *mod, const struct qp_patch_desc *d)
{
	u8 id[QP_BUILD_ID_LEN];
	int ret;

	/* Not given (hand-made): the functions' own checks remain. */
	if (!memchr_inv(d->build_id, 0, sizeof(d->build_id)))
		return 0;
	ret = kernel_build_id(id);
	if (ret) {
		pr_err("%s: the running kernel's build-id can't be read from /sys/kernel/notes (error %d): is sysfs mounted?\n",
		       mod->name, ret);
		return ret;
	}
	if (!memcmp(id, d->build_id, sizeof(id)))
		return 0;
	pr_err("%s: built for the kernel with build-id %*phN, this one is %*phN\n",
	       mod->name, QP_BUILD_ID_LEN, d->build_id, QP_BUILD_ID_LEN, id);
	return -EINVAL;
}

static struct qp_object *object_for(struct qp_patch *patch, const char *name)
{
	struct qp_object *obj;

	qp_for_each_object(patch, obj)
		if (!strcmp(obj->name, name))
			return obj;
	obj = &patch->objs[patch->nr_objs++];
	obj->patch = patch;
	obj->name = name;
	obj->vmlinux = !strcmp(name, QP_VMLINUX);
	return obj;
}

static void destroy_patch(struct qp_patch *patch)
{
	kvfree(patch->objs);
	kvfree(patch->funcs);
	kvfree(patch->callbacks);
	kfree(patch);
}

static struct qp_patch *make_patch(struct module *mod, const struct qp_patch_desc *d)
{
	const struct qp_func_desc *fd = qp_ptr(d->funcs);
	const struct qp_callback_desc *c = qp_ptr(d->callbacks);
	struct qp_patch *patch;
	u32 i;

	patch = kzalloc(sizeof(*patch), GFP_KERNEL);
	if (!patch)
		return NULL;
	patch->objs = kvcalloc(d->nr_funcs + d->nr_callbacks, sizeof(*patch->objs), GFP_KERNEL);
	patch->funcs = kvcalloc(d->nr_funcs, sizeof(*patch->funcs), GFP_KERNEL);
	patch->callbacks = kvcalloc(d->nr_callbacks, sizeof(*patch->callbacks), GFP_KERNEL);
	if (!patch->objs || !patch->funcs || !patch->callbacks) {
		destroy_patch(patch);
		return NULL;
	}
	patch->mod = mod;
	patch->desc = d;
	patch->name = d->name ? qp_ptr(d->name) : mod->name;
	INIT_LIST_HEAD(&patch->list);
	INIT_LIST_HEAD(&patch->undos);
	for (i = 0; i < d->nr_funcs; i++) {
		struct qp_func *func = &patch->funcs[patch->nr_funcs++];

		func->patch = patch;
		func->desc = &fd[i];
		func->name = qp_ptr(fd[i].name);
		func->new_addr = fd[i].new_addr;
		func->obj = object_for(patch, qp_ptr(fd[i].object));
	}
	for (i = 0; i < d->nr_callbacks; i++) {
		patch->callbacks[i].desc = &c[i];
		patch->callbacks[i].obj = object_for(patch, qp_ptr(c[i].object));
	}
	return patch;
}

static int check_duplicates(struct qp_patch *patch)
{
	struct qp_func *a, *b;

	qp_for_each_func(patch, a)
		for (b = patch->funcs; b < a; b++)
			if (qp_func_same(a, b)) {
				pr_err("%s: function %s is described twice\n", patch->mod->name, a->name);
				return -EINVAL;
			}
	return 0;
}

/**
 * qp_patch_register - called by a patch module's init with what it carries
 * @mod: the patch module
 * @desc: its descriptor, in the module
 *
 * Validates the descriptor, and every function whose object is there. Nothing
 * is redirected yet: QP_IOC_START does that.
 *
 * Return: 0, or -errno, and the module must fail its init.
 */
int qp_patch_register(struct module *mod, const struct qp_patch_desc *desc)
{
	struct qp_patch *patch;
	bool first;
	int ret;

	ret = check_desc(mod, desc);
	if (!ret)
		ret = check_build_id(mod, desc);
	if (ret)
		return ret;
	patch = make_patch(mod, desc);
	if (!patch)
		return -ENOMEM;

	mutex_lock(&qp_mutex);
	first = list_empty(&qp_patches);
	ret = qp_patch_of(mod) ? -EBUSY : check_duplicates(patch);
	if (!ret)
		ret = qp_objects_resolve(patch);
	if (!ret && first)
		ret = qp_fork_watch();
	if (ret)
		goto err;
	ret = qp_sysfs_add(patch);
	if (ret) {
		if (first)
			qp_fork_unwatch();
		goto err;
	}
	list_add_tail(&patch->list, &qp_patches);
	qp_patches_number();
	mutex_unlock(&qp_mutex);
	return 0;

err:
	mutex_unlock(&qp_mutex);
	destroy_patch(patch);
	return ret;
}
EXPORT_SYMBOL_GPL(qp_patch_register);

/**
 * qp_patch_unregister - called by a patch module's exit
 * @mod: the patch module
 *
 * The module's references made sure that nothing of it is in use [I6].
 */
void qp_patch_unregister(struct module *mod)
{
	struct qp_patch *patch;

	mutex_lock(&qp_mutex);
	patch = qp_patch_of(mod);
	if (!patch || WARN(patch->state != QP_PATCH_LOADED || patch->nr_leaving,
			   "quietpatch: %s goes while it is in use\n", mod->name)) {
		mutex_unlock(&qp_mutex);
		return;
	}
	list_del(&patch->list);
	qp_patches_number();
	qp_sysfs_del(patch);
	if (list_empty(&qp_patches))
		qp_fork_unwatch();
	mutex_unlock(&qp_mutex);
	destroy_patch(patch);
}
EXPORT_SYMBOL_GPL(qp_patch_unregister);
