// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_advise.c - klp-update advise: reboot now, can wait, don't, don't know; never a guess.
 *
 * People ask it, needrestart does (quietpatch.needrestart), and with --reboot-required quietpatch-advise.service, after each look at the
 * source and each run of apt.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "context.h"
#include "cve/advise.h"
#include "cve/cve.h"
#include "cve/cve_records.h"
#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "log.h"
#include "tell/reboot_flag.h"

#define TEXT_MAX	(32u << 20)	/* dpkg's status of a large installation */

struct advised {
	enum advice advice;
	char why[700];
	struct next_kernel next;
	bool same;	/* it is the very build that runs */
	json_t *closes, *opens;
};

static const struct {
	const char *name, *words;
	int exit;
	enum reboot_flag flag;
} table[] = {
	[ADVICE_WAIT] = { "can-wait", "a reboot can wait", EXIT_DONE, REBOOT_FLAG_LOWER },
	[ADVICE_REBOOT] = { "reboot", "reboot now", EXIT_REBOOT, REBOOT_FLAG_RAISE },
	[ADVICE_DONT] = { "dont", "don't reboot", EXIT_HELD, REBOOT_FLAG_LOWER },
	[ADVICE_UNKNOWN] = { "unknown", "don't know", EXIT_NOT_FOUND, REBOOT_FLAG_LEAVE },
};

static char *read_text(const struct update *u, const char *file)
{
	char path[PATH_MAX];
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "%s%s", u->settings.root, file);
	return io_read_file(path, TEXT_MAX, &text, &len, NULL) ? NULL : text;
}

static void unknown(struct advised *a, const char *why)
{
	a->advice = ADVICE_UNKNOWN;
	snprintf(a->why, sizeof(a->why), "%s", why);
}

/* "6.1.0-50-cloud-amd64 (...) #1 SMP ... Debian 6.1.176-1 (2026-07-02)" against the release and what `uname -v` says. */
static bool is_of(const char *text, const char *release, const char *built)
{
	size_t n = strlen(release), len = strlen(text), b = strlen(built);

	return b && len > n + b && !strncmp(text, release, n) && text[n] == ' ' && !strcmp(text + len - b, built) && text[len - b - 1] == ' ';
}

/*
 * A Debian kernel may come anew under the release that runs.  Is the image that is booted next the build that runs?  -ENOTSUP: nobody
 * can tell.
 */
static int same_build(const struct update *u, bool *is)
{
	char path[PATH_MAX], text[512], *built;
	unsigned char *head = malloc(IMAGE_HEAD);
	ssize_t n = -1;
	int fd, ret;

	snprintf(path, sizeof(path), "%s/boot/vmlinuz-%s", u->settings.root, u->machine.release);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && head)
		n = pread(fd, head, IMAGE_HEAD, 0);
	if (fd >= 0)
		close(fd);
	ret = n > 0 ? image_text(head, (size_t)n, text) : -ENOTSUP;
	free(head);
	built = ret ? NULL : read_text(u, "/proc/sys/kernel/version");
	if (!built)
		return -ENOTSUP;
	built[strcspn(built, "\n")] = '\0';
	*is = is_of(text, u->machine.release, built);
	free(built);
	return 0;
}

/* The version of the package of the kernel that is started next. */
static bool find_version(struct update *u, struct advised *a)
{
	char *dpkg = read_text(u, "/var/lib/dpkg/status");
	bool ok = dpkg && !dpkg_version(dpkg, a->next.release, a->next.version);

	if (!ok)
		snprintf(a->why, sizeof(a->why), "the next boot starts %s, whose package's version isn't known to dpkg", a->next.release);
	free(dpkg);
	return ok;
}

/* What is started next; false: it isn't known, and why. */
static bool find_next(struct update *u, struct advised *a)
{
	char *cfg = read_text(u, "/boot/grub/grub.cfg"), *env = read_text(u, "/boot/grub/grubenv");
	bool ok = false;

	if (!cfg)
		unknown(a, "there is no /boot/grub/grub.cfg that can be read; other boot loaders aren't understood");
	else if (grub_default(cfg, env, a->next.release))
		unknown(a, "GRUB's default isn't its first menu entry, so which kernel it starts isn't known");
	else
		ok = true;
	free(cfg);
	free(env);
	if (ok && !strcmp(a->next.release, u->machine.release) && same_build(u, &a->same)) {
		ok = false;
		snprintf(a->why, sizeof(a->why), "the next boot starts %s, as this one did, but it can't be told whether that is the same build of it: "
			 "/boot/vmlinuz-%s or /proc/sys/kernel/version doesn't say", a->next.release, a->next.release);
	}
	return ok && (a->same || find_version(u, a));
}

/* Is there a core module for it?  Without, no live patch goes in after the boot. */
static bool has_core(const struct update *u, const char *release)
{
	static const char *const places[] = { "updates", "updates/dkms", "extra" };
	static const char *const ends[] = { "", ".xz", ".zst", ".gz" };
	char path[PATH_MAX];

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 4; k++) {
			snprintf(path, sizeof(path), "%s/lib/modules/%.64s/%s/quietpatch.ko%s", u->settings.root, release, places[i], ends[k]);
			if (!access(path, F_OK))
				return true;
		}
	return false;
}

/* The same kernel once more: what was good is applied again, if its module is there. */
static void advise_same(struct update *u, struct advised *a, const json_t *answers)
{
	const json_t *item;
	bool live = false;
	size_t i;

	json_array_foreach(answers, i, item)
		live |= cve_state_of(item) == CVE_IS_FIXED_LIVE;
	a->advice = live && !has_core(u, a->next.release) ? ADVICE_DONT : ADVICE_WAIT;
	snprintf(a->why, sizeof(a->why), a->advice == ADVICE_DONT ?
		 "the next boot starts this kernel (%s) again, but no quietpatch.ko is installed for it: the live patches would be gone" :
		 "the next boot starts this kernel (%s) again, and live patches are applied again", a->next.release);
}

static void advise_other(struct update *u, struct advised *a, const json_t *answers, const json_t *records)
{
	size_t closes, opens, unsure;

	if (!records) {
		unknown(a, "the source has no CVE records for this kernel, so it isn't known what the next one closes");
		return;
	}
	if (advise_compare(answers, records, a->next.version, a->closes, a->opens, &unsure)) {
		unknown(a, "the next kernel's version can't be compared with CVE records");
		return;
	}
	closes = json_array_size(a->closes);
	opens = json_array_size(a->opens);
	a->advice = opens ? ADVICE_DONT : !has_core(u, a->next.release) ? ADVICE_DONT : closes ? ADVICE_REBOOT : unsure ? ADVICE_UNKNOWN : ADVICE_WAIT;
	if (opens)
		snprintf(a->why, sizeof(a->why), "the next boot starts %s (%s), which isn't known to have the fixes of %zu CVEs that are closed now; it closes %zu",
			 a->next.release, a->next.version, opens, closes);
	else if (a->advice == ADVICE_DONT)
		snprintf(a->why, sizeof(a->why), "the next boot starts %s (%s), for which no quietpatch.ko is installed: it couldn't be patched; it closes %zu CVEs",
			 a->next.release, a->next.version, closes);
	else if (a->advice == ADVICE_UNKNOWN)
		snprintf(a->why, sizeof(a->why), "the next boot starts %s (%s), and of %zu CVEs nobody can say whether it closes them (klp-update cve --all); of no "
			 "other it is known", a->next.release, a->next.version, unsure);
	else
		snprintf(a->why, sizeof(a->why), "the next boot starts %s (%s): it closes %zu more CVEs, and opens none that is known",
			 a->next.release, a->next.version, closes);
}

static int advise(struct update *u, struct advised *a, struct klp_err *err)
{
	json_t *answers = NULL, *records = NULL;
	int ret;

	ret = cve_answers(u, &answers, err);
	if (!ret)
		ret = cve_records_load(u, &records, err);
	if (!ret && find_next(u, a)) {
		if (a->same)
			advise_same(u, a, answers);
		else
			advise_other(u, a, answers, records);
	}
	json_decref(answers);
	json_decref(records);
	return ret;
}

static int set_flag(const struct update *u, const struct advised *a, struct klp_err *err)
{
	char line[800], package[96];

	snprintf(package, sizeof(package), "linux-image-%s", a->next.release);
	snprintf(line, sizeof(line), "%s: %s", table[a->advice].words, a->why);
	return reboot_flag_set(u->settings.root, table[a->advice].flag, package, line, err);
}

/* Whoever reads the flag doesn't go by what was true once. */
static void flag_failed(const struct update *u, const struct klp_err *why)
{
	struct klp_err err = { 0 };
	char line[KLP_ERR_LEN + 64];

	snprintf(line, sizeof(line), "don't know: klp-update advise failed: %s", why->text);
	if (reboot_flag_set(u->settings.root, REBOOT_FLAG_LEAVE, NULL, line, &err))
		log_warn("%s", err.text);
}

int cmd_advise(struct update *u, int argc, char **argv)
{
	struct advised a = { .advice = ADVICE_UNKNOWN, .closes = json_array(), .opens = json_array() };
	bool flag = u->flag && !strcmp(u->settings.reboot_required, "yes");
	struct klp_err err = { 0 };
	int ret;

	(void)argc;
	(void)argv;
	ret = context_open(u, false, &err);
	if (!ret && u->public_at)
		ret = klp_err_set(&err, -EACCES, "advise needs the state, which is for root alone");
	if (!ret)
		ret = advise(u, &a, &err);
	if (flag && ret)
		flag_failed(u, &err);
	if (!ret && flag)
		ret = set_flag(u, &a, &err);
	if (ret) {
		ret = update_fail(u, &err);
	} else {
		ret = table[a.advice].exit;
		if (u->json)
			update_print_json(json_pack("{s:s, s:s, s:i, s:s, s:s, s:O, s:O}", "advice", table[a.advice].name, "why", a.why, "exit",
						    ret, "next_kernel", a.next.release, "next_version", a.next.version, "closes", a.closes,
						    "opens", a.opens));
		else
			printf("%s: %s\n", table[a.advice].words, a.why);
	}
	json_decref(a.closes);
	json_decref(a.opens);
	return ret;
}
