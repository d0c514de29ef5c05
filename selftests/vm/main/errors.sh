#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every way of being wrong gives a clear error, and changes nothing.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read pipe-read@unsigned pipe-read@foreign
# progs: pipes asuser
# timeout: 180
. /test/lib.sh
B=/bundles/pipe-read.klp
size=$(stat -c %s $B)

# nothing_changed WHAT: the old code runs and no patch module is loaded.
nothing_changed() {
	check_eq "$1: nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "
}
# refused WHAT RC REGEX CMD...
refused() {
	_w=$1 _rc=$2 _re=$3; shift 3
	check_rc "$_w is refused" "$_rc" "$@"
	show
	check_out "$_w: the message tells" "$_re"
	nothing_changed "$_w"
}

refused "a missing core module" 3 "quietpatch.ko|core module" klp-apply load $B
load_core

mkdir -p /tmp/b && chmod 755 /tmp/b /tmp
head -c $((size - 1)) $B > /tmp/b/short.klp
refused "a bundle that lacks its last byte" 4 "truncated|short|ends" klp-apply load /tmp/b/short.klp
head -c 10 $B > /tmp/b/tiny.klp
refused "a bundle of 10 bytes" 4 "truncated|short|not a" klp-apply load /tmp/b/tiny.klp
: > /tmp/b/empty.klp
refused "an empty file" 4 "empty|truncated|short|not a" klp-apply load /tmp/b/empty.klp
{ cat $B; echo; } > /tmp/b/long.klp
refused "a bundle with a byte too many" 4 "bytes behind its end" klp-apply load /tmp/b/long.klp

# One altered byte at a time, spread over the whole file.
wrong=0 i=0
while [ $i -lt 24 ]; do
	at=$((size * i / 24))
	cp $B /tmp/b/altered.klp
	old=$(dd if=$B bs=1 skip=$at count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
	printf "\\$(printf %03o $((old ^ 1)))" | dd of=/tmp/b/altered.klp bs=1 seek=$at conv=notrunc 2>/dev/null
	run klp-apply load /tmp/b/altered.klp
	# A changed format version is an unsupported one, not a wrong signature.
	case $RC:$(cat "$OUT") in
	4:* | 3:*format* | 3:*version*) ;;
	*) say "byte $at altered: gave $RC"; show; wrong=$((wrong + 1)) ;;
	esac
	i=$((i + 1))
done
check_eq "bundles with one altered byte that weren't refused as untrusted" $wrong 0
nothing_changed "an altered bundle"

refused "an unsigned bundle" 4 "unsigned|not signed|no signature" klp-apply load /bundles/pipe-read.unsigned.klp
refused "a foreign signature" 4 "key" klp-apply load /bundles/pipe-read.foreign.klp
refused "a file that isn't there" 3 "No such file" klp-apply load /bundles/nowhere.klp
refused "no privilege" 1 "CAP_SYS_MODULE|root|privilege|permitted" asuser 1000 /tools/klp-apply load $B
check_rc "usage" 64 klp-apply load
check_rc "an unknown verb" 64 klp-apply frobnicate

check "the good one goes in" klp-apply load $B
check_rc "a second time there is nothing to do" 2 klp-apply load $B
show
check_out "and it says so" "already"
check_eq "it runs" "$(pipes zero)" EINVAL
check "revert" klp-apply revert pipe-read
check_rc "a second revert finds nothing" 3 klp-apply revert pipe-read
show

check "told so, it takes the unsigned one" klp-apply load --insecure /bundles/pipe-read.unsigned.klp
check_out "and is loud about it" "[Ii]nsecure|INSECURE|unsigned|UNSIGNED|not verified"
check "revert" klp-apply revert pipe-read
unload_core
