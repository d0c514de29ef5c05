/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variables.h - of which type a variable is, and whose: what its name can't tell
 * ("count.12" is some static local) and its bytes don't (a lock is four zeros).
 */
#ifndef KLP_BUILD_VARIABLES_H
#define KLP_BUILD_VARIABLES_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct variable {
	char *symbol;		/* as the object's symbol table has it */
	char *scope;		/* the function that it is local to; "" for the file's */
	char *type;		/* in words that are equal for equal types of two objects: "struct list_head" */
	uint64_t address;	/* in the reader's own layout */
};

struct variables {
	struct variable *list;	/* by symbol */
	size_t nr;
};

/* All variables of an object that its debug information tells of. */
int variables_read(const char *object_path, struct variables *out, struct klp_err *err);
void variables_free(struct variables *v);
/* NULL: it tells nothing about that one. */
const struct variable *variable_of(const struct variables *v, const char *symbol);

#endif
