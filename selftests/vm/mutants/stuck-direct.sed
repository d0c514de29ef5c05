# file: compat.h settle.c
# ftrace lets go of a direct call as soon as /sys/module/quietpatch/parameters/let_go says so, not before.
s/^#include <linux\/version.h>/&\nextern bool qp_let_go;/
s/unregister_ftrace_direct\(_multi\)\?(ops, addr[^)]*)/(qp_let_go ? & : -ENODEV)/
s/^#define RETRY_MS.*/#define RETRY_MS 1000\nbool qp_let_go; module_param_named(let_go, qp_let_go, bool, 0600);/
