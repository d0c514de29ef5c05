# file: unwind_x86_64.c
# [I2] off: frames in affected code don't count.
s/if (qp_ranges_find(ranges, addr))/if (0 \&\& qp_ranges_find(ranges, addr))/
