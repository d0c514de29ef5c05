// SPDX-License-Identifier: GPL-2.0-or-later
/* machine_fixture.c - see machine_fixture.h. */
#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "machine_fixture.h"
#include "sign.h"

#define MAX_ARGS	40
#define PATCH_STATE	"sys/kernel/quietpatch/patches/qp_sock_map_alloc/state"

/* "applies" by writing the core's file, "reverts" by removing it. */
static const char fake_loader[] =
	"#!/bin/sh\n"
	"root=$(dirname \"$0\")\n"
	"patch=$root/sys/kernel/quietpatch/patches/qp_sock_map_alloc\n"
	"echo \"$@\" >> \"$root/calls\"\n"
	"status=$(cat \"$root/loader-status\")\n"
	"[ ! -e \"$root/loader-shell\" ] || . \"$root/loader-shell\"\n"
	"if [ \"$1\" = revert ]; then rm -rf \"$patch\"; echo '{}'; exit 0; fi\n"
	"for file in \"$@\"; do :; done\n"
	"[ -r \"$file\" ] || status=1\n"
	"if [ $status = 0 ]; then mkdir -p \"$patch\"; echo applied > \"$patch/state\"; echo sock-map-alloc > \"$patch/name\"\n"
	"grep -aoE '\"release\": ?[0-9]+' \"$file\" | grep -oE '[0-9]+' > \"$patch/release\"\n"
	"echo '{\"transition\": {\"ms\": 1.5, \"tasks\": 42}}'; exit 0; fi\n"
	"echo '{\"error\": \"the test says no\"}'; exit $status\n";

void machine_put(struct machine_fixture *m, const char *path, const char *text)
{
	char *full = fixture_path(m->root, path), *copy = strdup(full);
	struct klp_err err;

	ck_assert_msg(!io_mkdirs(dirname(copy), 0755, &err), "%s", err.text);
	ck_assert_msg(!io_write_atomic(full, text, strlen(text), 0644, &err), "%s", err.text);
	free(copy);
	free(full);
}

void machine_remove(struct machine_fixture *m, const char *path)
{
	char *full = fixture_path(m->root, path);

	unlink(full);
	free(full);
}

const char *machine_get(struct machine_fixture *m, const char *path)
{
	static char text[4096];
	char *full = fixture_path(m->root, path);
	int fd = open(full, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	free(full);
	return text;
}

static void put_notes(struct machine_fixture *m)
{
	Elf64_Nhdr nh = { .n_namesz = 4, .n_descsz = 20, .n_type = NT_GNU_BUILD_ID };
	Elf64_Nhdr other = { .n_namesz = 6, .n_descsz = 1, .n_type = 0x101 };
	char *path = fixture_path(m->root, "sys/kernel/notes");
	uint8_t notes[128] = { 0 };
	struct klp_err err;
	size_t n = 0;

	/* Another note goes before it, as Linux's own does in a real kernel. */
	memcpy(notes, &other, sizeof(other));
	memcpy(notes + sizeof(other), "Linux", 6);
	n = sizeof(other) + 8 + 4;
	memcpy(notes + n, &nh, sizeof(nh));
	memcpy(notes + n + sizeof(nh), "GNU", 4);
	n += sizeof(nh) + 4;
	ck_assert_int_eq(hex_decode(FIXTURE_BUILD_ID, 20, notes + n), 0);
	ck_assert_msg(!io_write_atomic(path, notes, n + 20, 0644, &err), "%s", err.text);
	free(path);
}

static void put_key(struct machine_fixture *m)
{
	char *pem = fixture_path(m->root, "key.pem"), *keys = fixture_path(m->root, "etc/quietpatch/keys");
	char *from = fixture_path(m->root, "key.pem.pub"), *to;
	struct klp_err err;

	m->key = fixture_key();
	ck_assert_int_eq(signing_key_save(m->key, pem, &err), 0);
	ck_assert_int_eq(io_mkdirs(keys, 0755, &err), 0);
	to = fixture_path(keys, "test.pub");
	ck_assert_int_eq(rename(from, to), 0);
	free(to);
	free(from);
	free(keys);
	free(pem);
}

void machine_setup(struct machine_fixture *m)
{
	struct statvfs shm;
	struct klp_err err;

	memset(m, 0, sizeof(*m));
	/* Some thousand fsync()s, of which nothing is asked here; a script in it has to run. */
	if (!access("/dev/shm", W_OK) && !statvfs("/dev/shm", &shm) && !(shm.f_flag & ST_NOEXEC))
		setenv("TMPDIR", "/dev/shm", 0);
	m->root = fixture_folder();
	/* The fetching child isn't root. */
	ck_assert_int_eq(chmod(m->root, 0755), 0);
	m->source = fixture_path(m->root, "source");
	m->loader = fixture_path(m->root, "klp-apply");
	ck_assert_int_eq(mkdir(m->source, 0755), 0);
	machine_put(m, "proc/sys/kernel/osrelease", "6.1.0-50-cloud-amd64\n");
	machine_put(m, "proc/sys/kernel/random/boot_id", "boot-1\n");
	machine_put(m, "proc/sys/kernel/tainted", "12288\n");
	machine_put(m, "proc/cmdline", "quiet splash\n");
	machine_put(m, "dev/kmsg", "6,1,100,-;Linux version 6.1.0\n");
	machine_put(m, "sys/kernel/notes", "");
	put_notes(m);
	put_key(m);
	ck_assert_int_eq(io_write_atomic(m->loader, fake_loader, strlen(fake_loader), 0755, &err), 0);
	machine_loader(m, 0, NULL);
}

void machine_teardown(struct machine_fixture *m)
{
	signing_key_free(m->key);
	free(m->source);
	free(m->loader);
	fixture_remove(m->root);
}

void machine_offer(struct machine_fixture *m, const char *file, uint64_t release,
		   struct signing_key *key)
{
	struct bytes b = fixture_bundle(release, key);
	char *path = fixture_path(m->source, file);
	struct klp_err err;

	ck_assert_msg(!io_write_atomic(path, b.data, b.len, 0644, &err), "%s", err.text);
	free(path);
	free(b.data);
}

int machine_calls(struct machine_fixture *m, const char *word)
{
	const char *p = machine_get(m, "calls");
	int n = 0;

	while (*p) {
		n += !strncmp(p, word, strlen(word)) && p[strlen(word)] == ' ';
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return n;
}

void machine_loader(struct machine_fixture *m, int status, const char *shell)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", status);
	machine_put(m, "loader-status", text);
	if (shell)
		machine_put(m, "loader-shell", shell);
	else
		machine_remove(m, "loader-shell");
}

void machine_reboot(struct machine_fixture *m)
{
	static int boots = 1;
	char id[32];

	snprintf(id, sizeof(id), "boot-%d\n", ++boots);
	machine_put(m, "proc/sys/kernel/random/boot_id", id);
	machine_put(m, "proc/sys/kernel/tainted", "12288\n");
	machine_remove(m, PATCH_STATE);
}

bool machine_is_applied(struct machine_fixture *m)
{
	return !strcmp(machine_get(m, PATCH_STATE), "applied\n");
}

/* ---- running tools ---- */

/* build/unit/test_x -> build/bin/TOOL */
static char *tool_path(const char *tool)
{
	char self[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	ck_assert(asprintf(&path, "%s/../bin/%s", dirname(self), tool) > 0);
	return path;
}

static void slurp(int fd, char *out, size_t size)
{
	ssize_t n = pread(fd, out, size - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	close(fd);
}

static int run(struct machine_fixture *m, const char *tool, const char **argv)
{
	int out = fixture_fd("", 0), err = fixture_fd("", 0), status;
	char *path = tool_path(tool);
	pid_t pid;

	argv[0] = tool;
	pid = fork();
	if (!pid) {
		dup2(out, 1);
		dup2(err, 2);
		if (m->as_nobody && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
			_exit(125);
		execv(path, (char *const *)argv);
		_exit(126);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	slurp(out, m->out, sizeof(m->out));
	slurp(err, m->err, sizeof(m->err));
	free(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static size_t add_args(const char **argv, size_t n, va_list ap)
{
	const char *arg;

	while ((arg = va_arg(ap, const char *)) && n < MAX_ARGS - 1)
		argv[n++] = arg;
	argv[n] = NULL;
	return n;
}

int machine_run(struct machine_fixture *m, ...)
{
	const char *argv[MAX_ARGS] = { "", "--root", m->root, "--set", "watch=0", "--source", m->source };
	char *loader;
	va_list ap;
	int status;

	ck_assert(asprintf(&loader, "loader=%s", m->loader) > 0);
	argv[7] = "--set";
	argv[8] = loader;
	va_start(ap, m);
	add_args(argv, 9, ap);
	va_end(ap);
	status = run(m, "klp-update", argv);
	free(loader);
	return status;
}

int machine_tool(struct machine_fixture *m, const char *tool, ...)
{
	const char *argv[MAX_ARGS] = { "" };
	va_list ap;

	va_start(ap, tool);
	add_args(argv, 1, ap);
	va_end(ap);
	return run(m, tool, argv);
}

void machine_repo(struct machine_fixture *m, const char *repo)
{
	char *pem = fixture_path(m->root, "key.pem"), *first = fixture_path(repo, "metadata/1.root.json");
	char *trust = fixture_path(m->root, "etc/quietpatch/root.json");
	struct klp_err err;
	size_t len;
	void *root;

	if (access(first, F_OK)) {
		ck_assert_msg(!machine_tool(m, "klp-repo", "init", "--repo", repo, "--key", pem, NULL), "%s", m->err);
		ck_assert_msg(!io_read_file(first, 1 << 20, &root, &len, &err), "%s", err.text);
		ck_assert_msg(!io_write_atomic(trust, root, len, 0644, &err), "%s", err.text);
		free(root);
	}
	free(pem);
	free(first);
	free(trust);
}

int machine_repo_do(struct machine_fixture *m, const char *repo, const char *command, ...)
{
	char *pem = fixture_path(m->root, "key.pem");
	const char *argv[MAX_ARGS] = { "", command, "--repo", repo, "--key", pem, "--keys", "/nonexistent" };
	va_list ap;
	int status;

	machine_repo(m, repo);
	va_start(ap, command);
	add_args(argv, 8, ap);
	va_end(ap);
	status = run(m, "klp-repo", argv);
	free(pem);
	return status;
}

json_t *machine_json(struct machine_fixture *m)
{
	json_error_t je;
	json_t *j = json_loads(m->out, JSON_REJECT_DUPLICATES, &je);

	ck_assert_msg(j, "not JSON: %s: %s", je.text, m->out);
	return j;
}

const char *machine_shown(struct machine_fixture *m, const char *member)
{
	static char text[512];
	json_t *s, *p;

	machine_run(m, "status", "--json", NULL);
	s = machine_json(m);
	p = json_array_get(json_object_get(s, "patches"), 0);
	snprintf(text, sizeof(text), "%s", p ? json_string_value(json_object_get(p, member)) : "");
	ck_assert_uint_le(json_array_size(json_object_get(s, "patches")), 1);
	json_decref(s);
	return text;
}

bool machine_happened(struct machine_fixture *m, const char *event)
{
	json_t *h, *e;
	bool found = false;
	size_t i;

	ck_assert_int_eq(machine_run(m, "history", "--json", NULL), 0);
	h = machine_json(m);
	json_array_foreach(h, i, e)
		found |= !strcmp(json_string_value(json_object_get(e, "event")), event);
	json_decref(h);
	return found;
}
