// SPDX-License-Identifier: GPL-2.0-or-later
/* metadata.c - see metadata.h: the envelope, and what all types have. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "canon.h"
#include "err.h"
#include "jsonstr.h"
#include "metadata.h"
#include "printable.h"
#include "tuf_limits.h"

/* "2030-01-31T00:00:00Z" and no other form; a day that the calendar hasn't got is refused. */
static int parse_time(const char *s, int64_t *out)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	struct tm tm = { 0 }, was;
	time_t t;

	if (strlen(s) != sizeof(form) - 1)
		return -EBADMSG;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return -EBADMSG;
	sscanf(s, "%d-%d-%dT%d:%d:%dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	was = tm;
	t = timegm(&tm);
	if (tm.tm_year != was.tm_year || tm.tm_mon != was.tm_mon || tm.tm_mday != was.tm_mday ||
	    tm.tm_hour != was.tm_hour || tm.tm_min != was.tm_min || tm.tm_sec != was.tm_sec)
		return -EBADMSG;
	*out = t;
	return 0;
}

/* The specification wants each key id once, whether or not the others suffice. */
static int check_signatures(const json_t *sigs, struct klp_err *err)
{
	json_t *seen = json_object(), *sig;
	int ret = 0;
	size_t i;

	if (!json_is_array(sigs))
		ret = klp_err_set(err, -EBADMSG, "no list \"signatures\"");
	else if (json_array_size(sigs) > TUF_SIGNATURES_MAX)
		ret = klp_err_set(err, -E2BIG, "more than %d signatures", TUF_SIGNATURES_MAX);
	json_array_foreach(sigs, i, sig) {
		if (ret)
			break;
		if (!json_is_string(json_object_get(sig, "keyid")) || !json_is_string(json_object_get(sig, "sig")))
			ret = klp_err_set(err, -EBADMSG, "a signature without \"keyid\" or \"sig\"");
		else if (json_object_get(seen, str(sig, "keyid")))
			ret = klp_err_set(err, -EBADMSG, "two signatures of one key id");
		else if (json_object_set_new(seen, str(sig, "keyid"), json_true()))
			ret = klp_err_sys(err, -ENOMEM, "cannot check the signatures");
	}
	json_decref(seen);
	return ret;
}

static int check_common(struct tuf_content *c, struct klp_err *err)
{
	const char *type = str(c->body, "_type");
	char shown[32];

	if (strcmp(type, tuf_type_name(c->type))) {
		text_printable(type, strlen(type), shown, sizeof(shown));
		return klp_err_set(err, -EBADMSG, "is of the type \"%s\", not \"%s\"", shown, tuf_type_name(c->type));
	}
	/* Major version 1 of the specification: what changes within it stays readable. */
	if (strncmp(str(c->body, "spec_version"), "1.", 2))
		return klp_err_set(err, -EBADMSG, "isn't of version 1 of the specification");
	if (tuf_number(c->body, "version", 1, &c->version))
		return klp_err_set(err, -EBADMSG, "has no version");
	if (parse_time(str(c->body, "expires"), &c->expires))
		return klp_err_set(err, -EBADMSG, "has no date of expiry");
	return 0;
}

static int canonicalise(struct tuf_content *c, struct klp_err *err)
{
	int ret;

	c->canon = malloc(c->len);
	ret = c->canon ? tuf_canonical(c->body, c->canon, c->len, &c->canon_len) : -ENOMEM;
	if (ret == -EINVAL)
		return klp_err_set(err, -EBADMSG, "has a number that isn't an integer, or is nested too deep");
	return ret ? klp_err_sys(err, ret, "cannot be made canonical") : 0;
}

static void content_free(struct tuf_content *c)
{
	json_decref(c->file);
	free(c->canon);
	free(c->bytes);
}

static int fill_in(struct tuf_content *c, const void *data, size_t len, struct klp_err *err)
{
	json_error_t je;
	char why[128];

	c->bytes = malloc(len + 1);
	if (!c->bytes)
		return klp_err_sys(err, -ENOMEM, "cannot be kept");
	memcpy(c->bytes, data, len);
	c->len = len;
	/* Two keys of one name would be read in one way here and in another there. */
	c->file = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
	if (!c->file) {
		text_printable(je.text, strlen(je.text), why, sizeof(why));
		return klp_err_set(err, -EBADMSG, "isn't JSON (line %d): %s", je.line, why);
	}
	c->body = json_object_get(c->file, "signed");
	return json_is_object(c->body) ? 0 : klp_err_set(err, -EBADMSG, "has no object \"signed\"");
}

int tuf_parse(const void *data, size_t len, enum tuf_type type, struct tuf_claim **out, struct klp_err *err)
{
	struct tuf_claim *claim;
	int ret;

	if (!len || len > tuf_type_max(type))
		return klp_err_set(err, -E2BIG, "is of %zu bytes; from 1 to %zu are allowed", len, tuf_type_max(type));
	claim = calloc(1, sizeof(*claim));
	if (!claim)
		return klp_err_sys(err, -ENOMEM, "cannot be read");
	claim->content.type = type;
	ret = fill_in(&claim->content, data, len, err);
	if (!ret)
		ret = canonicalise(&claim->content, err);
	if (!ret)
		ret = check_signatures(json_object_get(claim->content.file, "signatures"), err);
	if (!ret)
		ret = check_common(&claim->content, err);
	if (!ret)
		ret = tuf_check_structure(&claim->content, err);
	if (ret) {
		tuf_claim_free(claim);
		return ret;
	}
	*out = claim;
	return 0;
}

void tuf_claim_free(struct tuf_claim *claim)
{
	if (claim)
		content_free(&claim->content);
	free(claim);
}

void tuf_doc_free(struct tuf_doc *doc)
{
	if (doc)
		content_free(&doc->content);
	free(doc);
}
