// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_fetcher.c - klp-update against a fetcher that somebody has taken over: whatever it answers, nothing
 * is loaded, no run hangs, and with an honest one again all is well.
 *
 * Whoever sits on the network and breaks the fetcher would like the side with the privileges to load their
 * bytes, an old release, or to be kept busy; these are their tries.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../../../tools/tuf/transport.h"
#include "../../../../tools/tuf/tuf.h"
#include "err.h"
#include "fetcher/fetch_wire.h"
#include "io.h"
#include "machine_fixture.h"
#include "pack.h"
#include "sign.h"

#define URL	"http://source.invalid/"
#define SEALS	(F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static struct machine_fixture m;
static char *repo, *pem, *old;
static struct pack answers_;

enum manner {
	HONEST, REAL,
	WRONG_INDEX, WRONG_BLOB, OLD_INDEX, OTHER_RELEASE,
	UNSEALED, UNSEALED_WRITE, A_PIPE, A_DISK_FILE, NO_FILE, TWO_FILES, FILE_AND_ERROR,
	LYING_LENGTH, SPARSE, OVER_THE_LIMIT, NO_PACK, EMPTY_PACK,
	SHORT_REPLY, LONG_REPLY, ANOTHER_MAGIC, ENDLESS, HANGS, CLOSES_EARLY, CLOSES_AT_ONCE, FILTHY_WORDS,
};

static void publish(uint64_t release)
{
	char *file = fixture_path(m.source, "new.klp");

	machine_offer(&m, "new.klp", release, m.key);
	ck_assert_msg(!machine_repo_do(&m, repo, "publish", "--rollout", "now", file, NULL), "%s", m.err);
	free(file);
}

static void setup(void)
{
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
	old = fixture_path(m.root, "old");
	pem = fixture_path(m.root, "key.pem");
	publish(3);
}

static void teardown(void)
{
	free(repo);
	free(old);
	free(pem);
	machine_teardown(&m);
}

/* ---- the fetcher's side; nothing is asserted here ---- */

static void send_reply(int sock, const void *r, size_t len, const int *fds, int nr)
{
	char control[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)r, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (nr) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nr * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nr * sizeof(int));
	}
	sendmsg(sock, &msg, MSG_NOSIGNAL);
}

static int memory(const char *data, size_t len, int seals)
{
	int fd = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	io_write_all(fd, data, len);
	if (seals)
		fcntl(fd, F_ADD_SEALS, seals);
	return fd;
}

static void answer_bytes(int sock, const char *data, size_t len)
{
	struct fetch_reply r = { .magic = FETCH_MAGIC, .length = len };
	int fd = memory(data, len, SEALS);

	send_reply(sock, &r, sizeof(r), &fd, 1);
	close(fd);
}

/* A file other than one that a fetcher may send. */
static void answer_file(int sock, enum manner manner, const char *data, size_t len)
{
	struct fetch_reply r = { .magic = FETCH_MAGIC, .length = len };
	int fds[2] = { -1, -1 }, p[2], nr = 1;

	fds[0] = memory(data, manner == SPARSE ? 0 : len, manner == UNSEALED || manner == SPARSE ? 0 :
			manner == UNSEALED_WRITE ? SEALS & ~F_SEAL_WRITE : SEALS);
	if (manner == A_PIPE && !pipe(p))
		fds[0] = p[0];
	if (manner == A_DISK_FILE) {
		char *path = fixture_path(repo, "file");

		fds[0] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		io_write_all(fds[0], data, len);
		free(path);
	}
	if (manner == TWO_FILES) {
		fds[1] = dup(fds[0]);
		nr = 2;
	}
	if (manner == NO_FILE)
		nr = 0;
	if (manner == FILE_AND_ERROR)
		r.code = -ENOENT;
	if (manner == LYING_LENGTH)
		r.length = len - 1;
	if (manner == SPARSE) {
		r.length = UINT64_C(1) << 40;
		if (ftruncate(fds[0], (off_t)r.length) || fcntl(fds[0], F_ADD_SEALS, SEALS))
			r.length = 0;
	}
	send_reply(sock, &r, sizeof(r), fds, nr);
}

static void answer_badly(int sock, enum manner manner)
{
	struct fetch_reply r = { .magic = FETCH_MAGIC, .code = -ENETUNREACH };
	char big[8192] = { 0 };

	memcpy(big, &r, sizeof(r));
	switch (manner) {
	case SHORT_REPLY:
		send_reply(sock, &r, sizeof(r) - 1, NULL, 0);
		break;
	case LONG_REPLY:
		send_reply(sock, big, sizeof(big), NULL, 0);
		break;
	case ANOTHER_MAGIC:
		r.magic++;
		send_reply(sock, &r, sizeof(r), NULL, 0);
		break;
	case ENDLESS:
		while (send(sock, big, sizeof(big), MSG_NOSIGNAL) > 0)
			;
		break;
	case HANGS:
		pause();
		break;
	case FILTHY_WORDS:
		memset(r.text, '\x1b', sizeof(r.text));
		r.code = -123456;
		send_reply(sock, &r, sizeof(r), NULL, 0);
		break;
	default:
		break;
	}
}

/* The file of a URL, as an honest server would have it; for index.json and bundles somebody else's, if @manner says so. */
static int get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	enum manner manner = *(enum manner *)ctx;
	bool index = strstr(url, "/kernels/"), bundle = strstr(url, "/bundles/");
	char *path = fixture_path(manner == OLD_INDEX ? old : repo, url + strlen(URL)), *file = NULL;
	int ret;

	if (manner == OTHER_RELEASE && bundle) {
		free(path);
		path = file = fixture_path(m.source, "other.klp");
	}
	ret = io_read_file(path, limit, out, len, err);
	free(path);
	if (!ret && *len && ((manner == WRONG_INDEX && index) || (manner == WRONG_BLOB && bundle)))
		((char *)*out)[*len / 2] ^= 1;
	return ret;
}

/* Notes what it is asked, as the fetcher does; and doesn't mind what the client thinks of it. */
static int noting_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	int ret = get(ctx, url, limit, out, len, err);

	pack_put(&answers_, url, ret, ret ? err->text : *out, ret ? strlen(err->text) : *len);
	return ret;
}

static void read_store(int fd, struct pack *out)
{
	struct klp_err err;
	size_t len;
	void *data;

	lseek(fd, 0, SEEK_SET);
	if (!io_read_fd(fd, "store", 1 << 20, &data, &len, &err)) {
		pack_parse(data, len, out, &err);
		free(data);
	}
}

/* An honest pack of answers, for all that the manner doesn't touch. */
static void answer_pack(int store_fd, enum manner manner, const struct fetch_request *q, void **data, size_t *len)
{
	struct tuf_transport t = { .get = noting_get, .ctx = &manner };
	struct pack store = { 0 };
	struct tuf_config config = { .ram = &store, .metadata_url = URL "metadata", .targets_url = URL "targets", .transport = &t,
				     .now = time(NULL) };
	struct tuf_client *c;
	struct tuf_target target;
	struct klp_err err;
	size_t n;
	void *out;

	read_store(store_fd, &store);
	pack_clear(&answers_);
	if (!tuf_open(&config, &c, &err)) {
		if (!tuf_refresh(c, &err) && !tuf_find(c, q->target, &target, &err)) {
			if (!tuf_fetch(c, &target, &out, &n, &err))
				free(out);
			tuf_target_free(&target);
		}
		tuf_close(c);
	}
	pack_clear(&store);
	pack_format(&answers_, data, len);
}

static void answer(int sock, enum manner manner, const struct fetch_request *q, int store)
{
	void *data;
	size_t len;

	answer_pack(store, manner, q, &data, &len);
	if (manner == OVER_THE_LIMIT) {
		data = realloc(data, FETCH_PACK_MAX + 1);
		memset(data, ' ', FETCH_PACK_MAX + 1);
		answer_bytes(sock, data, FETCH_PACK_MAX + 1);
	} else if (manner == NO_PACK) {
		memset(data, 0x7f, len);
		answer_bytes(sock, data, len);
	} else if (manner == EMPTY_PACK) {
		answer_bytes(sock, data, 0);
	} else if (manner >= UNSEALED && manner <= SPARSE) {
		answer_file(sock, manner, data, len);
	} else if (manner >= SHORT_REPLY) {
		answer_badly(sock, manner);
	} else {
		answer_bytes(sock, data, len);
	}
	free(data);
}

/* The next request and the file that comes with it. */
static bool take(int sock, struct fetch_request *q, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = q, .iov_len = sizeof(*q) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };

	if (recvmsg(sock, &msg, 0) != sizeof(*q) || !CMSG_FIRSTHDR(&msg))
		return false;
	memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return true;
}

static void serve(int listener, enum manner manner)
{
	struct fetch_request q;
	int sock, store;

	for (;;) {
		sock = accept(listener, NULL, NULL);
		if (manner == REAL && !fork()) {
			char *tool = fixture_path(m.root, "klp-update");

			dup2(sock, 0);
			execl(tool, "klp-update", "--root", m.root, "fetch", NULL);
			_exit(126);
		}
		if (manner != CLOSES_AT_ONCE && manner != REAL) {
			while (take(sock, &q, &store)) {
				if (manner != CLOSES_EARLY)
					answer(sock, manner, &q, store);
				close(store);
				if (manner == CLOSES_EARLY)
					break;
			}
		}
		close(sock);
	}
}

static pid_t start(enum manner manner)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char *folder = fixture_path(m.root, "run/quietpatch");
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t pid;

	ck_assert_int_eq(io_mkdirs(folder, 0755, NULL), 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.90s/fetch.sock", folder);
	unlink(addr.sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	pid = fork();
	if (!pid)
		serve(fd, manner);
	close(fd);
	free(folder);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* One run against such a fetcher: its exit status. */
static int meet(enum manner manner)
{
	pid_t pid = start(manner);
	int status = machine_run(&m, "update", "--source", URL, "--set", "fetch-timeout=1", NULL);

	stop(pid);
	return status;
}

/* Nothing is loaded, the exit says why, and an honest fetcher finds a machine as it was. */
static void refused(enum manner manner, int exit, const char *words)
{
	int got = meet(manner);

	ck_assert_msg(got == exit, "exit %d, not %d\n%s%s", got, exit, m.out, m.err);
	ck_assert_msg(strstr(m.err, words) || strstr(m.out, words), "no \"%s\" in:\n%s%s", words, m.out, m.err);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	ck_assert(!machine_is_applied(&m));
	ck_assert_msg((got = meet(HONEST)) == 0, "exit %d\n%s%s", got, m.out, m.err);
	ck_assert(machine_is_applied(&m));
}

START_TEST(an_honest_one)
{
	ck_assert_msg(!meet(HONEST), "%s", m.err);
	ck_assert(machine_is_applied(&m));
}
END_TEST

START_TEST(wrong_bytes)
{
	refused(WRONG_INDEX, 4, "");
}
END_TEST

START_TEST(wrong_bytes_of_a_bundle)
{
	refused(WRONG_BLOB, 4, "has another hash than was signed for");
}
END_TEST

START_TEST(another_release)
{
	machine_offer(&m, "other.klp", 9, m.key);
	refused(OTHER_RELEASE, 4, "signed for");
}
END_TEST

/* The index that was published before: signed, not expired, older than one that was seen. */
START_TEST(an_old_index)
{
	char *command;

	ck_assert(asprintf(&command, "cp -r %s %s", repo, old) > 0);
	ck_assert_int_eq(system(command), 0);
	publish(4);
	ck_assert_int_eq(meet(HONEST), 0);
	ck_assert_int_eq(meet(OLD_INDEX), 4);
	ck_assert_ptr_nonnull(strstr(m.err, "which was seen before"));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	free(command);
}
END_TEST

static const struct {
	enum manner manner;
	int exit;
	const char *words;
} answers[] = {
	{ UNSEALED, 101, "isn't sealed" },
	{ UNSEALED_WRITE, 101, "isn't sealed" },
	{ A_PIPE, 101, "isn't sealed" },
	{ A_DISK_FILE, 101, "isn't sealed" },
	{ NO_FILE, 101, "something else than a reply" },
	{ TWO_FILES, 101, "something else than a reply" },
	{ FILE_AND_ERROR, 101, "something else than a reply" },
	{ LYING_LENGTH, 101, "another file than it said" },
	{ SPARSE, 4, "larger than allowed" },
	{ OVER_THE_LIMIT, 4, "larger than allowed" },
	{ NO_PACK, 101, "isn't a pack of answers" },
	{ EMPTY_PACK, 101, "the fetcher has nothing of" },
	{ SHORT_REPLY, 101, "something else than a reply" },
	{ LONG_REPLY, 101, "something else than a reply" },
	{ ANOTHER_MAGIC, 101, "something else than a reply" },
	{ ENDLESS, 101, "something else than a reply" },
	{ CLOSES_EARLY, 101, "ended without an answer" },
	{ CLOSES_AT_ONCE, 101, "cannot fetch" },
	{ FILTHY_WORDS, 101, "\\x1b\\x1b" },
};

START_TEST(wrong_answers)
{
	refused(answers[_i].manner, answers[_i].exit, answers[_i].words);
	for (const char *p = m.err; *p; p++)
		ck_assert(*p == '\n' || isprint((unsigned char)*p));
}
END_TEST

START_TEST(no_answer_in_time)
{
	time_t before = time(NULL);

	refused(HANGS, 101, "didn't answer in time");
	ck_assert_int_lt(time(NULL) - before, 60);
}
END_TEST

/* And who is told to stop doesn't wait for it; the patches themselves aren't to blame. */
START_TEST(told_to_stop_meanwhile)
{
	pid_t pid = start(HANGS);
	time_t before = time(NULL);

	m.stop_ms = 300;
	ck_assert_int_eq(machine_run(&m, "update", "--source", URL, "--set", "fetch-timeout=300", NULL), 6);
	m.stop_ms = 0;
	stop(pid);
	ck_assert_int_lt(time(NULL) - before, 20);
	ck_assert_msg(strstr(m.err, "was told to stop"), "%s", m.err);
	ck_assert_int_eq(meet(HONEST), 0);
}
END_TEST

/* The service's own role, as quietpatch-fetch@.service starts it. */
START_TEST(the_real_one)
{
	char *from = fixture_path(m.root, "klp-update"), *url, *bin = fixture_built("bin/klp-update");
	pid_t pid;
	int n;

	ck_assert_int_eq(symlink(bin, from), 0);
	ck_assert(asprintf(&url, "file://%s", repo) > 0);
	pid = start(REAL);
	n = machine_run(&m, "update", "--source", url, NULL);
	ck_assert_msg(!n, "exit %d\n%s%s", n, m.out, m.err);
	ck_assert(machine_is_applied(&m));
	machine_remove(&m, "repo/metadata/timestamp.json");
	ck_assert_int_eq(machine_run(&m, "update", "--source", url, "--set", "offline=0", NULL), 101);
	stop(pid);
	/* By hand it does nothing. */
	ck_assert_int_eq(machine_run(&m, "fetch", NULL), 64);
	free(bin);
	free(from);
	free(url);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("fetcher");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_honest_one);
	tcase_add_test(tc, wrong_bytes);
	tcase_add_test(tc, wrong_bytes_of_a_bundle);
	tcase_add_test(tc, another_release);
	tcase_add_test(tc, an_old_index);
	tcase_add_loop_test(tc, wrong_answers, 0, sizeof(answers) / sizeof(*answers));
	tcase_add_test(tc, no_answer_in_time);
	tcase_add_test(tc, told_to_stop_meanwhile);
	tcase_add_test(tc, the_real_one);
	return fixture_run_within("fetcher", tc, 120);
}
