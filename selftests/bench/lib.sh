# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - what the parts of the benchmark share.  Sourced, not run (`run` takes executables only).
. "$(dirname "${BASH_SOURCE[0]}")/../vm/host.sh"

# figure NAME VALUE UNIT BASELINE BASELINE_NAME GOAL KERNEL HOW
figure() {
	[ $# -eq 8 ] || die "figure: $# fields, not 8: $*"
	(IFS=$'\t'; printf '%s\n' "$*")
}
# not_run NAME KERNEL WHY: a figure that couldn't be taken, and why.
not_run() { figure "$1" - - - - - "$2" "not run: $3"; }

_bench_modules() {	# KREL CORE OUT
	local src=$VM/cache/$1/bench.src
	rm -rf "$src" && cp -r "$TOP/selftests/bench/modules" "$src" || return 1
	scripts/kbuild "$1" "$src" --with "$TOP/kmod" --with "$2" KBUILD_EXTRA_SYMBOLS="$2/Module.symvers" \
		QP_TOP="$TOP" KBUILD_MODPOST_WARN=1 -j2 && cp "$src"/*.ko "$3"
}

# guest NAME KREL SMP APPEND [QEMU-ARGUMENT...]: boots guest/NAME with the benchmark's modules;
# its console is in $LOG.  Fails, and says why, unless the guest reports success.
guest() {
	local name=$1 krel=$2 smp=$3 append=$4 script=selftests/bench/guest/$1 base core mods work verdict nonce
	shift 4
	LOG=$VM/bench-$name.$krel.log
	target_ready "$krel" && base=$(base_image) && core=$(core_module "$krel") || return 1
	mods=$VM/cache/$krel/bench-$(digest selftests/bench/modules kmod)
	cached "$mods" _bench_modules "$krel" "$core" || return 1
	work=$(mktemp -d "$VM/bench.XXXXXX") || return 1
	if overlay "$script" "$krel" "$work/root" && cp "$mods"/*.ko "$work/root/modules/" &&
		pack "$work/root" "$work/over.cpio" && cat "$base" "$work/over.cpio" > "$work/initrd"; then
		nonce=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
		boot "$krel" "$work/initrd" "$LOG" "$(header "$script" timeout)" "$(header "$script" memory)" \
			"$smp" "qp.nonce=$nonce $append" "$@"
		verdict=$(selftests/vm/verdict -v nonce="$nonce" "$LOG")
	else
		verdict="fail: the guest's files couldn't be made"
	fi
	rm -rf "$work"
	case $verdict in
	pass*) return 0 ;;
	*) echo "bench: $name on $krel: $verdict (console: $LOG)" >&2; return 1 ;;
	esac
}

# told REGEX: what the guest told in lines "bench| REGEX VALUE", the values alone.
told() { sed -n "s/\r$//; s/^bench| $1 //p" "$LOG"; }
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'; }
# calc EXPRESSION [FORMAT]
calc() { awk "BEGIN { printf \"${2:-%.1f}\", $1 }"; }

# The kernels to measure on, by short name; only those that are prepared.
kernels() {
	local k
	for k in ${BENCH_KERNELS:-$*}; do
		krel_of "$k"
	done
}
