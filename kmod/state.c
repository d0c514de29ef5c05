// SPDX-License-Identifier: GPL-2.0-only
/*
 * state.c - what patches have changed beyond code (a list's order, what a shadow
 * variable means): a later patch has to know it, in a version not below.
 */
#include <linux/module.h>
#include "depend.h"
#include "patch.h"
#include "quietpatch_api.h"
#include "state.h"

static const struct qp_state_desc *find_state(const struct qp_patch *patch, u64 id)
{
	const struct qp_state_desc *s = qp_ptr(patch->desc->states);
	unsigned int i;

	for (i = 0; i < patch->desc->nr_states; i++)
		if (s[i].id == id)
			return &s[i];
	return NULL;
}

static int check_state(struct qp_patch *patch, const struct qp_patch *below, const struct qp_state_desc *theirs)
{
	const struct qp_state_desc *ours = find_state(patch, theirs->id);
	bool replace = qp_takes_over(patch, below);

	if (!ours && !replace)
		return 0;	/* has nothing to do with it */
	if (ours && ours->version >= theirs->version)
		return 0;
	if (ours)
		pr_err("%s: has state %#llx in version %u, but patch %s has it in version %u: use a newer patch\n",
		       patch->mod->name, theirs->id, ours->version, below->mod->name, theirs->version);
	else
		pr_err("%s: takes over from patch %s, but doesn't know its state %#llx: use a patch that does\n",
		       patch->mod->name, below->mod->name, theirs->id);
	return -EINVAL;
}

int qp_states_check(struct qp_patch *patch)
{
	struct qp_patch *below;
	unsigned int i;
	int ret = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(below, &qp_patches, list) {
		const struct qp_state_desc *s = qp_ptr(below->desc->states);

		if (below == patch || !qp_patch_in_force(below))
			continue;
		for (i = 0; i < below->desc->nr_states && !ret; i++)
			ret = check_state(patch, below, &s[i]);
	}
	return ret;
}

/* For callbacks, which run under qp_mutex. */
unsigned int qp_state_version(struct module *self, unsigned long id)
{
	const struct qp_state_desc *s;
	struct qp_patch *patch;
	unsigned int version = 0;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(patch, &qp_patches, list) {
		if (patch->mod == self || patch->state == QP_PATCH_LOADED)
			continue;
		s = find_state(patch, id);
		if (s)
			version = max(version, s->version);
	}
	return version;
}
EXPORT_SYMBOL_GPL(qp_state_version);
