# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One more name for a member, at its place: objects that exist have it.
# expect: built
# functions: rock_continue
edit fs/isofs/rock.c 's|^\tint cont_loops;|\tunion { int cont_loops; int cont_rounds; };|'
enter fs/isofs/rock.c rock_continue '	if (rs->cont_rounds == 4242) return -EIO;'
