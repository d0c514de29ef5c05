// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * status.c - see status.h.
 *
 * All that is told of it, to root, to everybody, in words or in numbers, is made from this.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/local_time.h"
#include "cve/effective.h"
#include "err.h"
#include "exits.h"
#include "jsonstr.h"
#include "protection.h"
#include "public.h"
#include "settings/disable.h"
#include "state/horizon.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/store_value.h"
#include "state/update.h"
#include "status.h"

/* Which cumulative patch is in force, in a kernel where @p was: by one of ours, or by somebody else's (@foreign)? */
static bool taken_over(const struct update *u, const struct patch_rows *rows, const struct patch_row *p, char by[64], bool *foreign)
{
	struct kernel_patch *in;
	size_t nr;

	*by = '\0';
	if (!machine_replaced(&u->machine, p->module) || machine_patches(&u->machine, &in, &nr))
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (!in[i].in_force || !in[i].cumulative)
			continue;
		snprintf(by, 64, "%s", in[i].name);
		*foreign = true;
		for (size_t k = 0; k < rows->nr; k++)
			if (!strcmp(rows->rows[k].module, in[i].module) && !strcmp(rows->rows[k].build_id, u->machine.build_id) &&
			    (rows->rows[k].state == PATCH_GOOD || rows->rows[k].state == PATCH_WATCHED))
				*foreign = false;
	}
	free(in);
	return *by;
}

static bool in_force(const struct update *u, const struct patch_row *p)
{
	return machine_has(&u->machine, p->module, p->release) && !machine_replaced(&u->machine, p->module);
}

/* Good once and not in the kernel now: what is there instead? */
static const char *word_for_gone(const struct update *u, const struct patch_row *p, char buf[80])
{
	int64_t release = machine_release(&u->machine, p->name);

	if (machine_patch(&u->machine, p->module) == IN_KERNEL_SWITCHING)
		return "a switch is under way";
	if (release <= p->release)
		return "gone: reverted by somebody else";
	snprintf(buf, 80, "release %lld is in its place, by somebody else", (long long)release);
	return buf;
}

/* What a row says, held against what the kernel says. */
static const char *word_for(const struct update *u, const struct patch_row *p, char buf[80])
{
	char when[32];
	bool this_boot = !strcmp(p->boot_id, u->machine.boot_id);
	bool in_kernel = in_force(u, p);

	if (strcmp(p->build_id, u->machine.build_id))
		return "for another kernel";

	switch (p->state) {
	case PATCH_GOOD:
	case PATCH_WATCHED:
		if (in_kernel && p->exit == EXIT_ROLLED_BACK)
			return "applied, and has to go";
		if (in_kernel && p->expires) {
			local_time(p->expires, when);
			snprintf(buf, 80, "%s %s%s", p->expires > time(NULL) ? "mitigated until" : "mitigation, expired on", when,
				 p->state == PATCH_GOOD ? "" : ", being watched");
			return buf;
		}
		if (in_kernel)
			return p->state == PATCH_GOOD ? "applied" : "applied, being watched";
		return this_boot ? word_for_gone(u, p, buf) : "to be applied again";
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

/* Modules that aren't loaded and that it replaces something in: a list. */
static json_t *pending_json(const struct update *u, const json_t *functions)
{
	json_t *list = json_array(), *f, *known;
	size_t i, k;

	json_array_foreach(functions, i, f) {
		const char *object = str(f, "object");

		if (!strcmp(object, "vmlinux") || machine_has_module(&u->machine, object))
			continue;
		json_array_foreach(list, k, known)
			if (!strcmp(json_string_value(known), object))
				break;
		if (k == json_array_size(list))
			json_array_append_new(list, json_string(object));
	}
	return list;
}

/* "applied" alone would promise what isn't so yet. */
static void add_pending(const struct update *u, json_t *j)
{
	bool in_force = json_is_true(json_object_get(j, "in_force"));
	json_t *list = in_force ? pending_json(u, json_object_get(j, "functions")) : json_array(), *m;
	char now[512];
	size_t i, len;

	len = (size_t)snprintf(now, sizeof(now), "%s", str(j, "now"));
	json_array_foreach(list, i, m)
		if (len < sizeof(now) - 120)
			len += (size_t)snprintf(now + len, sizeof(now) - len, "%s%.63s", i ? ", " : ", pending: waits for module ",
						json_string_value(m));
	if (json_array_size(list))
		json_object_set_new(j, "now", json_string(now));
	json_object_set_new(j, "pending", list);
}

static json_t *patch_json(const struct update *u, const struct patch_rows *rows, const struct patch_row *p)
{
	bool here = !strcmp(p->build_id, u->machine.build_id), foreign = false;
	/* This release or a later one, whoever put it in, has the fix. */
	bool wanted = here && p->state != PATCH_SUPERSEDED &&
		      (in_force(u, p) || machine_release(&u->machine, p->name) < p->release);
	char buf[80], now[160], by[64];

	snprintf(now, sizeof(now), "%s", word_for(u, p, buf));
	if (here && taken_over(u, rows, p, by, &foreign)) {
		snprintf(now, sizeof(now), "cumulative patch %s%s has taken over from it", by, foreign ? ", by somebody else," : "");
		/* A cumulative one that the source offers has what its publisher wants to be in; of another one nobody knows. */
		wanted = wanted && foreign;
	}

	json_t *j = json_pack("{s:s, s:I, s:s, s:s, s:o, s:o, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:o*, s:o*, s:o*, s:I, s:b, s:b, s:i}",
			 "name", p->name, "release", (json_int_t)p->release,
			 "state", patch_state_name(p->state), "now", now,
			 "summary", json_text(p->summary), "reason", json_text(p->reason),
			 "applied_at", (json_int_t)p->applied_at,
			 "changed_at", (json_int_t)p->changed_at, "digest", p->digest,
			 "module", p->module, "build_id", p->build_id, "boot", p->boot_id, "kernel", p->kernel, "functions", json_loads(p->functions, 0, NULL),
			 "cves", json_loads(p->cves, 0, NULL), "mitigates", json_loads(p->mitigates, 0, NULL),
			 "expires", (json_int_t)p->expires,
			 "in_force", in_force(u, p),
			 "wanted", wanted, "exit", p->exit);

	if (j)
		add_pending(u, j);
	if (j && json_is_true(json_object_get(j, "in_force")) && machine_attempts(&u->machine, p->module) >= 0)
		json_object_set_new(j, "tripped", json_integer(machine_attempts(&u->machine, p->module)));
	return j;
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
			"in_force", in[i].in_force, "wanted", false));
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
			json_array_append_new(list, patch_json(u, &rows, &rows.rows[i]));
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

/* Is the release that waits in force by now, or a later one?  Somebody may have loaded it since the last look. */
static bool is_in_force(const json_t *waiting, const struct kernel_patch *in, size_t nr)
{
	json_int_t release = json_integer_value(json_object_get(waiting, "release"));
	/* An older one that is offered once more is refused, and that is told. */
	bool refused = json_integer_value(json_object_get(waiting, "exit")) == EXIT_TRUST;

	for (size_t i = 0; i < nr; i++)
		if (release && in[i].in_force && !strcmp(in[i].name, str(waiting, "name")) &&
		    (in[i].release == release || (in[i].release > release && !refused)))
			return true;
	return false;
}

/* What is offered and, by the kernel's word of this moment, isn't in force. */
static int waiting_json(struct update *u, json_t **out, struct klp_err *err)
{
	struct kernel_patch *in;
	size_t nr;
	int ret = store_waiting(u->db, out, err);

	if (ret || machine_patches(&u->machine, &in, &nr))
		return ret;
	for (size_t i = json_array_size(*out); i-- > 0;)
		if (is_in_force(json_array_get(*out, i), in, nr))
			json_array_remove(*out, i);
	free(in);
	return 0;
}

/* In numbers, as the last run had them: {} before the first one. */
static json_t *cves_json(struct update *u)
{
	json_t *j = store_json(u->db, CVES_WORD);

	return j ? j : json_object();
}

/* "exploited": true for those of @list that the source says it of. */
static void mark_exploited(const struct update *u, json_t *list)
{
	json_t *marks = store_json(u->db, EXPLOITED_WORD), *item, *m;
	size_t i, k;

	json_array_foreach(list, i, item)
		json_array_foreach(marks, k, m)
			if (!strcmp(str(m, "name"), str(item, "name")) &&
			    json_equal(json_object_get(m, "release"), json_object_get(item, "release")))
				json_object_set_new(item, "exploited", json_true());
	json_decref(marks);
}

int status_json(struct update *u, json_t **out, struct klp_err *err)
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
		ret = waiting_json(u, &waiting, err);
	if (!ret)
		ret = store_holds(u->db, &holds, err);
	if (ret) {
		json_decref(patches);
		json_decref(waiting);
		return ret;
	}
	mark_exploited(u, patches);
	mark_exploited(u, waiting);
	*out = json_pack("{s:{s:s, s:s}, s:o*, s:I, s:o, s:I, s:o, s:o, s:o}",
			 "kernel", "release", u->machine.release, "build_id", u->machine.build_id,
			 "source", u->public_at ? NULL : json_text(u->settings.source), "last_look", (json_int_t)last_look,
			 "last_error", json_text(last_error), "last_exit", (json_int_t)last_exit, "patches", patches, "waiting", waiting,
			 "holds", holds);
	if (disabled(u->settings.root, &ordered, why, sizeof(why), err))
		snprintf(why, sizeof(why), "%s", err->text);
	json_object_set_new(*out, "cves", cves_json(u));
	json_object_set_new(*out, "asks", json_boolean(store_asks(u->db)));
	json_object_set_new(*out, "disabled", json_text(why));
	json_object_set_new(*out, "horizon", json_pack("{s:s, s:I}", "is", horizon_word(horizon_of(u), time(NULL)), "ends",
							(json_int_t)horizon_of(u)));
	json_object_set_new(*out, "effective", effective_json(u));
	protection_judge(*out, &verdict);
	json_object_set_new(*out, "protection", json_string(protection_word(verdict.is)));
	json_object_set_new(*out, "why", json_text(verdict.why));
	json_object_set_new(*out, "exit", json_integer(verdict.exit));
	if (u->public_at)
		json_object_set_new(*out, "public_at", json_integer(u->public_at));
	return 0;
}
