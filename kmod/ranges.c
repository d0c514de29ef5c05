// SPDX-License-Identifier: GPL-2.0-only
/*
 * ranges.c - which code is affected by a transition.
 *
 * Going up, it is what the task may run so far: the old functions with their
 * .cold parts, or the text of the patch below.  Going down, the whole text of
 * the patch module.  In both directions the first bytes of each redirected
 * function belong to it: a task that sits in ftrace's trampoline has them as
 * return address, and may already have been told where to go [I8].
 */
#include <linux/mm.h>
#include <linux/module.h>
#include "compat.h"
#include "patch.h"
#include "ranges.h"
#include "redirect.h"

/* ENDBR64 and the call to ftrace: 4 + 5 bytes, rounded up. */
#define ENTRY_BYTES	16

static void add(struct qp_ranges *r, unsigned long start, unsigned long size, const char *name)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		if (r->spans[i].start == start && r->spans[i].end == start + size)
			return;
	if (WARN_ON_ONCE(r->nr == r->room))
		return;
	r->spans[r->nr++] = (struct qp_span){ .start = start, .end = start + size, .name = name };
	r->min = min(r->min, start);
	r->max = max(r->max, start + size);
}

static void add_text(struct qp_ranges *r, struct qp_patch *patch)
{
	unsigned long start, size;

	qp_module_text(patch->mod, &start, &size);
	add(r, start, size, patch->mod->name);
}

/* What runs, as long as the patch that took over is there, where it puts something back. */
static void add_put_back(struct qp_ranges *r, struct qp_func *undo)
{
	struct qp_func *f = undo;

	if (!undo->new_addr) {
		add(r, undo->old_addr, undo->old_size, undo->name);
		if (undo->cold_addr)
			add(r, undo->cold_addr, undo->undone->desc->cold_size, undo->name);
		return;
	}
	while ((f = qp_redirect_below(f)))
		if (f->new_addr == undo->new_addr && f->desc)
			add_text(r, f->patch);
}

static void add_func(struct qp_ranges *r, struct qp_func *func, int target)
{
	struct qp_func *below;

	if (!func->old_addr)
		return;
	add(r, func->old_addr, ENTRY_BYTES, func->name);
	if (!target && !func->desc)
		add_put_back(r, func);
	if (!target)
		return;
	below = qp_redirect_below(func);
	if (below && below->new_addr) {
		add_text(r, below->patch);
		return;
	}
	if (!func->desc)
		return;
	add(r, func->old_addr, func->old_size, func->name);
	if (func->cold_addr)
		add(r, func->cold_addr, func->desc->cold_size, qp_ptr(func->desc->cold_name) ?: func->name);
}

int qp_ranges_build(struct qp_patch *patch, int target, struct qp_ranges **out)
{
	unsigned int room = 1 + 3 * patch->nr_funcs;
	struct qp_ranges *r;
	struct qp_func *func;

	lockdep_assert_held(&qp_mutex);
	list_for_each_entry(func, &patch->undos, undo)
		room += 3;
	r = kvzalloc(struct_size(r, spans, room), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->room = room;
	r->min = ULONG_MAX;
	if (!target)
		add_text(r, patch);
	qp_for_each_func(patch, func)
		add_func(r, func, target);
	list_for_each_entry(func, &patch->undos, undo)
		add_func(r, func, target);
	*out = r;
	return 0;
}

const struct qp_span *qp_ranges_find(const struct qp_ranges *r, unsigned long addr)
{
	unsigned int i;

	if (addr < r->min || addr > r->max)
		return NULL;
	for (i = 0; i < r->nr; i++)
		if (addr >= r->spans[i].start && addr <= r->spans[i].end)
			return &r->spans[i];
	return NULL;
}
