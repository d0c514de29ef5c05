/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keysprint.h - which keys are trusted here: a digest that changes when they do. */
#ifndef KLP_UPDATE_KEYSPRINT_H
#define KLP_UPDATE_KEYSPRINT_H

struct klp_err;
struct settings;

/* Of the keys that klp-update and its kernel trust, in hex. */
int keys_print(const struct settings *s, char out[65], struct klp_err *err);

#endif
