# file: observe.c
# A sleeper that the monitor calls clean is believed to be.
s/^		qp_walk_task(t, qp_task_ranges(e), &walk);$/&\n		if (claimed)\n			walk.verdict = QP_V_CLEAN;/
