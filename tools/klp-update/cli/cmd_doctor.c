// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_doctor.c - klp-update doctor: would a run work?  Each finding has a remedy.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "context.h"
#include "io.h"
#include "jsonstr.h"
#include "keyring.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "source/trust.h"
#include "state/db.h"

struct finding {
	bool ok;
	char detail[700];
	const char *remedy;
};

static void ok(struct finding *f, const char *fmt, const char *arg)
{
	f->ok = true;
	snprintf(f->detail, sizeof(f->detail), fmt, arg);
}

static void bad(struct finding *f, const struct klp_err *err, const char *remedy)
{
	snprintf(f->detail, sizeof(f->detail), "%.690s", err->text);
	f->remedy = remedy;
}

/* That they can be read at all is seen before any command runs. */
static void check_settings(struct update *u, struct finding *f)
{
	if (!u->settings.left_alone) {
		ok(f, "%.600s", u->config);
		return;
	}
	snprintf(f->detail, sizeof(f->detail), "not read: %.600s", u->settings.left_alone);
	f->remedy = "take it away, or rename it to NAME.conf";
}

static void check_kernel(struct update *u, struct finding *f)
{
	struct klp_err err = { 0 };

	if (context_machine(u, &err))
		bad(f, &err, "mount /proc and /sys");
	else
		ok(f, "%s", u->machine.release);
}

static void check_core(struct update *u, struct finding *f)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/kernel/quietpatch", u->settings.root);
	if (!access(path, F_OK)) {
		ok(f, "%s", "quietpatch.ko is loaded");
		return;
	}
	snprintf(f->detail, sizeof(f->detail), "quietpatch.ko isn't loaded");
	f->remedy = "modprobe quietpatch; the systemd services do it by themselves";
}

static void check_keys(struct update *u, struct finding *f)
{
	struct klp_err err = { 0 };
	struct keyring *ring;
	char where[256];

	if (trust_keyring(&u->settings, &ring, where, &err)) {
		bad(f, &err, "remove or replace that file");
		return;
	}
	if (keyring_size(ring)) {
		ok(f, "%s", where);
	} else {
		snprintf(f->detail, sizeof(f->detail), "no key in %s", u->settings.keys);
		f->remedy = "copy the publisher's .pub file there";
	}
	keyring_free(ring);
}

static void check_state(struct update *u, struct finding *f)
{
	struct klp_err err = { 0 };

	int ret = context_db(u, false, &err);

	if (!ret)
		ret = db_integrity(u->db, &err);
	if (ret)
		bad(f, &err, ret == -EACCES ? "run doctor as root" : ret == -EUCLEAN ? "klp-update update; what is applied stays applied" :
		    "see what the message names");
	else
		ok(f, "%s", u->settings.state);
}

static void check_loader(struct update *u, struct finding *f)
{
	char *command;
	int status;

	if (asprintf(&command, "command -v '%s' >/dev/null", u->settings.loader) < 0)
		return;
	status = strchr(u->settings.loader, '\'') ? 1 : system(command);
	free(command);
	if (!status) {
		ok(f, "%s", u->settings.loader);
		return;
	}
	snprintf(f->detail, sizeof(f->detail), "%s can't be run", u->settings.loader);
	f->remedy = "install klp-apply, or set \"loader\" in update.conf";
}

static void check_source(struct update *u, struct finding *f)
{
	struct klp_err err = { 0 };
	struct candidates all;
	struct keyring *ring;
	struct source src;
	int ret;

	ret = trust_keyring(&u->settings, &ring, NULL, &err);
	if (ret) {
		bad(f, &err, "see \"keys\"");
		return;
	}
	ret = source_open(&u->settings, false, &src, &err);
	if (!ret) {
		ret = candidates_look(&src, ring, u->machine.build_id, &all, &err);
		if (!ret)
			candidates_free(&all);
		source_close(&src);
	}
	keyring_free(ring);
	if (ret)
		bad(f, &err, ret == -ENOENT ? "ask the publisher for this kernel, or build a patch" :
		    "set \"source\" in update.conf, or look at the network");
	else
		ok(f, "%s", u->settings.source);
}

static const struct {
	const char *name;
	void (*run)(struct update *u, struct finding *f);
} checks[] = {
	{ "kernel", check_kernel },	/* first: others use its build-id */
	{ "core", check_core },
	{ "settings", check_settings },
	{ "keys", check_keys },
	{ "state", check_state },
	{ "loader", check_loader },
	{ "source", check_source },
};

static void print_finding(const char *name, const struct finding *f)
{
	printf("%-4s %-8s %s\n", f->ok ? "ok" : "BAD", name, f->detail);
	if (!f->ok && f->remedy)
		printf("              what to do: %s\n", f->remedy);
}

int cmd_doctor(struct update *u, int argc, char **argv)
{
	json_t *list = json_array();
	int exit = EXIT_DONE;

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		struct finding f = { 0 };

		checks[i].run(u, &f);
		if (!f.ok)
			exit = EXIT_FAILED;
		if (!u->json)
			print_finding(checks[i].name, &f);
		json_array_append_new(list, json_pack("{s:s, s:b, s:o, s:s*}", "check", checks[i].name,
						      "ok", f.ok, "detail", json_text(f.detail), "remedy",
						      f.ok ? NULL : f.remedy));
	}
	if (u->json)
		update_print_json(json_incref(list));
	json_decref(list);
	return exit;
}
