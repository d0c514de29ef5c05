// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fetcher.c - see fetcher.h.
 *
 * Order of giving up: resource limits, bounding set (needs CAP_SETPCAP), user, capabilities,
 * no_new_privs.  If one step fails nothing is fetched.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bundle.h"
#include "fetch_wire.h"
#include "fetcher.h"
#include "io.h"
#include "settings.h"

#define NOBODY	65534	/* where there is no such user, as in an initramfs */

static void set_limit(int what, rlim_t max)
{
	struct rlimit rl = { max, max };

	setrlimit(what, &rl);
}

static int drop_user(const char *name)
{
	struct passwd *pw = getpwnam(name);
	uid_t uid = pw ? pw->pw_uid : NOBODY;
	gid_t gid = pw ? pw->pw_gid : NOBODY;

	/* Where nothing created it, nobody does. */
	if (!pw && strcmp(name, "nobody") && strcmp(name, FETCH_USER))
		return -ENOENT;
	if (!uid)
		return -EINVAL;
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 }, left[_LINUX_CAPABILITY_U32S_3];

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	/* The service's filter refuses the call; it has none to drop.  What counts is what is left. */
	syscall(SYS_capset, &hdr, none);
	if (syscall(SYS_capget, &hdr, left))
		return -errno;
	if (memcmp(left, none, sizeof(none)))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int fetcher_drop(const char *user, char text[512])
{
	int ret = 0;

	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_NOFILE, 64);
	set_limit(RLIMIT_FSIZE, BUNDLE_MAX + 1);
	signal(SIGXFSZ, SIG_IGN);
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap);	/* without CAP_SETPCAP there is nothing to drop */
	if (!geteuid())
		ret = drop_user(user);
	if (ret) {
		snprintf(text, 512, "cannot become the user %.64s to fetch (fetch-user): %s%s", user, strerror(-ret),
			 ret == -EPERM ? "; in the systemd service quietpatch-fetch.socket does it: is it running?" : "");
		return ret;
	}
	ret = drop_capabilities();
	if (ret)
		snprintf(text, 512, "cannot drop privileges to fetch: %s", strerror(-ret));
	prctl(PR_SET_DUMPABLE, 0);
	return ret;
}

static void reply(int sock, const struct fetch_reply *r, int body)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)r, .iov_len = sizeof(*r) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (!r->code) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &body, sizeof(int));
	}
	/* Whoever asked may have gone; the next read tells. */
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) < 0)
		return;
}

static void answer(int sock, const struct fetch_request *q)
{
	struct fetch_reply r = { .magic = FETCH_MAGIC };
	struct stat st;
	int body = memfd_create("fetched", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (body < 0) {
		r.code = -ENETUNREACH;
		snprintf(r.text, sizeof(r.text), "cannot fetch: no memory");
	} else {
		r.code = fetch_url(q, body, r.text);
	}
	if (!r.code && (fcntl(body, F_ADD_SEALS, IO_SEALS) || fstat(body, &st))) {
		r.code = -ENETUNREACH;
		snprintf(r.text, sizeof(r.text), "cannot seal what was fetched: %s", strerror(errno));
	}
	if (!r.code)
		r.length = (uint64_t)st.st_size;
	reply(sock, &r, body);
	if (body >= 0)
		close(body);
}

int fetcher_serve(int sock)
{
	struct fetch_request q;
	ssize_t n;

	for (;;) {
		n = recv(sock, &q, sizeof(q), MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0;
		/* Only klp-update asks, and only with whole requests. */
		if (n != sizeof(q) || q.magic != FETCH_MAGIC || q.url[FETCH_URL_MAX - 1] ||
		    q.proxy[FETCH_WORD_MAX - 1] || q.ca[FETCH_WORD_MAX - 1] || q.limit > BUNDLE_MAX)
			return 1;
		answer(sock, &q);
	}
}

void fetcher_refuse(int sock, const char *text)
{
	struct fetch_reply r = { .magic = FETCH_MAGIC, .code = -EPERM };
	struct fetch_request q;

	snprintf(r.text, sizeof(r.text), "%s", text);
	if (recv(sock, &q, sizeof(q), MSG_TRUNC) > 0)
		reply(sock, &r, -1);
}
