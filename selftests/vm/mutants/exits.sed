# file: pass.c
# [I5]: who has left the list of processes isn't listed.
s/qp_exits_list() || qp_idle_list()/qp_idle_list()/
