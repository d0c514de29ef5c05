// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_ranges.c - the core's look-up of affected code, compared with a plain search: the very source, with stubs for what
 * the look-up doesn't use.  Loading fails where they differ, or where it takes as many steps as there are spans.
 */
#include <linux/ktime.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>
#include "ranges.c"

#define NR	12000		/* a patch of 4,000 functions */
#define SPREAD	(NR * 64)	/* bytes: spans overlap, touch, and leave gaps */
#define LOOKS	2000

struct qp_func *qp_site_below(struct qp_func *func) { return NULL; }
struct qp_patch *qp_patch_at(unsigned long addr) { return NULL; }
DEFINE_MUTEX(qp_mutex);

static noinline const struct qp_span *plain_find(const struct qp_span *all, unsigned long addr)
{
	int i;

	for (i = 0; i < NR; i++)
		if (addr >= all[i].start && addr <= all[i].end)
			return &all[i];
	return NULL;
}

static unsigned int random(struct rnd_state *state, unsigned int below)
{
	return prandom_u32_state(state) % below;
}

static void fill(struct qp_ranges *r, struct qp_span *all)
{
	struct rnd_state state;
	unsigned long start;
	int i;

	prandom_seed_state(&state, 13);
	r->room = NR;
	r->min = ULONG_MAX;
	for (i = 0; i < NR; i++) {
		/* Each fourth as one before. */
		start = i && !(i & 3) ? all[random(&state, i)].start : 0xffffffff81000000ul + random(&state, SPREAD);
		all[i].start = start;
		add_span(r, start, 1 + random(&state, 48), "span");
		all[i].end = r->spans[i].end;
	}
	merge_spans(r);
}

static int compare(const struct qp_ranges *r, const struct qp_span *all)
{
	struct rnd_state state;
	unsigned long addr;
	unsigned int i, found = 0;

	prandom_seed_state(&state, 14);
	for (i = 0; i < LOOKS; i++) {
		addr = i & 1 ? all[random(&state, NR)].end + random(&state, 3) - 1 : r->min - 8 + random(&state, SPREAD + 16);
		if (!qp_ranges_find(r, addr) != !plain_find(all, addr)) {
			pr_err("qp_ranges: %#lx: the look-up says %d\n", addr, !!qp_ranges_find(r, addr));
			return -EINVAL;
		}
		found += !!qp_ranges_find(r, addr);
	}
	pr_info("qp_ranges: %u of %d found, %u spans left of %d\n", found, LOOKS, r->nr, NR);
	return found && found < LOOKS && r->nr < NR ? 0 : -EINVAL;
}

/* ns for one of `n` look-ups at the end, where a plain search is slowest. */
static u64 time_of(const struct qp_ranges *r, const struct qp_span *all, int n)
{
	static const void *volatile found;
	u64 start = ktime_get_ns();
	int i;

	for (i = 0; i < n; i++)
		found = all ? plain_find(all, r->max + 1 + i) : qp_ranges_find(r, r->max - i % 64);
	return (ktime_get_ns() - start) / n;
}

static int __init ranges_init(void)
{
	struct qp_span *all = vzalloc(NR * sizeof(*all));
	struct qp_ranges *r = vzalloc(sizeof(*r) + NR * sizeof(r->spans[0]));
	u64 quick, slow;
	int ret = -ENOMEM;

	if (!all || !r)
		goto out;
	fill(r, all);
	ret = compare(r, all);
	if (ret)
		goto out;
	quick = time_of(r, NULL, 2000);
	slow = time_of(r, all, 200);
	pr_info("qp_ranges: %llu ns a look-up, a plain search %llu\n", quick, slow);
	if (quick * 10 > slow)
		ret = -ETIME;
out:
	vfree(all);
	vfree(r);
	return ret;
}

static void __exit ranges_exit(void)
{
}

module_init(ranges_init);
module_exit(ranges_exit);
MODULE_DESCRIPTION("Quietpatch selftest: the look-up of affected code");
MODULE_LICENSE("GPL");
