/* SPDX-License-Identifier: GPL-2.0-only */
/* object.h - vmlinux or a module as the target of a patch: found, relocated, verified. */
#ifndef QP_OBJECT_H
#define QP_OBJECT_H

#include <linux/types.h>

struct module;
struct qp_object;
struct qp_patch;

/*
 * Resolve all functions of the object and compare their live bytes with what
 * the patch expects.  `mod` is the module (NULL for vmlinux).  0, or -errno
 * with nothing changed but late relocations.
 */
int qp_object_resolve(struct qp_object *obj, struct module *mod);
/* Resolve every object of the patch that is there now. */
int qp_objects_resolve(struct qp_patch *patch);
void qp_object_forget(struct qp_object *obj);

#endif
