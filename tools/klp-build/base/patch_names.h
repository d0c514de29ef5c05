/* SPDX-License-Identifier: GPL-2.0-or-later */
/* patch_names.h - what the builder itself defines in a patch (link/glue.c), and patched sources refer to. */
#ifndef KLP_PATCH_NAMES_H
#define KLP_PATCH_NAMES_H

#define QP_THIS_PATCH	"qp_this_patch"	/* its own struct module, as api.c's headers declare it */
/* glue.c's, in patches that use them: who tries what the patch forbids is counted and told. */
#define QP_TRIPWIRE_FN	"qp_tripwire"
#define QP_TRIPWIRE_HERE	"qp_tripwire_here"	/* as a call that keeps all registers; tripwires.c */
#define QP_MITIGATES	"qp_mitigates"	/* the same, until a time; false from then on */

#endif
