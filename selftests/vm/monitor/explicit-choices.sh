#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Without the monitor (the core's own walk) and with the machine stopped (strict
# mode) a switch works too, when asked for by name.  Here no CPU is ever idle from
# before the core is loaded, so its idle tasks are never seen.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes load
# timeout: 180
. /test/lib.sh
spins=
for _ in 1 2 3 4; do
	while :; do :; done &
	spins="$spins $!"
done
load_core
load 4 > /tmp/load.out & pid=$!
for how in --no-monitor "--consistency strict"; do
	# shellcheck disable=SC2086 # one or two words
	check "apply $how" klp-apply load $how /bundles/pipe-read.klp
	show
	check_eq "$how: the new code runs" "$(pipes zero)" EINVAL
	# shellcheck disable=SC2086
	check "revert $how" klp-apply revert $how pipe-read
	check_eq "$how: the old code runs" "$(pipes zero)" 0
done
# shellcheck disable=SC2086 # one argument a process
kill $pid $spins
wait $pid
unload_core
