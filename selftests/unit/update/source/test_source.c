// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_source.c - klp-update against a repository that klp-repo published: as a
 * folder, as a file URL, over HTTP, and with somebody hostile in between.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "machine_fixture.h"
#include "manifest.h"
#include "sign.h"

static struct machine_fixture m;
static char *repo;

static void setup(void)
{
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
}

static void teardown(void)
{
	free(repo);
	machine_teardown(&m);
}

/* klp-repo publish of a bundle of that release; its exit status. */
static int publish(uint64_t release, const char *expires)
{
	char *file = fixture_path(m.source, "new.klp");
	int status;

	machine_offer(&m, "new.klp", release, m.key);
	status = machine_repo_do(&m, repo, "publish", "--rollout", "now", "--expires", expires, file, NULL);
	free(file);
	return status;
}

#define must_publish(release)	ck_assert_msg(!publish(release, "30"), "%s", m.err)

#define update_from(source, status)	machine_expect(&m, status, "update", "--source", source)

static void shell(const char *format, const char *arg)
{
	char *command;

	ck_assert(asprintf(&command, format, arg) > 0);
	ck_assert_msg(!system(command), "%s", command);
	free(command);
}

/* ---- klp-repo itself ---- */

START_TEST(keygen_sign_verify)
{
	char *file = fixture_path(m.source, "a.klp"), *key = fixture_path(m.root, "k/new.pem");
	char *dir = fixture_path(m.root, "k");

	shell("mkdir %s", dir);
	machine_offer(&m, "a.klp", 1, NULL);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", key, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", key, NULL), 1);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", dir, file, NULL), 4);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), 1);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", dir, "--json", file, NULL), 0);
	json_decref(machine_json(&m));
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", "/nonexistent", file, NULL), 3);
	/* A folder without a key. */
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", "/usr", file, NULL), 4);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", dir, key, NULL), 4);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", NULL), 64);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "sign", file, NULL), 64);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "--help", NULL), 0);
	free(dir);
	free(key);
	free(file);
}
END_TEST

/* A key with a passphrase, for people and (a file that the environment names) for programs. */
START_TEST(keygen_with_a_passphrase)
{
	char *file = fixture_path(m.source, "a.klp"), *key = fixture_path(m.root, "sealed.pem"), *words = fixture_path(m.root, "words");

	machine_offer(&m, "a.klp", 1, NULL);
	ck_assert_int_eq(setenv("KLP_PASSPHRASE_FILE", words, 1), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", "--passphrase", key, NULL), 3);
	machine_put(&m, "words", "short\n");
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", "--passphrase", key, NULL), 1);
	ck_assert_ptr_nonnull(strstr(m.err, "at least 8"));
	machine_put(&m, "words", "long enough\nanother line\n");
	ck_assert_msg(!machine_tool(&m, "klp-repo", "keygen", "--passphrase", key, NULL), "%s", m.err);
	shell("grep -q '^-----BEGIN ENCRYPTED PRIVATE KEY' %s", key);
	ck_assert_msg(!machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), "%s", m.err);
	machine_put(&m, "words", "long enougH\n");
	ck_assert_int_ne(machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.err, "this isn't it"));
	unsetenv("KLP_PASSPHRASE_FILE");
	free(words);
	free(key);
	free(file);
}
END_TEST

#define SOFTHSM	"/usr/lib/softhsm/libsofthsm2.so"

/* The private key never leaves the token: made there, used there. */
START_TEST(a_key_in_a_token)
{
	char *file = fixture_path(m.source, "a.klp"), *words = fixture_path(m.root, "pin"), *conf = fixture_path(m.root, "hsm.conf"), *keys;
	const char *key = "pkcs11:token=q%20p;object=sig?module-path=" SOFTHSM;
	static const char *const bad[] = {
		"pkcs11:", "pkcs11:token=q%20p;object=sig", "pkcs11:token=a;token=b;object=sig?module-path=/x",
		"pkcs11:token=%00;object=sig?module-path=/x", "pkcs11:token=a;object=b;type=private?module-path=/x",
		"pkcs11:token=a;object=b?module-path=x.so",
	};

	keys = fixture_path(m.root, "trusted");
	machine_offer(&m, "a.klp", 1, NULL);
	ck_assert_int_eq(setenv("SOFTHSM2_CONF", conf, 1) | setenv("KLP_PASSPHRASE_FILE", words, 1), 0);
	shell("cd %s && mkdir tokens trusted && echo \"directories.tokendir = $PWD/tokens\" > hsm.conf && echo 1234 > pin && {"
	      " softhsm2-util --init-token --free --label 'q p' --so-pin 4321 --pin 1234 &&"
	      " pkcs11-tool --module " SOFTHSM " --login --pin 1234 --keypairgen --key-type EC:edwards25519 --label sig --id 01 &&"
	      " pkcs11-tool --module " SOFTHSM " --read-object --type pubkey --label sig -o trusted/sig.pub; } > hsm.log 2>&1 || { cat hsm.log; exit 1; }", m.root);
	ck_assert_msg(!machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), "%s", m.err);
	ck_assert_msg(!machine_tool(&m, "klp-repo", "verify", "--keys", keys, file, NULL), "%s", m.err);
	ck_assert_int_ne(machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.err, "has signed the bundle already"));
	machine_put(&m, "pin", "9999\n");
	ck_assert_int_ne(machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL), 0);
	ck_assert_msg(strstr(m.err, "this isn't its PIN") != NULL, "%s", m.err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_ne(machine_tool(&m, "klp-repo", "sign", "--key", bad[i], file, NULL), 0);
		ck_assert_msg(strstr(m.err, "a key in a token is") != NULL, "%s: %s", bad[i], m.err);
	}
	unsetenv("SOFTHSM2_CONF");
	unsetenv("KLP_PASSPHRASE_FILE");
	free(keys);
	free(conf);
	free(words);
	free(file);
}
END_TEST

START_TEST(publish_and_list)
{
	char *other = fixture_path(m.root, "other"), *pem = fixture_path(m.root, "other.pem"), *root = fixture_path(other, "metadata/1.root.json");

	must_publish(3);
	ck_assert_int_eq(publish(3, "30"), 0);	/* the same again: a new expiry */
	ck_assert_int_eq(publish(2, "30"), 1);
	ck_assert_ptr_nonnull(strstr(m.err, "the repository has release 3"));
	must_publish(4);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "list", "--repo", repo, NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, "release 4"));
	ck_assert_ptr_null(strstr(m.out, "release 3"));
	/* By somebody else's root it is nobody's. */
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", pem, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "init", "--repo", other, "--key", pem, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "list", "--repo", repo, "--root", root, NULL), 4);
	free(other);
	free(pem);
	free(root);
}
END_TEST

START_TEST(unsigned_and_foreign_arent_published)
{
	struct signing_key *other = fixture_key();
	char *file = fixture_path(m.source, "a.klp");

	machine_offer(&m, "a.klp", 1, NULL);
	ck_assert_int_eq(machine_repo_do(&m, repo, "publish", file, NULL), 4);
	machine_offer(&m, "a.klp", 1, other);
	ck_assert_int_eq(machine_repo_do(&m, repo, "publish", file, NULL), 4);
	signing_key_free(other);
	free(file);
}
END_TEST

/* ---- a folder ---- */

START_TEST(from_a_repository)
{
	must_publish(3);
	update_from(repo, 0);
	ck_assert(machine_is_applied(&m));
	update_from(repo, 2);
	must_publish(4);
	update_from(repo, 0);
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
}
END_TEST

/* The repository says so, signed: it isn't the same as one that has lost something. */
START_TEST(nothing_for_this_kernel)
{
	machine_repo(&m, repo);
	update_from(repo, 3);
	ck_assert_ptr_nonnull(strstr(m.err, "has nothing for this kernel"));
	shell("rm %s/metadata/1.bins-*", repo);
	update_from(repo, 3);	/* the bin is known */
	machine_remove(&m, "var/lib/quietpatch/tuf/snapshot.json");
	shell("rm %s/metadata/1.snapshot.json", repo);
	update_from(repo, 101);
}
END_TEST

START_TEST(no_root_is_trusted)
{
	must_publish(3);
	machine_remove(&m, "etc/quietpatch/root.json");
	update_from(repo, 4);
	ck_assert_ptr_nonnull(strstr(m.err, "no root is trusted"));
	machine_put(&m, "etc/quietpatch/root.json", "{}");
	update_from(repo, 4);
	shell("cp %1$s/metadata/1.root.json %1$s/../etc/quietpatch/root.json; chmod 666 %1$s/../etc/quietpatch/root.json", repo);
	update_from(repo, 1);
	ck_assert_ptr_nonnull(strstr(m.err, "etc/quietpatch/root.json"));
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

/* A bundle that is signed all right, but isn't the one that the index names. */
START_TEST(swapped_blob)
{
	must_publish(3);
	machine_offer(&m, "other.klp", 9, m.key);
	shell("cp %1$s/../source/other.klp %1$s/targets/bundles/*/*.klp", repo);
	update_from(repo, 4);
	ck_assert_ptr_nonnull(strstr(m.out, "signed for"));
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

START_TEST(symbolic_links_arent_followed)
{
	must_publish(3);
	shell("mv %1$s/targets %1$s/../elsewhere && ln -s ../elsewhere %1$s/targets", repo);
	update_from(repo, 1);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

/* Whoever may write to the folder chooses names: they are told, stored and shown spelled out. */
START_TEST(hostile_names_of_files)
{
	machine_put(&m, "source/\x1b[2J\xff\xe2\x80\xae.klp", "no bundle");
	update_from(m.source, 1);
	ck_assert_ptr_null(strchr(m.out, '\x1b'));
	ck_assert_ptr_null(strchr(m.err, '\x1b'));
	ck_assert_ptr_nonnull(strstr(m.out, "\\x1b[2J\\xff\\xe2\\x80\\xae.klp"));
	ck_assert_int_eq(machine_run(&m, "history", NULL), 0);
	ck_assert_ptr_null(strchr(m.out, '\x1b'));
	ck_assert_ptr_nonnull(strstr(m.out, "\\x1b[2J\\xff"));
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "/nonexistent/\x1b[2J", NULL), 3);
	ck_assert_ptr_null(strchr(m.err, '\x1b'));
	ck_assert_ptr_nonnull(strstr(m.err, "\\x1b[2J"));
}
END_TEST

/* The next root gives role targets to a new key; @pem, of 512 bytes, is its file. */
static void give_targets(const char *name, char *pem, struct signing_key **key)
{
	char role[600];
	struct klp_err err;

	snprintf(pem, 512, "%.400s/%s", m.root, name);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", pem, NULL), 0);
	ck_assert_msg(!signing_key_load(pem, key, &err), "%s", err.text);
	snprintf(role, sizeof(role), "targets=%s.pub", pem);
	ck_assert_msg(!machine_repo_do(&m, repo, "rotate", "--role", role, "--key", pem, NULL), "%s", m.err);
}

static void publish_by(const char *pem, struct signing_key *signer, uint64_t release)
{
	char *file = fixture_path(m.source, "new.klp");

	machine_offer(&m, "new.klp", release, signer);
	ck_assert_msg(!machine_repo_do(&m, repo, "publish", "--rollout", "now", "--key", pem, file, NULL), "%s", m.err);
	free(file);
}

/* Its file is still in the machine's folder of keys; where there is a root nobody looks there. */
START_TEST(a_key_that_a_root_revokes)
{
	struct signing_key *second, *third;
	char pem[512];

	must_publish(3);
	update_from(repo, 0);
	give_targets("second.pem", pem, &second);
	publish_by(pem, m.key, 4);
	update_from(repo, 4);
	ck_assert_ptr_nonnull(strstr(m.out, "trusted key"));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	publish_by(pem, second, 5);
	update_from(repo, 0);
	/* New root and new key in one look. */
	give_targets("third.pem", pem, &third);
	publish_by(pem, third, 6);
	update_from(repo, 0);
	ck_assert_int_eq(machine_calls(&m, "load"), 3);
	/* klp-apply gets the roots, and what the operator has chosen. */
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "calls"), "--signers root"));
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "calls"), "var/lib/quietpatch/roots "));
	shell("cd %1$s && cmp metadata/2.root.json ../var/lib/quietpatch/roots/2.root.json && cmp metadata/3.root.json ../var/lib/quietpatch/roots/3.root.json", repo);
	/* That may be the folder. */
	machine_offer(&m, "new.klp", 7, m.key);
	update_from(m.source, 4);
	machine_expect(&m, 0, "update", "--source", m.source, "--set", "signers=folder");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "calls"), "--signers folder"));
	signing_key_free(second);
	signing_key_free(third);
}
END_TEST

/* A machine that had come to a newer root before the roots were kept: klp-apply needs those between. */
START_TEST(roots_that_werent_kept)
{
	struct signing_key *second;
	char pem[512];

	must_publish(3);
	give_targets("second.pem", pem, &second);
	publish_by(pem, second, 4);
	update_from(repo, 0);
	shell("rm -r %1$s/../var/lib/quietpatch/roots", repo);
	update_from(repo, 2);
	shell("cmp %1$s/metadata/2.root.json %1$s/../var/lib/quietpatch/roots/2.root.json", repo);
	signing_key_free(second);
}
END_TEST

/* @file of the source, signed by one more key. */
static void sign_again(const char *file)
{
	char *other = fixture_path(m.root, "other.pem");

	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", other, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "sign", "--key", other, file, NULL), 0);
	free(other);
}

/* A second signature is no other bundle: in a folder, */
START_TEST(another_signature_is_the_same_bundle)
{
	char *file = fixture_path(m.source, "a.klp");

	machine_offer(&m, "a.klp", 3, m.key);
	update_from(m.source, 0);
	sign_again(file);
	update_from(m.source, 2);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	free(file);
}
END_TEST

/* and in a repository, which takes it in the first one's place. */
START_TEST(another_signature_is_published)
{
	char *file = fixture_path(m.source, "new.klp"), *command;

	must_publish(3);
	update_from(repo, 0);
	sign_again(file);
	ck_assert_int_eq(machine_repo_do(&m, repo, "publish", file, NULL), 0);
	update_from(repo, 2);
	/* On a new machine. */
	machine_reboot(&m);
	ck_assert(asprintf(&command, "rm -r %s/var/lib/quietpatch", m.root) > 0);
	ck_assert_int_eq(system(command), 0);
	free(command);
	update_from(repo, 0);
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
	free(file);
}
END_TEST

/* Other content under the same release is one. */
START_TEST(another_bundle_of_the_same_release)
{
	struct manifest *manifest = fixture_manifest(3);
	char *file = fixture_path(m.source, "a.klp");
	struct klp_err err;
	size_t len;
	void *data;

	machine_offer(&m, "a.klp", 3, m.key);
	update_from(m.source, 0);
	ck_assert_int_eq(manifest_set(&manifest->summary, "another text"), 0);
	ck_assert_int_eq(bundle_build(manifest, "x", 1, &m.key, 1, &data, &len, &err), 0);
	ck_assert_int_eq(io_write_atomic(file, data, len, 0644, &err), 0);
	update_from(m.source, 4);
	ck_assert_ptr_nonnull(strstr(m.out, "another bundle of release 3"));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	free(data);
	manifest_free(manifest);
	free(file);
}
END_TEST

/* ---- URLs ---- */

START_TEST(file_url)
{
	char *url;

	must_publish(3);
	ck_assert(asprintf(&url, "file://%s", repo) > 0);
	update_from(url, 0);
	ck_assert(machine_is_applied(&m));
	/* What was there before and is no longer is an alarm, however lately all was well. */
	shell("rm -r %s/metadata", repo);
	update_from(url, 101);
	free(url);
}
END_TEST

START_TEST(no_network)
{
	must_publish(3);
	update_from("http://127.0.0.1:1/", 101);
	update_from("http://no-such-host.invalid/", 101);
	update_from("/no/such/folder", 101);
	update_from("ftp://127.0.0.1/", 1);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 1);
	ck_assert_ptr_nonnull(strstr(m.out, "only http, https and file"));
}
END_TEST

/* What was good comes back although there is no network. */
START_TEST(no_network_after_a_reboot)
{
	must_publish(3);
	update_from(repo, 0);
	machine_reboot(&m);
	update_from("http://127.0.0.1:1/", 0);
	ck_assert(machine_is_applied(&m));
	/* Nothing is new, as far as anybody knows, and everybody sees since when. */
	update_from("http://127.0.0.1:1/", 2);
	ck_assert_ptr_nonnull(strstr(m.out, "the last good look was 0 min ago"));
	machine_expect(&m, 0, "status");
	ck_assert_ptr_nonnull(strstr(m.out, "(0 min ago)"));
	/* Until the operator says that it has been too long. */
	machine_expect(&m, 101, "update", "--source", "http://127.0.0.1:1/", "--set", "offline=0");
	machine_expect(&m, 101, "status", "--set", "offline=0");
}
END_TEST

/* That nobody can be asked doesn't make a fix that failed "nothing to do". */
START_TEST(no_network_and_a_fix_that_waits)
{
	must_publish(3);
	machine_loader(&m, 7, NULL);
	update_from(repo, 7);
	update_from("http://127.0.0.1:1/", 7);
	ck_assert_ptr_nonnull(strstr(m.out, "the last good look was 0 min ago"));
	machine_expect(&m, 7, "status");
}
END_TEST

/* It is here, and the source's last word on it still holds: its second try doesn't wait for the source. */
START_TEST(no_network_and_a_fix_that_is_kept)
{
	must_publish(3);
	machine_loader(&m, 7, NULL);
	update_from(repo, 7);
	machine_loader(&m, 0, NULL);
	/* In its pause. */
	update_from("http://127.0.0.1:1/", 7);
	ck_assert(!machine_is_applied(&m));
	machine_reboot(&m);
	/* The operator's word counts as it does for what is offered. */
	machine_expect(&m, 0, "hold");
	update_from("http://127.0.0.1:1/", 5);
	machine_expect(&m, 0, "unhold");
	machine_expect(&m, 5, "update", "--source", "http://127.0.0.1:1/", "--set", "apply=no");
	ck_assert(!machine_is_applied(&m));
	update_from("http://127.0.0.1:1/", 0);
	ck_assert(machine_is_applied(&m));
	ck_assert_ptr_nonnull(strstr(m.out, "the last good look was 0 min ago"));
	machine_expect(&m, 0, "status");
}
END_TEST

/* The repository's word has an end; so has what is kept by it. */
START_TEST(no_network_and_a_fix_whose_word_is_over)
{
	must_publish(3);
	machine_loader(&m, 7, NULL);
	update_from(repo, 7);
	machine_loader(&m, 0, NULL);
	machine_reboot(&m);
	fixture_preload_clock(400L * 86400);
	update_from("http://127.0.0.1:1/", 101);
	ck_assert(!machine_is_applied(&m));
	ck_assert_msg(strstr(m.out, "what is kept isn't tried again without the source") != NULL, "%s", m.out);
	fixture_preload_end();
	update_from("http://127.0.0.1:1/", 0);
	ck_assert(machine_is_applied(&m));
}
END_TEST

/* ---- a server ---- */

struct server {
	pid_t pid;
	char url[64];
};

static void send_text(int fd, const char *text)
{
	ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
}

static void send_file(int fd, const char *path)
{
	char *full = fixture_path(repo, path);
	struct klp_err err;
	size_t len;
	void *data;

	if (strstr(path, "..") || io_read_file(full, 1 << 20, &data, &len, &err)) {
		send_text(fd, "HTTP/1.0 404 Not Found\r\n\r\n");
	} else {
		send_text(fd, "HTTP/1.0 200 OK\r\n\r\n");
		io_write_all(fd, data, len);
		free(data);
	}
	free(full);
}

/* The client's own privileges, as /proc has them while it waits for us. */
static void note_client(void)
{
	shell("for p in /proc/[0-9]*; do read -r comm < $p/comm; ppid=$(sed -n 's/^PPid:\\t//p' $p/status);"
	      " [ \"$comm\" = klp-update ] || continue;"
	      " read -r parent < /proc/$ppid/comm; [ \"$parent\" = klp-update ] || continue;"
	      " cat $p/status; ls -l $p/fd; done > %s/client 2>/dev/null; true", m.root);
}

enum manner { SERVE, ENDLESS, FAIL, LOOK };

static void answer(int fd, const char *request, void *arg)
{
	enum manner manner = *(enum manner *)arg;
	char path[1024];

	/* As a proxy it is asked for "GET http://host/path". */
	if (sscanf(request, "GET /%1000s", path) != 1 && sscanf(request, "GET http://%*[^/]/%1000s", path) != 1)
		path[0] = '\0';
	if (manner == LOOK)
		note_client();
	if (manner == FAIL) {
		send_text(fd, "HTTP/1.0 500 Broken\r\n\r\n");
	} else if (manner == ENDLESS) {
		send_text(fd, "HTTP/1.0 200 OK\r\n\r\n");
		while (write(fd, request, FIXTURE_REQUEST) > 0)
			;
	} else {
		send_file(fd, path);
	}
}

static struct server start_server(enum manner manner)
{
	struct server s;

	s.pid = fixture_serve(s.url, answer, &manner);
	return s;
}

static void stop_server(const struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

START_TEST(over_http)
{
	struct server s;

	must_publish(3);
	s = start_server(SERVE);
	update_from(s.url, 0);
	ck_assert(machine_is_applied(&m));
	update_from(s.url, 2);
	shell("rm %s/metadata/timestamp.json", repo);
	update_from(s.url, 101);
	ck_assert_ptr_nonnull(strstr(m.err, "the server has no such file"));
	stop_server(&s);
}
END_TEST

START_TEST(through_a_proxy)
{
	char proxy[96];
	struct server s;

	must_publish(3);
	s = start_server(SERVE);
	/* The environment has no say. */
	setenv("http_proxy", s.url, 1);
	update_from("http://patches.invalid/", 101);
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("no_proxy", "*", 1);
	snprintf(proxy, sizeof(proxy), "proxy = %s\n", s.url);
	machine_put(&m, "etc/quietpatch/update.conf", proxy);
	update_from("http://patches.invalid/", 0);
	ck_assert(machine_is_applied(&m));
	unsetenv("http_proxy");
	unsetenv("no_proxy");
	stop_server(&s);
}
END_TEST

START_TEST(endless_and_broken_servers)
{
	struct server s;

	machine_repo(&m, repo);
	s = start_server(ENDLESS);
	update_from(s.url, 4);
	ck_assert_ptr_nonnull(strstr(m.err, "that are allowed"));
	stop_server(&s);
	s = start_server(FAIL);
	update_from(s.url, 101);
	stop_server(&s);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

/* The process that speaks to the network: no capability, none to regain, no open file of ours. */
START_TEST(fetching_child_has_no_privilege)
{
	struct server s;
	const char *client;

	must_publish(3);
	s = start_server(LOOK);
	update_from(s.url, 0);
	stop_server(&s);
	client = machine_get(&m, "client");
	ck_assert_ptr_nonnull(strstr(client, "CapEff:\t0000000000000000"));
	ck_assert_ptr_nonnull(strstr(client, "CapPrm:\t0000000000000000"));
	ck_assert_ptr_nonnull(strstr(client, "NoNewPrivs:\t1"));
	if (!geteuid()) {
		ck_assert_ptr_nonnull(strstr(client, "CapBnd:\t0000000000000000"));
		ck_assert_ptr_null(strstr(client, "Uid:\t0"));
		ck_assert_ptr_null(strstr(client, "\t0\t"));
	}
	ck_assert_ptr_null(strstr(client, "state.db"));
	ck_assert_ptr_null(strstr(client, "/lock"));
}
END_TEST

/* Which of the two files it is, and the way out; until then nothing is trusted. */
START_TEST(a_damaged_root_is_named)
{
	must_publish(3);
	update_from(repo, 0);
	machine_put(&m, "var/lib/quietpatch/tuf/root.json", "{");
	update_from(repo, 4);
	ck_assert_msg(strstr(m.err, "var/lib/quietpatch/tuf/root.json isn't a good root; restore it, or remove it"), "%s", m.err);
	machine_remove(&m, "var/lib/quietpatch/tuf/root.json");
	update_from(repo, 2);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("source");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, keygen_sign_verify);
	tcase_add_test(tc, keygen_with_a_passphrase);
	tcase_add_test(tc, a_key_in_a_token);
	tcase_add_test(tc, publish_and_list);
	tcase_add_test(tc, unsigned_and_foreign_arent_published);
	tcase_add_test(tc, from_a_repository);
	tcase_add_test(tc, nothing_for_this_kernel);
	tcase_add_test(tc, no_root_is_trusted);
	tcase_add_test(tc, swapped_blob);
	tcase_add_test(tc, symbolic_links_arent_followed);
	tcase_add_test(tc, hostile_names_of_files);
	tcase_add_test(tc, a_key_that_a_root_revokes);
	tcase_add_test(tc, roots_that_werent_kept);
	tcase_add_test(tc, another_signature_is_the_same_bundle);
	tcase_add_test(tc, another_signature_is_published);
	tcase_add_test(tc, another_bundle_of_the_same_release);
	tcase_add_test(tc, file_url);
	tcase_add_test(tc, no_network);
	tcase_add_test(tc, no_network_after_a_reboot);
	tcase_add_test(tc, no_network_and_a_fix_that_waits);
	tcase_add_test(tc, no_network_and_a_fix_that_is_kept);
	tcase_add_test(tc, no_network_and_a_fix_whose_word_is_over);
	tcase_add_test(tc, over_http);
	tcase_add_test(tc, through_a_proxy);
	tcase_add_test(tc, endless_and_broken_servers);
	tcase_add_test(tc, fetching_child_has_no_privilege);
	tcase_add_test(tc, a_damaged_root_is_named);
	return fixture_run("source", tc);
}
