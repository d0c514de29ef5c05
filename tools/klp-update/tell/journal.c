// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * journal.c - see journal.h.
 *
 * The protocol is systemd's own (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an entry, KEY=VALUE lines.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal.h"
#include "jsonstr.h"
#include "state/store.h"
#include "state/store_value.h"
#include "state/update.h"

#define SOCKET		"/run/systemd/journal/socket"
#define SENT		"journal"	/* the number in the database: id of the last row that was sent */

enum { PRIORITY_ERROR = 3, PRIORITY_WARNING = 4, PRIORITY_NOTICE = 5, PRIORITY_INFO = 6 };

static const struct {
	const char *event;
	int priority;
	const char *id;
} kinds[] = {
	{ "applied", PRIORITY_NOTICE, "d20a06b80ecd4d859af67961994ecc6b" },
	{ "reapplied", PRIORITY_NOTICE, "8e7f6f4a881443868cef450fe9490501" },
	{ "restored", PRIORITY_NOTICE, "fda70029535440f29fc175fe86d281ed" },
	{ "good", PRIORITY_INFO, "842e61ce2fd449a0b3743ffc77cf188c" },
	{ "failed", PRIORITY_WARNING, "1095b1a164dd42099ed302bee37bb303" },
	{ "refused", PRIORITY_WARNING, "90fad3ffd1b645f09f25502f02be2068" },
	{ "reverted", PRIORITY_ERROR, "b9af762acdd144579974a808f91847e2" },
	{ "stuck", PRIORITY_ERROR, "e900b3fe62af40e8a2cd72feafec190c" },
	{ "crashed", PRIORITY_ERROR, "1f938e8002214a4c8205c767ea36d28a" },
	{ "withdrawn", PRIORITY_WARNING, "78fcdab0daa14de0acc830cda9a9f24d" },
	{ "doubtful", PRIORITY_WARNING, "c0a081fda05f4d03b61fd2cd1c51efbd" },
	{ "rebuilt", PRIORITY_WARNING, "33d38fa9404a47628d206a2ed7755a99" },
	{ "clock", PRIORITY_WARNING, "0d63da091dc24d71b2965ce8b915729e" },
	{ "held", PRIORITY_NOTICE, "da86df88f69343b4bdc71050b751d43b" },
	{ "unheld", PRIORITY_NOTICE, "d010283294884431978019b60e37e0df" },
	{ "approved", PRIORITY_NOTICE, "6d0ee49957c74a3f961e2382d8efc6e2" },
	{ "attempted", PRIORITY_WARNING, "b7a8f0c95d2e4d33a1f06c8de1a4e5b2" },
	{ "disabled", PRIORITY_NOTICE, "d98c95d42b0d4922ba80e8e3f24e2c07" },
	/* All others. */
	{ NULL, PRIORITY_INFO, "5abf074d41e64f28a3423b872a36d3e0" },
};

static size_t kind_of(const char *event)
{
	size_t i = 0;

	while (kinds[i].event && strcmp(kinds[i].event, event))
		i++;
	return i;
}

static void send_row(int sock, const json_t *row)
{
	size_t k = kind_of(str(row, "event"));
	char text[4096], detail[2048];
	const char *digest = str(row, "digest");
	int n;

	snprintf(detail, sizeof(detail), "%s", str(row, "detail"));
	/* A newline would begin a field of somebody else's choice. */
	for (char *p = detail; (p = strchr(p, '\n'));)
		*p = ' ';
	n = snprintf(text, sizeof(text), "MESSAGE_ID=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=klp-update\nQUIETPATCH_EVENT=%s\nQUIETPATCH_PATCH=%s\n"
		     "QUIETPATCH_RELEASE=%lld\n%s%s%sMESSAGE=%s %s%s%s\n", kinds[k].id, kinds[k].priority, str(row, "event"), str(row, "name"),
		     (long long)json_integer_value(json_object_get(row, "release")), *digest ? "QUIETPATCH_DIGEST=" : "", digest,
		     *digest ? "\n" : "", *str(row, "name") ? str(row, "name") : "everything", str(row, "event"), *detail ? ": " : "", detail);
	if (n > 0 && n < (int)sizeof(text) && send(sock, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;		/* it is in the history */
}

void journal_write(struct update *u)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int64_t sent = 0, last = 0;
	json_t *rows, *row;
	size_t i;
	int sock;

	if (store_number(u->db, SENT, &sent, NULL) || store_history_after(u->db, sent, &rows, NULL))
		return;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s" SOCKET, u->settings.root);
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock >= 0 && connect(sock, (struct sockaddr *)&addr, sizeof(addr))) {
		close(sock);
		sock = -1;
	}
	json_array_foreach(rows, i, row) {
		if (sock >= 0)
			send_row(sock, row);
		last = json_integer_value(json_object_get(row, "id"));
	}
	if (last > sent)
		store_set_number(u->db, SENT, last, NULL);
	if (sock >= 0)
		close(sock);
	json_decref(rows);
}
