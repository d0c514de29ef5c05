// SPDX-License-Identifier: GPL-2.0-or-later
/* tell.c - see tell.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "err.h"
#include "log.h"
#include "publog.h"
#include "repo_tool.h"
#include "tell.h"

/* MESSAGE_ID in the journal. */
#define MESSAGE_DONE	"1ababa81708444f89e897d80bc48d856"
#define MESSAGE_NOT	"ee8be075535d4be38ec874396395572b"

static char last_error[KLP_ERR_LEN];	/* what repo_tell() told */

void repo_print_json(json_t *obj)
{
	json_dumpf(obj, stdout, JSON_SORT_KEYS | JSON_COMPACT);
	putchar('\n');
	json_decref(obj);
}

int repo_tell(bool json, const char *text, int code)
{
	snprintf(last_error, sizeof(last_error), "%s", text);
	if (json)
		repo_print_json(json_pack("{s:s, s:i}", "error", text, "exit", code));
	log_error("%s", text);
	return code;
}

int repo_fail(const struct repo_options *opt, const struct klp_err *err)
{
	/* A release that goes back is the publisher's slip here, not a mirror's. */
	int code = err->code == -ESTALE ? EXIT_FAILED : exit_of(err->code);

	return repo_tell(opt->json, err->text, code);
}

int log_fail(const struct log_options *opt, const struct klp_err *err)
{
	return repo_tell(opt->json, err->text, err->code == -EACCES ? EXIT_TRUST : exit_of(err->code));
}

int repo_usage(const struct repo_options *opt, const char *fmt, ...)
{
	char text[KLP_ERR_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return repo_tell(opt->json, text, EXIT_USAGE);
}

void repo_audit(const char *command, const char *folder, int argc, char **argv, int status)
{
	json_t *entry = audit_entry("klp-repo", command, argv, argc, status, status == EXIT_DONE ? "" : last_error);

	if (!entry)
		return;
	if (folder)
		json_object_set_new(entry, "repo", json_string(folder));
	audit_journal(AUDIT_JOURNAL, entry, MESSAGE_DONE, MESSAGE_NOT);
	json_decref(entry);
}

bool repo_wants_json(int argc, char **argv)
{
	bool json = false;

	for (int i = 1; i < argc; i++)
		json |= !strcmp(argv[i], "--json") || !strcmp(argv[i], "-j");
	return json;
}
