// SPDX-License-Identifier: GPL-2.0-or-later
/* local_time.c - see local_time.h. */
#include <time.h>

#include "local_time.h"

void local_time(int64_t t, char out[32])
{
	time_t tt = (time_t)t;
	struct tm tm;

	out[0] = '\0';
	if (t && localtime_r(&tt, &tm))
		strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
}
