// SPDX-License-Identifier: GPL-2.0-or-later
/* policy.c - see policy.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "kernel_keys.h"
#include "policy.h"

#define WORD_MAX	256	/* of a file of the kernel's that says a word or two */
#define SECURITYFS	"/sys/kernel/security"
#define SIG_ENFORCE	"/sys/module/module/parameters/sig_enforce"
#define KO_MAX		(64u << 20)
#define SHOWN		96	/* of a signer's name */

enum lockdown policy_parse_lockdown(const char *text)
{
	return strstr(text, "[none]") ? LOCKDOWN_NONE : strstr(text, "[integrity]") ? LOCKDOWN_INTEGRITY :
	       strstr(text, "[confidentiality]") ? LOCKDOWN_CONFIDENTIALITY : LOCKDOWN_UNKNOWN;
}

static enum lockdown read_lockdown(void)
{
	enum lockdown level;
	struct statfs fs;
	void *text;
	size_t len;

	if (io_read_file(SECURITYFS "/lockdown", WORD_MAX, &text, &len, NULL))
		/* Where all of its kind are shown and this one isn't, the kernel has no lockdown. */
		return !statfs(SECURITYFS, &fs) && fs.f_type == SECURITYFS_MAGIC ? LOCKDOWN_NONE : LOCKDOWN_UNKNOWN;
	level = policy_parse_lockdown(text);
	free(text);
	return level;
}

void policy_read(struct policy *out)
{
	out->lockdown = read_lockdown();
	out->sig_enforce = io_file_has(SIG_ENFORCE, WORD_MAX, "Y");
	/* The code that checks signatures brings this parameter along. */
	out->no_signatures = !access("/sys/module", F_OK) && access(SIG_ENFORCE, F_OK) && errno == ENOENT;
}

static const char *lockdown_word(enum lockdown level)
{
	static const char *const words[] = { NULL, "none", "integrity", "confidentiality" };

	return words[level];
}

/* "lockdown is integrity" */
static const char *enforced_by(const struct policy *p, char out[64])
{
	if (p->lockdown > LOCKDOWN_NONE)
		snprintf(out, 64, "lockdown is %s%s", lockdown_word(p->lockdown), p->sig_enforce ? ", and module.sig_enforce is set" : "");
	else
		snprintf(out, 64, "module.sig_enforce is set");
	return out;
}

/* "key 0123", or "the key of serial number 0123 by CN=..." */
static const char *signer_words(const struct modsig_signer *signer, char out[256])
{
	if (signer->by_key_id)
		snprintf(out, 256, "key %s", signer->id);
	else
		snprintf(out, 256, "the key of serial number %s by %.*s", signer->id, SHOWN, signer->issuer);
	return out;
}

static int refuse_unsigned(const struct policy *p, struct klp_err *err)
{
	char why[64];

	return klp_err_set(err, -ENOKEY, "this kernel takes only modules that are signed by a key it knows (%s), and the module "
			   "isn't signed for kernels; a patch is by klp-build build --module-key, the core module by DKMS or sign-file, "
			   "with a key that is enrolled here (mokutil --import, then a reboot)", enforced_by(p, why));
}

static int refuse_foreign(const struct policy *p, const struct standing *s, struct klp_err *err)
{
	char why[64], who[256];

	return klp_err_set(err, -ENOKEY, "this kernel takes only modules that are signed by a key it knows (%s), and it doesn't know "
			   "%s, which signed this one; if that key is to be trusted, enroll its certificate (mokutil --import CERT.der, "
			   "then a reboot), else have the patch built with the --module-key of an enrolled one", enforced_by(p, why),
			   signer_words(&s->signer, who));
}

/* @found: what modsig_find() and modsig_signer() said. */
static enum answer decide(const struct policy *p, int found, enum answer known)
{
	/* Kernels refuse that even where they ask for no signature. */
	if (found == -EBADMSG)
		return ANSWER_NO;
	if (p->no_signatures || (!found && known == ANSWER_YES))
		return ANSWER_YES;
	if (p->lockdown > LOCKDOWN_NONE || p->sig_enforce)
		return !found && known == ANSWER_UNKNOWN ? ANSWER_UNKNOWN : ANSWER_NO;
	return p->lockdown == LOCKDOWN_NONE ? ANSWER_YES : ANSWER_UNKNOWN;
}

int policy_judge(const struct policy *p, const void *module, size_t len, policy_find_key *find, struct standing *out,
		 struct klp_err *err)
{
	struct standing s = { .known = ANSWER_UNKNOWN };
	struct modsig sig;
	int ret, found = modsig_find(module, len, &sig);

	if (!found)
		found = modsig_signer(&sig, &s.signer);
	if (found && found != -ENODATA && found != -EBADMSG)
		return klp_err_sys(err, found, "cannot read the module's signature");
	s.is_signed = !found;
	/* Where the signature names only the issuer, what the kernel shows of its keys doesn't tell. */
	if (s.is_signed && s.signer.by_key_id) {
		ret = find(s.signer.id, &s.ring);
		s.known = !ret ? ANSWER_YES : ret == -ENOKEY ? ANSWER_NO : ANSWER_UNKNOWN;
	}
	s.takes = decide(p, found, s.known);
	*out = s;
	if (s.takes != ANSWER_NO)
		return 0;
	if (found == -EBADMSG)
		return klp_err_set(err, found, "the module ends with a signature for kernels that is malformed, which they refuse "
				   "always; it has to be built again");
	return found ? refuse_unsigned(p, err) : refuse_foreign(p, &s, err);
}

int policy_judge_file(const char *name, const char *path, struct klp_err *err)
{
	struct standing s;
	struct policy p;
	void *ko;
	size_t len;
	int ret;

	/* A compressed one ends in .ko.xz. */
	if (strcmp(path + strlen(path) - 3, ".ko") || io_read_file(path, KO_MAX, &ko, &len, NULL))
		return 0;
	policy_read(&p);
	ret = policy_judge(&p, ko, len, kernel_keys_find, &s, err);
	free(ko);
	return ret ? klp_err_wrap(err, "module %s (%s)", name, path) : 0;
}

void policy_describe(const struct standing *s, char *out, size_t room)
{
	char who[256];

	snprintf(out, room, "signed for kernels by %s, %s%s%s", signer_words(&s->signer, who),
		 s->known == ANSWER_YES ? "which this one knows (" : s->known == ANSWER_NO ? "which this one doesn't know" :
		 "and whether this one knows it can't be told", s->ring ? s->ring : "", s->ring ? ")" : "");
}

static json_t *answer_json(enum answer a)
{
	return a == ANSWER_UNKNOWN ? json_null() : json_boolean(a == ANSWER_YES);
}

static enum answer enforces_signatures(const struct policy *p)
{
	if (p->no_signatures)
		return ANSWER_NO;
	if (p->sig_enforce || p->lockdown > LOCKDOWN_NONE)
		return ANSWER_YES;
	return p->lockdown == LOCKDOWN_NONE ? ANSWER_NO : ANSWER_UNKNOWN;
}

void policy_json(const struct policy *p, const struct standing *s, json_t *brief)
{
	const char *level = lockdown_word(p->lockdown);

	json_object_set_new(brief, "kernel_takes_it", answer_json(s->takes));
	json_object_set_new(brief, "lockdown", level ? json_string(level) : json_null());
	json_object_set_new(brief, "signatures_enforced", answer_json(enforces_signatures(p)));
	if (!s->is_signed)
		json_object_set_new(brief, "module_signature", json_null());
	else
		json_object_set_new(brief, "module_signature", json_pack("{s:s,s:s?,s:o,s:s?}", s->signer.by_key_id ? "key_id" : "serial",
			s->signer.id, "issuer", s->signer.by_key_id ? NULL : s->signer.issuer, "known", answer_json(s->known),
			"keyring", s->ring));
}
