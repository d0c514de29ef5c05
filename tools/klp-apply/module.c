// SPDX-License-Identifier: GPL-2.0-or-later
/* module.c - see module.h. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elf.h"
#include "err.h"
#include "io.h"
#include "module.h"
#include "notes.h"
#include "quietpatch.h"

#define NOTE_SECTION	".note.gnu.build-id"

bool module_loaded(const char *name)
{
	char path[256];

	/* Built-in code has a folder there too, but no initstate. */
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	return !access(path, F_OK);
}

bool module_present(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

int module_build_id(const char *name, char out[BUILD_ID_HEX])
{
	char path[256];
	void *notes;
	size_t len;
	int ret;

	snprintf(path, sizeof(path), "/sys/module/%s/notes/" NOTE_SECTION, name);
	ret = io_read_file(path, 4096, &notes, &len, NULL);
	if (ret)
		return ret;
	ret = notes_build_id(notes, len, out, BUILD_ID_HEX);
	free(notes);
	return ret;
}

int module_file_build_id(const struct elf_file *ef, char out[BUILD_ID_HEX])
{
	const struct elf_section *s = elf_section(ef, NOTE_SECTION);

	return s && s->data ? notes_build_id(s->data, s->size, out, BUILD_ID_HEX) : -ENOENT;
}

/* The value of a tag of .modinfo ("name=qp_x"), or NULL; the section is a row of strings. */
static const char *modinfo(const struct elf_file *ef, const char *tag)
{
	const struct elf_section *s = elf_section(ef, ".modinfo");
	size_t len = strlen(tag);
	const char *p, *end;

	if (!s || !s->data || !s->size || s->data[s->size - 1])
		return NULL;
	p = (const char *)s->data;
	for (end = p + s->size; p < end; p += strlen(p) + 1)
		if (!strncmp(p, tag, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

/* What the kernel will call it: struct module begins with an int and a list, then comes the name. */
static bool this_module_is(const struct elf_file *ef, const char *name)
{
	const struct elf_section *s = elf_section(ef, ".gnu.linkonce.this_module");
	const size_t at = 24, room = strlen(name) + 1;

	return s && s->data && s->size >= at + room && !memcmp(s->data + at, name, room);
}

static bool registers(const struct elf_file *ef)
{
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (!ef->symbols[i].shndx && !strcmp(ef->symbols[i].name, "qp_patch_register"))
			return true;
	return false;
}

int module_is_patch(const struct elf_file *ef, const char *name, const char *release, struct klp_err *err)
{
	const char *own = modinfo(ef, "name"), *magic = modinfo(ef, "vermagic");
	const struct elf_section *desc = elf_section(ef, QP_SEC_DESC);
	size_t len = strlen(release);

	if (!own || strcmp(own, name) || !this_module_is(ef, name))
		return klp_err_set(err, -EINVAL, "the bundle says that its module is %s, but the file in it is "
				   "module %s: whoever signed it packed the wrong file", name, own ? own : "of no name");
	if (!magic || strncmp(magic, release, len) || magic[len] != ' ')
		return klp_err_set(err, -EINVAL, "module %s is for kernel %.*s, but its bundle is for %s", name,
				   magic ? (int)strcspn(magic, " ") : 4, magic ? magic : "none", release);
	if (!registers(ef) || (desc && desc->size != sizeof(struct qp_patch_desc)))
		return klp_err_set(err, -EINVAL, "module %s isn't a patch module: it doesn't register a patch with "
				   "the core as this klp-apply knows it", name);
	return 0;
}

int module_load(int fd, const char *name, struct klp_err *err)
{
	int ret;

	if (!syscall(SYS_finit_module, fd, "", 0))
		return 0;
	ret = -errno;
	switch (ret) {
	case -EKEYREJECTED:
		return klp_err_set(err, ret, "the kernel doesn't take the signature of module %s: it doesn't know the key, or has it "
				   "or the module among those that are revoked, or these bytes aren't what was signed; enroll the "
				   "signer's certificate (mokutil --import), or have the patch built with --module-key and an enrolled one", name);
	case -EPERM:
		return klp_err_set(err, ret, "the kernel doesn't let this process load module %s: for want of CAP_SYS_MODULE, or, "
				   "under lockdown, of a signature by a key that the kernel knows", name);
	case -EEXIST:
		return klp_err_set(err, ret, "a module %s is loaded already", name);
	default:
		return klp_err_sys(err, ret, "the kernel refuses module %s", name);
	}
}

int module_unload(const char *name, unsigned int wait_s, struct klp_err *err)
{
	struct timespec pause = { .tv_nsec = 2000000 }, now;
	time_t end;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + wait_s;
	while (syscall(SYS_delete_module, name, O_NONBLOCK)) {
		if (errno == ENOENT)
			return 0;
		if (errno != EAGAIN && errno != EBUSY && errno != EINTR)
			return klp_err_sys(err, -errno, "cannot unload module %s", name);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end)
			return klp_err_set(err, -EBUSY, "module %s is still held after %u s; it does "
					   "nothing any more; unload it later with: klp-apply "
					   "revert %s", name, wait_s, name);
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 200000000)
			pause.tv_nsec *= 2;
	}
	return 0;
}

int module_probe(const char *name)
{
	char *argv[] = { "modprobe", "-q", (char *)name, NULL };
	char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	int status, ret;
	pid_t pid;

	ret = posix_spawn(&pid, "/sbin/modprobe", NULL, NULL, argv, envp);
	if (ret)
		return -ret;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ENOENT;
}
