// SPDX-License-Identifier: GPL-2.0-or-later
/* news.c - see news.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/stop.h"
#include "cve/cve_records.h"
#include "err.h"
#include "exits.h"
#include "news.h"
#include "run.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "state/horizon.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/store_value.h"
#include "state/update.h"

/* Files of a plain folder that can't be taken; a file that is still being copied is one. */
static int tell_rejected(struct run *r, const struct candidates *all, int64_t look,
			 struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < all->nr_rejected && !ret; i++) {
		const struct rejection *j = &all->rejected[i];

		run_exit(r, rejection_exit(j));
		run_tell(r, "refused", j->path, 0, j->text);
		ret = store_event(r->u->db, r->u->machine.boot_id, "refused", j->path, 0, "", j->text,
				  err);
		if (!ret)
			ret = store_wait(r->u->db, look, j->path, 0, "", "[]", 0,
					 rejection_exit(j), j->text, err);
	}
	return ret;
}

/* What is known of CVEs; without it patches go in all the same, and the run tells. */
static int take_cves(struct run *r, struct source *src, const struct candidates *all, struct klp_err *err)
{
	struct klp_err why = { 0 };
	int ret = cve_records_sync(r->u, src, all, &why);

	if (!ret)
		return 0;
	if (ret == -EINTR)
		return stop_check(err);
	run_exit(r, exit_of(ret));
	run_tell(r, "refused", "CVE records", 0, why.text);
	return store_event(r->u->db, r->u->machine.boot_id, "refused", "CVE records", 0, "", why.text, err);
}

/* Of the offers: which ones people are attacked through right now.  status tells it of each that it lists. */
static int remember_exploited(struct run *r, const struct candidates *all, struct klp_err *err)
{
	json_t *list = json_array();
	char *text;
	int ret;

	for (size_t i = 0; i < all->nr; i++)
		if (all->list[i].exploited)
			json_array_append_new(list, json_pack("{s:s, s:I}", "name", all->list[i].name, "release",
							      (json_int_t)all->list[i].release));
	text = json_dumps(list, JSON_COMPACT);
	ret = text ? store_set_word(r->u->db, EXPLOITED_WORD, text, err) : klp_err_sys(err, -ENOMEM, "cannot look");
	free(text);
	json_decref(list);
	return ret;
}

static int tell_horizon(struct run *r, const char *text, struct klp_err *err)
{
	run_tell(r, "horizon", "this kernel", 0, text);
	return store_event(r->u->db, r->u->machine.boot_id, "horizon", "this kernel", 0, "", text, err);
}

/* A change is told and goes into the history. */
static int remember_horizon(struct run *r, int64_t until, struct klp_err *err)
{
	int64_t had = horizon_of(r->u);
	char text[200], now[16], before[16];
	int ret;

	if (until == had)
		return 0;
	horizon_day(until, now);
	horizon_day(had, before);
	if (!until) {
		snprintf(text, sizeof(text), "the source doesn't tell any more until when it has patches; it was %s, which stays", before);
		return tell_horizon(r, text, err);
	}
	snprintf(text, sizeof(text), "patches are made for it until %s%s%s", now, had ? ", not until " : "", had ? before : "");
	ret = tell_horizon(r, text, err);
	return ret ? ret : horizon_set(r->u, until, err);
}

int news_take(struct run *r, struct source *src, const struct candidates *all, int64_t look, struct klp_err *err)
{
	int ret = remember_exploited(r, all, err);

	if (!ret && !src->plain)
		ret = remember_horizon(r, all->maintained_until, err);
	if (!ret)
		ret = tell_rejected(r, all, look, err);
	return ret ? ret : take_cves(r, src, all, err);
}
