/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetcher.h - the process that speaks to the network and may do nothing else.
 *
 * Under systemd it is quietpatch-fetch@.service, with a user of its own; without, klp-update forks it
 * and it gives everything up first.  Both then serve the same socket.
 */
#ifndef KLP_UPDATE_FETCHER_H
#define KLP_UPDATE_FETCHER_H

/* Give up limits, user (when root: become @user), capabilities.  0, or -errno with words in @text. */
int fetcher_drop(const char *user, char text[512]);
/* Answer requests on @sock until its other end closes; returns an exit status. */
int fetcher_serve(int sock);
/* Tell the first request that nothing will be fetched, and why. */
void fetcher_refuse(int sock, const char *text);

#endif
