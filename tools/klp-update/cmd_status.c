// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_status.c - klp-update status: what is applied, what waits, why, until when.
 *
 * One JSON object is built; the text for people is a rendering of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "disable.h"
#include "protection.h"
#include "store.h"
#include "update.h"

/* What a row says, held against what the kernel says. */
static const char *word_for(const struct update *u, const struct patch_row *p)
{
	bool this_boot = !strcmp(p->boot_id, u->machine.boot_id);
	bool in_kernel = machine_has(&u->machine, p->module, p->release);

	if (strcmp(p->build_id, u->machine.build_id))
		return "for another kernel";

	switch (p->state) {
	case PATCH_GOOD:
	case PATCH_WATCHED:
		if (in_kernel)
			return p->state == PATCH_GOOD ? "applied" : "applied, being watched";
		return this_boot ? "gone: reverted by somebody else" : "to be applied again";
	case PATCH_FETCHED:
	case PATCH_FAILED:
	case PATCH_CRASHED:
	case PATCH_REVERTED:
		if (in_kernel)
			return "applied, by somebody else than klp-update";
		if (p->state != PATCH_FETCHED)
			return patch_state_name(p->state);
		return *p->reason ? "to be tried again" : "fetched, not applied";
	default:
		return patch_state_name(p->state);
	}
}

static json_t *patch_json(const struct update *u, const struct patch_row *p)
{
	bool here = !strcmp(p->build_id, u->machine.build_id);

	return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:o*, s:o*, s:b, s:b, s:i}",
			 "name", p->name, "release", (json_int_t)p->release,
			 "state", patch_state_name(p->state), "now", word_for(u, p),
			 "summary", p->summary, "reason", p->reason,
			 "applied_at", (json_int_t)p->applied_at,
			 "changed_at", (json_int_t)p->changed_at, "digest", p->digest,
			 "kernel", p->kernel, "functions", json_loads(p->functions, 0, NULL),
			 "cves", json_loads(p->cves, 0, NULL),
			 "in_force", machine_has(&u->machine, p->module, p->release),
			 "wanted", here && p->state != PATCH_SUPERSEDED, "exit", p->exit);
}

/* What the kernel has and no row speaks of: loaded by hand, or by somebody else's tool. */
static int add_foreign(struct update *u, const struct patch_rows *rows, json_t *list)
{
	struct kernel_patch *in;
	size_t nr;
	int ret = machine_patches(&u->machine, &in, &nr);

	for (size_t i = 0; !ret && i < nr; i++) {
		bool known = false;
		char now[80];

		for (size_t k = 0; k < rows->nr && !known; k++)
			known = !strcmp(rows->rows[k].module, in[i].module) &&
				!strcmp(rows->rows[k].build_id, u->machine.build_id);
		if (known)
			continue;
		snprintf(now, sizeof(now), "%s, by somebody else than klp-update", in[i].state);
		json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:b, s:b}",
			"name", in[i].name, "release", (json_int_t)in[i].release, "state", "foreign",
			"now", now, "summary", "", "reason", "",
			"in_force", !strcmp(in[i].state, "applied"), "wanted", false));
	}
	if (!ret)
		free(in);
	return ret;
}

static int patches_json(struct update *u, json_t **out, struct klp_err *err)
{
	struct patch_rows rows;
	json_t *list;
	int ret;

	ret = store_patches(u->db, &rows, err);
	if (ret)
		return ret;
	list = json_array();
	for (size_t i = 0; i < rows.nr; i++) {
		if (rows.rows[i].state != PATCH_SUPERSEDED)
			json_array_append_new(list, patch_json(u, &rows.rows[i]));
	}
	if (add_foreign(u, &rows, list))
		ret = klp_err_sys(err, -ENOMEM, "cannot list patches");
	store_patches_free(&rows);
	if (ret) {
		json_decref(list);
		return ret;
	}
	*out = list;
	return 0;
}

static int status_json(struct update *u, json_t **out, struct klp_err *err)
{
	json_t *patches = NULL, *waiting = NULL, *holds = NULL;
	struct protection_verdict verdict;
	char last_error[KLP_ERR_LEN], why[KLP_ERR_LEN] = "";
	bool ordered;
	int64_t last_look, last_exit;
	int ret;

	ret = store_word(u->db, "last-error", last_error, sizeof(last_error), err);
	if (!ret)
		ret = store_number(u->db, "last-look", &last_look, err);
	if (!ret)
		ret = store_number(u->db, "last-exit", &last_exit, err);
	if (!ret)
		ret = patches_json(u, &patches, err);
	if (!ret)
		ret = store_waiting(u->db, &waiting, err);
	if (!ret)
		ret = store_holds(u->db, &holds, err);
	if (ret) {
		json_decref(patches);
		json_decref(waiting);
		return ret;
	}
	*out = json_pack("{s:{s:s, s:s}, s:s, s:I, s:s, s:I, s:o, s:o, s:o}",
			 "kernel", "release", u->machine.release, "build_id", u->machine.build_id,
			 "source", u->settings.source, "last_look", (json_int_t)last_look,
			 "last_error", last_error, "last_exit", (json_int_t)last_exit, "patches", patches, "waiting", waiting,
			 "holds", holds);
	if (disabled(u->settings.root, &ordered, why, sizeof(why), err))
		snprintf(why, sizeof(why), "%s", err->text);
	json_object_set_new(*out, "disabled", json_string(why));
	protection_judge(*out, &verdict);
	json_object_set_new(*out, "protection", json_string(protection_word(verdict.is)));
	json_object_set_new(*out, "why", json_string(verdict.why));
	json_object_set_new(*out, "exit", json_integer(verdict.exit));
	return 0;
}

/* ---- text ---- */

static const char *str(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

static int64_t num(const json_t *obj, const char *key)
{
	return json_integer_value(json_object_get(obj, key));
}

static void print_cves(const char *what, const json_t *list)
{
	json_t *item;
	size_t i;

	if (!json_array_size(list))
		return;
	printf("            %s", what);
	json_array_foreach(list, i, item)
		printf(" %s", json_string_value(item));
	putchar('\n');
}

static void print_patch(const json_t *p)
{
	char when[32];
	json_t *f;
	size_t i;

	update_time(num(p, "applied_at") ? num(p, "applied_at") : num(p, "changed_at"), when);
	printf("patch       %s %lld: %s (%s)\n", str(p, "name"), (long long)num(p, "release"),
	       str(p, "now"), when);
	if (*str(p, "reason"))
		printf("            because: %s\n", str(p, "reason"));
	if (*str(p, "summary"))
		printf("            %s\n", str(p, "summary"));
	json_array_foreach(json_object_get(p, "functions"), i, f)
		printf("            %s  %s %s:%lld\n", str(f, "name"), str(f, "object"), str(f, "file"),
		       (long long)num(f, "line"));
	print_cves("fixes", json_object_get(p, "cves"));
}

static void print_waiting(const json_t *w)
{
	char until[32];

	update_time(num(w, "until"), until);
	printf("waiting     %s %lld: %s%s%s\n", str(w, "name"), (long long)num(w, "release"),
	       str(w, "reason"), *until ? ", until " : "", until);
	print_cves("open meanwhile:", json_object_get(w, "cves"));
}

static void print_hold(const json_t *h)
{
	char until[32];

	update_time(num(h, "until"), until);
	printf("held        %s%s%s%s%s\n", *str(h, "name") ? str(h, "name") : "everything new",
	       *str(h, "reason") ? ": " : "", str(h, "reason"), *until ? ", until " : "", until);
}

static void print_text(const json_t *s)
{
	const json_t *kernel = json_object_get(s, "kernel");
	char when[32];
	json_t *item;
	int others = 0;
	size_t i;

	update_time(num(s, "last_look"), when);
	printf("%s: %s\n", str(s, "protection"), str(s, "why"));
	printf("kernel      %s (build-id %.16s...)\n", str(kernel, "release"), str(kernel, "build_id"));
	printf("source      %s, last look: %s\n", str(s, "source"), *when ? when : "never");
	if (*str(s, "last_error"))
		printf("last run    %s\n", str(s, "last_error"));
	json_array_foreach(json_object_get(s, "holds"), i, item)
		print_hold(item);
	json_array_foreach(json_object_get(s, "patches"), i, item) {
		if (strcmp(str(item, "now"), "for another kernel"))
			print_patch(item);
		else
			others++;
	}
	if (others)
		printf("other       %d patch%s for other kernels; --json lists them\n", others,
		       others == 1 ? "" : "es");
	json_array_foreach(json_object_get(s, "waiting"), i, item)
		print_waiting(item);
	if (!json_array_size(json_object_get(s, "patches")))
		puts("patch       none");
}

int cmd_status(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	json_t *s;
	int ret;

	(void)argc;
	(void)argv;
	ret = context_open(u, false, &err);
	if (!ret)
		ret = status_json(u, &s, &err);
	if (ret)
		return update_fail(u, &err);
	ret = (int)num(s, "exit");
	if (u->json) {
		update_print_json(s);
	} else {
		print_text(s);
		json_decref(s);
	}
	return ret;
}
