// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * affected.c - see affected.h.
 *
 * The same rule as the core's (kmod/ranges.c): the functions that are replaced, with their cold
 * parts, or the text of an earlier patch that replaces them now.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../klp-monitor/ksyms.h"
#include "affected.h"
#include "err.h"
#include "manifest.h"
#include "patches.h"

#define MODULES		"/proc/modules"
#define COLD		".cold"
/* Functions are aligned to 16 bytes or more: what lies between the end of one and the next symbol. */
#define PADDING		64

struct candidate {
	uint64_t start, end;		/* end: of the next symbol, 0 as long as none was seen */
	const struct manifest_function *func;
	bool cold;
};

struct search {
	const struct manifest *m;
	struct candidate *list;
	size_t nr, room;
	uint64_t sched_start, sched_end;
};

static bool is_text(const struct ksym *sym)
{
	return strchr("tTwW", sym->type);
}

static bool is_of(const struct ksym *sym, const struct manifest_function *f, bool *cold)
{
	size_t n = strlen(f->name);

	if (strcmp(sym->module[0] ? sym->module : "vmlinux", f->object) || strncmp(sym->name, f->name, n))
		return false;
	*cold = !strcmp(sym->name + n, COLD);
	return !sym->name[n] || *cold;
}

static int add_candidate(struct search *s, const struct candidate *c)
{
	if (s->nr == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct candidate *p = reallocarray(s->list, room, sizeof(*p));

		if (!p)
			return -ENOMEM;
		s->list = p;
		s->room = room;
	}
	s->list[s->nr++] = *c;
	return 0;
}

static int find_start(const struct ksym *sym, void *arg)
{
	struct candidate c = { .start = sym->addr };
	struct search *s = arg;
	int ret = 0;
	size_t i;

	if (!strcmp(sym->name, "__sched_text_start"))
		s->sched_start = sym->addr;
	else if (!strcmp(sym->name, "__sched_text_end"))
		s->sched_end = sym->addr;
	if (!is_text(sym))
		return 0;
	for (i = 0; !ret && i < s->m->nr_functions; i++) {
		c.func = &s->m->functions[i];
		if (is_of(sym, c.func, &c.cold))
			ret = add_candidate(s, &c);
	}
	return ret;
}

static int by_start(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* A symbol ends the last candidate that begins before it. */
static int find_end(const struct ksym *sym, void *arg)
{
	struct search *s = arg;
	size_t low = 0, high = s->nr, mid;
	struct candidate *c;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->list[mid].start < sym->addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return 0;
	c = &s->list[low - 1];
	if (!c->end || sym->addr < c->end)
		c->end = sym->addr;
	return 0;
}

/* find_end() tells the last one of those that begin at one address. */
static void share_ends(struct search *s)
{
	size_t i;

	for (i = s->nr; i-- > 1;)
		if (s->list[i - 1].start == s->list[i].start)
			s->list[i - 1].end = s->list[i].end;
}

static bool has_size(const struct candidate *c)
{
	uint64_t size = c->end - c->start;

	return size >= c->func->old_size && size <= c->func->old_size + PADDING;
}

/* Of several with its name, one with its size is meant; if none has it, any may be. */
static bool is_meant(const struct search *s, const struct candidate *c)
{
	size_t i;

	if (c->cold || has_size(c))
		return true;
	for (i = 0; i < s->nr; i++)
		if (s->list[i].func == c->func && !s->list[i].cold && has_size(&s->list[i]))
			return false;
	return true;
}

static int add_range(struct affected *a, uint64_t start, uint64_t end, const char *name)
{
	struct qp_range *p = reallocarray(a->ranges, a->nr + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	a->ranges = p;
	p[a->nr] = (struct qp_range){ .start = start, .end = end };
	snprintf(p[a->nr++].name, sizeof(p->name), "%s", name);
	return 0;
}

static int add_functions(struct search *s, struct affected *out)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < s->nr; i++) {
		const struct candidate *c = &s->list[i];

		if (!is_meant(s, c))
			continue;
		/* Nothing follows the last function of all: a page is more than enough. */
		ret = add_range(out, c->start, c->end ? c->end : c->start + 4096, c->func->name);
		if (c->start >= s->sched_start && c->start < s->sched_end)
			snprintf(out->hidden, sizeof(out->hidden), "%s", c->func->name);
	}
	return ret;
}

static bool replaces_one_of(const char *module, const struct manifest *m)
{
	char path[512];
	size_t i;

	for (i = 0; i < m->nr_functions; i++) {
		snprintf(path, sizeof(path), QP_SYSFS "/patches/%s/functions/%s,%s", module,
			 m->functions[i].object, m->functions[i].name);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

/* "qp_fix 16384 1 - Live 0xffffffffc0a00000 (OE)": the whole of it, since its text is what runs. */
static int add_module(struct affected *a, const char *module)
{
	char line[512], name[128];
	unsigned long long size, start;
	FILE *f = fopen(MODULES, "re");
	int ret = 0;

	while (f && !ret && fgets(line, sizeof(line), f))
		if (sscanf(line, "%127s %llu %*s %*s %*s 0x%llx", name, &size, &start) == 3 &&
		    !strcmp(name, module) && start)
			ret = add_range(a, start, start + size, module);
	if (f)
		fclose(f);
	return ret;
}

/* Where an earlier patch replaces one of the functions, its text is what tasks run now. */
static int add_patches(struct affected *a, const struct manifest *m)
{
	struct patch *list = NULL;
	size_t nr = 0, i;
	int ret = 0;

	if (patches_get(&list, &nr, NULL))
		return 0;	/* no core, no patches */
	for (i = 0; !ret && i < nr; i++)
		if (replaces_one_of(list[i].module, m))
			ret = add_module(a, list[i].module);
	patches_free(list, nr);
	return ret;
}

int affected_find(const struct manifest *m, struct affected *out, struct klp_err *err)
{
	struct search s = { .m = m };
	int ret;

	*out = (struct affected){ 0 };
	ret = ksyms_each(find_start, &s, err);
	if (!ret && s.nr) {
		qsort(s.list, s.nr, sizeof(*s.list), by_start);
		ret = ksyms_each(find_end, &s, err);
		share_ends(&s);
	}
	if (!ret)
		ret = add_functions(&s, out);
	if (!ret)
		ret = add_patches(out, m);
	free(s.list);
	if (ret == -ENOMEM)
		klp_err_sys(err, ret, "cannot list the affected code");
	if (ret)
		affected_free(out);
	return ret;
}

void affected_free(struct affected *a)
{
	free(a->ranges);
	*a = (struct affected){ 0 };
}

const char *affected_name(const struct affected *a, __u64 frame)
{
	size_t i;

	for (i = 0; i < a->nr; i++)
		if (a->ranges[i].start <= frame && frame <= a->ranges[i].end)
			return a->ranges[i].name;
	return NULL;
}
