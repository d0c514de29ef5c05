# SPDX-License-Identifier: GPL-2.0-or-later
# host.sh - what the host makes for a test guest: modules, bundles, fixtures,
# initramfs.  Sourced by run, the demo and the benchmarks.  Everything is cached
# under $VM by a digest of what goes into it.

: "${BUILD:=build}" "${KLP_CACHE:=/var/cache/quietpatch}" "${KREL:=6.1.0-50-cloud-amd64}"
export BUILD KLP_CACHE KREL
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$TOP" || exit 1
VM=$(mkdir -p "$BUILD/vm" && cd "$BUILD/vm" && pwd)
BIN=$(cd "$BUILD" && pwd)/bin
KEY=$VM/test.key

die() { echo "$0: $*" >&2; exit 1; }

# The kernels that the project is tested on, by their short names.
krel_of() {
	case $1 in
	6.1) echo 6.1.0-50-cloud-amd64 ;;
	6.12) echo 6.12.117+deb12-cloud-amd64 ;;
	7.3) scripts/trixie-root name 2>/dev/null || echo 7.3 ;;
	debug) scripts/debug-kernel name ;;
	*) echo "$1" ;;
	esac
}
short_of() { echo "$1" | grep -oE '^[0-9]+\.[0-9]+'; }

is_debug() { case $1 in *-qpdebug) ;; *) return 1 ;; esac; }

# digest PATH...: of the files' contents and names.
digest() {
	find "$@" -type f 2>/dev/null | LC_ALL=C sort | xargs -r sha256sum | sha256sum | cut -c1-16
}

# cached KEY OUT CMD...: runs CMD with OUT.tmp as a fresh folder unless OUT is
# there; CMD's output goes to OUT.log.  One at a time a key.
cached() {
	local out=$1; shift
	[ -e "$out" ] && return 0
	mkdir -p "$(dirname "$out")"
	(
		flock 9
		[ -e "$out" ] && exit 0
		rm -rf "$out.tmp" && mkdir -p "$out.tmp"
		if "$@" "$out.tmp" > "$out.log" 2>&1; then
			mv "$out.tmp" "$out"
		else
			echo "'$*' failed; the end of $out.log:" >&2
			tail -n 15 "$out.log" | sed 's/^/    /' >&2
			exit 1
		fi
	) 9> "$out.lock"
}

# _there FILE KREL: for what patches are built for, klp-build says whether it will do: an older version's may not.
_there() {
	case $1 in
	target.json) "$BIN/klp-build" prepare --ready --kernel "$2" ;;
	*) [ -e "$KLP_CACHE/$2/$1" ] ;;
	esac
}
# _prepare FILE KREL [--runtime]: prepares the target unless its FILE is there; one at a time.
_prepare() {
	local file=$1 krel=$2
	shift 2
	_there "$file" "$krel" && return 0
	(
		flock 9
		_there "$file" "$krel" && exit 0
		case $krel in
		7.*) scripts/trixie-root >&2 && { _there "$file" "$krel" ||
			scripts/trixie-root klp-build prepare --kernel "$krel" >&2; } ;;
		*-qpdebug) scripts/debug-kernel >&2 ;;
		*) "$BIN/klp-build" prepare --kernel "$krel" "$@" >&2 ;;
		esac
	) 9> "$VM/prepare.lock"
}
# A target with image, modules and headers: what booting and building the core need.
target_ready() { _prepare vmlinuz "$1" --runtime && _prepare headers "$1" --runtime; }
target_there() { [ -e "$KLP_CACHE/$1/target.json" ]; }
# A target that patches can be built for.
target_prepared() { _prepare target.json "$1"; }

make_key() {
	# Parallel tests want the same key.
	(
		flock 9
		[ -e "$KEY" ] && [ -e "$KEY.pub" ] && exit 0
		rm -f "$KEY" "$KEY.pub"
		# klp-repo keygen writes KEY and KEY.pub.
		"$BIN/klp-repo" keygen "$KEY" >&2
	) 9> "$KEY.lock"
}

# A key as a machine's owner has, its certificate, and those of a foreign one: for the kernel's own signature on modules.
make_module_keys() {
	(
		flock 9
		for name in module foreign-module; do
			[ -e "$VM/$name.crt" ] || { openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=$name key of the tests" \
				-keyout "$VM/$name.key" -out "$VM/$name.tmp" 2>/dev/null && mv "$VM/$name.tmp" "$VM/$name.crt"; } || exit 1
		done
	) 9> "$VM/module.key.lock"
}

_core() { "$TOP/scripts/build-kmod" "$1" "$2"; }
# One check of the core off: MUTANT's sed script changes each source file that its first line names.
_mutant() {	# KREL MUTANT OUT
	local script=$TOP/selftests/vm/mutants/$2.sed file
	cp -r "$TOP/kmod" "$3/src" || return 1
	for file in $(sed -n '1s/^# file: //p' "$script"); do
		sed -i -f "$script" "$3/src/$file" || return 1
		! cmp -s "$TOP/kmod/$file" "$3/src/$file" || { echo "$script changes nothing in $file"; return 1; }
	done
	: > "$3/Module.symvers"
	QP_CORE=$3 "$TOP/scripts/build-kmod" "$1" "$3" "$3/src"
}
# core_module KREL [MUTANT]: prints the folder that holds quietpatch.ko and its Module.symvers.
core_module() {
	local d out
	d=$(digest kmod scripts/build-kmod ${2:+selftests/vm/mutants/$2.sed})
	out=$VM/cache/$1/core-$d${2:+-$2}
	if [ -n "${2-}" ]; then
		cached "$out" _mutant "$1" "$2"
	else
		cached "$out" _core "$1"
	fi && [ -e "$out/quietpatch.ko" ] && echo "$out"
}

_modules() {	# KREL CORE OUT
	local out=$3 src=$VM/cache/$1/modules.src
	rm -rf "$src" && cp -r "$TOP/selftests/vm/modules" "$src" || return 1
	scripts/kbuild "$1" "$src" --with "$TOP/kmod" --with "$2" KBUILD_EXTRA_SYMBOLS="$2/Module.symvers" \
		QP_TOP="$TOP" KBUILD_MODPOST_WARN=1 -j2 && cp "$src"/*.ko "$out"
}
# signed_cores KREL DIR: DIR/quietpatch.ko becomes one that is signed for kernels with Secure Boot, as DKMS does it; beside it unsigned.ko,
# and foreign.ko, by a key that isn't enrolled.
signed_cores() {
	local sign=$KLP_CACHE/$1/headers/scripts/sign-file
	make_module_keys && cp "$2/quietpatch.ko" "$2/unsigned.ko" && cp "$2/quietpatch.ko" "$2/foreign.ko" &&
		"$sign" sha256 "$VM/foreign-module.key" "$VM/foreign-module.crt" "$2/foreign.ko" &&
		"$sign" sha256 "$VM/module.key" "$VM/module.crt" "$2/quietpatch.ko"
}
# test_modules KREL: prints the folder with all modules of selftests/vm/modules.
test_modules() {
	local core d out
	core=$(core_module "$1") || return 1
	d=$(digest selftests/vm/modules kmod)
	out=$VM/cache/$1/modules-$d
	cached "$out" _modules "$1" "$core" && echo "$out"
}

# fix_of NAME: a live patch of the project, or a change made for tests.
fix_of() {
	if [ -d "patches/$1" ]; then
		echo "$TOP/patches/$1"
	elif [ -e "selftests/vm/fixes/$1.patch" ]; then
		echo "$TOP/selftests/vm/fixes/$1.patch"
	elif [ -e "selftests/vm/fixes/$1.update" ]; then
		echo "$TOP/selftests/vm/fixes/$1.update"
	elif [ -e "selftests/vm/fixes/$1.series" ]; then
		echo "$TOP/selftests/vm/fixes/$1.series"
	elif [ -e "selftests/vm/fixes/$1.mitigation" ]; then
		echo "$TOP/selftests/vm/fixes/$1.mitigation"
	else
		echo "no patches/$1, nor selftests/vm/fixes/$1.patch, .update, .series or .mitigation" >&2
		return 1
	fi
}

# newest_source VERSION: the source package of this version or, once it is gone, the newest there is.
newest_source() {
	local all
	all=$(apt-cache madison "linux-source-${1%.*}" | awk '{print $3}')
	grep -qxF "$1" <<< "$all" && echo "$1" || { sort -V <<< "$all" | tail -n 1; }
}
# _update KREL LIST OUT OPTION...: the files that it lists, of an update of the kernel's source ("version: V",
# then "OUTCOME FILE" a line).  Of that very version the outcomes are what the list says.
_update() {
	local version args=() want got file
	version=$(newest_source "$(sed -n 's/^version: //p' "$2")")
	while read -r want file; do args+=(--only "$file"); done < <(grep -v '^#\|^version:' "$2")
	"$BIN/klp-build" build --kernel "$1" --from-package "$version" "${args[@]}" --parts --json "$3/report.json" "${@:4}" || return 1
	invalid build-package "$3/report.json" | grep . && return 1
	grep -qxF "version: $version" "$2" || return 0
	got=$(python3 -c 'import json, sys
for c in json.load(open(sys.argv[1]))["changes"]: print(c["outcome"], c["file"])' "$3/report.json" | LC_ALL=C sort)
	diff <(grep -v '^#\|^version:' "$2" | LC_ALL=C sort) - <<< "$got"
}

# _series KREL LIST OUT OPTION...: the changes that it lists ("OUTCOME NAME" a line) as a series of commits.
_series() {
	local want name nr=0
	mkdir "$3/commits" || return 1
	while read -r want name; do
		nr=$((nr + 1))
		ln -s "$(fix_of "$name")" "$3/commits/$nr-$name.patch"
	done < <(grep -v '^#' "$2")
	"$BIN/klp-build" build --kernel "$1" --series "$3/commits" --json "$3/report.json" "${@:4}" || return 1
	invalid build-series "$3/report.json" | grep . && return 1
	diff <(sed -n 's/^\([a-z]*\) .*/\1/p' "$2") <(python3 -c 'import json, sys
for c in json.load(open(sys.argv[1]))["commits"]: print(c["outcome"])' "$3/report.json")
}

_bundle() {	# KREL NAME VARIANT OUT
	local sign=(--key "$KEY") more builder=("$BIN/klp-build")
	# Its compiler is newer than ours.
	case $1 in 7.*) builder=(scripts/trixie-root klp-build) ;; esac
	case $3 in
	signed) ;;
	unsigned) sign=() ;;
	kernel) sign+=(--module-key "$VM/module.key" --module-cert "$VM/module.crt") ;;
	kernel-foreign) sign+=(--module-key "$VM/foreign-module.key" --module-cert "$VM/foreign-module.crt") ;;
	foreign) sign=(--key "$4/foreign.key"); "$BIN/klp-repo" keygen "$4/foreign.key" || return 1 ;;
	esac
	# A fix may ask for options ("klp-build: --release 2"), one line.
	read -ra more <<< "$(sed -n 's/^klp-build: //p' "selftests/vm/fixes/$2.patch" "patches/$2/fix.patch" 2>/dev/null)"
	# The module itself is found in the work folder.
	[ "$3" != module ] || { export TMPDIR=$4; more+=(--keep); }
	if [ -e "selftests/vm/fixes/$2.update" ]; then
		_update "$1" "$(fix_of "$2")" "$4" --name "$2" ${sign[@]+"${sign[@]}"} -o "$4/$2.klp"
		return
	fi
	if [ -e "selftests/vm/fixes/$2.series" ]; then
		_series "$1" "$(fix_of "$2")" "$4" --name "$2" ${sign[@]+"${sign[@]}"} -o "$4/$2.klp"
		return
	fi
	if [ -e "selftests/vm/fixes/$2.mitigation" ]; then
		# Its lines are arguments, but for comments.
		mapfile -t more < <(grep -v '^#' "selftests/vm/fixes/$2.mitigation")
		"${builder[@]}" mitigate --kernel "$1" --expires "$(date -u -d '+300 days' +%F)" "${more[@]}" \
			${sign[@]+"${sign[@]}"} -o "$4/$2.klp"
		return
	fi
	"${builder[@]}" build --kernel "$1" "$(fix_of "$2")" ${sign[@]+"${sign[@]}"} ${more[@]+"${more[@]}"} -o "$4/$2.klp" || return 1
	[ "$3" != module ] || { cp "$4"/klp-build.*/qp_*.ko "$4/$2.ko" && rm -rf "$4"/klp-build.*; }
}
# bundle KREL NAME[@VARIANT|@KREL]: prints the path of the built bundle (@module: of the module in it).
bundle() {
	local krel=$1 name=${2%%@*} variant=signed cert= fix d out
	case $2 in
	*@unsigned | *@foreign | *@module) variant=${2#*@} ;;
	*@kernel | *@kernel-foreign) variant=${2#*@} cert=$VM/module.crt; make_module_keys || return 1 ;;
	*@*) krel=$(krel_of "${2#*@}") ;;
	esac
	fix=$(fix_of "$name") && make_key && target_prepared "$krel" || return 1
	d=$(digest "$BIN/klp-build" "$fix" "$KEY" ${cert:+"$cert"})
	out=$VM/cache/$krel/bundle-$name-$variant-$d
	cached "$out" _bundle "$krel" "$name" "$variant" || return 1
	if [ "$variant" = module ]; then echo "$out/$name.ko"; else echo "$out/$name.klp"; fi
}

# By what a bundle names its kernel.
build_id() {
	if target_there "$1"; then
		sed -n 's/.*"build_id": "\([0-9a-f]*\)".*/\1/p' "$KLP_CACHE/$1/target.json"
	else
		readelf -n "$KLP_CACHE/$1/headers/vmlinux" | sed -n 's/.*Build ID: //p'
	fi
}
_packed() {	# KREL KO HOW OUT; HOW: foreign, or ""
	local ko=$2
	if [ "$3" = foreign ]; then
		ko=$4/$(basename "$2")
		cp "$2" "$ko" && "$KLP_CACHE/$1/headers/scripts/sign-file" sha256 "$VM/foreign-module.key" "$VM/foreign-module.crt" "$ko" || return 1
	fi
	gcc -std=gnu11 -O2 -Wall -Wextra -Werror -Itools/lib -o "$4/pack" "$TOP/selftests/vm/pack.c" \
		"$BUILD/libklp.a" -lelf -lzstd -lcrypto -ljansson &&
		"$4/pack" "$ko" "$1" "$(build_id "$1")" "$KEY" "$4/$(basename "$2" .ko).klp"
}
# packed KREL NAME[@foreign]: a bundle around a test module; prints its path.
packed() {
	local ko d out name=${2%@foreign} how=
	[ "$name" = "$2" ] || { how=foreign && make_module_keys || return 1; }
	ko=$(test_modules "$1")/$name.ko && make_key || return 1
	d=$(digest "$ko" "$KEY" "$TOP/selftests/vm/pack.c" ${how:+"$VM/foreign-module.crt"})
	out=$VM/cache/$1/packed-$2-$d
	cached "$out" _packed "$1" "$ko" "$how" && echo "$out/$name.klp"
}

_prog() { gcc -std=gnu11 -O2 -g -Wall -Wextra -Werror -Ikmod/uapi -static -pthread -o "$2/prog" "$1"; }
prog() {	# NAME: a small static program of selftests/vm/progs
	local src=selftests/vm/progs/$1.c out
	[ -e "$src" ] || { echo "no $src" >&2; return 1; }
	out=$VM/cache/prog-$1-$(digest "$src" kmod/uapi)
	cached "$out" _prog "$src" && echo "$out/prog"
}

fixture() {	# NAME: a folder made by selftests/vm/fixtures/NAME OUTDIR, anew when what its line "# of:" names has changed
	local src=selftests/vm/fixtures/$1 out
	[ -x "$src" ] || { echo "no $src" >&2; return 1; }
	# shellcheck disable=SC2046 # files and folders
	out=$VM/cache/fixture-$1-$(digest "$src" $(sed -n 's/^# of: //p' "$src"))
	cached "$out" "$src" && echo "$out"
}
# invalid NAME FILE: what is wrong with FILE, by docs/schema/NAME.json; nothing, if it is right
invalid() {
	local dir
	dir=$(cd "$TOP" && fixture schema) && "$dir/valid" "$dir/$1.json" < "$2" 2>&1 || echo "$2 isn't what docs/schema/$1.json says"
}

# Shared objects of a dynamic program, with the loader.
libs_of() { ldd "$1" 2>/dev/null | grep -oE '/[^ ]+\.so[^ ]*' | sort -u; }

pack() {	# ROOT OUT: a folder as an uncompressed cpio; decompressing under TCG takes longer than reading
	(cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc --quiet -R 0:0) > "$2"
}

_base() {	# OUT
	local root=$1/root t l
	mkdir -p "$root"/{bin,tools,lib,lib64,etc/quietpatch/keys,test,modules,bundles,progs,fixtures,var/lib}
	cp "$(command -v busybox)" "$root/bin/busybox" || return 1
	for t in "$BIN"/klp-*; do
		cp "$t" "$root/tools/" || return 1
		for l in $(libs_of "$t"); do
			cp -L "$l" "$root/lib/" || return 1
		done
	done
	strip "$root"/tools/* || true
	[ -e "$root/lib/ld-linux-x86-64.so.2" ] && mv "$root/lib/ld-linux-x86-64.so.2" "$root/lib64/"
	printf '%s\n' root:x:0:0::/root:/bin/sh nobody:x:65534:65534::/:/bin/false > "$root/etc/passwd"
	printf '%s\n' root:x:0: nogroup:x:65534: > "$root/etc/group"
	echo "passwd: files" > "$root/etc/nsswitch.conf"
	cp selftests/vm/guest/init "$root/init"
	cp selftests/vm/guest/lib.sh selftests/vm/guest/machine "$root/test/"
	pack "$root" "$1/base.cpio" && rm -rf "$root"
}
# base_image: busybox, our tools and their libraries; the same for each kernel.
base_image() {
	local out
	out=$VM/cache/base-$(digest "$BIN" selftests/vm/guest "$(command -v busybox)")
	cached "$out" _base && echo "$out/base.cpio"
}

# stock_modules KREL ROOT MODULE...: the kernel's own modules with all that they
# need, decompressed, in ROOT/lib/modules/KREL.
stock_modules() {
	local krel=$1 root=$2 dir=$KLP_CACHE/$1/modules m f dst
	shift 2
	for m in "$@"; do
		modprobe -d "$dir" -S "$krel" --show-depends "$m" | awk '$1 == "insmod" { print $2 }'
	done | sort -u | while read -r f; do
		dst=$root/lib/modules/$krel/${f#*/lib/modules/"$krel"/}
		mkdir -p "$(dirname "$dst")"
		case $f in
		*.xz) xz -dc "$f" > "${dst%.xz}" ;;
		*.zst) zstd -qdc "$f" > "${dst%.zst}" ;;
		*) cp "$f" "$dst" ;;
		esac
	done
	mkdir -p "$root/lib/modules/$krel"
	cp "$dir/lib/modules/$krel"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$krel/" 2>/dev/null
	depmod -b "$root" "$krel"
}

_packages() {	# OUT
	local deb
	"$TOP/scripts/deb" "$1/made" || return 1
	deb=$(ls "$1"/made/quietpatch_*.deb)
	cp "$deb" "$1/quietpatch.deb" || return 1
	# A later version of the same, for upgrades.
	dpkg-deb -R "$deb" "$1/next" && sed -i '/^Version:/s/$/+next/' "$1/next/DEBIAN/control" &&
		dpkg-deb --root-owner-group -Znone -b "$1/next" "$1/quietpatch-next.deb" && rm -rf "$1/next" "$1/made"
}
# packages: prints the folder with quietpatch.deb, as `make deb` makes it, and quietpatch-next.deb, a later version.
packages() {
	local out
	out=$VM/cache/packages-$(digest Makefile README.md debian docs kmod scripts/deb scripts/install tools)
	cached "$out" _packages && echo "$out"
}

# The tests: selftests/vm/AREA/NAME.sh is called AREA-NAME.
test_scripts() { ls selftests/vm/*/*.sh | grep -v '^selftests/vm/guest/'; }
name_of() { local path=${1%.sh} area; area=${path%/*}; echo "${area##*/}-${path##*/}"; }

# header SCRIPT FIELD: what a test script says of itself; README.md lists the fields.
header() { sed -n "2,30s/^# $2: *//p" "$1" | head -n 1; }

# lacks_module KREL NAME...: the first that this kernel has neither as a module nor built in.
lacks_module() {
	local dir=$KLP_CACHE/$1/modules name
	for name in "${@:2}"; do
		if ! find "$dir" -name "${name//[-_]/[-_]}.ko*" | grep -q . &&
			! find "$dir" -name modules.builtin -exec cat {} + | grep -q "/${name//[-_]/[-_]}\.ko$"; then
			echo "$name"
			return 0
		fi
	done
	return 1
}

# overlay TEST KREL ROOT: what only this test needs.
overlay() {
	local test=$1 krel=$2 root=$3 b f kmods
	mkdir -p "$root"/{test,modules,bundles,progs,fixtures,files,etc/quietpatch/keys}
	cp "$test" "$root/test/script"
	if [ "$(header "$test" core)" != no ]; then
		f=$(core_module "$krel" "$(header "$test" mutant)") && cp "$f/quietpatch.ko" "$root/modules/" || return 1
	fi
	[ "$(header "$test" core)" != signed ] || signed_cores "$krel" "$root/modules" || return 1
	if [ -n "$(header "$test" modules)" ]; then
		f=$(test_modules "$krel") || return 1
		for b in $(header "$test" modules); do
			cp "$f/$b.ko" "$root/modules/" || return 1
		done
	fi
	for b in $(header "$test" bundles); do
		f=$(bundle "$krel" "$b") || return 1
		case $b in
		*@unsigned | *@foreign | *@kernel | *@kernel-foreign) cp "$f" "$root/bundles/${b/@/.}.klp" ;;
		*@module) cp "$f" "$root/bundles/${b%@*}.ko" ;;
		*@*) cp "$f" "$root/bundles/${b%%@*}.other.klp" ;;
		*) cp "$f" "$root/bundles/$b.klp" ;;
		esac
	done
	for b in $(header "$test" packed); do
		f=$(packed "$krel" "$b") && cp "$f" "$root/bundles/${b%@*}.klp" || return 1
	done
	[ -e "$KEY.pub" ] && cp "$KEY.pub" "$root/etc/quietpatch/keys/test.pub"
	for b in $(header "$test" progs); do
		f=$(prog "$b") && cp "$f" "$root/progs/$b" || return 1
	done
	for b in $(header "$test" fixtures); do
		f=$(fixture "$b") && cp -r "$f" "$root/fixtures/$b" || return 1
	done
	for b in $(header "$test" files); do
		mkdir -p "$root/files/$(dirname "$b")" && cp -r "$TOP/$b" "$root/files/$b" || return 1
	done
	if [ "$(header "$test" publisher)" ]; then
		cp "$BIN/klp-repo" "$root/progs/" && strip "$root/progs/klp-repo" && cp "$KEY" "$root/test/key.pem" || return 1
	fi
	if [ "$(header "$test" image)" ]; then
		f=$(packages) && mkdir -p "$root/packages" && cp "$f"/*.deb "$root/packages/" || return 1
		# As quietpatch-dkms leaves it; building it there, under emulation, would take minutes.
		mkdir -p "$root/product/lib/modules/$krel/updates/dkms" && cp "$root/modules/quietpatch.ko" "$root/product/lib/modules/$krel/updates/dkms/" &&
			cp "$BIN/klp-repo" "$root/progs/" && strip "$root/progs/klp-repo" && cp "$KEY" "$root/test/key.pem" && cp "$KEY.pub" "$root/test/key.pem.pub" || return 1
		# The core is in the machine's own tree of modules, as its package would have it.
		stock_modules "$krel" "$root" virtio_pci virtio_blk ext4
		cp "$root/lib/modules/$krel"/modules.* "$root/product/lib/modules/$krel/" && depmod -b "$root/product" "$krel"
		# /lib is a link there.
		mkdir "$root/product/usr" && mv "$root/product/lib" "$root/product/usr/lib"
		return
	fi
	kmods=$(header "$test" kmods)
	[ "$(header "$test" boots)" ] && kmods="$kmods virtio_pci virtio_blk ext4"
	# shellcheck disable=SC2086 # a list of names
	[ -z "$kmods" ] || stock_modules "$krel" "$root" $kmods
}

# boot KREL INITRD LOG SECONDS MEMORY SMP APPEND [QEMU-ARGUMENT...]
# Single-threaded TCG: the multi-threaded one corrupts text-poke stress.
# no_timer_check: on a busy host the test of the timer fails by itself.
# A stock kernel that dies before it comes to our init (the emulator at times loses flags or an interrupt) has run none of
# our code: that says nothing of us, so it is started again, twice at most, and the console of each start is kept.
boot() {
	local krel=$1 initrd=$2 log=$3 secs=$4 mem=$5 smp=$6 append=$7 start rc
	shift 7
	for start in 1 2 3; do
		[ "$start" -eq 1 ] || cp "$log" "$log.$((start - 1))"
		_boot "$@"
		rc=$?
		grep -q '^qp-init' "$log" && break
	done
	return $rc
}

_boot() {
	local line="console=ttyS0 loglevel=6 panic=-1 oops=panic no_timer_check random.trust_cpu=on $append" from
	if [ "${FIRMWARE:-}" = shim ]; then
		shim_disk "$krel" "$initrd" "$line" "$initrd.fat" || return 1
		from=(-drive "file=$initrd.fat,if=virtio,format=raw,cache=unsafe")
	else
		from=(-kernel "$KLP_CACHE/$krel/vmlinuz" -initrd "$initrd" -append "$line")
	fi
	timeout -k 5 "$secs" qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp "$smp" -m "$mem" \
		-nodefaults -nographic -no-reboot -serial stdio -net none \
		"${from[@]}" "$@" < /dev/null > "$log" 2>&1
}
