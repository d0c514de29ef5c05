/* SPDX-License-Identifier: GPL-2.0-only */
/* register.h - what patch modules call; they declare it by themselves, as it isn't part of the authors' API. */
#ifndef QP_REGISTER_H
#define QP_REGISTER_H

struct module;
struct qp_patch_desc;

int qp_patch_register(struct module *mod, const struct qp_patch_desc *desc);
void qp_patch_unregister(struct module *mod);

#endif
