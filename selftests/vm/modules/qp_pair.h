/* SPDX-License-Identifier: GPL-2.0-only */
/* qp_pair.h - patches of the pair that may be releases of one patch, and have a state: qp_patch_b, qp_patch_sum. */
#ifndef QP_PAIR_H
#define QP_PAIR_H

#include <linux/module.h>
#include "qp_victim.h"

/* As release N of patch "pair", not cumulative then. */
static unsigned int release;
module_param(release, uint, 0400);
/* Of its state; 0: it has none. */
static unsigned int version;
module_param(version, uint, 0400);
static struct qp_state_desc state = { .id = 0x51 };
/* A patch that has to be applied. */
static char requires[QP_NAME_LEN];
module_param_string(requires, requires, sizeof(requires), 0400);
static struct qp_require_desc require;

static int pair_register(struct qp_patch_desc *desc)
{
	if (release) {
		desc->name = (unsigned long)"pair";
		desc->release = release;
		desc->flags = 0;
	}
	if (*requires) {
		require.name = (unsigned long)requires;
		desc->requires = (unsigned long)&require;
		desc->nr_requires = 1;
	}
	state.version = version;
	desc->states = (unsigned long)&state;
	desc->nr_states = version != 0;
	return qp_patch_register(THIS_MODULE, desc);
}

#endif
