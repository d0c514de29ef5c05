// SPDX-License-Identifier: GPL-2.0-only
/* sctpself.c - sends itself a message by SCTP over the loopback device, and waits for it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fails(const char *what)
{
	perror(what);
	return 1;
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(4242) };
	int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	int client = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), server;
	char buf[8];

	if (listener < 0 || client < 0)
		return fails("socket");
	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) || listen(listener, 1))
		return fails("listen");
	if (connect(client, (struct sockaddr *)&a, sizeof(a)))
		return fails("connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		return fails("accept");
	if (send(client, "hello", 5, 0) != 5 || recv(server, buf, sizeof(buf), 0) != 5)
		return fails("send");
	/* The acknowledgement comes at once with the answer. */
	if (send(server, "hello", 5, 0) != 5 || recv(client, buf, sizeof(buf), 0) != 5)
		return fails("answer");
	return memcmp(buf, "hello", 5) != 0;
}
