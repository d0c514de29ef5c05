// SPDX-License-Identifier: GPL-2.0-or-later
/* offer.c - see offer.h. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "keyring.h"
#include "manifest.h"
#include "offer.h"
#include "settings/settings.h"
#include "sign.h"
#include "source/candidates.h"
#include "source/fetch.h"

static void die(const char *what, const char *why)
{
	fprintf(stderr, "simulate: %s: %s\n", what, why);
	exit(1);
}

static void must(int ret, const char *what, const struct klp_err *err)
{
	if (ret)
		die(what, err->text);
}

static char *inside(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		die(name, "no memory");
	return path;
}

static void call(char *const argv[])
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (freopen("/dev/null", "w", stdout))
			execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die(argv[0], "publishing failed");
}

/* One key for all roles. */
static void make(const struct repository *r, char *pem)
{
	char *repo = inside(r->folder, "repo");
	char *argv[] = { r->tool, (char *)"init", (char *)"--repo", repo, (char *)"--key", pem, NULL };

	call(argv);
	free(repo);
}

void repository_open(struct repository *r, const char *klp_repo)
{
	const char *tmp = getenv("TMPDIR");
	struct klp_err err = { 0 };
	char *pem;

	r->folder = inside(tmp ? tmp : "/tmp", "qp-simulate.XXXXXX");
	r->tool = strdup(klp_repo);
	if (!mkdtemp(r->folder) || !r->tool)
		die(r->folder, "cannot be made");
	must(signing_key_generate(&r->key, &err), "cannot make a key", &err);
	must(keyring_load("/nonexistent", &r->keyring, &err), "no keyring", &err);
	must(keyring_add_own(r->keyring, r->key, &err), "no keyring", &err);
	pem = inside(r->folder, "key.pem");
	must(signing_key_save(r->key, pem, &err), "cannot save a key", &err);
	make(r, pem);
	free(pem);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void repository_close(struct repository *r)
{
	nftw(r->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(r->folder);
	keyring_free(r->keyring);
	signing_key_free(r->key);
	free(r->tool);
}

/* A fix of one function, as large as the one of `make demo`. */
static void write_bundle(const struct repository *r, const char *path)
{
	struct manifest *m = manifest_new();
	struct manifest_function *f = m ? manifest_add_function(m) : NULL;
	struct signing_key *const keys[] = { r->key };
	struct klp_err err = { 0 };
	uint8_t module[1500];
	size_t len;
	void *data;

	if (!f || manifest_set(&m->name, "sock-map-alloc") || manifest_set(&m->module, "qp_sock_map_alloc") ||
	    manifest_set(&m->summary, "bpf, sockmap: refuse max_entries above INT_MAX") ||
	    manifest_set(&m->kernel_release, "6.1.0-50-cloud-amd64") || manifest_set(&m->kernel_build_id, BUILD_ID) ||
	    manifest_set(&m->kernel_version, "6.1.176-1") || manifest_set(&m->arch, "x86_64") ||
	    manifest_set(&m->builder, "simulate") || manifest_add_object(m, "vmlinux") || manifest_set(&f->object, "vmlinux") ||
	    manifest_set(&f->name, "sock_map_alloc") || manifest_set(&f->file, "net/core/sock_map.c") ||
	    manifest_set(&f->proof, "bytes"))
		die("cannot make a bundle", "no memory");
	m->release = 1;
	f->line = 31;
	f->old_size = 185;
	f->new_size = 183;
	for (size_t i = 0; i < sizeof(module); i++)
		module[i] = (uint8_t)(i * i >> 3);
	must(bundle_build(m, module, sizeof(module), keys, 1, &data, &len, &err), "cannot make a bundle", &err);
	must(io_write_atomic(path, data, len, 0644, &err), "cannot write a bundle", &err);
	manifest_free(m);
	free(data);
}

void repository_publish(struct repository *r, const char *option, const char *value)
{
	char *pem = inside(r->folder, "key.pem"), *repo = inside(r->folder, "repo");
	char *file = inside(r->folder, "fix.klp");
	char *argv[] = { r->tool, (char *)"publish", (char *)"--repo", repo, (char *)"--key", pem, (char *)"--keys",
			 (char *)"/nonexistent", file, (char *)option, (char *)value, NULL };

	write_bundle(r, file);
	call(argv);
	free(file);
	free(repo);
	free(pem);
}

/* Of the one file that each check fetches when nothing is new; that there is no next root is an answer without one. */
static uint32_t look_bytes(const struct repository *r)
{
	char *repo = inside(r->folder, "repo"), *path;
	struct stat st;

	path = inside(repo, "metadata/timestamp.json");
	if (stat(path, &st))
		die(path, "isn't there");
	free(path);
	free(repo);
	return (uint32_t)st.st_size;
}

void repository_offer(struct repository *r, struct offer *out)
{
	struct klp_err err = { 0 };
	struct settings s = { .source = inside(r->folder, "repo"), .trust = inside(r->folder, "repo/metadata/1.root.json"),
			      .state = r->folder };
	struct source src;

	out->all = calloc(1, sizeof(*out->all));
	out->published_at = time(NULL);
	must(source_open(&s, false, &src, &err), "cannot open the repository", &err);
	must(candidates_look(&src, r->keyring, BUILD_ID, out->all, &err), "cannot read the repository", &err);
	out->look_bytes = look_bytes(r);
	source_close(&src);
	free(s.source);
	free(s.trust);
}

void offer_free(struct offer *o)
{
	candidates_free(o->all);
	free(o->all);
}
