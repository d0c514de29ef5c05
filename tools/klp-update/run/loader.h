/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loader.h - klp-apply, as another program: its exit status and its JSON.
 *
 * Trust doesn't cross an exec: it gets a file and verifies that itself.
 */
#ifndef KLP_UPDATE_LOADER_H
#define KLP_UPDATE_LOADER_H

#include <jansson.h>

struct klp_err;
struct settings;

struct loader_reply {
	int status;		/* exit status of klp-apply; -1: died of a signal, or hung */
	json_t *json;		/* its reply, or NULL */
	char error[512];	/* its own sentence, printable, or ours */
};

/* 0 when klp-apply ran, whatever it said; -errno when it can't be run at all. */
int loader_load(const struct settings *s, const char *bundle, struct loader_reply *out,
		struct klp_err *err);
/* klp-apply @command, one that changes nothing. */
int loader_ask(const struct settings *s, const char *command, struct loader_reply *out, struct klp_err *err);
int loader_revert(const struct settings *s, const char *name, struct loader_reply *out,
		  struct klp_err *err);
/* klp-apply doesn't load that release again, whoever brings it. */
int loader_withdraw(const struct settings *s, const char *name, int64_t release, struct loader_reply *out,
		    struct klp_err *err);
/* What it said, @len bytes, by a program that ended with @status, or @hung: 0 or a negative errno. */
void loader_reply_parse(const char *text, size_t len, int status, int hung, struct loader_reply *out);
/* "12 tasks switched in 3.4 ms; pending: waits for module x", as far as it is told. */
void loader_reply_describe(const struct loader_reply *r, char *out, size_t size);
void loader_reply_clear(struct loader_reply *r);

#endif
