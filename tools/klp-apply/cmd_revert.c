// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_revert.c - take patches out again; finish what a killed klp-apply began. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "blockers.h"
#include "kmsg.h"
#include "patches.h"
#include "relations.h"
#include "remember.h"
#include "session.h"
#include "transition.h"

static void report_reverted(struct apply *a, const char *name, const struct transition *tr)
{
	json_object_set_new(a->reply, "outcome", json_string("reverted"));
	if (!tr->rounds) {
		say(a, "Unloaded %s, which wasn't applied.\n", name);
		session_tell_left(a, tr);
		return;
	}
	say(a, "Reverted %s: ", name);
	session_tell_switch(a, "switched back", tr);
}

/* Switch @module back, whatever way it is on. */
static int switch_back(struct session *s, struct apply *a, const struct patch *p,
		       struct transition *tr)
{
	int status, log;

	if (session_pending(s)) {
		if (strcmp(s->info.patch, p->module))
			return refuse(a, EXIT_PENDING, "cannot revert %s: a transition of %s is under "
				      "way, left behind by a klp-apply that was killed; finish it "
				      "first: klp-apply resume", p->name, s->info.patch);
		status = session_observe(s, a, s->info.flags);
		if (status)
			return status;
		return session_resume(s, a, s->info.target == QP_PATCH_APPLIED, tr);
	}
	if (p->state == QP_PATCH_LOADED || p->state == PATCH_LEAVING)
		return EXIT_DONE;
	status = session_observe(s, a, session_start_flags(a));
	if (status)
		return status;
	/* The core's own words name the patch that stands on it or requires it. */
	log = kmsg_mark();
	status = session_switch(s, a, p->module, QP_PATCH_LOADED, tr);
	if (status == EXIT_FAILED)
		kmsg_explain(log, p->module, &a->err);
	if (log >= 0)
		close(log);
	return status;
}

static int revert_one(struct apply *a, struct session *s, const struct patch *p)
{
	struct transition tr = { 0 };
	int status;

	status = switch_back(s, a, p, &tr);
	/* What a straggler stands in stays in memory. */
	if (!status && !tr.nr_left)
		status = session_unload(a, p->module);
	if (!status)
		report_reverted(a, p->name, &tr);
	if (!status && tr.nr_left)
		say(a, "Its module stays until they have left; then: klp-apply revert %s\n", p->name);
	s->info.phase = QP_IDLE;
	transition_free(&tr);
	return status;
}

static int revert_all(struct apply *a, struct session *s, const struct patch *list, size_t nr)
{
	int status = EXIT_DONE;

	if (!nr)
		return refuse(a, EXIT_NOTHING, "no patch is loaded; nothing to do");
	/* The latest first: nothing may stand on what goes. */
	while (!status && nr--)
		status = revert_one(a, s, &list[nr]);
	return status;
}

static int revert_named(struct apply *a, struct session *s, const struct patch *list, size_t nr,
			int argc, char **argv)
{
	int i, status = EXIT_DONE;

	for (i = 0; i < argc; i++)
		if (!patches_find(list, nr, argv[i]))
			return refuse(a, EXIT_NOT_FOUND, "no patch %s is loaded; klp-apply list "
				      "tells which are", argv[i]);
	for (i = 0; !status && i < argc; i++)
		status = revert_one(a, s, patches_find(list, nr, argv[i]));
	return status;
}

int cmd_revert(struct apply *a, int argc, char **argv)
{
	struct patch *list = NULL;
	struct session s;
	size_t nr = 0;
	int status;

	if (!argc == !a->all)
		return refuse(a, EXIT_USAGE, "revert wants names of patches, or --all");
	if ((argc > 1 || a->all) && a->timeline)
		return refuse(a, EXIT_USAGE, "--timeline draws one switch: revert one patch at a time");
	status = session_open(&s, a);
	if (!status && patches_get(&list, &nr, &a->err))
		status = EXIT_FAILED;
	if (!status)
		status = a->all ? revert_all(a, &s, list, nr) :
				  revert_named(a, &s, list, nr, argc, argv);
	if (!status)
		remember_end();
	patches_free(list, nr);
	session_close(&s);
	return status;
}

static int resume_in(struct session *s, struct apply *a)
{
	struct transition tr = { 0 };
	int status;

	if (!session_pending(s))
		return refuse(a, EXIT_NOTHING, "no transition is under way; nothing to do");
	status = session_observe(s, a, s->info.flags);
	if (status)
		return status;
	status = session_resume(s, a, false, &tr);
	/* Back where it came from, by plan or because time was up: out it goes. */
	if (((!status && s->info.target == QP_PATCH_LOADED) || tr.end == TRANSITION_REVERSED) && !tr.nr_left) {
		struct klp_err why = a->err;
		int unload = session_unload(a, s->info.patch);

		if (!unload)
			a->err = why;
		if (!status)
			status = unload;
	}
	if (!status && s->info.target == QP_PATCH_APPLIED)
		relations_retire(s, a, s->info.patch);
	if (!status) {
		json_object_set_new(a->reply, "outcome", json_string(
			s->info.target == QP_PATCH_APPLIED ? "applied" : "reverted"));
		say(a, "%s %s: ", s->info.target == QP_PATCH_APPLIED ? "Applied" : "Reverted", s->info.patch);
		session_tell_switch(a, "switched", &tr);
	}
	transition_free(&tr);
	return status;
}

int cmd_resume(struct apply *a, int argc, char **argv)
{
	struct session s;
	int status;

	(void)argv;
	if (argc)
		return refuse(a, EXIT_USAGE, "resume takes no names: there is one transition at most");
	status = session_open(&s, a);
	if (!status)
		status = resume_in(&s, a);
	if (!status || status == EXIT_NOTHING)
		remember_end();
	session_close(&s);
	return status;
}
