/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - extracted objects in, a loadable module out. */
#ifndef KLP_LINK_H
#define KLP_LINK_H

struct build;
struct klp_err;

/* The pass: writes b->module_path. */
int link_module(struct build *b, struct klp_err *err);

/* glue.c: the sources of the module's own, into the folder that kbuild is to make. */
int glue_write(const struct build *b, const char *dir, struct klp_err *err);

/* relocs.c: the linked module @ko, its references in the form that the loader and the core take, to @out. */
int relocs_finish(const struct build *b, const char *ko, const char *out, struct klp_err *err);

#endif
