// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysfs.c - /sys/kernel/quietpatch:
 *   version abi phase epoch nr_old settle
 *   patches/MODULE/{name,release,state,flags,replaced,order,states,requires,mitigates,stragglers,functions/OBJECT,NAME[,POS]/{mode,object,hits}}
 * docs/abi-sysfs.md describes each.
 *
 * The show functions of a patch take no lock: its directory is removed under qp_mutex, and removal waits for
 * readers. So what belongs to the patch, and to its module, is there while one runs. What doesn't (a
 * function's site, the list of stragglers) goes before the patch does, and is looked at under RCU.
 */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "left.h"
#include "patch.h"
#include "phase.h"
#include "settle.h"
#include "site.h"
#include "sysfs.h"

static struct kobject *root, *patches;

static ssize_t version_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%s\n", QP_KMOD_VERSION);
}

static ssize_t abi_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%d\n", QP_ABI);
}

static ssize_t phase_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%s\n", READ_ONCE(qp_trans.phase) == QP_IDLE ? "idle" : "transition");
}

static ssize_t epoch_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(qp_trans.epoch));
}

static ssize_t nr_old_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%llu\n", qp_phase_old());
}

static ssize_t settle_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%d\n", qp_settle_get());
}

static ssize_t settle_store(struct kobject *k, struct kobj_attribute *a, const char *buf, size_t len)
{
	bool on;
	int ret = kstrtobool(buf, &on);

	if (!ret)
		ret = qp_settle_set(on);
	return ret ? ret : len;
}

static struct kobj_attribute root_attrs[] = {
	__ATTR_RO(version), __ATTR_RO(abi),
	/* When to strike isn't told to everybody. */
	__ATTR(phase, 0400, phase_show, NULL), __ATTR(epoch, 0400, epoch_show, NULL),
	__ATTR(nr_old, 0400, nr_old_show, NULL),
	__ATTR(settle, 0600, settle_show, settle_store),
};

static struct attribute *root_list[] = {
	&root_attrs[0].attr, &root_attrs[1].attr, &root_attrs[2].attr, &root_attrs[3].attr,
	&root_attrs[4].attr, &root_attrs[5].attr, NULL,
};

static const struct attribute_group root_group = { .attrs = root_list };

static ssize_t state_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	static const char *const names[] = { "loaded", "applying", "applied", "reverting", "leaving" };
	struct qp_patch *patch = container_of(k, struct qp_patch, kobj);

	enum qp_patch_state state = READ_ONCE(patch->state);

	if (state == QP_PATCH_LOADED && READ_ONCE(patch->nr_leaving))
		return sysfs_emit(buf, "leaving\n");
	return sysfs_emit(buf, "%s\n", names[state]);
}

static ssize_t flags_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	struct qp_patch *patch = container_of(k, struct qp_patch, kobj);

	return sysfs_emit(buf, "%s%s\n", patch->desc->flags & QP_PATCH_REPLACE ? "replace " : "",
			  patch->desc->flags & QP_PATCH_IRREVERTIBLE ? "irrevertible" : "");
}

static ssize_t replaced_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	struct qp_patch *patch = container_of(k, struct qp_patch, kobj);

	return sysfs_emit(buf, "%d\n", READ_ONCE(patch->replaced_by) != NULL);
}

static ssize_t order_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	struct qp_patch *patch = container_of(k, struct qp_patch, kobj);

	return sysfs_emit(buf, "%u\n", READ_ONCE(patch->order));
}

static ssize_t states_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	const struct qp_patch_desc *d = container_of(k, struct qp_patch, kobj)->desc;
	const struct qp_state_desc *s = qp_ptr(d->states);
	unsigned int i;
	int len = 0;

	for (i = 0; i < d->nr_states; i++)
		len += sysfs_emit_at(buf, len, "%#llx %u\n", s[i].id, s[i].version);
	return len;
}

static ssize_t name_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%s\n", container_of(k, struct qp_patch, kobj)->name);
}

static ssize_t release_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return sysfs_emit(buf, "%u\n", container_of(k, struct qp_patch, kobj)->desc->release);
}

static ssize_t named_show(struct kobject *k, u32 flags, char *buf)
{
	const struct qp_patch_desc *d = container_of(k, struct qp_patch, kobj)->desc;
	const struct qp_require_desc *r = qp_ptr(d->requires);
	unsigned int i;
	int len = 0;

	for (i = 0; i < d->nr_requires; i++)
		if (r[i].flags == flags)
			len += sysfs_emit_at(buf, len, "%s %u\n", (char *)qp_ptr(r[i].name), r[i].release);
	return len;
}

static ssize_t requires_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return named_show(k, 0, buf);
}

static ssize_t mitigates_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return named_show(k, QP_REQUIRE_TAKES_OVER, buf);
}

static ssize_t stragglers_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	return qp_left_show(container_of(k, struct qp_patch, kobj), buf);
}

/* Whether a patch is in force is everybody's to know: `klp-update status` tells it to any user. */
static struct kobj_attribute patch_files[] = {
	__ATTR_RO(state), __ATTR_RO(flags), __ATTR(replaced, 0444, replaced_show, NULL), __ATTR_RO(order),
	__ATTR_RO(states), __ATTR_RO(name), __ATTR_RO(release), __ATTR_RO(requires),
	__ATTR(stragglers, 0400, stragglers_show, NULL), __ATTR_RO(mitigates),
};

static struct attribute *patch_attrs[] = {
	&patch_files[0].attr, &patch_files[1].attr, &patch_files[2].attr, &patch_files[3].attr,
	&patch_files[4].attr, &patch_files[5].attr, &patch_files[6].attr, &patch_files[7].attr,
	&patch_files[8].attr, &patch_files[9].attr, NULL,
};
ATTRIBUTE_GROUPS(patch);

/* off: not redirected; ops: by ftrace's handler; direct: settled. */
static ssize_t mode_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	struct qp_func *func = container_of(k, struct qp_func, kobj);
	const char *mode = "off";
	struct qp_site *site;

	/* A site is freed after a grace period, and is off its functions before. */
	rcu_read_lock();
	site = READ_ONCE(func->site);
	if (site)
		mode = READ_ONCE(site->mode) == QP_SITE_DIRECT ? "direct" : "ops";
	rcu_read_unlock();
	return sysfs_emit(buf, "%s\n", mode);
}

static ssize_t object_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	struct qp_func *func = container_of(k, struct qp_func, kobj);

	return sysfs_emit(buf, "%s\n", READ_ONCE(func->old_addr) ? "present" : "absent");
}

static ssize_t hits_show(struct kobject *k, struct kobj_attribute *a, char *buf)
{
	struct qp_func *func = container_of(k, struct qp_func, kobj);

	return sysfs_emit(buf, "old %ld\nnew %ld\n", atomic_long_read(&func->hits[0]),
			  atomic_long_read(&func->hits[1]));
}

/* These tell when tasks switch, as `phase` does: root's. */
static struct kobj_attribute func_files[] = {
	__ATTR(mode, 0400, mode_show, NULL), __ATTR(object, 0444, object_show, NULL), __ATTR(hits, 0400, hits_show, NULL),
};

static struct attribute *func_attrs[] = {
	&func_files[0].attr, &func_files[1].attr, &func_files[2].attr, NULL,
};
ATTRIBUTE_GROUPS(func);

/* The kobject lies in the patch, which is freed after kobject_del() has waited for readers. */
static void no_release(struct kobject *k)
{
}

static struct kobj_type patch_type = {
	.release = no_release, .sysfs_ops = &kobj_sysfs_ops, .default_groups = patch_groups,
};

static struct kobj_type func_type = {
	.release = no_release, .sysfs_ops = &kobj_sysfs_ops, .default_groups = func_groups,
};

static void remove_kobject(struct kobject *k)
{
	kobject_del(k);
	kobject_put(k);
}

static void remove_funcs(struct qp_patch *patch, struct qp_func *end)
{
	struct qp_func *func;

	for (func = patch->funcs; func < end; func++)
		remove_kobject(&func->kobj);
	kobject_put(patch->funcs_kobj);
}

int qp_sysfs_add(struct qp_patch *patch)
{
	struct qp_func *func;
	int ret;

	ret = kobject_init_and_add(&patch->kobj, &patch_type, patches, "%s", patch->mod->name);
	if (ret) {
		kobject_put(&patch->kobj);
		return ret;
	}
	ret = -ENOMEM;
	patch->funcs_kobj = kobject_create_and_add("functions", &patch->kobj);
	if (!patch->funcs_kobj)
		goto err;
	qp_for_each_func(patch, func) {
		ret = func->desc->sympos ?
			kobject_init_and_add(&func->kobj, &func_type, patch->funcs_kobj,
					     "%s,%s,%u", func->obj->name, func->name, func->desc->sympos) :
			kobject_init_and_add(&func->kobj, &func_type, patch->funcs_kobj,
					     "%s,%s", func->obj->name, func->name);
		if (ret) {
			kobject_put(&func->kobj);
			remove_funcs(patch, func);
			goto err;
		}
	}
	return 0;
err:
	remove_kobject(&patch->kobj);
	return ret;
}

void qp_sysfs_del(struct qp_patch *patch)
{
	remove_funcs(patch, patch->funcs + patch->nr_funcs);
	remove_kobject(&patch->kobj);
}

int qp_sysfs_init(void)
{
	int ret = -ENOMEM;

	root = kobject_create_and_add("quietpatch", kernel_kobj);
	if (!root)
		return -ENOMEM;
	patches = kobject_create_and_add("patches", root);
	if (patches)
		ret = sysfs_create_group(root, &root_group);
	if (ret)
		qp_sysfs_exit();
	return ret;
}

void qp_sysfs_exit(void)
{
	kobject_put(patches);
	kobject_put(root);
}
