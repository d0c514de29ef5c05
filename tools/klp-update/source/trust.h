/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trust.h - whom this machine trusts with a repository. */
#ifndef KLP_UPDATE_TRUST_H
#define KLP_UPDATE_TRUST_H

struct keyring;
struct klp_err;
struct settings;
struct source;

/*
 * The store in the state folder, with the root that the operator trusts: once, and again when that is another file.
 * With `keep` the folder has it afterwards, else src->store.
 */
int trust_open(struct source *src, struct klp_err *err);
/* The folder; and the one beside it with each root that was taken, for klp-apply, which follows them by itself. */
void trust_folder(const struct settings *s, char out[4096]);
void trust_roots(const struct settings *s, char out[4096]);
/*
 * Whose signatures a bundle takes, by the settings: role targets of the newest root that is trusted, or the folder of keys, where there is no
 * root or the operator wants that.  @where (or NULL): which of them, for people.
 */
int trust_keyring(const struct settings *s, struct keyring **out, char where[256], struct klp_err *err);

#endif
