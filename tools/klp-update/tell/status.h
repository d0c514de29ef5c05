/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.h - what klp-update knows of this machine, as one JSON object. */
#ifndef KLP_UPDATE_STATUS_H
#define KLP_UPDATE_STATUS_H

#include <jansson.h>

struct klp_err;
struct update;

/* Everything; a new reference. */
int status_json(struct update *u, json_t **out, struct klp_err *err);

#endif
