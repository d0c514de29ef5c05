// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - preloaded into tools: a clock that is $CLOCK_SHIFT seconds ahead. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static time_t shift(void)
{
	const char *s = getenv("CLOCK_SHIFT");

	return s ? (time_t)atol(s) : 0;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int clock_gettime(clockid_t which, struct timespec *out)
{
	static int (*real)(clockid_t, struct timespec *);
	int ret;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	ret = real(which, out);
	if (!ret && which == CLOCK_REALTIME)
		out->tv_sec += shift();
	return ret;
}
