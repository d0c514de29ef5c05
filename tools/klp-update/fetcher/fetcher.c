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
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bundle.h"
#include "fetch_url_priv.h"
#include "fetch_wire.h"
#include "fetcher.h"
#include "io.h"
#include "pack.h"
#include "settings/settings.h"

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
	set_limit(RLIMIT_FSIZE, FETCH_PACK_MAX + 1);
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

/* The trusted metadata that came with a request. */
static int read_store(int fd, struct pack *out)
{
	void *data;
	size_t len;
	int ret = lseek(fd, 0, SEEK_SET) ? -EIO : io_read_fd(fd, "metadata", FETCH_PACK_MAX, &data, &len, NULL);

	if (ret)
		return ret;
	ret = pack_parse(data, len, out, NULL);
	free(data);
	return ret;
}

static int sealed(const struct pack *answers, uint64_t *length)
{
	void *data;
	size_t len;
	int fd = -1, ret = pack_format(answers, &data, &len);

	if (ret)
		return ret;
	ret = io_sealed_memfd("fetched", data, len, &fd, NULL);
	free(data);
	*length = len;
	return ret ? ret : fd;
}

static void answer(int sock, const struct fetch_request *q, int store_fd)
{
	struct fetch_reply r = { .magic = FETCH_MAGIC };
	struct pack store = { 0 }, answers = { 0 };
	int body = -1;

	if (read_store(store_fd, &store)) {
		r.code = -ENETUNREACH;
		snprintf(r.text, sizeof(r.text), "cannot read the metadata to start from");
	} else {
		r.code = fetch_target(q, &store, &answers, r.text);
	}
	if (!r.code) {
		body = sealed(&answers, &r.length);
		if (body < 0) {
			r.code = -ENETUNREACH;
			snprintf(r.text, sizeof(r.text), "cannot hand over what was fetched: %s", strerror(-body));
		}
	}
	reply(sock, &r, body);
	if (body >= 0)
		close(body);
	pack_clear(&store);
	pack_clear(&answers);
}

/* One whole request and the one file that comes with it; -ECONNRESET: the other end has closed. */
static int take_request(int sock, struct fetch_request *q, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = q, .iov_len = sizeof(*q) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	do {
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EBADMSG;
	memcpy(fd, CMSG_DATA(c), sizeof(int));
	/* Only klp-update asks, and only with whole requests. */
	if (n == sizeof(*q) && !(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && q->magic == FETCH_MAGIC &&
	    !q->url[FETCH_URL_MAX - 1] && !q->target[FETCH_WORD_MAX - 1] && !q->proxy[FETCH_WORD_MAX - 1] &&
	    !q->ca[FETCH_WORD_MAX - 1] && q->limit <= BUNDLE_MAX)
		return 0;
	close(*fd);
	return -EBADMSG;
}

int fetcher_serve(int sock)
{
	struct fetch_request q;
	int fd = -1, ret;

	for (;;) {
		ret = take_request(sock, &q, &fd);
		if (ret)
			return ret != -ECONNRESET;
		answer(sock, &q, fd);
		close(fd);
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
