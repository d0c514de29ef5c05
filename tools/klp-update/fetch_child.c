// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fetch_child.c - the process that speaks to the network and may do nothing else.
 *
 * Order: resource limits, bounding set (needs CAP_SETPCAP), user, capabilities,
 * no_new_privs.  If one step fails nothing is fetched.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <curl/curl.h>

#include "fetch_child.h"
#include "io.h"

#define BODY_FD		3
#define NOBODY		65534	/* where there is no such user, as in an initramfs */
#define CONNECT_S	20L
#define WHOLE_S		600L
#define LOW_SPEED	64L	/* bytes/s, over LOW_SPEED_S: a stalled server */
#define LOW_SPEED_S	30L

struct body {
	size_t room;
	bool over;
};

static void fail(struct fetch_result *r, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));

static void fail(struct fetch_result *r, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	r->code = code;
	_exit(1);
}

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

	if (!pw && strcmp(name, "nobody"))
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
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	if (syscall(SYS_capset, &hdr, none))
		return -errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static void drop_all(const char *user, size_t limit, struct fetch_result *r)
{
	int ret = 0;

	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_NOFILE, 64);
	set_limit(RLIMIT_FSIZE, limit + 1);
	signal(SIGXFSZ, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap);	/* without CAP_SETPCAP there is nothing to drop */
	if (!geteuid())
		ret = drop_user(user);
	if (ret)
		fail(r, -EPERM, "cannot become the user %s to fetch (fetch-user): %s", user,
		     strerror(-ret));
	ret = drop_capabilities();
	if (ret)
		fail(r, -EPERM, "cannot drop privileges to fetch: %s", strerror(-ret));
	prctl(PR_SET_DUMPABLE, 0);
}

static size_t on_data(char *data, size_t size, size_t nr, void *arg)
{
	struct body *b = arg;
	size_t len = size * nr;

	b->over = len > b->room;
	if (b->over || io_write_all(BODY_FD, data, len))
		return 0;
	b->room -= len;
	return len;
}

static CURL *setup(const char *url, struct body *body, char *error)
{
	CURL *c = curl_easy_init();

	if (!c)
		return NULL;
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,file");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, WHOLE_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "klp-update/" QP_VERSION);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
	return c;
}

/* A file that isn't there is an answer; all else is a source that didn't give one. */
static int code_of(CURL *c, CURLcode cc, const struct body *body)
{
	long http = 0;

	if (body->over || cc == CURLE_FILESIZE_EXCEEDED)
		return -EFBIG;
	if (cc == CURLE_FILE_COULDNT_READ_FILE)
		return -ENOENT;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &http);
	if (cc == CURLE_HTTP_RETURNED_ERROR && (http == 404 || http == 410))
		return -ENOENT;
	return -ENETUNREACH;
}

void fetch_child(const char *url, const char *user, size_t limit, int body_fd,
		 struct fetch_result *r)
{
	struct body body = { .room = limit };
	char error[CURL_ERROR_SIZE] = "";
	CURLcode cc;
	CURL *c;

	if (body_fd != BODY_FD && dup2(body_fd, BODY_FD) < 0)
		fail(r, -EPERM, "cannot fetch %s: %s", url, strerror(errno));
	if (syscall(SYS_close_range, BODY_FD + 1, ~0U, 0))
		fail(r, -EPERM, "cannot close files before fetching: %s", strerror(errno));
	drop_all(user, limit, r);
	c = setup(url, &body, error);
	if (!c)
		fail(r, -EPERM, "cannot fetch %s: no memory", url);
	cc = curl_easy_perform(c);
	if (cc != CURLE_OK)
		fail(r, code_of(c, cc, &body), "cannot fetch %.200s: %.200s", url, body.over ?
		     "larger than allowed" : *error ? error : curl_easy_strerror(cc));
	_exit(0);
}
