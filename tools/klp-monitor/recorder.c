// SPDX-License-Identifier: GPL-2.0-or-later
/* recorder.c - see recorder.h. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "err.h"
#include "recorder.h"
#include "recorder.skel.h"

struct recorder {
	struct recorder_bpf *skel;
	struct ring_buffer *ring;
	struct recorder_event *events;
	size_t nr, room;
	__u64 lost;		/* for want of memory */
};

static int keep(struct recorder *r, const struct recorder_event *e)
{
	if (r->nr == r->room) {
		size_t room = r->room ? 2 * r->room : 1024;
		void *p = room <= RECORDER_EVENTS ? realloc(r->events, room * sizeof(*e)) : NULL;

		if (!p) {
			r->lost++;
			return 0;
		}
		r->events = p;
		r->room = room;
	}
	r->events[r->nr++] = *e;
	return 0;
}

static int on_event(void *ctx, void *data, size_t len)
{
	return len < sizeof(struct recorder_event) ? 0 : keep(ctx, data);
}

static int attach(struct recorder *r, struct klp_err *err)
{
	const struct { struct bpf_program *prog; const char *event; struct bpf_link **link; } list[] = {
		{ r->skel->progs.on_start, "quietpatch_start", &r->skel->links.on_start },
		{ r->skel->progs.on_switch, "quietpatch_switch", &r->skel->links.on_switch },
		{ r->skel->progs.on_stall, "quietpatch_stall", &r->skel->links.on_stall },
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		*list[i].link = bpf_program__attach_raw_tracepoint(list[i].prog, list[i].event);
		if (!*list[i].link)
			return klp_err_sys(err, -errno, "cannot record the core module's event %s", list[i].event);
	}
	return 0;
}

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static int load(struct recorder *r, struct klp_err *err)
{
	int ret = -ENOMEM;

	r->skel = recorder_bpf__open_and_load();
	if (!r->skel)
		return klp_err_sys(err, -errno, "the kernel refuses the BPF programs that record a timeline");
	r->ring = ring_buffer__new(bpf_map__fd(r->skel->maps.ring), on_event, r, NULL);
	if (r->ring)
		return attach(r, err);
	return klp_err_sys(err, ret, "cannot record a timeline");
}

int recorder_open(struct recorder **out, struct klp_err *err)
{
	libbpf_print_fn_t print = libbpf_set_print(no_print);
	struct recorder *r = calloc(1, sizeof(*r));
	int ret = r ? load(r, err) : klp_err_sys(err, -ENOMEM, "cannot record a timeline");

	libbpf_set_print(print);
	if (ret) {
		recorder_close(r);
		return ret;
	}
	*out = r;
	return 0;
}

void recorder_collect(struct recorder *r)
{
	ring_buffer__consume(r->ring);
}

void recorder_note(struct recorder *r, enum recorder_kind kind, __u32 pid)
{
	struct recorder_event e = { .kind = kind, .pid = pid };
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	e.ns = t.tv_sec * 1000000000ull + t.tv_nsec;
	keep(r, &e);
}

const struct recorder_event *recorder_events(const struct recorder *r, size_t *nr)
{
	*nr = r->nr;
	return r->events;
}

__u64 recorder_lost(const struct recorder *r)
{
	return r->skel->bss->lost + r->lost;
}

void recorder_close(struct recorder *r)
{
	if (!r)
		return;
	ring_buffer__free(r->ring);
	recorder_bpf__destroy(r->skel);
	free(r->events);
	free(r);
}
