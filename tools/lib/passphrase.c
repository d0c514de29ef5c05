// SPDX-License-Identifier: GPL-2.0-or-later
/* passphrase.c - see passphrase.h.  For tools: libklp itself never asks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "err.h"
#include "io.h"
#include "passphrase.h"

#define SHORTEST	8	/* characters */

static int from_file(const char *file, char *buf, size_t size, struct klp_err *err)
{
	size_t len, n;
	void *text;
	int ret = io_read_file(file, PASSPHRASE_MAX, &text, &len, err);

	if (ret)
		return klp_err_wrap(err, PASSPHRASE_FILE);
	n = strcspn(text, "\n");
	if (n >= size)
		ret = klp_err_set(err, -EFBIG, PASSPHRASE_FILE ": the passphrase in %s is too long", file);
	else
		memcpy(buf, text, n);
	OPENSSL_cleanse(text, len);
	free(text);
	return ret ? ret : (int)n;
}

/* One line of the terminal, which shows nothing meanwhile. */
static int from_terminal(const char *what, const char *path, char *buf, size_t size, struct klp_err *err)
{
	struct termios was, quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 || tcgetattr(fd, &was)) {
		if (fd >= 0)
			close(fd);
		return klp_err_set(err, -EACCES, "%s wants a passphrase, and there is no terminal to ask at; " PASSPHRASE_FILE " names a file that has it", path);
	}
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	dprintf(fd, "%s of %s: ", what, path);
	n = read(fd, buf, size);
	tcsetattr(fd, TCSAFLUSH, &was);
	dprintf(fd, "\n");
	close(fd);
	if (n <= 0 || buf[n - 1] != '\n')
		return klp_err_set(err, -EACCES, "no passphrase was given for %s", path);
	return (int)n - 1;
}

int passphrase_ask(const char *path, char *buf, size_t size, struct klp_err *err)
{
	const char *file = secure_getenv(PASSPHRASE_FILE);

	return file ? from_file(file, buf, size, err) : from_terminal("Passphrase", path, buf, size, err);
}

int passphrase_new(const char *path, char *buf, size_t size, struct klp_err *err)
{
	char again[PASSPHRASE_MAX];
	int n = passphrase_ask(path, buf, size - 1, err), m = n;

	if (n >= 0 && !secure_getenv(PASSPHRASE_FILE)) {
		m = from_terminal("Once more, the passphrase", path, again, sizeof(again), err);
		if (m >= 0 && (m != n || memcmp(buf, again, (size_t)n)))
			m = klp_err_set(err, -EINVAL, "the two passphrases differ");
		OPENSSL_cleanse(again, sizeof(again));
	}
	if (n < 0 || m < 0)
		return n < 0 ? n : m;
	buf[n] = '\0';
	if (n < SHORTEST || strlen(buf) != (size_t)n)
		return klp_err_set(err, -EINVAL, "a passphrase has at least %d characters", SHORTEST);
	return n;
}
