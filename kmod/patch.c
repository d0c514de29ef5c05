// SPDX-License-Identifier: GPL-2.0-only
/*
 * patch.c - what all files share: the lock and the list of patches; see patch.h.
 */
#include <linux/module.h>
#include "compat.h"
#include "patch.h"

DEFINE_MUTEX(qp_mutex);
LIST_HEAD(qp_patches);

struct qp_patch *qp_patch_find(const char *name)
{
	struct qp_patch *patch;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list)
		if (!strcmp(patch->mod->name, name))
			return patch;
	return NULL;
}

struct qp_patch *qp_patch_of(struct module *mod)
{
	struct qp_patch *patch;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list)
		if (patch->mod == mod)
			return patch;
	return NULL;
}

struct qp_patch *qp_patch_at(unsigned long addr)
{
	unsigned long text, size;
	struct qp_patch *patch;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list) {
		qp_module_text(patch->mod, &text, &size);
		if (addr >= text && addr - text < size)
			return patch;
	}
	return NULL;
}

unsigned int qp_patch_count(void)
{
	struct qp_patch *patch;
	unsigned int n = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list)
		n++;
	return n;
}

void qp_patches_number(void)
{
	struct qp_patch *patch;
	unsigned int n = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list)
		WRITE_ONCE(patch->order, ++n);
}

/* Of vmlinux, its place says which; of a module, its position among equal names, and 0 says that there is only one. */
bool qp_func_same(const struct qp_func *a, const struct qp_func *b)
{
	if (strcmp(a->obj->name, b->obj->name))
		return false;
	if (a->old_addr && b->old_addr)
		return a->old_addr == b->old_addr;
	if (a->desc->old_offset != b->desc->old_offset || strcmp(a->name, b->name))
		return false;
	return a->obj->vmlinux || a->desc->sympos == b->desc->sympos || !a->desc->sympos || !b->desc->sympos;
}
