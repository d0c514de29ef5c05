// SPDX-License-Identifier: GPL-2.0-or-later
/* test_tuf_format.c - the TUF client: canonical JSON, kinds of keys, files that are malformed, too long or too many. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "play.h"
#include "../../../tools/tuf/canon.h"
#include "../../../tools/tuf/role.h"
#include "../../../tools/tuf/store.h"

static EVP_PKEY *generate(const char *kind)
{
	if (!strcmp(kind, "P-256") || !strcmp(kind, "P-384"))
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)atoi(kind));
}

static const struct {
	const char *kind;
	bool good;
} kinds[] = { { "P-256", true }, { "2048", true }, { "3072", true }, { "P-384", false }, { "1024", false } };

/* A key of each kind signs the timestamp; weak ones and other curves don't count. */
START_TEST(kinds_of_keys)
{
	json_t *keys = json_object_get(root, "keys");
	char *text, *end;

	EVP_PKEY_free(f->keys[8]);
	f->keys[8] = generate(kinds[_i].kind);
	json_object_set_new(keys, "key-8", tf_key(f->keys[8]));
	give_role(TUF_TIMESTAMP, KEY(8), 1);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	if (!kinds[_i].good) {
		refuses(-EKEYREJECTED);
		return;
	}
	works();
	/* One bit of what was signed is another. */
	set_version(TUF_TIMESTAMP, 3);
	text = tf_sign(f, timestamp, KEY(8));
	end = strstr(text, "\"version\": 3");
	ck_assert_ptr_nonnull(end);
	end[strlen("\"version\": ")] = '4';
	tf_serve(f, "timestamp.json", text, strlen(text));
	free(text);
	refuses(-EKEYREJECTED);
}
END_TEST

START_TEST(kinds_of_keys_that_nobody_knows)
{
	static const char *const keys[] = {
		"{\"keytype\": \"ed448\", \"scheme\": \"ed448\", \"keyval\": {\"public\": \"00\"}}",
		"{\"keytype\": \"rsa\", \"scheme\": \"rsa-pkcs1v15-sha256\", \"keyval\": {\"public\": \"00\"}}",
		"{\"keytype\": \"rsa\", \"scheme\": \"rsassa-pss-sha256\", \"keyval\": {\"public\": \"-----BEGIN PUBLIC KEY-----\\nProc-Type: 4,ENCRYPTED\\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\\n\\nAAAA\\n-----END PUBLIC KEY-----\\n\"}}",
		"{\"keytype\": \"ed25519\", \"scheme\": \"ed25519\", \"keyval\": {\"public\": \"0011\"}}",
		"{\"keytype\": \"ed25519\", \"scheme\": \"ed25519\", \"keyval\": {}}",
	};
	json_t *all = json_object_get(root, "keys");

	/* They are in the root, and named by a role; that is no reason to refuse it, and they sign nothing. */
	give_role(TUF_TIMESTAMP, KEY(1) | KEY(8), 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_object_set_new(all, "key-8", json_loads(keys[i], 0, NULL));
		f->signers[TUF_TIMESTAMP] = KEY(1) | KEY(8);
		tf_publish(f, 1u << TUF_ROOT | TF_TOP);
		works();
		f->signers[TUF_TIMESTAMP] = KEY(8);
		tf_publish(f, 1u << TUF_TIMESTAMP);
		refuses(-EKEYREJECTED);
	}
}
END_TEST

/* ---- what is malformed ---- */

START_TEST(canonical_json)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "{\"b\": 1, \"a\": [true, false, null, -5]}", "{\"a\":[true,false,null,-5],\"b\":1}" },
		{ "{\"\\u00fc\": \"\\u00fc\\n\\\"\\\\\\/\"}", "{\"\xc3\xbc\":\"\xc3\xbc\n\\\"\\\\/\"}" },
		{ "{\"ab\": {}, \"a\": [], \"B\": \"\"}", "{\"B\":\"\",\"a\":[],\"ab\":{}}" },
		{ "[9223372036854775807, -0]", "[9223372036854775807,0]" },
		{ "[1.5]", NULL }, { "[1e3]", NULL }, { "[1.0]", NULL },
	};
	char out[256], deep[2 * TUF_DEPTH_MAX + 8] = "";
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *value = json_loads(cases[i].in, 0, NULL);
		int ret = tuf_canonical(value, out, strlen(cases[i].in), &len);

		ck_assert_int_eq(ret, cases[i].out ? 0 : -EINVAL);
		if (cases[i].out) {
			ck_assert_uint_eq(len, strlen(cases[i].out));
			ck_assert(!memcmp(out, cases[i].out, len));
			ck_assert_int_eq(tuf_canonical(value, out, len - 1, &len), -ENOSPC);
		}
		json_decref(value);
	}
	for (int i = 0; i <= TUF_DEPTH_MAX; i++) {
		memset(deep, '[', (size_t)i + 1);
		memset(deep + i + 1, ']', (size_t)i + 1);
		deep[2 * i + 2] = '\0';
		json_t *value = json_loads(deep, 0, NULL);

		ck_assert_int_eq(tuf_canonical(value, out, sizeof(out), &len), i < TUF_DEPTH_MAX ? 0 : -EINVAL);
		json_decref(value);
	}
}
END_TEST

/* A change of a body, as "KEY VALUE" with KEY a path by dots; VALUE is JSON, or nothing: taken out. */
static void change(json_t *body, const char *what)
{
	char path[128], *key, *rest = path;
	const char *value = strchr(what, ' ');

	snprintf(path, sizeof(path), "%.*s", (int)(value ? (size_t)(value - what) : strlen(what)), what);
	while ((key = strsep(&rest, ".")) && rest)
		body = json_is_array(body) ? json_array_get(body, (size_t)atoi(key)) : json_object_get(body, key);
	ck_assert_msg(json_is_object(body), "%s", what);
	if (value)
		ck_assert_int_eq(json_object_set_new(body, key, json_loads(value + 1, JSON_DECODE_ANY, NULL)), 0);
	else
		ck_assert_int_eq(json_object_del(body, key), 0);
}

static const struct {
	enum tuf_type type;
	const char *what;
} changes[] = {
	{ TUF_TIMESTAMP, "version" }, { TUF_TIMESTAMP, "version 0" }, { TUF_TIMESTAMP, "version -1" },
	{ TUF_TIMESTAMP, "version \"2\"" }, { TUF_TIMESTAMP, "version true" }, { TUF_TIMESTAMP, "expires" },
	{ TUF_TIMESTAMP, "expires 5" }, { TUF_TIMESTAMP, "expires \"2031-02-30T00:00:00Z\"" },
	{ TUF_TIMESTAMP, "expires \"2031-02-03T00:00:00+01:00\"" }, { TUF_TIMESTAMP, "expires \"2031-02-03 00:00:00Z\"" },
	{ TUF_TIMESTAMP, "expires \"2031-13-03T00:00:00Z\"" }, { TUF_TIMESTAMP, "expires \"2031-02-03T24:00:00Z\"" },
	{ TUF_TIMESTAMP, "spec_version" }, { TUF_TIMESTAMP, "spec_version \"2.0.0\"" }, { TUF_TIMESTAMP, "spec_version 1" },
	{ TUF_TIMESTAMP, "_type \"Timestamp\"" }, { TUF_TIMESTAMP, "meta" }, { TUF_TIMESTAMP, "meta []" },
	{ TUF_TIMESTAMP, "meta {}" }, { TUF_TIMESTAMP, "meta {\"snapshot.json\": 1}" },
	{ TUF_SNAPSHOT, "meta" }, { TUF_SNAPSHOT, "meta {\"targets.json\": {}}" },
	{ TUF_SNAPSHOT, "meta {\"targets.json\": {\"version\": 2, \"length\": -1}}" },
	{ TUF_SNAPSHOT, "meta {\"targets.json\": {\"version\": 2, \"hashes\": {}}}" },
	{ TUF_SNAPSHOT, "meta {\"targets.json\": {\"version\": 2, \"hashes\": {\"sha256\": 5}}}" },
	{ TUF_SNAPSHOT, "meta {}" },
	{ TUF_TARGETS, "targets" }, { TUF_TARGETS, "targets []" }, { TUF_TARGETS, "targets {\"x\": {\"length\": 5}}" },
	{ TUF_TARGETS, "targets {\"x\": {\"hashes\": {\"sha256\": \"00\"}}}" },
	{ TUF_TARGETS, "targets {\"x\": {\"length\": -5, \"hashes\": {\"sha256\": \"00\"}}}" },
	{ TUF_TARGETS, "delegations []" }, { TUF_TARGETS, "delegations {}" }, { TUF_TARGETS, "delegations {\"keys\": {}}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [], \"succinct_roles\": {}}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"\", \"keyids\": [], \"threshold\": 1, \"paths\": []}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"A\", \"keyids\": [], \"threshold\": 0, \"paths\": []}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"A\", \"keyids\": [], \"threshold\": 1}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"A\", \"keyids\": [], \"threshold\": 1, \"paths\": [5]}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"A\", \"keyids\": [], \"threshold\": 1, \"paths\": [], \"path_hash_prefixes\": []}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"A\", \"keyids\": [], \"threshold\": 1, \"paths\": [], \"terminating\": 1}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"roles\": [{\"name\": \"A\", \"keyids\": [], \"threshold\": 1, \"paths\": []}, {\"name\": \"A\", \"keyids\": [], \"threshold\": 1, \"paths\": []}]}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"succinct_roles\": {\"keyids\": [], \"threshold\": 1, \"bit_length\": 33, \"name_prefix\": \"a\"}}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"succinct_roles\": {\"keyids\": [], \"threshold\": 1, \"bit_length\": 0, \"name_prefix\": \"a\"}}" },
	/* The prefix fits a file's name, its bins' don't. */
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"succinct_roles\": {\"keyids\": [], \"threshold\": 1, \"bit_length\": 8, \"name_prefix\": \""
	  "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^" "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^" "\"}}" },
	{ TUF_TARGETS, "delegations {\"keys\": {}, \"succinct_roles\": {\"keyids\": [], \"threshold\": 1, \"bit_length\": 8}}" },
	{ TUF_ROOT, "keys" }, { TUF_ROOT, "keys []" }, { TUF_ROOT, "keys.key-3 {}" }, { TUF_ROOT, "keys.key-3.keyval" },
	{ TUF_ROOT, "keys.key-3.scheme" }, { TUF_ROOT, "roles" }, { TUF_ROOT, "roles.timestamp" },
	{ TUF_ROOT, "roles.targets.threshold 0" }, { TUF_ROOT, "roles.targets.threshold" }, { TUF_ROOT, "roles.root.keyids {}" },
	{ TUF_ROOT, "roles.snapshot.keyids [1]" }, { TUF_ROOT, "consistent_snapshot 1" },
};

/* Signed by whom it must be, and refused all the same. */
START_TEST(malformed)
{
	enum tuf_type t = changes[_i].type;
	const char *name = tuf_type_name(t);
	char *text, file[64];
	int ret;

	set_version(t, 2);
	change(f->body[t], changes[_i].what);
	text = tf_sign(f, f->body[t], f->signers[t]);
	snprintf(file, sizeof(file), t == TUF_TIMESTAMP ? "%s.json" : "2.%s.json", name);
	tf_serve(f, file, text, strlen(text));
	free(text);
	for (enum tuf_type u = t == TUF_TARGETS ? TUF_SNAPSHOT : t; t != TUF_TIMESTAMP && u > TUF_ROOT && u >= TUF_TIMESTAMP; u--) {
		if (u == t)
			continue;
		json_object_set_new(json_object_get(f->body[u], "meta"), u == TUF_SNAPSHOT ? "targets.json" : "snapshot.json",
				    json_pack("{s:i}", "version", 2));
		tf_publish(f, 1u << u);
	}
	ret = tf_refresh(f);
	/* A snapshot that lists nothing is well-formed, and then there are no targets. */
	ck_assert_msg(ret == -EBADMSG, "%s: %d %s", changes[_i].what, ret, tf_err.text);
	ck_assert_int_le(tf_stored(f, name), t == TUF_ROOT ? 1 : strcmp(changes[_i].what, "meta {}") ? 0 : 2);
}
END_TEST

static void not_json(const char *text, size_t len)
{
	tf_serve(f, "timestamp.json", text, len);
	ck_assert_msg(tf_refresh(f) == -EBADMSG, "%.40s: %s", text, tf_err.text);
}

START_TEST(malformed_files)
{
	static const char *const texts[] = {
		"{", "[]", "5", "\"signed\"", "{}", "{\"signed\": []}", "{\"signed\": {}}", "{\"signed\": {}, \"signatures\": {}}",
		"{\"signed\": {}, \"signatures\": [5]}", "{\"signed\": {}, \"signatures\": [{\"keyid\": 5, \"sig\": \"00\"}]}",
		"{\"signed\": {\"version\": 1, \"version\": 2}, \"signatures\": []}",
		"{\"signed\": {\"x\": 1.5}, \"signatures\": []}", "{\"signed\": {\"x\": 99999999999999999999}, \"signatures\": []}",
		"{\"signed\": {\"x\": \"\\u0000\"}, \"signatures\": []}", "{\"signed\": {\"x\": \"\\ud800\"}, \"signatures\": []}",
		"{\"signed\": {}, \"signatures\": []} x", "{\"signed\": {\"x\": \"\xff\"}, \"signatures\": []}",
		"{\"signed\": {\"x\": [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}, \"signatures\": []}",
	};
	char *deep = malloc(16000), *text = tf_sign(f, timestamp, KEY(TUF_TIMESTAMP)), *twice;

	/* Whoever takes the last of two sees what is signed; whoever takes the first, doesn't. */
	ck_assert_int_gt(asprintf(&twice, "{\"signatures\": [],%s", text + 1), 0);
	not_json(twice, strlen(twice));
	ck_assert_ptr_nonnull(strstr(tf_err.text, "duplicate"));
	free(twice);
	free(text);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		not_json(texts[i], strlen(texts[i]));
	memset(deep, '[', 16000);
	not_json(deep, 16000);
	free(deep);
	tf_serve(f, "timestamp.json", "", 0);
	refuses(-E2BIG);
}
END_TEST

/* One above each limit of tuf_limits.h on a number of things, and not one below. */
START_TEST(too_many)
{
	json_t *list, *one;
	char name[32];
	int n = 0;

	for (int over = 0; over < 2; over++) {
		switch (_i) {
		case 0:
			list = signatures(TUF_TIMESTAMP, KEY(TUF_TIMESTAMP));
			for (int i = 1; i < TUF_SIGNATURES_MAX + over; i++) {
				snprintf(name, sizeof(name), "k%d", i);
				json_array_append_new(list, json_pack("{s:s, s:s}", "keyid", name, "sig", ""));
			}
			serve_with(TUF_TIMESTAMP, "timestamp.json", list);
			break;
		case 1:
			list = json_object_get(root, "keys");
			for (n = (int)json_object_size(list); n < TUF_KEYS_MAX + over; n++) {
				snprintf(name, sizeof(name), "k%d", n);
				json_object_set_new(list, name, json_pack("{s:s, s:s, s:{}}", "keytype", "x", "scheme", "x", "keyval"));
			}
			tf_publish(f, 1u << TUF_ROOT);
			break;
		case 2:
			list = json_object_get(body_of(TUF_TARGETS), "keyids");
			for (n = (int)json_array_size(list); n < TUF_KEYIDS_MAX + over; n++) {
				snprintf(name, sizeof(name), "k%d", n);
				json_array_append_new(list, json_string(name));
			}
			tf_publish(f, 1u << TUF_ROOT);
			break;
		case 3:
			tf_delegate(f, targets, over ? "last" : "A", KEY(4), "x");
			list = json_object_get(json_object_get(targets, "delegations"), "roles");
			for (n = (int)json_array_size(list); n < TUF_DELEGATIONS_MAX + over; n++) {
				one = json_deep_copy(json_array_get(list, 0));
				snprintf(name, sizeof(name), "r%d", n);
				json_object_set_new(one, "name", json_string(name));
				json_array_append_new(list, one);
			}
			tf_publish(f, TF_TOP);
			break;
		default:
			if (!over)
				tf_delegate(f, targets, "A", KEY(4), "x");
			one = json_array_get(json_object_get(json_object_get(targets, "delegations"), "roles"), 0);
			list = json_object_get(one, "paths");
			for (n = (int)json_array_size(list); n < TUF_PATHS_MAX + over; n++)
				json_array_append_new(list, json_string("x"));
			tf_publish(f, TF_TOP);
		}
		if (over)
			refuses(-E2BIG);
		else
			works();
		if (!_i)
			set_version(TUF_TIMESTAMP, 2);
	}
}
END_TEST

START_TEST(words_of_the_repository_stay_harmless)
{
	/* Into a message, not into the terminal. */
	json_object_set_new(timestamp, "_type", json_string("\033[2Jx"));
	tf_publish(f, 1u << TUF_TIMESTAMP);
	refuses(-EBADMSG);
	ck_assert_ptr_null(strchr(tf_err.text, '\033'));
	ck_assert_ptr_nonnull(strstr(tf_err.text, "\\x1b"));
}
END_TEST

int main(void)
{
	TCase *tc = play_case("tuf format");

	tcase_add_loop_test(tc, kinds_of_keys, 0, sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tc, kinds_of_keys_that_nobody_knows);
	tcase_add_test(tc, canonical_json);
	tcase_add_loop_test(tc, malformed, 0, sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tc, malformed_files);
	tcase_add_loop_test(tc, too_many, 0, 5);
	tcase_add_test(tc, words_of_the_repository_stay_harmless);
	return fixture_run("tuf format", tc);
}
