# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A timer that isn't set up any more: those that run go on, which is told.
# expect: built
# functions: gen_new_estimator
# says: est_timer of net/core/gen_estimator.c goes
edit net/core/gen_estimator.c '/^static void est_timer/,/^}/d; /timer_setup\(&est->timer/d'
edit net/core/gen_estimator.c '/^static void est_fetch_counters/,/^}/s/^static/static __maybe_unused/'
