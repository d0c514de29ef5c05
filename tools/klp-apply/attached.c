// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * attached.c - see attached.h.
 *
 * Three of the kernel's own lists are asked: the probes (debugfs), the functions
 * that ftrace has in hand (tracefs; BPF trampolines and patches show there), and
 * the stock livepatches (sysfs).
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attached.h"
#include "printable.h"
#include "quietpatch.h"

#define PROBES		"/sys/kernel/debug/kprobes/list"
#define TRACED		"/sys/kernel/tracing/enabled_functions"
#define LIVEPATCHES	"/sys/kernel/livepatch"

struct search {
	const char *root;
	const char *const *names;
	size_t nr;
	const struct qp_site_info *own;
	size_t nr_own;
	struct attached *list;
	size_t found;
};

static const struct {
	const char *word, *effect;
} kinds[] = {
	[ATTACHED_KPROBE_ENTRY] = { "kprobe", "it goes on firing, for old code and new; the function "
		"isn't settled meanwhile" },
	[ATTACHED_KPROBE_BODY] = { "kprobe-inside", "it stays in the old body, so it won't fire for "
		"tasks that run the new one; set it again on the patch's function" },
	[ATTACHED_LIVEPATCH] = { "livepatch", "load will refuse: two patchers can't share a function; "
		"disable that livepatch first (echo 0 > /sys/kernel/livepatch/NAME/enabled)" },
	[ATTACHED_QUIETPATCH] = { "quietpatch", "an earlier patch replaces it already; this one goes on "
		"top, and has to go first" },
	[ATTACHED_BPF] = { "bpf", "the program stays attached; the function isn't settled meanwhile" },
	[ATTACHED_TRACER] = { "tracer", "it goes on tracing; the function isn't settled meanwhile" },
};

const char *attached_word(enum attached_kind kind)
{
	return kinds[kind].word;
}

const char *attached_effect(const struct attached *a)
{
	if (!a->passed_by)
		return kinds[a->kind].effect;
	switch (a->kind) {
	case ATTACHED_LIVEPATCH:
		return "load will refuse: the function's calls would go past that livepatch; disable it first "
			"(echo 0 > /sys/kernel/livepatch/NAME/enabled)";
	case ATTACHED_QUIETPATCH:
		return "the function's calls go past that earlier patch of it, to this one's own function";
	default:
		return "it goes blind: the function is called no more, but the patch's own in its place, with "
			"__patched behind its name; set it again on that one";
	}
}

static int add(struct search *s, enum attached_kind kind, const char *function, const char *detail)
{
	struct attached *list = reallocarray(s->list, s->found + 1, sizeof(*list));
	struct attached *a;

	if (!list)
		return -ENOMEM;
	s->list = list;
	a = &list[s->found++];
	a->kind = kind;
	snprintf(a->function, sizeof(a->function), "%s", function);
	snprintf(a->detail, sizeof(a->detail), "%s", detail);
	a->detail[strcspn(a->detail, "\n")] = '\0';
	/* Names of modules and of their functions are whatever their authors wrote. */
	text_make_printable(a->detail, sizeof(a->detail));
	return 0;
}

/* The function of ours that @text starts with, if @ends follows; NULL otherwise. */
static const char *named(const struct search *s, const char *text, const char *ends)
{
	size_t i, n = strcspn(text, ends);

	for (i = 0; text[n] && i < s->nr; i++)
		if (strlen(s->names[i]) == n && !memcmp(s->names[i], text, n))
			return s->names[i];
	return NULL;
}

/* "ffffffff8e2b1c40  k  pipe_read+0x12    [DISABLED]"; r is a kretprobe: it sits at the entry. */
static int probe_line(struct search *s, const char *line)
{
	const char *function;
	unsigned int offset;
	char symbol[160];

	if (sscanf(line, "%*x %*s %159s", symbol) != 1)
		return 0;
	function = named(s, symbol, "+");
	if (!function || sscanf(symbol + strlen(function), "+0x%x", &offset) != 1)
		return 0;
	return add(s, strstr(line, "[FTRACE]") || !offset ? ATTACHED_KPROBE_ENTRY :
		   ATTACHED_KPROBE_BODY, function, line);
}

/* The core's site for this line's function, or NULL. */
static const struct qp_site_info *own_site(const struct search *s, const char *line)
{
	size_t i, n;

	for (i = 0; i < s->nr_own; i++) {
		n = strlen(s->own[i].name);
		if (!strncmp(line, s->own[i].name, n) && !strncmp(line + n, " (", 2))
			return &s->own[i];
	}
	return NULL;
}

/* How many of ftrace's users of the function are neither the core's nor a probe, which has a list of its own. */
static unsigned int strangers(const struct search *s, const struct qp_site_info *own, const char *function,
			      const char *line)
{
	const char *p = strchr(line, '(');
	unsigned int users = p ? strtoul(p + 1, NULL, 10) : 1, known = own ? own->nr_users : 0;
	size_t i;

	for (i = 0; i < s->found; i++)
		if (s->list[i].kind == ATTACHED_KPROBE_ENTRY && !strcmp(s->list[i].function, function)) {
			known++;
			break;
		}
	return users > known ? users - known : 0;
}

/* "pipe_read (1) R   D   M  tramp: ... ->...  direct-->bpf_trampoline_6442_1+0x0" */
static int traced_line(struct search *s, const char *line)
{
	const char *function = named(s, line, " ");
	const struct qp_site_info *own = function ? own_site(s, line) : NULL;
	int ret = 0;

	if (!function)
		return 0;
	if (own && own->nr_patches)
		ret = add(s, ATTACHED_QUIETPATCH, function, line);
	if (own && (ret || !strangers(s, own, function, line)))
		return ret;
	/* All BPF programs are one user; whoever else there is traces. */
	if (strstr(line, "bpf_trampoline")) {
		ret = add(s, ATTACHED_BPF, function, line);
		if (ret || strangers(s, own, function, line) < 2)
			return ret;
		return add(s, ATTACHED_TRACER, function, line);
	}
	/* The two have lists of their own, which know more. */
	if (!own && (strstr(line, "kprobe_ftrace") || strstr(line, "klp_ftrace_handler")))
		return 0;
	return add(s, !own && strstr(line, "[quietpatch]") ? ATTACHED_QUIETPATCH : ATTACHED_TRACER, function, line);
}

static int each_line(struct search *s, const char *path, int (*fn)(struct search *, const char *))
{
	char full[PATH_MAX], entry[1024] = "", *line = NULL;
	size_t room = 0, len;
	int ret = 0;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", s->root, path);
	f = fopen(full, "re");
	if (!f)
		return 0;
	/* "\tdirect-->bpf_trampoline_..." on a line of its own belongs to the one before. */
	while (!ret && getline(&line, &room, f) > 0) {
		if (*line != '\t' && *entry) {
			ret = fn(s, entry);
			entry[0] = '\0';
		}
		len = strlen(entry);
		snprintf(entry + len, sizeof(entry) - len, "%.*s", (int)strcspn(line, "\n"), line);
	}
	if (!ret && *entry)
		ret = fn(s, entry);
	free(line);
	fclose(f);
	return ret;
}

static int each_entry(struct search *s, const char *path,
		      int (*fn)(struct search *, const char *path, const char *entry))
{
	struct dirent *de;
	DIR *dir = opendir(path);
	int ret = 0;

	if (!dir)
		return 0;
	while (!ret && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			ret = fn(s, path, de->d_name);
	closedir(dir);
	return ret;
}

/* .../livepatch/NAME/OBJECT/FUNCTION,SYMPOS */
static int livepatch_function(struct search *s, const char *path, const char *entry)
{
	const char *function = named(s, entry, ",");

	return function ? add(s, ATTACHED_LIVEPATCH, function, path) : 0;
}

static int livepatch_object(struct search *s, const char *path, const char *entry)
{
	char below[PATH_MAX];

	if (snprintf(below, sizeof(below), "%s/%s", path, entry) >= (int)sizeof(below))
		return 0;
	return each_entry(s, below, livepatch_function);
}

static int livepatch(struct search *s, const char *path, const char *entry)
{
	char below[PATH_MAX];

	if (snprintf(below, sizeof(below), "%s/%s", path, entry) >= (int)sizeof(below))
		return 0;
	return each_entry(s, below, livepatch_object);
}

int attached_find(const char *root, const char *const *names, size_t nr, const struct qp_site_info *own,
		  size_t nr_own, struct attached **out, size_t *found)
{
	struct search s = { .root = root, .names = names, .nr = nr, .own = own, .nr_own = nr_own };
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s" LIVEPATCHES, root);
	ret = each_line(&s, PROBES, probe_line);
	if (!ret)
		ret = each_line(&s, TRACED, traced_line);
	if (!ret)
		ret = each_entry(&s, path, livepatch);
	if (ret) {
		free(s.list);
		return ret;
	}
	*out = s.list;
	*found = s.found;
	return 0;
}

json_t *attached_json(const struct attached *list, size_t nr)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(all, json_pack("{s:s s:s s:s s:s}",
			"kind", attached_word(list[i].kind), "function", list[i].function,
			"detail", list[i].detail, "effect", attached_effect(&list[i])));
	return all;
}
