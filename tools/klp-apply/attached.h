/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attached.h - who else uses the functions that a patch would replace. */
#ifndef KLP_ATTACHED_H
#define KLP_ATTACHED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct apply;
struct manifest;
struct qp_site_info;

enum attached_kind {
	ATTACHED_KPROBE_ENTRY,	/* at the function's first instruction, by ftrace */
	ATTACHED_KPROBE_BODY,
	ATTACHED_LIVEPATCH,	/* stock livepatch, or kpatch on top of it */
	ATTACHED_QUIETPATCH,
	ATTACHED_BPF,		/* fentry, fexit, fmod_ret */
	ATTACHED_TRACER,
};

struct attached {
	enum attached_kind kind;
	bool passed_by;		/* the patch has a function of its own in its place, and calls go there */
	char function[128];
	char detail[256];	/* the kernel's own line, or the livepatch's name */
};

/*
 * What of `root`/sys speaks of one of the @nr functions @names.  Files that
 * aren't there or can't be read count as empty.  @own: the @nr_own functions that the core has in
 * hand (core_sites()), so that its own hooks aren't taken for somebody else's.  *@out is malloc()ed; -ENOMEM.
 */
int attached_find(const char *root, const char *const *names, size_t nr, const struct qp_site_info *own,
		  size_t nr_own, struct attached **out, size_t *found);

/* One word, for JSON; and what becomes of it when the patch goes in. */
const char *attached_word(enum attached_kind kind);
const char *attached_effect(const struct attached *a);

/*
 * Who uses the functions of @m now, and what becomes of them: to people, and as "attached" in @brief.  @ours: earlier
 * patches of ours, too.  An exit status.
 */
int attached_tell(struct apply *a, const struct manifest *m, bool ours, json_t *brief);

json_t *attached_json(const struct attached *list, size_t nr);

#endif
