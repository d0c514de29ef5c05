/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics.h - the status in numbers, for Prometheus' node exporter (collector textfile). */
#ifndef KLP_UPDATE_METRICS_H
#define KLP_UPDATE_METRICS_H

#include <jansson.h>

/* @status in Prometheus' text format; malloc()ed, NULL: no memory.  Pure. */
char *metrics_text(const json_t *status);

#endif
