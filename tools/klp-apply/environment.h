/* SPDX-License-Identifier: GPL-2.0-or-later */
/* environment.h - nothing that the caller has set in the environment bends what is loaded. */
#ifndef KLP_ENVIRONMENT_H
#define KLP_ENVIRONMENT_H

/*
 * Before anything else: drop the environment, for us and for modprobe, but for what only changes how things look; and keep
 * OpenSSL from its configuration file, which could load a provider of its own.  What the dynamic loader has read by now
 * (LD_PRELOAD and its kind) is beyond us: who sets that for root is root.
 */
void environment_drop(void);

#endif
