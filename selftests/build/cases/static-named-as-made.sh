# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static local gets a name that macros give to what they make (dynamic debug's descriptor): it is state all the same.
# expect: refused data stfu
# says: descriptor of the same type
edit fs/drop_caches.c 's/stfu/descriptor/'
