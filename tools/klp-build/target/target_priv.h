/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target_priv.h - what target*.c keep behind struct target::priv. */
#ifndef KLP_TARGET_PRIV_H
#define KLP_TARGET_PRIV_H

#include "base/text.h"
#include "target.h"

struct target_priv {
	char *symbol_text;	/* the symbols file, cut into words */
	uint32_t *buckets;	/* by hash of the name: index + 1 of the first symbol */
	uint32_t *chain;	/* per symbol: index + 1 of the next in its bucket */
	size_t nr_buckets;
	char *command_text;
	struct compile_command *commands;	/* by object */
	size_t nr_commands;
	struct strings modules;	/* names that commands point at */
	char *cc;		/* "gcc-12" */
};

#endif
