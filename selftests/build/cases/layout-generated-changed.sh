# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The layout changes: refused for that, and for what can't be compiled again.
# expect: refused struct struct raid6_calls
edit include/linux/raid/pq.h '/^struct raid6_calls/,/^}/s/const char \*name;/int qp;\n\tconst char *name;/'
