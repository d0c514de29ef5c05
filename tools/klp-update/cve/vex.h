/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vex.h - what cve_answers() said, as documents for scanners. */
#ifndef KLP_UPDATE_VEX_H
#define KLP_UPDATE_VEX_H

#include <jansson.h>

struct update;

/* @answers as an OpenVEX 0.2.0 or a CSAF 2.0 VEX document; a new reference. */
json_t *vex_open(const struct update *u, const json_t *answers);
json_t *vex_csaf(const struct update *u, const json_t *answers);

#endif
