# file: exit.c
# There is no memory for the second of the two probes.
s/ret = tracepoint_probe_register(tp_exit, on_exit, NULL);/ret = -ENOMEM;/
