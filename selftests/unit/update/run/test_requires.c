// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_requires.c - patches of a repository that require one another: klp-update
 * takes them in rounds, since an index is in the order of names, not of needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "machine_fixture.h"
#include "manifest.h"
#include "sign.h"

/* The fake loader knows one patch; here it takes the module from the bundle's manifest, and notes the order. */
static const char loader_shell[] =
	"for file in \"$@\"; do :; done\n"
	"module=$(grep -ao '\"module\":\"[a-z_A-Z0-9]*\"' \"$file\" | head -n 1 | cut -d'\"' -f4)\n"
	"patch=$root/sys/kernel/quietpatch/patches/$module\n"
	"case $module in qp_$(cat \"$root/refused\")) status=1 ;; esac\n"
	"[ $status != 0 ] || echo $module >> \"$root/order\"\n";

static struct machine_fixture m;
static char *repo, *pem;

static void setup(void)
{
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
	pem = fixture_path(m.root, "key.pem");
	machine_put(&m, "refused", "none");
	machine_loader(&m, 0, loader_shell);
}

static void teardown(void)
{
	free(repo);
	free(pem);
	machine_teardown(&m);
}

/* Patch @name, which requires @release of @needs (NULL: nothing), into the repository. */
static void publish(const char *name, uint64_t release, const char *needs, uint64_t needed)
{
	struct manifest *mf = fixture_manifest(release);
	struct signing_key *const keys[] = { m.key };
	char *file = fixture_path(m.root, "new.klp");
	char module[MANIFEST_NAME_LEN], code[32];
	struct klp_err err = { 0 };
	size_t len;
	void *data;

	ck_assert_int_eq(manifest_module_name(name, release, module), 0);
	ck_assert_int_eq(manifest_set(&mf->name, name), 0);
	ck_assert_int_eq(manifest_set(&mf->module, module), 0);
	if (needs)
		ck_assert_int_eq(manifest_add_requirement(mf, needs, needed), 0);
	snprintf(code, sizeof(code), "code of %.20s", name);
	ck_assert_msg(!bundle_build(mf, code, sizeof(code), keys, 1, &data, &len, &err), "%s", err.text);
	ck_assert_msg(!io_write_atomic(file, data, len, 0644, &err), "%s", err.text);
	ck_assert_msg(!machine_repo_do(&m, repo, "publish", "--rollout", "now", file, NULL), "%s", m.err);
	manifest_free(mf);
	free(data);
	free(file);
}

static void update(int status)
{
	int got = machine_run(&m, "update", "--source", repo, NULL);

	ck_assert_msg(got == status, "exit %d, not %d\n%s%s", got, status, m.out, m.err);
}

static bool said(const char *text)
{
	return strstr(m.out, text);
}

/* Each round brings one of them: the first two in the index require what comes after them. */
START_TEST(what_is_required_goes_first)
{
	publish("alpha", 1, "beta", 1);
	publish("beta", 3, "gamma", 2);
	publish("gamma", 2, NULL, 0);
	update(0);
	ck_assert_str_eq(machine_get(&m, "order"), "qp_gamma_R2\nqp_beta_R3\nqp_alpha\n");
	ck_assert_msg(!said("waiting"), "%s", m.out);
	update(2);
	ck_assert_int_eq(machine_calls(&m, "load"), 3);
}
END_TEST

/* Nobody has it, or only an earlier release: told, with its name, and the others go in. */
START_TEST(what_isnt_there_is_waited_for)
{
	publish("alpha", 1, "beta", 2);
	publish("beta", 1, NULL, 0);
	update(6);
	ck_assert_msg(said("requires beta release 2 or later, which isn't applied"), "%s", m.out);
	ck_assert_str_eq(machine_get(&m, "order"), "qp_beta\n");
	update(6);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	publish("beta", 2, NULL, 0);
	update(0);
	ck_assert_str_eq(machine_get(&m, "order"), "qp_beta\nqp_beta_R2\nqp_alpha\n");
}
END_TEST

/* A ring of requirements has no end to begin at: told, and the rounds stop. */
START_TEST(a_ring_is_told)
{
	publish("alpha", 1, "beta", 1);
	publish("beta", 1, "alpha", 1);
	update(6);
	ck_assert_msg(said("requires beta") && said("requires alpha"), "%s", m.out);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

/* What is required is offered, but klp-apply refuses it: its dependent isn't tried. */
START_TEST(what_fails_isnt_there)
{
	publish("alpha", 1, "beta", 1);
	publish("beta", 1, NULL, 0);
	machine_put(&m, "refused", "beta");
	update(1);
	ck_assert_msg(said("requires beta release 1 or later, which isn't applied"), "%s", m.out);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	machine_put(&m, "refused", "none");
	/* It pauses, and its dependent with it, unless told to go on. */
	update(1);
	ck_assert_int_eq(machine_run(&m, "retry", "beta", NULL), 0);
	update(0);
	ck_assert_str_eq(machine_get(&m, "order"), "qp_beta\nqp_alpha\n");
}
END_TEST

/* What has begun is brought to its end, nothing else begins, and nothing of it is held against anybody. */
START_TEST(told_to_stop_between_two)
{
	char shell[sizeof(loader_shell) + 32];

	publish("alpha", 1, NULL, 0);
	publish("beta", 1, NULL, 0);
	snprintf(shell, sizeof(shell), "%skill $PPID\n", loader_shell);
	machine_loader(&m, 0, shell);
	update(6);
	ck_assert_msg(strstr(m.err, "was told to stop"), "%s", m.err);
	ck_assert_str_eq(machine_get(&m, "order"), "qp_alpha\n");
	ck_assert(!machine_happened(&m, "refused"));
	machine_loader(&m, 0, loader_shell);
	update(0);
	ck_assert_str_eq(machine_get(&m, "order"), "qp_alpha\nqp_beta\n");
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("requires");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_required_goes_first);
	tcase_add_test(tc, what_isnt_there_is_waited_for);
	tcase_add_test(tc, a_ring_is_told);
	tcase_add_test(tc, what_fails_isnt_there);
	tcase_add_test(tc, told_to_stop_between_two);
	return fixture_run("requires", tc);
}
