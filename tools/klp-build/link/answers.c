// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answers.c - see answers.h.
 *
 * In each run kbuild compiles an empty file some thirty times to learn which options
 * the compiler has (try-run), and that takes more than half of the time of linking a patch
 * module.  As kbuild itself did from 4.15 to 4.17, the answers are kept by the text of the
 * question, which has all other options in it: another question is asked again.  The
 * compiler is the kernel's own, to the version, or nothing is built at all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "io.h"

#define MAX_ANSWERS	(1u << 20)	/* of paths that are no more; then from anew */

/* Read by each make before its makefiles ($MAKEFILES).  qp-ask is kbuild's own try-run. */
static const char fragment[] =
	"# Written by klp-build.\n"
	"qp-empty :=\n"
	"qp-space := $(qp-empty) $(qp-empty)\n"
	"qp-comma := ,\n"
	"qp-left := (\n"
	"qp-right := )\n"
	"qp-hash := \\#\n"
	"qp-quote := '\n"
	"-include $(QP_ANSWERS)\n"
	"qp-plain = $(subst $$,_,$(subst $(qp-left),_,$(subst $(qp-right),_,$(subst \\,_,$(subst =,_,"
	"$(subst $(qp-comma),_,$(subst :,_,$(subst $(qp-hash),_,$(subst $(qp-quote),_,"
	"$(subst $(qp-space),_,$(strip $(1))))))))))))\n"
	"qp-ask = $(shell set -e; TMP=$(TMPOUT)/tmp; trap \"rm -rf $(TMPOUT)\" EXIT; mkdir -p $(TMPOUT); "
	"if ($(1)) >/dev/null 2>&1; then echo \"$(2)\"; else echo \"$(3)\"; fi)\n"
	"qp-keep = $(eval $(1) := $(call qp-ask,$(2),$(3),$(4)))"
	"$(shell printf '%s := %s\\n' '$(1)' '$($(1))' >> $(QP_NEW_ANSWERS))\n"
	"qp-answer = $(if $(filter undefined,$(origin $(1))),$(call qp-keep,$(1),$(2),$(3),$(4)))$($(1))\n"
	"override try-run = $(call qp-answer,qp-try-$(call qp-plain,$(1)|$(2)|$(3)),$(1),$(2),$(3))\n";

int answers_open(struct answers *a, const char *dir, const char *kept, struct klp_err *err)
{
	char *path = format("%s/answers.mk", dir);
	int ret;

	*a = (struct answers){ .kept = xstrdup(kept), .fresh = format("%s/answers", dir) };
	a->env[0] = format("MAKEFILES=%s", path);
	a->env[1] = format("QP_ANSWERS=%s", kept);
	a->env[2] = format("QP_NEW_ANSWERS=%s", a->fresh);
	unlink(a->fresh);
	ret = io_write_atomic(path, fragment, sizeof(fragment) - 1, 0644, err);
	free(path);
	return ret;
}

void answers_keep(const struct answers *a)
{
	void *fresh, *kept;
	struct text all = { 0 };
	size_t nr;

	if (io_read_file(a->fresh, MAX_ANSWERS, &fresh, &nr, NULL))
		return;		/* nothing was asked */
	/* Another build may have kept the same ones meanwhile: the last word counts, and they agree. */
	if (!io_read_file(a->kept, MAX_ANSWERS, &kept, &(size_t){ 0 }, NULL)) {
		text_add(&all, kept, strlen(kept));
		free(kept);
	}
	text_add(&all, fresh, nr);
	if (all.s)
		(void)io_write_atomic(a->kept, all.s, all.len, 0644, NULL);
	text_free(&all);
	free(fresh);
}

void answers_drop(const struct answers *a)
{
	unlink(a->kept);
}

void answers_free(struct answers *a)
{
	for (size_t i = 0; i < sizeof(a->env) / sizeof(a->env[0]); i++)
		free(a->env[i]);
	free(a->kept);
	free(a->fresh);
}
