/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.h - which modules the running kernel takes: Secure Boot, lockdown, module.sig_enforce, and the keys that it knows. */
#ifndef KLP_POLICY_H
#define KLP_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "modsig.h"

struct klp_err;

enum lockdown { LOCKDOWN_UNKNOWN, LOCKDOWN_NONE, LOCKDOWN_INTEGRITY, LOCKDOWN_CONFIDENTIALITY };
enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

struct policy {
	enum lockdown lockdown;
	bool sig_enforce;
	bool no_signatures;	/* built without CONFIG_MODULE_SIG: it checks none, whatever lockdown is */
};

/* A module before this kernel. */
struct standing {
	enum answer takes;
	bool is_signed;
	struct modsig_signer signer;	/* if is_signed */
	enum answer known;		/* has the kernel the signer's key? */
	const char *ring;		/* where it has it; NULL: nowhere, or it can't be told */
};

void policy_read(struct policy *out);
/* kernel_keys_find(), or what a test has in its place. */
typedef int policy_find_key(const char *key_id, const char **ring);
/*
 * *out says how the module stands.  -ENOKEY: the kernel won't take it, and @err says why and what to do; -EBADMSG: what it
 * ends with isn't a signature that any kernel takes.
 */
int policy_judge(const struct policy *p, const void *module, size_t len, policy_find_key *find, struct standing *out,
		 struct klp_err *err);
/* The same of module @name, installed as @path (machine_module_path()); 0 if it can't be told: it is compressed, or can't be read. */
int policy_judge_file(const char *name, const char *path, struct klp_err *err);
/* "signed for the kernel by key 0123 (...), which it has (.platform)" */
void policy_describe(const struct standing *s, char *out, size_t room);
/* The same into @brief: kernel_takes_it, lockdown, signatures_enforced, module_signature. */
void policy_json(const struct policy *p, const struct standing *s, json_t *brief);

/* What /sys/kernel/security/lockdown says: "none [integrity] confidentiality". */
enum lockdown policy_parse_lockdown(const char *text);

#endif
