// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_remember.c - what klp-apply remembers by itself of earlier loads, and that no environment bends it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "sign.h"
#include "../../../tools/klp-apply/memory.h"

#define ONE	"boot-one"
#define TWO	"boot-two"

static char *folder, *dir;
static struct memory *mem;
static struct klp_err err;

static void again(void)
{
	bool damaged;

	memory_close(mem);
	ck_assert_msg(!memory_open(dir, &mem, &damaged, &err), "%s", err.text);
	ck_assert(!damaged);
}

static void setup(void)
{
	folder = fixture_folder();
	dir = fixture_path(folder, "apply");
	mem = NULL;
	again();
}

static void teardown(void)
{
	memory_close(mem);
	free(dir);
	fixture_remove(folder);
}

static int may(uint64_t release, const char *id, const char *boot, unsigned int allow)
{
	struct manifest *m = fixture_manifest(release);
	int ret = memory_check(mem, m, id, boot, allow, &err);

	manifest_free(m);
	return ret;
}

static void begin(uint64_t release, const char *id, const char *boot)
{
	struct manifest *m = fixture_manifest(release);

	ck_assert_msg(!memory_begin(mem, m, id, boot, &err), "%s", err.text);
	manifest_free(m);
	again();	/* from the disk */
}

static void end(void)
{
	ck_assert_int_eq(memory_end(mem, &err), 0);
	again();
}

START_TEST(releases_never_go_back)
{
	struct manifest *other = fixture_manifest(1);

	ck_assert_int_eq(may(2, "a", ONE, 0), 0);
	begin(2, "a", ONE);
	end();
	ck_assert_int_eq(may(1, "x", TWO, 0), -ESTALE);
	ck_assert_ptr_nonnull(strstr(err.text, "--allow older"));
	ck_assert_int_eq(may(1, "x", TWO, ALLOW_CRASHED | ALLOW_WITHDRAWN), -ESTALE);
	ck_assert_int_eq(may(1, "x", TWO, ALLOW_OLDER), 0);
	ck_assert_int_eq(may(2, "a", TWO, 0), 0);
	ck_assert_int_eq(may(2, "another", TWO, 0), -ESTALE);
	ck_assert_int_eq(may(3, "b", TWO, 0), 0);
	/* Of another kernel build, or of another name, nothing is known. */
	other->kernel_build_id[0] = 'f';
	ck_assert_int_eq(memory_check(mem, other, "x", ONE, 0, &err), 0);
	manifest_free(other);
	other = fixture_manifest(1);
	other->name[0] = 'x';
	ck_assert_int_eq(memory_check(mem, other, "x", ONE, 0, &err), 0);
	manifest_free(other);
}
END_TEST

/* It was being loaded, and there was no end in that boot. */
START_TEST(what_took_the_machine_down)
{
	begin(2, "a", ONE);
	ck_assert_int_eq(may(2, "a", ONE, 0), 0);	/* a klp-apply that was killed: the next one goes on */
	ck_assert_int_eq(may(2, "a", TWO, 0), -EHOSTDOWN);
	ck_assert_int_eq(may(2, "a", TWO, ALLOW_OLDER), -EHOSTDOWN);
	ck_assert_int_eq(may(2, "a", TWO, ALLOW_CRASHED), 0);
	ck_assert_int_eq(may(3, "b", TWO, 0), 0);
	begin(2, "a", TWO);
	end();						/* reversed, since a user stood in its way: no crash */
	ck_assert_int_eq(may(2, "a", "boot-three", 0), 0);
}
END_TEST

static int withdraw(uint64_t release, const char *reason)
{
	struct manifest *m = fixture_manifest(release);
	int ret = memory_withdraw(mem, m->kernel_build_id, m->name, release, reason, &err);

	manifest_free(m);
	return ret;
}

START_TEST(withdrawn)
{
	ck_assert_int_eq(withdraw(3, "breaks NFS"), 0);
	ck_assert_int_eq(withdraw(3, "once more"), 0);
	ck_assert_int_eq(memory_withdraw(mem, "another-kernel", "sock-map-alloc", 4, "there", &err), 0);
	again();
	ck_assert_int_eq(may(3, "a", ONE, 0), -EKEYREVOKED);
	ck_assert_ptr_nonnull(strstr(err.text, "breaks NFS"));
	ck_assert_int_eq(may(3, "a", ONE, ALLOW_OLDER | ALLOW_CRASHED), -EKEYREVOKED);
	ck_assert_int_eq(may(3, "a", ONE, ALLOW_WITHDRAWN), 0);
	/* The one before it is as good as it was: a machine that has it needs it after a reboot. */
	ck_assert_int_eq(may(2, "a", ONE, 0), 0);
	ck_assert_int_eq(may(4, "a", ONE, 0), 0);
}
END_TEST

/* Damage doesn't keep fixes out; it is told, and the file stays for whoever wants to look. */
START_TEST(a_damaged_memory_is_set_aside)
{
	char *path = fixture_path(dir, "memory.json"), *aside = fixture_path(dir, "memory.json.damaged");
	static const char *const texts[] = { "", "{", "[]", "{\"patches\": {}}", "{\"patches\": [], \"withdrawn\": {}}", "{\"patches\": {}, \"withdrawn\": {\"x\": 1}}", NULL };
	bool damaged;

	for (size_t i = 0; texts[i]; i++) {
		memory_close(mem);
		mem = NULL;
		unlink(aside);
		ck_assert_int_eq(io_write_atomic(path, texts[i], strlen(texts[i]), 0600, &err), 0);
		ck_assert_int_eq(memory_open(dir, &mem, &damaged, &err), 0);
		ck_assert_msg(damaged && !access(aside, F_OK), "\"%s\"", texts[i]);
		ck_assert_int_eq(may(1, "a", ONE, 0), 0);
	}
	free(aside);
	free(path);
}
END_TEST

START_TEST(nobody_else_reads_or_locks_it)
{
	char *path = fixture_path(dir, "memory.json");
	struct stat st;

	begin(1, "a", ONE);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	free(path);
}
END_TEST

/* What OpenSSL would load, were it to read the configuration file that the environment names. */
static void set_trap(void)
{
	char *command;

	ck_assert(asprintf(&command, "cd %s && printf '#include <fcntl.h>\\n#include <stdlib.h>\\n__attribute__((constructor)) static void f(void)"
			   "{ if (creat(\"%s/sprung\", 0600) < 0) abort(); }' | gcc -shared -fPIC -o trap.so -x c - &&"
			   " printf 'openssl_conf = i\\n[i]\\nproviders = p\\n[p]\\ndefault = d\\ntrap = t\\n[d]\\nactivate = 1\\n[t]\\nmodule = %s/trap.so\\nactivate = 1\\n' > ssl.cnf",
			   folder, folder, folder) > 0);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

/* Runs @tool in such an environment; @words: what it has to say, so that its OpenSSL was at work. */
static bool springs(const char *tool, const char *arguments, const char *words)
{
	char *bin = fixture_built("bin"), *command, *sprung = fixture_path(folder, "sprung"), *out = fixture_path(folder, "out");
	bool is;

	unlink(sprung);
	ck_assert(asprintf(&command, "OPENSSL_CONF=%s/ssl.cnf OPENSSL_MODULES=%s TMPDIR=%s/gone KLP_KEYRING=/ %s/%s %s %s/a.klp > %s 2>&1",
			   folder, folder, folder, bin, tool, arguments, folder, out) > 0);
	ck_assert_int_ne(system(command), -1);
	is = !access(sprung, F_OK);
	ck_assert_msg(io_file_has(out, 65536, words), "%s doesn't say \"%s\"", tool, words);
	free(bin);
	free(command);
	free(out);
	free(sprung);
	return is;
}

START_TEST(no_environment_bends_it)
{
	char *klp = fixture_path(folder, "a.klp"), *pem = fixture_path(folder, "k.pem"), *arguments;
	struct signing_key *key = fixture_key();
	struct bytes b = fixture_bundle(1, key);

	ck_assert_int_eq(io_write_atomic(klp, b.data, b.len, 0600, &err), 0);
	ck_assert_int_eq(signing_key_save(key, pem, &err), 0);
	set_trap();
	/* The trap is one: klp-repo, which signs for whom it runs, obeys them. */
	ck_assert(asprintf(&arguments, "verify --keys %s", folder) > 0);
	ck_assert(springs("klp-repo", arguments, "good: sock-map-alloc"));
	free(arguments);
	ck_assert(asprintf(&arguments, "--keyring %s load --verify-only", folder) > 0);
	ck_assert(!springs("klp-apply", arguments, "isn't for this kernel"));
	free(arguments);
	free(pem);
	free(klp);
	free(b.data);
	signing_key_free(key);
}
END_TEST

/* `klp-apply load FILE | head -1` must not die of it in the middle of a load, which would be remembered as a crash. */
START_TEST(nobody_reads_what_it_tells)
{
	char *bin = fixture_built("bin/klp-apply"), *ended = fixture_path(folder, "ended"), *command;

	ck_assert(asprintf(&command, "(sleep 0.3; %s --help; echo $? > %s) | true", bin, ended) > 0);
	ck_assert_int_eq(system(command), 0);
	ck_assert(io_file_has(ended, 16, "1\n"));
	ck_assert(!io_file_has(ended, 16, "141"));
	free(command);
	free(ended);
	free(bin);
}
END_TEST

/* Nobody is told: that isn't a success, and says so where it can. */
START_TEST(what_it_tells_cannot_be_written)
{
	static const char *const asked[] = {
		"bin/klp-apply status", "bin/klp-apply --json status", "bin/klp-apply --help", "bin/klp-build --version",
		"bin/klp-repo --version", "bin/klp-repo --help", "bin/klp-update --version", "bin/klp-update --help",
	};
	char *tool = fixture_built(asked[_i]), *said = fixture_path(folder, "said"), *command;
	int status;

	ck_assert(asprintf(&command, "%s > /dev/full 2> %s", tool, said) > 0);
	status = system(command);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	ck_assert(io_file_has(said, 1024, "standard output"));
	free(command);
	free(said);
	free(tool);
}
END_TEST

/* A file may have any name: programs read valid JSON with all its members. */
START_TEST(a_file_name_that_is_no_text)
{
	char *bin = fixture_built("bin/klp-apply"), *klp = fixture_path(folder, "\377.klp"), *out = fixture_path(folder, "out"), *command;
	struct signing_key *key = fixture_key();
	struct bytes b = fixture_bundle(1, key);
	json_t *j;

	ck_assert_int_eq(io_write_atomic(klp, b.data, b.len, 0600, &err), 0);
	ck_assert(asprintf(&command, "%s --json info %s > %s", bin, klp, out) > 0);
	ck_assert_int_eq(system(command), 0);
	j = json_load_file(out, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert_ptr_nonnull(strstr(str(json_array_get(json_object_get(j, "bundles"), 0), "file"), "\\xff.klp"));
	json_decref(j);
	free(command);
	free(out);
	free(klp);
	free(bin);
	free(b.data);
	signing_key_free(key);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("remember");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, releases_never_go_back);
	tcase_add_test(tc, what_took_the_machine_down);
	tcase_add_test(tc, withdrawn);
	tcase_add_test(tc, a_damaged_memory_is_set_aside);
	tcase_add_test(tc, nobody_else_reads_or_locks_it);
	tcase_add_test(tc, no_environment_bends_it);
	tcase_add_test(tc, nobody_reads_what_it_tells);
	tcase_add_loop_test(tc, what_it_tells_cannot_be_written, 0, 8);
	tcase_add_test(tc, a_file_name_that_is_no_text);
	return fixture_run("remember", tc);
}
