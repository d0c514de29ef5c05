// SPDX-License-Identifier: GPL-2.0-only
/*
 * ranges.c - which code is affected by a transition.
 *
 * Going up, it is what the task may run so far: the old functions with their
 * .cold parts, or the text of the patch that what is below leads to.  Going down, the
 * whole text of the patch module, and what its undos lead to.  In both directions the first bytes of each redirected
 * function belong to it: a task that sits in ftrace's trampoline has them as
 * return address, and may already have been told where to go [I8].
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sort.h>
#include "arch.h"
#include "compat.h"
#include "patch.h"
#include "ranges.h"
#include "site.h"

static void add_span(struct qp_ranges *r, unsigned long start, unsigned long size, const char *name)
{
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
	add_span(r, start, size, patch->mod->name);
}

/*
 * What runs when calls of `func` lead to `new_addr` (0: to the original).  Whose text that is
 * only the address tells: what an undo leads to belongs to another patch than the undo.
 */
static int add_target(struct qp_ranges *r, struct qp_func *func, unsigned long new_addr)
{
	const struct qp_func_desc *d = func->desc ?: func->undone->desc;
	struct qp_patch *owner;

	if (new_addr) {
		owner = qp_patch_at(new_addr);
		if (WARN_ON_ONCE(!owner))
			return -EINVAL;
		add_text(r, owner);
		return 0;
	}
	add_span(r, func->old_addr, func->old_size, func->name);
	if (func->cold_addr)
		add_span(r, func->cold_addr, d->cold_size, qp_ptr(d->cold_name) ?: func->name);
	return 0;
}

static int add_func(struct qp_ranges *r, struct qp_func *func, int target)
{
	struct qp_func *below;

	if (!func->old_addr)
		return 0;
	add_span(r, func->old_addr, QP_ENTRY_BYTES, func->name);
	if (target) {
		below = qp_site_below(func);
		return add_target(r, func, below ? below->new_addr : 0);
	}
	/* A replacement lies in the patch's own text; an undo leads elsewhere. */
	return func->desc ? 0 : add_target(r, func, func->new_addr);
}

static int by_start(const void *a, const void *b)
{
	const struct qp_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Handlers look up each frame with preemption off, so that it has to be quick: sorted, and none twice. */
static void merge_spans(struct qp_ranges *r)
{
	struct qp_span *last = r->spans;
	unsigned int i;

	if (!r->nr)
		return;
	sort(r->spans, r->nr, sizeof(*r->spans), by_start, NULL);
	for (i = 1; i < r->nr; i++) {
		/* Neighbours stay two: each has a name. */
		if (r->spans[i].start < last->end)
			last->end = max(last->end, r->spans[i].end);
		else
			*++last = r->spans[i];
	}
	r->nr = last - r->spans + 1;
}

int qp_ranges_build(struct qp_patch *patch, int target, struct qp_ranges **out)
{
	unsigned int room = 1 + 3 * patch->nr_funcs;
	struct qp_ranges *r;
	struct qp_func *func;
	int ret = 0;

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
		ret = ret ?: add_func(r, func, target);
	list_for_each_entry(func, &patch->undos, undo)
		ret = ret ?: add_func(r, func, target);
	if (ret) {
		kvfree(r);
		return ret;
	}
	merge_spans(r);
	*out = r;
	return 0;
}

const struct qp_span *qp_ranges_find(const struct qp_ranges *r, unsigned long addr)
{
	unsigned int low = 0, high = r->nr, mid;

	if (addr < r->min || addr > r->max)
		return NULL;
	/* The last one that begins at or below it. */
	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->spans[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && addr <= r->spans[low - 1].end ? &r->spans[low - 1] : NULL;
}
