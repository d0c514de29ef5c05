# SPDX-License-Identifier: GPL-2.0-or-later
# memory.sh - what the core has allocated, as the kernel's own kmem trace events
# and vmallocinfo tell.  Sourced by core-memory and by the benchmark's guest.

T=/sys/kernel/tracing

memory_init() {
	echo 16384 > $T/buffer_size_kb
	echo 0 > $T/options/hash-ptr 2>/dev/null
	echo stacktrace > $T/events/kmem/kmalloc/trigger
	[ ! -d $T/events/kmem/kmalloc_node ] || echo stacktrace > $T/events/kmem/kmalloc_node/trigger
}

_memory_events() {
	for e in kmalloc kmalloc_node kfree; do
		[ ! -d $T/events/kmem/$e ] || echo "$1" > $T/events/kmem/$e/enable
	done
}
# memory_begin: counts from here.  memory_end: and no further; fails if it has lost anything.
memory_begin() { echo > $T/trace; echo 1 > $T/tracing_on; _memory_events 1; }
memory_end() {
	_memory_events 0
	for c in $T/per_cpu/cpu*; do
		grep -q '^overrun: 0$' "$c/stats" || die "the trace buffer has lost events"
	done
}

# memory_live: bytes that functions of the core have allocated since memory_begin and not
# freed: kmalloc by the stack of each allocation, and the core's areas of vmalloc.  Not what an
# interrupt allocates that came on top of them, nor the allocator's own caches (7.3: __pcs_*).
memory_live() {
	echo 0 > $T/tracing_on
	awk '
	function end() { if (ptr != "" && ours) size[ptr] = bytes; ptr = "" }
	/ kmalloc(_node)?: / {
		end(); ours = other = 0
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^ptr=/) ptr = $i
			if ($i ~ /^bytes_alloc=/) bytes = substr($i, 13)
		}
		next
	}
	/ kfree: / { end(); for (i = 1; i <= NF; i++) if ($i ~ /^ptr=/) delete size[$i]; next }
	/^ => (asm_|__do_softirq|handle_softirqs|__pcs_)/ { other = 1 }
	/^ => qp_/ && !other { ours = 1 }
	END { end(); for (p in size) n += size[p]; print n + 0 }' $T/trace > /tmp/live
	awk -v n="$(cat /tmp/live)" '/ (qp_|pool_fill)[a-z_]*\+/ { n += $2 } END { print n + 0 }' /proc/vmallocinfo
	echo 1 > $T/tracing_on
}
