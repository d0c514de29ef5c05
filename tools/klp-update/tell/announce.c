// SPDX-License-Identifier: GPL-2.0-or-later
/* announce.c - see announce.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "announce.h"
#include "err.h"
#include "exits.h"
#include "io.h"
#include "journal.h"
#include "jsonstr.h"
#include "log.h"
#include "metrics.h"
#include "notices.h"
#include "public.h"
#include "state/store_value.h"
#include "state/update.h"
#include "status.h"

#define TROUBLE	"trouble-since"	/* number in the database */
#define TOLD	"told"		/* word: what the last notice said */

/* ---- when a human is needed ---- */

/* Whose fault the exit is: the first that waits with it, or that went out of force for it; NULL: nobody's. */
static const json_t *culprit(const json_t *status, int exit)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(status, "waiting"), i, item)
		if (num(item, "exit") == exit)
			return item;
	json_array_foreach(json_object_get(status, "patches"), i, item) {
		const char *state = str(item, "state");

		if (num(item, "exit") == exit || (exit == EXIT_TRUST && !strcmp(state, "failed")) ||
		    (exit == EXIT_ROLLED_BACK && (!strcmp(state, "reverted") || !strcmp(state, "crashed"))))
			return item;
	}
	return NULL;
}

static bool say(char *text, size_t size, const json_t *status, int exit, const char *what)
{
	const json_t *of = culprit(status, exit);

	snprintf(text, size, "Live patching needs you: %s%s%s. See: klp-update status", of ? str(of, "name") : "",
		 of ? " " : "", what);
	return true;
}

bool human_needed(const json_t *status, int64_t trouble_since, int64_t now, char *text, size_t size)
{
	int exit = (int)num(status, "exit");

	switch (exit) {
	case EXIT_ROLLED_BACK:
		return say(text, size, status, exit, json_is_true(json_object_get(culprit(status, exit), "in_force")) ?
			   "has to be taken out, and can't be yet" : "was taken back");
	case EXIT_TRUST:
		return say(text, size, status, exit, "isn't trusted");
	case EXIT_REBOOT:
		return say(text, size, status, exit, "a reboot is needed");
	case EXIT_HELD:
		/* A hold is somebody's own wish; a question isn't. */
		return json_is_true(json_object_get(status, "asks")) && say(text, size, status, exit, "waits for your word");
	case EXIT_DONE:
	case EXIT_NOTHING:
		return false;
	default:
		return trouble_since && now - trouble_since >= PATIENCE_S &&
		       say(text, size, status, exit, "a fix isn't in force, for more than a day");
	}
}

/* Since when the machine has been in trouble that may pass. */
static int64_t trouble_since(struct update *u, const json_t *status)
{
	int exit = (int)num(status, "exit");
	bool trouble = exit != EXIT_DONE && exit != EXIT_NOTHING && exit != EXIT_HELD;
	int64_t since = 0;

	if (store_number(u->db, TROUBLE, &since, NULL) || !trouble == !since)
		return since;
	since = trouble ? time(NULL) : 0;
	store_set_number(u->db, TROUBLE, since, NULL);
	return since;
}

/* ---- files in /run ---- */

/* Empty @text: no such file. */
static void put(const struct update *u, const char *file, const char *text)
{
	char path[PATH_MAX], line[700];
	struct klp_err err = { 0 };

	snprintf(path, sizeof(path), "%s%s", u->settings.root, file);
	snprintf(line, sizeof(line), "%s\n", text);
	if (*text ? io_write_atomic(path, line, strlen(line), 0644, &err) : unlink(path) && errno != ENOENT)
		log_warn("%s", *text ? err.text : "an old line for logins can't be removed");
}

static void tell_humans(struct update *u, const json_t *status)
{
	char text[600] = "", told[600] = "", line[700];
	struct klp_err err = { 0 };

	if (!human_needed(status, trouble_since(u, status), time(NULL), text, sizeof(text)))
		text[0] = '\0';
	put(u, MOTD_FILE, text);
	if (store_word(u->db, TOLD, told, sizeof(told), NULL) || !strcmp(told, text))
		return;
	/* That it is over is said by silence. */
	if (*text)
		snprintf(line, sizeof(line), "%s\n", text);
	if (*text ? notices_add(u->settings.root, line, &err) : notices_drop(u->settings.root, &err))
		log_warn("%s", err.text);
	else
		store_set_word(u->db, TOLD, text, NULL);
}

static void put_metrics(const struct update *u, const json_t *status)
{
	char path[PATH_MAX], *text = metrics_text(status);
	struct klp_err err = { 0 };

	snprintf(path, sizeof(path), "%s" METRICS_FILE, u->settings.root);
	if (text && io_write_atomic(path, text, strlen(text), 0644, &err))
		log_warn("%s", err.text);
	free(text);
}

void announce(struct update *u)
{
	struct klp_err err = { 0 };
	json_t *status;

	public_write(u);
	journal_write(u);
	if (status_json(u, &status, &err)) {
		log_warn("%s", err.text);
		return;
	}
	put_metrics(u, status);
	tell_humans(u, status);
	json_decref(status);
}
