// SPDX-License-Identifier: GPL-2.0-or-later
/* test_tuf_signers.c - whose bundles klp-apply believes: the root that it remembers, and what it takes in its place. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hex.h"
#include "io.h"
#include "keyring.h"
#include "play.h"
#include "sign.h"
#include "../../../tools/klp-apply/roots.h"

#define DEAD	KEY(TUF_TARGETS)	/* signs bundles by root 1, and is revoked by root 2 */
#define NEW	KEY(8)

static char *machine, *memory, *file, *memory_file, *stick, *ours;
static struct roots_from from;
static struct klp_err err;

static char *root_text(void)
{
	return tf_sign(f, root, f->signers[TUF_ROOT]);
}

static void put(const char *path, const char *text)
{
	ck_assert_msg(!io_write_atomic(path, text, strlen(text), 0644, &err), "%s", err.text);
}

/* Beside a bundle, or where klp-update keeps them: FOLDER/@number.root.json. */
static void put_in(const char *folder, int64_t number, const char *text)
{
	char name[48], *path;

	snprintf(name, sizeof(name), "%lld.root.json", (long long)number);
	path = fixture_path(folder, name);
	put(path, text);
	free(path);
}

static void empty(const char *folder)
{
	fixture_remove(strdup(folder));
	ck_assert(!mkdir(folder, 0755));
}

/* The next root, as it is in root, into @folder. */
static void next_root(const char *folder)
{
	char *text;

	set_version(TUF_ROOT, tf_version(root) + 1);
	text = root_text();
	put_in(folder, tf_version(root), text);
	free(text);
}

static void begin(void)
{
	char *text;

	setup();
	machine = fixture_folder();
	memory = fixture_path(machine, "apply");
	memory_file = fixture_path(machine, "apply/trust.json");
	file = fixture_path(machine, "root.json");
	ours = fixture_path(machine, "roots");
	stick = fixture_path(machine, "stick");
	ck_assert(!mkdir(ours, 0755) && !mkdir(stick, 0755));
	from = (struct roots_from){ .memory = memory, .file = file, .folders = { ours, stick } };
	text = root_text();
	put(file, text);
	free(text);
}

static void finish(void)
{
	free(memory);
	free(memory_file);
	free(file);
	free(ours);
	free(stick);
	fixture_remove(machine);
	teardown();
}

static bool has_key(const struct keyring *ring, int key)
{
	uint8_t raw[PUBLIC_KEY_LEN], id[KEY_ID_LEN];
	size_t len = sizeof(raw);

	ck_assert_int_eq(EVP_PKEY_get_raw_public_key(f->keys[key], raw, &len), 1);
	ck_assert_int_eq(sha256(raw, len, id), 0);
	for (size_t i = 0; i < keyring_size(ring); i++)
		if (!memcmp(keyring_key_id(ring, i), id, sizeof(id)))
			return true;
	return false;
}

/* These keys and no others sign, @threshold of them, by root @version. */
static void signers(int64_t version, unsigned int mask, size_t threshold)
{
	struct keyring *ring = NULL;
	int64_t is = -1;

	ck_assert_msg(!roots_keyring(&from, &ring, &is, &err), "%s", err.text);
	ck_assert_int_eq(is, version);
	ck_assert_ptr_nonnull(ring);
	ck_assert_uint_eq(keyring_threshold(ring), threshold);
	ck_assert_int_eq((int)keyring_size(ring), __builtin_popcount(mask));
	for (int i = 0; i < TF_KEYS; i++)
		ck_assert_msg(has_key(ring, i) == !!(mask & KEY(i)), "key %d", i);
	keyring_free(ring);
}

static void no_signers(int code, const char *words)
{
	struct keyring *ring = NULL;
	int64_t is = -1;

	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(roots_keyring(&from, &ring, &is, &err), code);
	ck_assert(!ring && is == -1);
	ck_assert_msg(strstr(err.text, words), "%s", err.text);
}

/* Who has no root has a folder of keys; nothing is made or remembered for them. */
START_TEST(no_root_at_all)
{
	struct keyring *ring = NULL;
	int64_t is = -1;

	unlink(file);
	put_in(stick, 1, "anything");
	ck_assert_int_eq(roots_keyring(&from, &ring, &is, &err), 0);
	ck_assert(!ring && is == 0);
	ck_assert_int_ne(access(memory, F_OK), 0);
}
END_TEST

START_TEST(a_revoked_key)
{
	signers(1, DEAD, 1);
	give_role(TUF_TARGETS, NEW, 1);
	next_root(ours);
	signers(2, NEW, 1);
	/* It stays revoked, whatever comes of the files. */
	empty(ours);
	signers(2, NEW, 1);
	unlink(file);
	signers(2, NEW, 1);
}
END_TEST

/* A machine without a network: the stick with the bundle has the repository's metadata folder. */
START_TEST(a_key_revoked_on_a_stick)
{
	signers(1, DEAD, 1);
	give_role(TUF_TARGETS, NEW, 1);
	next_root(stick);
	signers(2, NEW, 1);
	from.folders[1] = NULL;
	signers(2, NEW, 1);
}
END_TEST

START_TEST(a_chain_of_roots)
{
	char *both;

	signers(1, DEAD, 1);
	give_role(TUF_ROOT, KEY(9), 1);
	set_version(TUF_ROOT, 2);
	both = tf_sign(f, root, KEY(TUF_ROOT) | KEY(9));
	put_in(ours, 2, both);
	free(both);
	signers(2, DEAD, 1);
	for (int i = 0; i < 3; i++) {
		give_role(TUF_TARGETS, KEY(4 + i) | NEW, 2);
		next_root(i == 1 ? stick : ours);
	}
	/* 3 and 5 in one folder, 4 in the other; 6 isn't anywhere, so nobody goes on to 7. */
	signers(5, KEY(6) | NEW, 2);
	set_version(TUF_ROOT, 6);
	next_root(ours);
	signers(5, KEY(6) | NEW, 2);
}
END_TEST

START_TEST(three_steps_at_once)
{
	for (int i = 0; i < 3; i++) {
		give_role(TUF_TARGETS, KEY(4 + i), 1);
		next_root(stick);
	}
	signers(4, KEY(6), 1);
}
END_TEST

static char *content(const char *path)
{
	size_t len;
	void *text;

	ck_assert_msg(!io_read_file(path, 1 << 20, &text, &len, &err), "%s", err.text);
	return text;
}

/* Nothing that anybody offers brings root 1 and its key back, and what is remembered stays as it is. */
START_TEST(an_older_root)
{
	char *first = content(file), *before, *after, *other;
	struct tuf_fix *f2 = tf_new();

	give_role(TUF_TARGETS, NEW, 1);
	next_root(ours);
	next_root(ours);
	signers(3, NEW, 1);
	before = content(memory_file);
	put_in(stick, 4, first);
	no_signers(-ESTALE, "4.root.json");
	/* The next one by somebody else, with the key that they would like. */
	json_object_set_new(f2->body[TUF_ROOT], "version", json_integer(4));
	other = tf_sign(f2, f2->body[TUF_ROOT], KEY(TUF_ROOT));
	put_in(stick, 4, other);
	no_signers(-EKEYREJECTED, "4.root.json");
	put_in(stick, 4, "{");
	no_signers(-EBADMSG, "4.root.json");
	empty(stick);
	free(other);
	/* In the place where trust starts: the file of old is no news, one of another publisher isn't taken by itself. */
	signers(3, NEW, 1);
	json_object_set_new(f2->body[TUF_ROOT], "version", json_integer(3));
	other = tf_sign(f2, f2->body[TUF_ROOT], KEY(TUF_ROOT));
	put(file, other);
	no_signers(-ESTALE, "--allow older");
	after = content(memory_file);
	ck_assert_str_eq(before, after);
	free(first);
	free(before);
	free(after);
	free(other);
	tf_free(f2);
}
END_TEST

/* A newer root that the operator puts there is a word of theirs, with or without the ones between. */
START_TEST(the_operators_newer_root)
{
	char *text;

	signers(1, DEAD, 1);
	give_role(TUF_TARGETS, NEW, 1);
	set_version(TUF_ROOT, 4);
	text = root_text();
	put(file, text);
	signers(4, NEW, 1);
	ck_assert(!chmod(file, 0666));
	no_signers(-EPERM, "root.json");
	free(text);
}
END_TEST

static void put_memory(const char *text)
{
	put(memory_file, text);
	no_signers(-EBADMSG, "--allow older");
	ck_assert_msg(strstr(err.text, memory_file), "%s", err.text);
}

START_TEST(a_broken_memory)
{
	static const char *const texts[] = { "", "{", "[]", "{}", "{\"root\": \"{}\", \"seen\": []}", "{\"root\": 1, \"seen\": [\"x\"]}", NULL };
	char *good, *bad, *after;

	signers(1, DEAD, 1);
	give_role(TUF_TARGETS, NEW, 1);
	next_root(ours);
	signers(2, NEW, 1);
	good = content(memory_file);
	for (size_t i = 0; texts[i]; i++)
		put_memory(texts[i]);
	for (size_t n = 1; n < strlen(good) - 2; n += 97) {
		bad = strndup(good, n);
		put_memory(bad);
		free(bad);
	}
	/* Another digit in what is signed. */
	bad = strdup(good);
	strstr(bad, "version\\\": 2")[strlen("version\\\": ")] = '1';
	put_memory(bad);
	after = content(memory_file);
	ck_assert_str_eq(after, bad);	/* nobody has put another in its place */
	put(memory_file, good);
	signers(2, NEW, 1);
	unlink(memory_file);
	ck_assert(!mkdir(memory_file, 0755));
	no_signers(-EBADMSG, "--allow older");
	free(good);
	free(bad);
	free(after);
}
END_TEST

/* The operator's explicit choice: other publisher, or a memory that is lost. */
START_TEST(anew)
{
	char *first = content(file);

	give_role(TUF_TARGETS, NEW, 1);
	next_root(ours);
	signers(2, NEW, 1);
	put(memory_file, "{");
	from.anew = true;
	signers(1, DEAD, 1);
	from.anew = false;
	signers(2, NEW, 1);
	from.anew = true;
	unlink(file);
	no_signers(-ENOENT, "root.json");
	from.anew = false;
	signers(2, NEW, 1);
	free(first);
}
END_TEST

/* No room, no new root, and no patch by its keys: the next time would not know that they count. */
START_TEST(what_cant_be_remembered)
{
	const struct rlimit none = { 0, RLIM_INFINITY }, all = { RLIM_INFINITY, RLIM_INFINITY };
	struct stat st;

	signers(1, DEAD, 1);
	give_role(TUF_TARGETS, NEW, 1);
	next_root(ours);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &none));
	no_signers(-EFBIG, "can't be remembered");
	ck_assert(!setrlimit(RLIMIT_FSIZE, &all));
	signers(2, NEW, 1);
	ck_assert(!stat(memory_file, &st) && (st.st_mode & 0777) == 0600);
	ck_assert(!stat(memory, &st) && (st.st_mode & 0777) == 0700);
}
END_TEST

/* Only Ed25519 keys sign bundles. */
START_TEST(a_threshold_that_no_bundle_can_have)
{
	json_t *keys = json_object_get(root, "keys");
	EVP_PKEY *p256 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

	json_object_set_new(keys, "key-5", tf_key(p256));
	give_role(TUF_TARGETS, KEY(4) | KEY(5), 1);
	next_root(ours);
	signers(2, KEY(4), 1);
	give_role(TUF_TARGETS, KEY(4) | KEY(5), 2);
	next_root(ours);
	no_signers(-EKEYREJECTED, "Ed25519");
	EVP_PKEY_free(p256);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("signers");

	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	tcase_add_checked_fixture(tc, begin, finish);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, no_root_at_all);
	tcase_add_test(tc, a_revoked_key);
	tcase_add_test(tc, a_key_revoked_on_a_stick);
	tcase_add_test(tc, a_chain_of_roots);
	tcase_add_test(tc, three_steps_at_once);
	tcase_add_test(tc, an_older_root);
	tcase_add_test(tc, the_operators_newer_root);
	tcase_add_test(tc, a_broken_memory);
	tcase_add_test(tc, anew);
	tcase_add_test(tc, what_cant_be_remembered);
	tcase_add_test(tc, a_threshold_that_no_bundle_can_have);
	return fixture_run("tuf_signers", tc);
}
