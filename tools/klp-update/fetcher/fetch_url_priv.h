/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch_url_priv.h - the TUF client's workflow, over the network. */
#ifndef KLP_UPDATE_FETCH_URL_PRIV_H
#define KLP_UPDATE_FETCH_URL_PRIV_H

struct fetch_request;
struct pack;

/*
 * Run the TUF client for @q's target over @store, which it changes; *answers: all that it was answered, by URL.
 * -ENETUNREACH with words in @text: it couldn't even ask.
 */
int fetch_target(const struct fetch_request *q, struct pack *store, struct pack *answers, char text[512]);

#endif
