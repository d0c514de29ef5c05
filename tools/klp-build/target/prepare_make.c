// SPDX-License-Identifier: GPL-2.0-or-later
/* prepare_make.c - the kernel's own make, in the tree that is being prepared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "base/text.h"
#include "err.h"
#include "prepare.h"

/*
 * `make -n` runs in one job: its sub-makes write to one pipe, and with two of them a
 * line that is longer than the pipe's atomic write (4,096 bytes) is torn by another's.
 */
static unsigned int jobs_of(const struct prepare *p, const char *const *goals)
{
	return p->jobs && strcmp(goals[0], "-n") ? p->jobs : 1;
}

/*
 * Run make in the tree, as the distribution did: KERNELRELEASE on the command
 * line decides UTS_RELEASE and with it vermagic; the signing key's path only
 * has to be one that make knows how to make (it is never made).
 */
int prepare_make(const struct prepare *p, const char *out_path, const char *const *goals,
		 struct klp_err *err)
{
	char *src = format("%s/src", p->tmp), *obj = format("O=%s/obj", p->tmp);
	char *cc = format("CC=%s", p->cc), *krel = format("KERNELRELEASE=%s", p->krel);
	char *jobs = format("-j%u", jobs_of(p, goals));
	const char *argv[20] = { "make", "-C", src, obj, "ARCH=x86", cc, krel, jobs,
				 "CONFIG_MODULE_SIG_KEY=certs/signing_key.pem",
				 /* Rust units can't be patched, and C ones don't need its compiler: see carry_rust(). */
				 "RUSTC=false", "BINDGEN=false" };
	/* What a caller's environment may hold, a make above us among others, isn't the distribution's. */
	static const char *const env[] = { "MAKEFLAGS=", "MFLAGS=", "CROSS_COMPILE=", "LLVM=", "KCFLAGS=", "KCPPFLAGS=",
					   "KAFLAGS=", NULL };
	struct proc run = { .argv = argv, .log_path = p->log, .out_path = out_path, .env = env };
	int ret = 0;
	size_t n = 11;

	while (*goals)
		argv[n++] = *goals++;
	ret = proc_run(&run, err);
	free(jobs);
	free(krel);
	free(cc);
	free(obj);
	free(src);
	return ret;
}
