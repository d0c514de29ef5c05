// SPDX-License-Identifier: GPL-2.0-or-later
/* remember.c - see remember.h; `klp-apply withdraw` and `klp-apply history`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "audit.h"
#include "bundle.h"
#include "io.h"
#include "jsonstr.h"
#include "log.h"
#include "machine.h"
#include "manifest.h"
#include "memory.h"
#include "remember.h"

/* MESSAGE_ID in the journal. */
#define MESSAGE_DONE	"bf34ceb4efc1417c8975625309279d1e"
#define MESSAGE_NOT	"b4971b54c4de4f0ca87f5772c08e8a83"
#define BOOT_ID		"/proc/sys/kernel/random/boot_id"
#define BOOT_ID_MAX	64

static void boot_id(char out[BOOT_ID_MAX])
{
	size_t len;
	void *text;

	*out = '\0';
	if (io_read_file(BOOT_ID, BOOT_ID_MAX - 1, &text, &len, NULL))
		return;
	snprintf(out, BOOT_ID_MAX, "%.*s", (int)strcspn(text, "\n"), (char *)text);
	free(text);
}

static int open_memory(struct memory **out, struct klp_err *err)
{
	bool damaged = false;
	int ret = memory_open(MEMORY_DIR, out, &damaged, err);

	if (damaged)
		log_warn("what was remembered of earlier releases can't be read; it lies in " MEMORY_DIR "/memory.json.damaged, and is forgotten");
	return ret;
}

int remember_check(struct apply *a, const struct verified_bundle *vb)
{
	struct memory *mem;
	char boot[BOOT_ID_MAX];
	int ret;

	if (verified_bundle_insecure(vb))
		return EXIT_DONE;
	if (open_memory(&mem, &a->err)) {
		log_warn("%s: whether this machine has had a later release isn't known: %s",
			 verified_bundle_manifest(vb)->name, a->err.text);
		return EXIT_DONE;
	}
	boot_id(boot);
	ret = memory_check(mem, verified_bundle_manifest(vb), verified_bundle_id(vb), boot, a->allow, &a->err);
	memory_close(mem);
	if (ret)
		return ret == -EHOSTDOWN ? EXIT_HELD : EXIT_TRUST;
	return EXIT_DONE;
}

void remember_begin(const struct verified_bundle *vb)
{
	struct klp_err err;
	struct memory *mem;
	char boot[BOOT_ID_MAX];
	int ret;

	if (verified_bundle_insecure(vb))
		return;
	boot_id(boot);
	ret = open_memory(&mem, &err);
	if (!ret) {
		ret = memory_begin(mem, verified_bundle_manifest(vb), verified_bundle_id(vb), boot, &err);
		memory_close(mem);
	}
	if (ret)
		log_warn("%s won't be remembered: %s", verified_bundle_manifest(vb)->name, err.text);
}

void remember_end(void)
{
	struct klp_err err;
	struct memory *mem;
	int ret = open_memory(&mem, &err);

	if (!ret) {
		ret = memory_end(mem, &err);
		memory_close(mem);
	}
	if (ret)
		log_warn("the end of a loading won't be remembered: %s", err.text);
}

void remember_command(const struct apply *a, const char *command, int argc, char **argv, int status)
{
	json_t *entry = audit_entry("klp-apply", command, argv, argc, status, status ? a->err.text : "");
	json_t *bundles = json_object_get(a->reply, "bundles"), *list = json_array(), *b;
	struct klp_err err;
	size_t i;

	if (!entry) {
		json_decref(list);
		return;
	}
	json_array_foreach(bundles, i, b)
		json_array_append_new(list, json_pack("{s:O?, s:O?, s:O?}", "name", json_object_get(b, "name"), "release",
						      json_object_get(b, "release"), "id", json_object_get(b, "id")));
	json_object_set_new(entry, "patches", list);
	json_object_set(entry, "root", json_object_get(a->reply, "root"));
	audit_journal(AUDIT_JOURNAL, entry, MESSAGE_DONE, MESSAGE_NOT);
	if (!geteuid() && audit_append(MEMORY_DIR, entry, &err))
		log_warn("%s won't be in the history: %s", command, err.text);
	json_decref(entry);
}

static void print_entry(const struct apply *a, const json_t *e)
{
	time_t at = (time_t)json_integer_value(json_object_get(e, "at"));
	json_int_t login = json_integer_value(json_object_get(e, "login"));
	const json_t *patches = json_object_get(e, "patches"), *of = json_array_size(patches) ? patches : json_object_get(e, "what");
	char when[32] = "", who[48] = "";
	const json_t *p;
	struct tm tm;
	size_t i;

	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	if (login >= 0)
		snprintf(who, sizeof(who), ", logged in as %lld", (long long)login);
	say(a, "%s  %s", when, str(e, "command"));
	json_array_foreach(of, i, p) {
		if (json_is_string(p))
			say(a, " %s", json_string_value(p));
		else
			say(a, " %s %lld", str(p, "name"), (long long)json_integer_value(json_object_get(p, "release")));
	}
	say(a, ": %s (user %lld%s, from %s)%s%s\n", str(e, "outcome"), (long long)json_integer_value(json_object_get(e, "user")), who,
	    str(e, "by"), *str(e, "why") ? ": " : "", str(e, "why"));
}

int cmd_history(struct apply *a, int argc, char **argv)
{
	json_t *all, *e;
	size_t i;

	(void)argv;
	if (argc)
		return refuse(a, EXIT_USAGE, "history takes no names");
	if (audit_read(MEMORY_DIR, &all, &a->err))
		return EXIT_FAILED;
	json_array_foreach(all, i, e)
		print_entry(a, e);
	json_object_set_new(a->reply, "history", all);
	return EXIT_DONE;
}

int cmd_withdraw(struct apply *a, int argc, char **argv)
{
	struct machine mc;
	struct memory *mem;
	uint64_t release;
	int ret;

	if (argc != 3)
		return refuse(a, EXIT_USAGE, "withdraw wants a patch's NAME, a RELEASE and a REASON");
	if (!manifest_is_name(argv[0]) || manifest_parse_release(argv[1], &release) || !*argv[2] || !manifest_is_line(argv[2]))
		return refuse(a, EXIT_USAGE, "withdraw wants a patch's NAME, a RELEASE (a number from 1 on) and a REASON (one line)");
	if (machine_read(&mc, &a->err) || open_memory(&mem, &a->err))
		return EXIT_FAILED;
	ret = memory_withdraw(mem, mc.build_id, argv[0], release, argv[2], &a->err);
	memory_close(mem);
	if (!ret)
		say(a, "release %llu of %s isn't loaded any more; what is in the kernel stays: klp-apply revert %s\n",
		    (unsigned long long)release, argv[0], argv[0]);
	return ret ? EXIT_FAILED : EXIT_DONE;
}
