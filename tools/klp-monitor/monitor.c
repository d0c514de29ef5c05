// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * monitor.c - drive the two BPF programs: open, set read-only data, load,
 * attach, passes, destroy.  See monitor.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "err.h"
#include "io.h"
#include "ksyms.h"
#include "monitor.h"
#include "quietpatch.h"
#include "monitor.skel.h"

#define OBSERVE_TP	"quietpatch_observe"
#define OBSERVE_TP_NEW	"quietpatch_observe_tp"	/* DECLARE_TRACE appends _tp from 6.16 on */

#define TICKS_A_SECOND	199	/* no divisor or multiple of a usual timer's rate */

struct monitor {
	struct monitor_bpf *skel;
	struct bpf_link **ticks;	/* by CPU, to look ahead; NULL where a CPU is offline */
	int nr_ticks;
	struct qp_task_verdict *verdicts;
	size_t room;		/* of verdicts */
};

static const char choices[] =
	"To go on without it, choose explicitly: --no-monitor (the core module's own walk alone "
	"decides) or --consistency strict (the machine stops for the switch)";

/* Say in words why the kernel didn't take the programs. */
static int refused(struct klp_err *err, int code, const char *log)
{
	if (io_file_has("/sys/kernel/security/lockdown", 256, "[confidentiality]"))
		return klp_err_set(err, -EPERM,
			"the kernel refuses the eBPF monitor: lockdown is in confidentiality mode, "
			"where no BPF program may read kernel memory. %s", choices);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return klp_err_set(err, -EOPNOTSUPP,
			"the kernel refuses the eBPF monitor: it has no BTF "
			"(/sys/kernel/btf/vmlinux). %s", choices);
	if (code == -EPERM || code == -EACCES)
		return klp_err_set(err, -EPERM,
			"the kernel refuses the eBPF monitor: this process lacks CAP_BPF or "
			"CAP_PERFMON; run as root or grant both. %s", choices);
	if (log && log[0])
		return klp_err_set(err, -EOPNOTSUPP,
			"the kernel refuses the eBPF monitor (%s): %.400s. %s", strerror(-code),
			log, choices);
	return klp_err_set(err, -EOPNOTSUPP, "the kernel refuses the eBPF monitor (%s). %s",
			   strerror(-code), choices);
}

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

/* The verifier's complaint is the last but one line of its log: cut to one line. */
static const char *last_words(char *log)
{
	char *p, *line = log, *said = log;

	for (p = strtok(log, "\n"); p; p = strtok(NULL, "\n")) {
		line = p;
		if (strncmp(line, "processed ", 10) && strncmp(line, "-- ", 3))
			said = line;
	}
	return said;
}

struct roots {
	struct monitor_span *spans;
	__u32 nr;
	uint64_t open;		/* start of a root whose end isn't known yet */
};

/* Where a complete kernel stack may end. */
static bool is_root_name(const char *name)
{
	static const char *const exact[] = {
		"entry_SYSCALL_64", "entry_SYSCALL_64_after_hwframe", "ret_from_fork",
		"ret_from_fork_asm", "common_startup_64",
	};
	static const char *const prefix[] = {
		"entry_SYSCALL_compat", "asm_", "secondary_startup_64",
	};
	size_t i;

	for (i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
		if (!strcmp(name, exact[i]))
			return true;
	for (i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++)
		if (!strncmp(name, prefix[i], strlen(prefix[i])))
			return true;
	return false;
}

/* vmlinux's symbols come in ascending order; the next higher one ends a root. */
static int gather_root(const struct ksym *sym, void *arg)
{
	struct roots *r = arg;

	if (sym->module[0])
		return 1;
	if (!strchr("tT", sym->type))
		return 0;
	if (r->open && sym->addr > r->open) {
		struct monitor_span *last = r->nr ? &r->spans[r->nr - 1] : NULL;

		if (last && r->open <= last->end + 1)
			last->end = sym->addr - 1;
		else if (r->nr == MONITOR_ROOTS)
			return -E2BIG;
		else
			r->spans[r->nr++] = (struct monitor_span){ r->open, sym->addr - 1 };
		r->open = 0;
	}
	if (!r->open && is_root_name(sym->name))
		r->open = sym->addr;
	/* No kernel text follows, but half of all symbols do. */
	return !strcmp(sym->name, "_etext");
}

static int gather_roots(struct monitor_bpf *skel, struct klp_err *err)
{
	struct roots r = { .spans = skel->bss->roots };
	int ret;

	ret = ksyms_each(gather_root, &r, err);
	if (ret == -E2BIG)
		return klp_err_set(err, ret, "this kernel has more than %u entry points; please "
				   "report its release", MONITOR_ROOTS);
	if (ret < 0)
		return ret;
	if (!r.nr)
		return klp_err_set(err, -ENOENT, "/proc/kallsyms names no place where a kernel "
				   "stack may end (ret_from_fork, asm_*)");
	skel->bss->nr_roots = r.nr;
	return 0;
}

static __u32 frame_limit(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_max_stack", "re");
	unsigned int n = MONITOR_FRAMES;

	if (f) {
		if (fscanf(f, "%u", &n) != 1)
			n = MONITOR_FRAMES;
		fclose(f);
	}
	return n < MONITOR_FRAMES ? n : MONITOR_FRAMES;
}

static int attach_iterator(struct monitor_bpf *skel, struct klp_err *err)
{
	struct bpf_link *link = bpf_program__attach_iter(skel->progs.judge_sleeper, NULL);

	if (!link)
		return refused(err, -errno, "no task iterator");
	skel->links.judge_sleeper = link;
	return 0;
}

static int attach_core(struct monitor_bpf *skel, struct klp_err *err)
{
	struct bpf_link *link;
	int ret;

	link = bpf_program__attach_raw_tracepoint(skel->progs.judge_current, OBSERVE_TP);
	if (!link)
		link = bpf_program__attach_raw_tracepoint(skel->progs.judge_current, OBSERVE_TP_NEW);
	if (!link) {
		ret = -errno;
		return klp_err_sys(err, ret == -ENOENT ? -ENODEV : ret,
			"cannot attach the monitor to the core module's tracepoint %s", OBSERVE_TP);
	}
	skel->links.judge_current = link;
	return 0;
}

static int attach_tick(struct monitor *m, int cpu, struct klp_err *err)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1, .sample_freq = TICKS_A_SECOND,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC), ret;

	if (fd < 0 && errno == ENODEV)
		return 0;	/* offline */
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot have a tick of CPU %d to look ahead", cpu);
	/* The link takes the descriptor. */
	m->ticks[cpu] = bpf_program__attach_perf_event(m->skel->progs.sample_current, fd);
	if (m->ticks[cpu])
		return 0;
	ret = -errno;
	close(fd);
	return klp_err_sys(err, ret, "cannot look at the tick of CPU %d", cpu);
}

static int attach_ticks(struct monitor *m, struct klp_err *err)
{
	int n = libbpf_num_possible_cpus(), cpu, ret = 0;

	if (n < 0)
		return klp_err_sys(err, n, "cannot tell how many CPUs there are");
	m->ticks = calloc(n, sizeof(*m->ticks));
	if (!m->ticks)
		return klp_err_sys(err, -ENOMEM, "cannot look at %d CPUs", n);
	m->nr_ticks = n;
	for (cpu = 0; !ret && cpu < n; cpu++)
		ret = attach_tick(m, cpu, err);
	return ret;
}

static int load(struct monitor *m, bool ahead, struct klp_err *err)
{
	static const size_t log_size = 1 << 20;
	char *log = calloc(1, log_size);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log, .kernel_log_size = log_size);
	int ret;

	if (!log)
		return klp_err_sys(err, -ENOMEM, "cannot load the monitor");
	m->skel = monitor_bpf__open_opts(&opts);
	if (!m->skel) {
		ret = refused(err, -errno, NULL);
		goto out;
	}
	bpf_program__set_autoload(ahead ? m->skel->progs.judge_current : m->skel->progs.sample_current, false);
	m->skel->rodata->max_frames = frame_limit();
	ret = monitor_bpf__load(m->skel);
	if (ret)
		ret = refused(err, ret, last_words(log));
	else
		ret = gather_roots(m->skel, err);
out:
	free(log);
	return ret;
}

static int open_either(struct monitor **out, bool ahead, struct klp_err *err)
{
	libbpf_print_fn_t print = libbpf_set_print(no_print);
	struct monitor *m = calloc(1, sizeof(*m));
	int ret = m ? load(m, ahead, err) : klp_err_sys(err, -ENOMEM, "cannot load the monitor");

	if (!ret)
		ret = attach_iterator(m->skel, err);
	if (!ret)
		ret = ahead ? attach_ticks(m, err) : attach_core(m->skel, err);
	libbpf_set_print(print);
	if (ret) {
		monitor_close(m);
		return ret;
	}
	*out = m;
	return 0;
}

int monitor_open(struct monitor **out, struct klp_err *err)
{
	return open_either(out, false, err);
}

int monitor_open_ahead(struct monitor **out, struct klp_err *err)
{
	return open_either(out, true, err);
}

void monitor_close(struct monitor *m)
{
	int cpu;

	if (!m)
		return;
	for (cpu = 0; cpu < m->nr_ticks; cpu++)
		bpf_link__destroy(m->ticks[cpu]);
	free(m->ticks);
	monitor_bpf__destroy(m->skel);
	free(m->verdicts);
	free(m);
}

static int by_start(const void *a, const void *b)
{
	const struct monitor_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

int monitor_arm(struct monitor *m, const struct qp_range *ranges, size_t nr, __u64 epoch,
		struct klp_err *err)
{
	struct monitor_span *spans;
	size_t i, n = 0;

	spans = calloc(nr ? nr : 1, sizeof(*spans));
	if (!spans)
		return klp_err_sys(err, -ENOMEM, "cannot arm the monitor");
	for (i = 0; i < nr; i++)
		spans[i] = (struct monitor_span){ ranges[i].start, ranges[i].end };
	qsort(spans, nr, sizeof(*spans), by_start);
	for (i = 0; i < nr; i++) {
		if (n && spans[i].start <= spans[n - 1].end) {
			if (spans[i].end > spans[n - 1].end)
				spans[n - 1].end = spans[i].end;
		} else {
			spans[n++] = spans[i];
		}
	}
	if (n > MONITOR_RANGES) {
		free(spans);
		return klp_err_set(err, -E2BIG, "the patch affects %zu separate pieces of code; the "
				   "monitor can watch %u. %s", n, MONITOR_RANGES, choices);
	}
	/* No pass and no IPI runs now: both start from this process. */
	m->skel->bss->armed_epoch = 0;
	memcpy(m->skel->bss->ranges, spans, n * sizeof(*spans));
	m->skel->bss->nr_ranges = n;
	m->skel->bss->armed_epoch = epoch;
	free(spans);
	return 0;
}

/* Read the iterator to its end; the kernel hands out whole records only. */
static int read_all(struct monitor *m, int fd, size_t *len, struct klp_err *err)
{
	size_t have = 0;

	for (;;) {
		ssize_t n;

		if (m->room - have < (1 << 15)) {
			size_t room = m->room ? 2 * m->room : 1 << 17;
			void *p = realloc(m->verdicts, room);

			if (!p)
				return klp_err_sys(err, -ENOMEM, "cannot collect verdicts");
			m->verdicts = p;
			m->room = room;
		}
		n = read(fd, (char *)m->verdicts + have, m->room - have);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return klp_err_sys(err, -errno, "cannot read the monitor's verdicts");
		if (n == 0)
			break;
		have += n;
	}
	*len = have;
	return 0;
}

int monitor_collect(struct monitor *m, struct qp_task_verdict **out, size_t *nr_clean,
		    size_t *nr, struct klp_err *err)
{
	struct qp_task_verdict tmp;
	size_t len = 0, n, i, clean = 0;
	int fd, ret;

	fd = bpf_iter_create(bpf_link__fd(m->skel->links.judge_sleeper));
	if (fd < 0)
		return klp_err_sys(err, fd, "cannot start a pass of the monitor");
	ret = read_all(m, fd, &len, err);
	close(fd);
	if (ret)
		return ret;
	if (len % sizeof(*m->verdicts))
		return klp_err_set(err, -EBADMSG, "the monitor's verdicts end in mid-record");
	n = len / sizeof(*m->verdicts);
	for (i = 0; i < n; i++) {
		if (m->verdicts[i].verdict != QP_V_CLEAN)
			continue;
		tmp = m->verdicts[clean];
		m->verdicts[clean++] = m->verdicts[i];
		m->verdicts[i] = tmp;
	}
	*out = m->verdicts;
	*nr_clean = clean;
	*nr = n;
	return 0;
}

void monitor_done(struct monitor *m, const struct qp_task_verdict *v, size_t nr)
{
	struct monitor_done *done = m->skel->bss->done;
	__u32 epoch = (__u32)m->skel->bss->armed_epoch;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (v[i].result != QP_V_COMMITTED && v[i].result != QP_V_ALREADY)
			continue;
		done[v[i].pid % MONITOR_DONE] = (struct monitor_done){
			.start_boottime = v[i].start_boottime, .pid = v[i].pid, .epoch = epoch,
		};
	}
}

struct monitor_counts monitor_counts(const struct monitor *m)
{
	return m->skel->bss->counts;
}

int monitor_samples(const struct monitor *m, struct monitor_sample **out, size_t *nr, struct klp_err *err)
{
	struct monitor_sample *list = calloc(MONITOR_SAMPLED, sizeof(*list));
	int map = bpf_map__fd(m->skel->maps.sampled);
	__u64 *last = NULL;
	size_t n = 0;

	if (!list)
		return klp_err_sys(err, -ENOMEM, "cannot list what ran");
	/* Nothing is ever taken out, so that each key has a value. */
	while (n < MONITOR_SAMPLED && !bpf_map_get_next_key(map, last, &list[n].frame)) {
		if (bpf_map_lookup_elem(map, &list[n].frame, &list[n].times))
			break;
		last = &list[n++].frame;
	}
	*out = list;
	*nr = n;
	return 0;
}
