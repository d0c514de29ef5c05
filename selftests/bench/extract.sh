#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each function of a sample of vmlinux units, extracted alone: does it give an object that
# objtool accepts and that links as a module does?  EXTRACT_UNITS: how many units (0: all).
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build}" "${KREL:=6.1.0-50-cloud-amd64}" "${KLP_CACHE:=/var/cache/quietpatch}" "${EXTRACT_UNITS:=200}"
cache=$KLP_CACHE/$KREL
[ -e "$cache/commands" ] || { echo "extract: run \`klp-build prepare --kernel $KREL\` first" >&2; exit 1; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

objs=$(ls tools/klp-build/*/*.c | sed -n "/\/main.c\$/!s|\(.*\)\.c\$|$BUILD/obj/\1.o|p")
# shellcheck disable=SC2086 # a list
gcc -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Itools/lib -Itools/klp-build -Ikmod/uapi -o "$tmp/alone" \
	selftests/bench/extract/alone.c $objs "$BUILD/libklp.a" \
	-lbpf -lz -ldw -lelf -lzstd -lcrypto -ljansson || exit 1

# objtool's flags are those that kbuild uses for a module's object; none: it sees whole modules.
mkdir "$tmp/kb"
echo 'int qp_flags; int qp_f(void); int qp_f(void) { return qp_flags; }' > "$tmp/kb/a.c"
printf 'obj-m := m.o\nm-y := a.o\n' > "$tmp/kb/Kbuild"
make -s -C "$cache/headers" M="$tmp/kb" KBUILD_MODPOST_WARN=1 modules > "$tmp/kb/log" 2>&1
objtool=$(cat "$tmp"/kb/.a.o.cmd "$tmp"/kb/.m.o.cmd | grep -o '[^ ]*tools/objtool/objtool .*' | head -n 1)
objtool=${objtool% *}
export SRCARCH=x86	# 6.12's objtool wants it
[ -n "$objtool" ] || { echo "extract: no objtool command in kbuild's output; see $tmp/kb/log" >&2; exit 1; }

list=$(awk -F'\t' '$1 !~ /^arch\/x86\/(boot|entry\/vdso|realmode|purgatory|tools)|libstub/ { print $1 }' "$cache/commands")
total=$(wc -l <<<"$list")
step=1
[ "$EXTRACT_UNITS" -gt 0 ] && step=$((total / EXTRACT_UNITS / 2 + 1))	# half of all are in modules

units=0 functions=0 good=0
for object in $(awk -v s="$step" 'NR % s == 0' <<<"$list"); do
	source=${object%.o}.c
	[ -e "$cache/src/$source" ] || continue
	dir=$tmp/u; rm -rf "$dir"; mkdir "$dir"
	command=$(awk -F'\t' -v o="$object" '$1 == o { print $2; exit }' "$cache/commands")
	command=$(sed -E "s#-Wp,-MMD,[^ ]* ##" <<<"$command")
	# Units that include what the build generates there need kbuild; the sample does without.
	(cd "$cache/obj" && sh -c "${command/ -o $object / -ffunction-sections -fdata-sections -o $dir/unit.o }" &&
		sh -c "${command/ -o $object / -o $dir/plain.o }") > "$dir/cc.log" 2>&1 || continue
	n=$("$tmp/alone" "$KREL" "$source" "$dir/unit.o" "$dir/plain.o" "$dir") || { [ $? -eq 77 ] || echo "extract: $source failed" >&2; continue; }
	read -r all done <<<"$n"
	bad=0
	for x in "$dir"/*.x.o; do
		[ -e "$x" ] || continue
		# As the build does: our own table may hold the address of a static function without ENDBR.
		out=$(set -o pipefail; { cd "$cache/headers" && $objtool "$x" 2>&1 && ld -r -m elf_x86_64 -o "$dir/linked" "$x" 2>&1; } |
			sed '/objtool: \.qp\..*data relocation to !ENDBR/d') && [ -z "$out" ] || { echo "$source: ${out//$tmp\//}" >&2; bad=$((bad + 1)); }
	done
	units=$((units + 1)) functions=$((functions + all)) good=$((good + done - bad))
done
echo "extract: $good of $functions functions of $units units" >&2
[ "$functions" -gt 0 ] || exit 1
share=$(awk -v g="$good" -v f="$functions" 'BEGIN { printf "%.3f", 100 * g / f }')
printf 'functions extracted alone, linked, accepted by objtool\t%s\t%%\t-\t-\t>=99.5\t%s\t%s of %s functions with fentry, %s units of vmlinux\n' \
	"$share" "$KREL" "$good" "$functions" "$units"
