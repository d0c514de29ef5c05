# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - what a test script in the guest asserts with.  Sourced as
# ". /test/lib.sh"; runs under busybox sh.  See selftests/vm/README.md.

QP_PASS=0 QP_FAIL=0 QP_SKIP=0
QP_SYS=/sys/kernel/quietpatch
OUT=/tmp/out.$$		# stdout and stderr of the last `run`
RC=0			# its exit status

_counts() { echo "$QP_PASS $QP_FAIL $QP_SKIP" > /run/qp/counts; }
say() { echo "# $*"; }
ok() { QP_PASS=$((QP_PASS + 1)); _counts; echo "ok - $*"; }
fail() { QP_FAIL=$((QP_FAIL + 1)); _counts; echo "not ok - $*"; return 1; }
skip() { QP_SKIP=$((QP_SKIP + 1)); _counts; echo "ok - # SKIP $*"; }
# Give up: nothing after this could mean anything.
die() { fail "$*"; exit 1; }

# run CMD...: keeps output in $OUT and status in $RC, never stops the script.
run() { "$@" > "$OUT" 2>&1; RC=$?; return 0; }
show() { sed 's/^/#   /' "$OUT"; }

# check WHAT CMD...: one assertion: CMD succeeds.
check() {
	_what=$1; shift
	if "$@" > "$OUT" 2>&1; then ok "$_what"; else RC=$?; fail "$_what: '$*' gave $RC"; show; return 1; fi
}
# check_not WHAT CMD...: CMD fails.
check_not() {
	_what=$1; shift
	if "$@" > "$OUT" 2>&1; then fail "$_what: '$*' succeeded"; show; return 1; else ok "$_what"; fi
}
# check_rc WHAT WANTED CMD...: CMD exits with WANTED.
check_rc() {
	_what=$1 _want=$2; shift 2
	run "$@"
	if [ "$RC" -eq "$_want" ]; then ok "$_what"; else fail "$_what: '$*' gave $RC, not $_want"; show; return 1; fi
}
# check_eq WHAT GOT WANTED
check_eq() {
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1: got '$2', want '$3'"; return 1; fi
}
# check_out WHAT REGEX: output of the last run or check_* matches (grep -E).
check_out() {
	if grep -Eq -- "$2" "$OUT"; then ok "$1"; else fail "$1: no '$2' in the output"; show; return 1; fi
}
check_not_out() {
	if grep -Eq -- "$2" "$OUT"; then fail "$1: '$2' in the output"; show; return 1; else ok "$1"; fi
}
# number KEY: the first number that the JSON of the last run has under that name.
number() { grep -oE "\"$1\": *[0-9.]+" "$OUT" | head -n 1 | grep -oE '[0-9.]+$'; }
# need WHAT CMD...: like check, but gives up when it fails; not counted.
need() {
	_what=$1; shift
	"$@" > "$OUT" 2>&1 && return 0
	RC=$?; show; die "$_what: '$*' gave $RC"
}
# How much longer things take: on the debug kernel each access of memory and each lock is checked.
SLOW=1
case $(uname -r) in *-qpdebug) SLOW=8 ;; esac
# wait_for SECONDS CMD...: polls every 0.1 s until CMD succeeds; 1 when it never did in SECONDS * $SLOW.
wait_for() {
	_end=$(($(cut -d. -f1 /proc/uptime) + $1 * SLOW)); shift
	until "$@" > /dev/null 2>&1; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$_end" ] || return 1
		usleep 100000
	done
}

# Milliseconds since boot.
now_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }
has_log() { dmesg | grep -Eq -- "$1"; }
loaded() { grep -q "^$1 " /proc/modules; }
load_core() { need "load quietpatch.ko" insmod /modules/quietpatch.ko "$@"; }
unload_core() { check "the core module unloads" rmmod quietpatch; }
# repo_init DIR KEY: a repository, KEY for all its roles, whose root this machine trusts.
repo_init() { klp-repo init --repo "$1" --key "$2" && cp "$1/metadata/1.root.json" /etc/quietpatch/root.json; }
# attr FILE: content of a sysfs file of the core, "" if there is none.
attr() { cat "$QP_SYS/$1" 2>/dev/null; }

_counts
