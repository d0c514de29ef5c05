# file: tasks.c settle.c handler.c
# No check is off: a reversal rests between counting and setting, until the parameter go_on is set; the worker's clock ticks over a site's time at the worst
# moment; and a handler that is about to be armed lets others come first.
s/^#include <linux\/slab.h>$/#include <linux\/delay.h>\n&\n#include <linux\/moduleparam.h>/
s/^static int count_flipped(.*/static bool go_on;\nmodule_param(go_on, bool, 0600);\n\n&/
s/^	qp_tasks_for_each(count_flipped, &nr);$/&\n	pr_info("counted\\n");\n	while (!READ_ONCE(go_on))\n		msleep(50);/
s/^static bool site_is_idle(const struct qp_site \*site)$/static unsigned long edge;\nstatic int nr_read;\n\/* A tick before the time that was set last, then a tick after it, then what it is. *\/\nstatic unsigned long worst_clock(void)\n{\n	int n = nr_read++;\n\n	return edge \&\& n < 2 ? edge - 1 + 2 * n : jiffies;\n}\n\n&/
/^static struct qp_site \*pick_site(/,/^}/s/\<jiffies\>/worst_clock()/
/^void qp_settle_linger(/,/^}/s/^	site->not_before = .*/&\n	edge = site->not_before;\n	nr_read = 0;/
s/^	WRITE_ONCE(site->arming, current);$/&\n	pr_info("arming\\n");\n	msleep(2000);/
