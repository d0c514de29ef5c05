// SPDX-License-Identifier: GPL-2.0-or-later
/* remember.c - see remember.h; and `klp-apply withdraw`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "bundle.h"
#include "io.h"
#include "log.h"
#include "manifest.h"
#include "memory.h"
#include "remember.h"

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

int cmd_withdraw(struct apply *a, int argc, char **argv)
{
	struct memory *mem;
	uint64_t release;
	char *end;
	int ret;

	if (argc != 3)
		return refuse(a, EXIT_USAGE, "withdraw wants a patch's NAME, a RELEASE and a REASON");
	errno = 0;
	release = strtoull(argv[1], &end, 10);
	if (!manifest_is_name(argv[0]) || errno || *end || !release || release > INT64_MAX || argv[1][0] == '-' ||
	    !*argv[2] || !manifest_is_line(argv[2]))
		return refuse(a, EXIT_USAGE, "withdraw wants a patch's NAME, a RELEASE (a number from 1 on) and a REASON (one line)");
	ret = open_memory(&mem, &a->err);
	if (ret)
		return EXIT_FAILED;
	ret = memory_withdraw(mem, argv[0], release, argv[2], &a->err);
	memory_close(mem);
	if (!ret)
		say(a, "%s up to release %llu isn't loaded any more; what is in the kernel stays: klp-apply revert %s\n", argv[0],
		    (unsigned long long)release, argv[0]);
	return ret ? EXIT_FAILED : EXIT_DONE;
}
