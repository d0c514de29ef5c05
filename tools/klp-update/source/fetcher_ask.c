// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fetcher_ask.c - see fetcher_ask_priv.h.
 *
 * The fetcher has spoken with whoever sits on the network, so it may be anybody's by now.  What it can
 * do to us is to send wrong bytes, and to waste the time that one file gets.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"
#include "err.h"
#include "fetch.h"
#include "fetcher/fetch_wire.h"
#include "fetcher/fetcher.h"
#include "fetcher/sandbox.h"
#include "fetcher_ask_priv.h"
#include "io.h"
#include "monotonic.h"
#include "pack.h"
#include "printable.h"
#include "settings/settings.h"

#define SLACK_MS	5000	/* the fetcher's own limit comes first */
#define CHILD_FD	3
#define MAX_FDS		8	/* that may come with a reply, all but one to be closed */

/* ---- having one ---- */

/* With nothing open but the socket and the standard files. */
static void be_the_fetcher(int sock, const char *user, pid_t parent) __attribute__((noreturn));

static void be_the_fetcher(int sock, const char *user, pid_t parent)
{
	char text[512] = "";

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (sock != CHILD_FD && dup2(sock, CHILD_FD) < 0)
		_exit(1);
	if (syscall(SYS_close_range, CHILD_FD + 1, ~0U, 0))
		fetcher_refuse(CHILD_FD, "cannot close files before fetching");
	else if (fetcher_drop(user, text) || sandbox_enter(parent, text))
		fetcher_refuse(CHILD_FD, text);
	else
		_exit(fetcher_serve(CHILD_FD));
	_exit(1);
}

static int fork_one(struct source *src, struct klp_err *err)
{
	int pair[2];
	pid_t pid, self = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return klp_err_sys(err, -errno, "cannot fetch");
	fflush(NULL);
	pid = fork();
	if (!pid)
		be_the_fetcher(pair[1], src->settings->fetch_user, self);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return klp_err_sys(err, -EAGAIN, "cannot fetch");
	}
	src->sock = pair[0];
	src->child = pid;
	return 0;
}

/* The service's socket, which only root may use; where there is none, a child. */
static int have_one(struct source *src, struct klp_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = src->settings->fetcher;
	int fd;

	if (src->sock >= 0)
		return 0;
	if (strlen(path) >= sizeof(addr.sun_path))
		return klp_err_set(err, -EINVAL, "fetcher = %s: too long for a socket", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		src->sock = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return fork_one(src, err);
}

void fetcher_hang_up(struct source *src)
{
	if (src->sock >= 0)
		close(src->sock);
	src->sock = -1;
	if (src->child) {
		kill(src->child, SIGKILL);
		while (waitpid(src->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	src->child = 0;
}

/* ---- a reply ---- */

static int broken(struct klp_err *err, const char *url, const char *how)
{
	return klp_err_set(err, -ENETUNREACH, "cannot fetch %s: the fetcher %s", url, how);
}

/* The first descriptor of a message, or -1; all others are closed. */
static int take_fd(struct msghdr *msg, int *nr)
{
	int fd = -1, all[MAX_FDS];
	size_t n;

	*nr = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(all, CMSG_DATA(c), n * sizeof(int));
		for (size_t i = 0; i < n; i++) {
			if (++*nr == 1)
				fd = all[i];
			else
				close(all[i]);
		}
	}
	return fd;
}

/* Wait, receive one message; @fd: what came with it, or -1. */
static int receive(struct source *src, int64_t until, const char *url, struct fetch_reply *r, int *fd,
		   struct klp_err *err)
{
	char control[CMSG_SPACE(MAX_FDS * sizeof(int))];
	struct iovec iov = { .iov_base = r, .iov_len = sizeof(*r) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n;
	int nr;

	*fd = -1;
	n = stop_wait(src->sock, until - monotonic_ms());
	if (n < 0)
		return stop_check(err);
	if (!n)
		return broken(err, url, "didn't answer in time");
	n = recvmsg(src->sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n <= 0)
		return broken(err, url, "ended without an answer");
	*fd = take_fd(&msg, &nr);
	if (n != sizeof(*r) || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || r->magic != FETCH_MAGIC ||
	    nr != !r->code)
		return broken(err, url, "answered something else than a reply");
	return 0;
}

/* Its words come from the far side of the network: keep them printable. */
static int refused(struct fetch_reply *r, struct klp_err *err)
{
	char text[sizeof(r->text)];

	text_printable(r->text, sizeof(r->text), text, sizeof(text));
	return klp_err_set(err, r->code == -EPERM ? r->code : -ENETUNREACH, "%s", text);
}

/* Sealed, so it can't change or block while it is read; at an offset of our own. */
static int read_body(int fd, const struct fetch_reply *r, const char *url, void **out,
		     size_t *len, struct klp_err *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	size_t size, got = 0;
	struct stat st;
	char *data;
	ssize_t n;

	if (seals < 0 || (seals & IO_SEALS) != IO_SEALS)
		return broken(err, url, "sent a file that isn't sealed");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size != r->length)
		return broken(err, url, "sent another file than it said");
	if ((uint64_t)st.st_size > FETCH_PACK_MAX)
		return klp_err_set(err, -EFBIG, "cannot fetch %s: larger than allowed", url);
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	if (!data)
		return klp_err_sys(err, -ENOMEM, "cannot fetch %s", url);
	while (got < size) {
		n = pread(fd, data + got, size - got, (off_t)got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			free(data);
			return broken(err, url, "sent a file that can't be read");
		}
		got += (size_t)n;
	}
	data[size] = '\0';
	*out = data;
	*len = size;
	return 0;
}

static int send_request(int sock, const struct fetch_request *q, int store)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)q, .iov_len = sizeof(*q) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &store, sizeof(int));
	return sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(*q) ? 0 : -EIO;
}

static int take_answers(int fd, const struct fetch_reply *r, const char *url, struct pack *out, struct klp_err *err)
{
	void *data = NULL;
	size_t len = 0;
	int ret = read_body(fd, r, url, &data, &len, err);

	if (ret)
		return ret;
	ret = pack_parse(data, len, out, err);
	free(data);
	return ret ? broken(err, url, "sent what isn't a pack of answers") : 0;
}

static int converse(struct source *src, const struct fetch_request *q, int store, struct pack *out, struct klp_err *err)
{
	int64_t until = monotonic_ms() + q->timeout_s * INT64_C(1000) + SLACK_MS;
	struct fetch_reply r;
	int fd, ret;

	if (until > src->deadline)
		until = src->deadline;
	if (send_request(src->sock, q, store))
		return broken(err, q->url, "doesn't take requests");
	ret = receive(src, until, q->url, &r, &fd, err);
	if (!ret)
		ret = r.code ? refused(&r, err) : take_answers(fd, &r, q->url, out, err);
	if (fd >= 0)
		close(fd);
	if (ret)
		fetcher_hang_up(src);
	return ret;
}

/* A setting into a request; @none is its word for nothing. */
static int put_word(char out[FETCH_WORD_MAX], const char *key, const char *value, const char *none, struct klp_err *err)
{
	if (!strcmp(value, none))
		return 0;
	if (strlen(value) >= FETCH_WORD_MAX)
		return klp_err_set(err, -EINVAL, "%s in update.conf is longer than %d bytes", key, FETCH_WORD_MAX - 1);
	memcpy(out, value, strlen(value));
	return 0;
}

static int compose(const struct source *src, const char *target, size_t limit, struct fetch_request *q, struct klp_err *err)
{
	int ret;

	*q = (struct fetch_request){ .magic = FETCH_MAGIC, .limit = limit,
				     .timeout_s = (uint32_t)(src->settings->fetch_timeout ? : 1) };
	if (strlen(src->where) >= sizeof(q->url) || strlen(target) >= sizeof(q->target))
		return klp_err_set(err, -EINVAL, "cannot fetch %.100s...: the address is too long", src->where);
	memcpy(q->url, src->where, strlen(src->where));
	memcpy(q->target, target, strlen(target));
	ret = put_word(q->proxy, "proxy", src->settings->proxy, "none", err);
	return ret ? ret : put_word(q->ca, "ca", src->settings->ca, "system", err);
}

int fetcher_ask(struct source *src, const char *target, size_t limit, const struct pack *store, struct pack *out,
		struct klp_err *err)
{
	struct fetch_request q;
	void *data;
	size_t len;
	int fd, ret = compose(src, target, limit, &q, err);

	if (ret)
		return ret;
	if (pack_format(store, &data, &len))
		return klp_err_sys(err, -ENOMEM, "cannot fetch %s", src->where);
	ret = io_sealed_memfd("trusted", data, len, &fd, err);
	free(data);
	if (ret)
		return ret;
	ret = have_one(src, err);
	if (!ret)
		ret = converse(src, &q, fd, out, err);
	close(fd);
	return ret;
}
