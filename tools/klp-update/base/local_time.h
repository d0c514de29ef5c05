/* SPDX-License-Identifier: GPL-2.0-or-later */
/* local_time.h - a time, for people. */
#ifndef KLP_UPDATE_LOCAL_TIME_H
#define KLP_UPDATE_LOCAL_TIME_H

#include <stdint.h>

/* "2026-11-24 08:15:00" local time, of seconds since the epoch; "" for 0. */
void local_time(int64_t t, char out[32]);

#endif
