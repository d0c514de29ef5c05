# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# chain.sh - many tests in one guest, one after the other: on the debug kernel, booting takes longer than most of them.
# Sourced by run (-1).
#
# guest/init runs the scripts that /chain/list names, each with its own folders, an empty /tmp and an empty kernel log.  It ends the
# guest when a test has failed, or has left a module of ours behind; the next guest goes on with the rest.  So a
# failure is the test's own, and a test that passes alone passes here.

# chainable TEST KREL: one that needs no guest of its own.
chainable() {
	local field
	for field in alone expect boots image pstore append debug smp kmods firmware; do
		[ -z "$(header "$1" $field)" ] || return 1
	done
	! { is_debug "$2" && [ -n "$(header "$1" bundles)" ] && ! target_there "$2"; }
}

# chain_first "TEST KREL"...: those that share a guest before those that don't.
chain_first() {
	local line others=()
	for line; do
		if chainable "${line% *}" "${line#* }"; then echo "$line"; else others+=("$line"); fi
	done
	[ ${#others[@]} -eq 0 ] || printf '%s\n' "${others[@]}"
}

# secs_of TEST KREL, memory_of TEST KREL: what it is given.
secs_of() {
	local full="" secs
	[ "${FULL:-0}" != 1 ] || full=$(header "$1" full)
	secs=$((${full:-$(header "$1" timeout | grep . || echo 120)} * ${TIMEOUT_SCALE:-1}))
	# Booting takes 20 s there, and everything is several times slower.
	! is_debug "$2" || secs=$((secs * 4 + 60))
	echo $secs
}
memory_of() {
	local mem
	mem=$(header "$1" memory | grep . || echo 512)
	# KASAN's shadow is an eighth of memory.
	! is_debug "$2" || mem=$((mem + 512))
	echo "$mem"
}

# Equal files take their place once: nearly all have the same core.
dedupe() {
	local sum file last="" first=""
	find "$1" -type f -size +3k -exec sha256sum {} + | LC_ALL=C sort | while read -r sum file; do
		[ "$sum" = "$last" ] && ln -f "$first" "$file" || first=$file
		last=$sum
	done
}

# watch_guest PID LOG WORK: ends the guest when a test has had its time.
watch_guest() {
	local now last="" since=$SECONDS
	while kill -0 "$1" 2> /dev/null; do
		sleep 2
		now=$(sed -n 's/\r$//; s/^qp-test //p' "$2" 2> /dev/null | tail -n 1)
		[ "$now" = "$last" ] || { last=$now since=$SECONDS; }
		# kmemleak's look comes on top.
		[ $((SECONDS - since)) -le $(($(cat "$3/$now.secs" 2> /dev/null || echo 300) + 240)) ] ||
			kill $(pgrep -P "$1" timeout)
	done
}

# chain KREL INDEX...: those of TESTS, in as few guests as may be; their results as one() writes them.
chain() {
	local krel=$1 work guest=0 left=() i script name mem=0 m more="" nonce pid begun verdict log end
	shift
	work=$(mktemp -d "$VM/tmp.XXXXXX")
	! is_debug "$krel" || more=no5lvl
	[ "${FULL:-0}" != 1 ] || more="$more qp.full"
	target_ready "$krel"
	for i in "$@"; do
		script=${TESTS[$i]% *} name=$(test_of "$i")
		if ! overlay "$script" "$krel" "$work/root/chain/$name" 2> "$work/err"; then
			cp "$work/err" "$VM/$name.$krel.log"
			rm -rf "$work/root/chain/$name"
			tell "$i" "fail host: $(head -n 1 "$work/err")" "$SECONDS" "$VM/$name.$krel.log"
			continue
		fi
		secs_of "$script" "$krel" > "$work/$name.secs"
		m=$(memory_of "$script" "$krel")
		[ "$m" -le "$mem" ] || mem=$m
		left+=("$i")
	done
	dedupe "$work/root"
	while [ ${#left[@]} -gt 0 ]; do
		guest=$((guest + 1))
		mkdir -p "$work/root/chain"
		for i in "${left[@]}"; do echo "$(test_of "$i") $(cat "$work/$(test_of "$i").secs")"; done > "$work/root/chain/list"
		pack "$work/root" "$work/over.cpio"
		cat "$BASE" "$work/over.cpio" > "$work/initrd"
		nonce=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
		: > "$work/log"
		boot "$krel" "$work/initrd" "$work/log" 100000 $((mem + 256)) 2 "qp.nonce=$nonce qp.chain $more" &
		pid=$!
		watch_guest $pid "$work/log" "$work" &
		begun=$SECONDS end=""
		# In the order of the list, each told when the next one has begun.
		while [ ${#left[@]} -gt 0 ] && [ -z "$end" ]; do
			sleep 1
			kill -0 $pid 2> /dev/null || end=yes
			while [ ${#left[@]} -gt 0 ]; do
				name=$(test_of "${left[0]}")
				log=$VM/$name.$krel.log
				grep -q "^qp-test $name"$'\r*$' "$work/log" || break
				[ -n "$end" ] || grep -q "^qp-over $name"$'\r*$' "$work/log" || break
				sed -n "/^qp-test $name\r*\$/,/^qp-test /{ /^qp-test $name\r*\$/p; /^qp-test /!p }" "$work/log" > "$log"
				verdict=$(selftests/vm/verdict -v nonce="$nonce.$name" "$log")
				tell "${left[0]}" "$verdict" $begun "$log"
				begun=$SECONDS
				left=("${left[@]:1}")
				rm -rf "$work/root/chain/$name"
			done
		done
		wait $pid
		# A guest that ran no test at all won't next time either.
		if ! grep -q '^qp-test ' "$work/log"; then
			for i in "${left[@]}"; do
				cp "$work/log" "$VM/$(test_of "$i").$krel.log"
				tell "$i" "fail no-result: the guest ran no test" $begun "$VM/$(test_of "$i").$krel.log"
			done
			left=()
		fi
	done
	rm -rf "$work"
}

test_of() { name_of "${TESTS[$1]% *}"; }
# tell INDEX VERDICT BEGUN LOG
tell() {
	printf '%s\t%s\t%s\n' "$2" $(((SECONDS - $3) * 10)) "$4" > "$RESULTS/$1.tmp"
	mv "$RESULTS/$1.tmp" "$RESULTS/$1"
}
