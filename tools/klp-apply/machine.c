// SPDX-License-Identifier: GPL-2.0-or-later
/* machine.c - see machine.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "machine.h"
#include "manifest.h"
#include "notes.h"

#define NOTES		"/sys/kernel/notes"
#define NOTES_LIMIT	65536
#define DEP_LIMIT	(16u << 20)
#define WORD_MAX	256	/* of a file of the kernel's that says a word or two */

int machine_read(struct machine *out, struct klp_err *err)
{
	struct machine mc;
	struct utsname u;
	void *notes;
	size_t len;
	int ret;

	if (uname(&u))
		return klp_err_sys(err, -errno, "cannot ask which kernel runs");
	snprintf(mc.release, sizeof(mc.release), "%s", u.release);
	snprintf(mc.arch, sizeof(mc.arch), "%s", u.machine);
	ret = io_read_file(NOTES, NOTES_LIMIT, &notes, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot learn the running kernel's build-id");
	ret = notes_build_id(notes, len, mc.build_id, sizeof(mc.build_id));
	free(notes);
	if (ret)
		return klp_err_set(err, ret, "the running kernel has no build-id in %s, so nothing "
				   "shows that a patch fits it", NOTES);
	*out = mc;
	return 0;
}

int machine_fits(const struct machine *mc, const struct manifest *m, struct klp_err *err)
{
	if (strcmp(mc->arch, m->arch))
		return klp_err_set(err, -ENOEXEC, "it is for %s, this machine is %s", m->arch, mc->arch);
	if (strcmp(mc->release, m->kernel_release))
		return klp_err_set(err, -ENOEXEC, "it is for kernel %s, this machine runs %s; get the "
				   "patch for this kernel, or build it: klp-build build --kernel %s",
				   m->kernel_release, mc->release, mc->release);
	if (strcmp(mc->build_id, m->kernel_build_id))
		return klp_err_set(err, -ENOEXEC, "it is for another build of kernel %s (build-id "
				   "%.12s, package %s), this machine runs build-id %.12s; get the "
				   "patch for this build, or build it", mc->release,
				   m->kernel_build_id, m->kernel_version, mc->build_id);
	return 0;
}

int machine_closed(struct klp_err *err)
{
	if (io_file_has("/proc/sys/kernel/modules_disabled", WORD_MAX, "1"))
		return klp_err_set(err, -EPERM, "this machine takes no kernel modules until "
				   "it reboots: kernel.modules_disabled is 1");
	return 0;
}

int machine_may_load(struct klp_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { 0 };

	if (syscall(SYS_capget, &head, caps))
		return klp_err_sys(err, -errno, "cannot ask for this process's capabilities");
	if (!(caps[0].effective & (1u << CAP_SYS_MODULE)))
		return klp_err_set(err, -EPERM, "this process may not load kernel modules: it lacks "
				   "CAP_SYS_MODULE; run it as root");
	return machine_closed(err);
}

/* "updates/dkms/quietpatch.ko.xz: ..." is a line of modules.dep. */
int machine_module_path(const struct machine *mc, const char *name, char *out, size_t room)
{
	char path[256], want[128];
	const char *at, *line;
	int n, ret = -ENOENT;
	void *deps;
	size_t len;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", mc->release);
	snprintf(want, sizeof(want), "/%s.ko", name);
	if (io_read_file(path, DEP_LIMIT, &deps, &len, NULL))
		return -ENOENT;
	for (line = deps; ret && line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n = (int)strcspn(line, ":\n");
		at = memmem(line, (size_t)n, want, strlen(want));
		if (at && (at + strlen(want) == line + n || at[strlen(want)] == '.'))
			ret = (size_t)snprintf(out, room, "/lib/modules/%s/%.*s", mc->release, n, line) < room ? 0 : -ENAMETOOLONG;
	}
	free(deps);
	return ret;
}

int lock_take(unsigned int wait_s, int *out, struct klp_err *err)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	unsigned int tries = wait_s * 20;
	char who[16] = "";
	ssize_t n;
	int fd, ret;

	ret = io_mkdirs(LOCK_DIR, 0755, err);
	if (ret)
		return ret;
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot open %s", LOCK_FILE);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			ret = -errno;
			close(fd);
			return klp_err_sys(err, ret, "cannot lock %s", LOCK_FILE);
		}
		if (!tries--) {
			n = pread(fd, who, sizeof(who) - 1, 0);
			who[n > 0 ? n : 0] = '\0';
			close(fd);
			return klp_err_set(err, -EBUSY, "another klp-apply (process %d) is at work; "
					   "wait for it, or look with: klp-apply status", atoi(who));
		}
		nanosleep(&pause, NULL);
	}
	n = snprintf(who, sizeof(who), "%d\n", getpid());
	if (ftruncate(fd, 0) || pwrite(fd, who, n, 0) != n) {
		ret = -errno;
		close(fd);
		return klp_err_sys(err, ret, "cannot write %s", LOCK_FILE);
	}
	*out = fd;
	return 0;
}
