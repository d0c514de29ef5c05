# file: settle.c
# No check is off: the worker holds a site for longer, and lets others in between where it has let go of one.
s/^#include <linux\/wait.h>$/&\n#include <linux\/delay.h>/
s/^	wake_up_all(&settle_wait);$/&\n	msleep(500);/
s/^		ret = handle_site(site, gone, let_go);$/		msleep(3000);\n&/
