// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_fetch.c - klp-update fetch: the fetcher's role, on the socket that is the standard input. */
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "fetcher/fetcher.h"
#include "fetcher/sandbox.h"
#include "log.h"

int cmd_fetch(struct update *u, int argc, char **argv)
{
	socklen_t len = sizeof(int);
	char text[512] = "";
	int type;

	(void)argc;
	(void)argv;
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_SEQPACKET) {
		log_error("fetch: the standard input isn't a klp-update's socket; quietpatch-fetch.socket starts this, people don't");
		return EXIT_USAGE;
	}
	if (fetcher_drop(u->settings.fetch_user, text) || sandbox_enter(0, text)) {
		fetcher_refuse(STDIN_FILENO, text);
		log_error("%s", text);
		return EXIT_FAILED;
	}
	return fetcher_serve(STDIN_FILENO) ? EXIT_FAILED : EXIT_DONE;
}
