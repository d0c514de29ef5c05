// SPDX-License-Identifier: GPL-2.0-or-later
/* address.c - see transport.h: which addresses are nobody's business outside (IANA's special-purpose registries). */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "transport.h"

struct net {
	unsigned char prefix[16];
	int bits;
};

static const struct net nets4[] = {
	{ { 0 }, 8 }, { { 10 }, 8 }, { { 100, 64 }, 10 }, { { 127 }, 8 }, { { 169, 254 }, 16 }, { { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 }, { { 192, 168 }, 16 }, { { 198, 18 }, 15 }, { { 224 }, 4 }, { { 240 }, 4 },
};

/* Unspecified and loopback, unique local, link-local, site-local, multicast. */
static const struct net nets6[] = {
	{ { 0 }, 127 }, { { 0xfc }, 7 }, { { 0xfe, 0x80 }, 10 }, { { 0xfe, 0xc0 }, 10 }, { { 0xff }, 8 },
};

/* IPv6 that means an IPv4 address: where in it that is (mapped, compatible, NAT64, 6to4). */
static const struct {
	struct net net;
	int at;
} carriers[] = {
	{ { { [10] = 0xff, [11] = 0xff }, 96 }, 12 },
	{ { { 0 }, 96 }, 12 },
	{ { { 0, 0x64, 0xff, 0x9b }, 96 }, 12 },
	{ { { 0x20, 0x02 }, 16 }, 2 },
};

static int within(const unsigned char *addr, const struct net *net)
{
	int bytes = net->bits / 8, rest = net->bits % 8;

	return !memcmp(addr, net->prefix, (size_t)bytes) &&
	       (!rest || !((addr[bytes] ^ net->prefix[bytes]) >> (8 - rest)));
}

static int internal4(const unsigned char *addr)
{
	for (size_t i = 0; i < sizeof(nets4) / sizeof(nets4[0]); i++)
		if (within(addr, &nets4[i]))
			return 1;
	return 0;
}

static int internal6(const unsigned char *addr)
{
	for (size_t i = 0; i < sizeof(nets6) / sizeof(nets6[0]); i++)
		if (within(addr, &nets6[i]))
			return 1;
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (within(addr, &carriers[i].net))
			return internal4(addr + carriers[i].at);
	return 0;
}

int tuf_address_internal(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return internal4((const unsigned char *)&((const struct sockaddr_in *)sa)->sin_addr);
	if (sa->sa_family == AF_INET6)
		return internal6((const unsigned char *)&((const struct sockaddr_in6 *)sa)->sin6_addr);
	return 1;
}
