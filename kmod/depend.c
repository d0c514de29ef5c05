// SPDX-License-Identifier: GPL-2.0-only
/*
 * depend.c - which patches need which, and which takes the place of which.
 *
 * A patch may require others by name; two patches of one function depend on each
 * other by their order alone.  A later release of a patch takes the place of the
 * earlier one, a fix that of the mitigations that it names, a cumulative patch of all.
 */
#include <linux/module.h>
#include "depend.h"
#include "patch.h"
#include "site.h"

static const struct qp_require_desc *requirement_named(const struct qp_patch *patch, const struct qp_patch *other, u32 flags)
{
	const struct qp_require_desc *r = qp_ptr(patch->desc->requires);
	u32 i;

	for (i = 0; i < patch->desc->nr_requires; i++)
		if (r[i].flags == flags && !strcmp(qp_ptr(r[i].name), other->name))
			return &r[i];
	return NULL;
}

static const struct qp_require_desc *requirement_of(const struct qp_patch *patch, const struct qp_patch *other)
{
	return requirement_named(patch, other, 0);
}

bool qp_takes_over(const struct qp_patch *patch, const struct qp_patch *below)
{
	return (patch->desc->flags & QP_PATCH_REPLACE) || !strcmp(patch->name, below->name) ||
	       requirement_named(patch, below, QP_REQUIRE_TAKES_OVER);
}

static int check_required(struct qp_patch *patch, const struct qp_require_desc *r)
{
	const char *name = qp_ptr(r->name);
	struct qp_patch *other;

	list_for_each_entry(other, &qp_patches, list) {
		if (other == patch || strcmp(other->name, name) || !qp_patch_applied(other))
			continue;
		if (other->replaced_by && strcmp(other->replaced_by->name, name)) {
			pr_err("%s: requires patch %s, but %s has taken over from it\n", patch->mod->name,
			       name, other->replaced_by->mod->name);
			return -ENOPKG;
		}
		if (!other->replaced_by && other->desc->release >= r->release)
			return 0;
	}
	pr_err("%s: requires patch %s in release %u or a later one, which isn't applied\n",
	       patch->mod->name, name, r->release);
	return -ENOPKG;
}

/* What is taken over has to be what runs: nobody else's replacement may stand on it. */
static int check_taken(struct qp_patch *patch, struct qp_patch *below)
{
	struct qp_func *func;

	if (patch->desc->flags & QP_PATCH_REPLACE)
		return 0;
	if (!strcmp(patch->name, below->name) && below->desc->release >= patch->desc->release) {
		pr_err("%s: is release %u of %s, but %s is release %u: revert that first\n", patch->mod->name,
		       patch->desc->release, patch->name, below->mod->name, below->desc->release);
		return -EEXIST;
	}
	func = qp_site_covered(below);
	if (func) {
		pr_err("%s: cannot take the place of %s: patch %s stands on its %s: revert that first\n",
		       patch->mod->name, below->mod->name,
		       qp_site_top(func->old_addr)->patch->mod->name, func->name);
		return -EDEADLK;
	}
	return 0;
}

int qp_depend_apply(struct qp_patch *patch)
{
	const struct qp_require_desc *r = qp_ptr(patch->desc->requires);
	struct qp_patch *below;
	int ret = 0;
	u32 i;

	lockdep_assert_held(&qp_mutex);
	for (i = 0; i < patch->desc->nr_requires && !ret; i++)
		if (!(r[i].flags & QP_REQUIRE_TAKES_OVER))
			ret = check_required(patch, &r[i]);
	list_for_each_entry(below, &qp_patches, list) {
		if (ret)
			break;
		if (below != patch && qp_patch_in_force(below) && qp_takes_over(patch, below))
			ret = check_taken(patch, below);
	}
	return ret;
}

int qp_depend_revert(struct qp_patch *patch)
{
	const struct qp_require_desc *r;
	struct qp_patch *other, *back;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(other, &qp_patches, list) {
		/* One that was taken over from comes back with the revert of what took over. */
		if (other == patch || !qp_patch_applied(other))
			continue;
		r = requirement_of(other, patch);
		if (!r)
			continue;
		/* An earlier release that comes back may do. */
		list_for_each_entry(back, &qp_patches, list)
			if (back->replaced_by == patch && !strcmp(back->name, patch->name) &&
			    back->desc->release >= r->release)
				break;
		if (!list_entry_is_head(back, &qp_patches, list))
			continue;
		if (other->replaced_by)
			pr_err("%s: patch %s requires it, and comes back when %s is reverted: revert that, or have it let go of the patch (klp-apply does so after a load), first\n",
			       patch->mod->name, other->mod->name, other->replaced_by->mod->name);
		else
			pr_err("%s: patch %s requires it: revert that first\n", patch->mod->name, other->mod->name);
		return -EDEADLK;
	}
	return 0;
}

static bool share_state(const struct qp_patch *a, const struct qp_patch *b)
{
	const struct qp_state_desc *x = qp_ptr(a->desc->states), *y = qp_ptr(b->desc->states);
	unsigned int i, j;

	for (i = 0; i < a->desc->nr_states; i++)
		for (j = 0; j < b->desc->nr_states; j++)
			if (x[i].id == y[j].id)
				return true;
	return false;
}

bool qp_depend_related(const struct qp_patch *a, const struct qp_patch *b)
{
	return requirement_of(a, b) || requirement_of(b, a) || share_state(a, b);
}
