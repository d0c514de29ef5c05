#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --timeline draws who switched when and by which way, and who was waited for; a picture is written as a whole or not
# at all, and never costs the patch.
# kernels: 6.1 6.12
# modules: qp_victim
# packed: qp_patch_a
# progs: victims
# timeout: 240
. /test/lib.sh
B=/bundles/qp_patch_a.klp
load_core
need "load the victim" insmod /modules/qp_victim.ko
victims 2 & v=$!
# sleeps: in qp_sleeper, in a process with a name that isn't XML.
printf '#!/bin/sh\necho sleep > /proc/qp_victim\n' > '/tmp/<&">'
chmod +x '/tmp/<&">'
sleeps() {
	echo close > /proc/qp_victim
	'/tmp/<&">' & s=$!
	need "it sleeps" wait_for 20 grep -q qp_sleeper /proc/$s/stack
}
sleeps
klp-apply load --timeline /tmp/t.svg --json --timeout 100 $B > "$OUT" 2>&1 & l=$!
need "it is waited for" wait_for 60 sh -c 'klp-apply blockers | grep -q qp_sleeper'
# The core tells of it twice a second.
sleep $((2 * SLOW))
echo open > /proc/qp_victim; wait $s
wait $l
check_eq "applied" $? 0
check_out "the reply names the file" '"timeline": "/tmp/t.svg"'
check_eq "a whole SVG" "$(head -c 4 /tmp/t.svg)$(tail -n 1 /tmp/t.svg)" "<svg</svg>"
check "small" [ "$(wc -c < /tmp/t.svg)" -lt 60000 ]
cat /tmp/t.svg > "$OUT"
check_out "the patch" ">qp_patch_a: [0-9,]+ tasks, done<"
check_out "who slept" ">walk [0-9]+<"
check_out "who came by" ">(handler|ipi) [0-9]+<"
check_out "who was waited for, with its name escaped" "&lt;&amp;&quot;&gt; \($s\)<"
check_out "where, and when it switched" "in qp_sleeper[^,]*, (handler|walk|ipi|death) after [0-9]{4,}\.[0-9] ms"
check_not_out "no script" "script"
check_eq "nothing beside it" "$(ls /tmp/t.svg*)" /tmp/t.svg
check "the way back, too" klp-apply revert --timeline /tmp/back.svg patch-a
check "is drawn" grep -q "</svg>" /tmp/back.svg

sleeps
check_rc "put back" 7 klp-apply load --timeline /tmp/t.svg --timeout 3 $B
cat /tmp/t.svg > "$OUT"
check_out "that, too" ">qp_patch_a: [0-9,]+ tasks, put back as it was<"
check_out "when it was turned round" ">turned round<"
check_out "whom it waited for" "in qp_sleeper[^,]*, has not switched"
echo open > /proc/qp_victim; wait $s

check_rc "a folder that isn't there is told before" 1 klp-apply load --timeline /nowhere/t.svg $B
check_eq "anything is loaded" "$(loaded qp_patch_a && echo loaded)" ""
check "a picture that can't be written" klp-apply load --timeline /dev/full $B
check_out "is told" "no timeline: .*/dev/full"
check "and the patch is in" klp-apply revert patch-a
check_rc "one switch a picture" 64 klp-apply load --timeline /tmp/t.svg $B $B
check_rc "nothing to draw in strict mode" 64 klp-apply load --consistency strict --timeline /tmp/t.svg $B
kill $v; wait $v 2> /dev/null
check "rmmod the victim" wait_for 20 rmmod qp_victim
unload_core
