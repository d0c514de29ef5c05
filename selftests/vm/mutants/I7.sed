# file: unwind_x86_64.c
# [I7] off: a stack that ends without an error is enough.
s/ || !is_root(out->frame))/ || (0 \&\& !is_root(out->frame)))/
