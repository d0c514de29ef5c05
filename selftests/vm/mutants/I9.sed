# file: symbols.c
# [I9] off: the table is written under the loader's eyes; new names stay beside old addresses for long enough that each loader sees it.
s/^#include <linux\/file.h>$/#include <linux\/delay.h>\n&/
/^	qp_exports_count(THIS_MODULE, 0);$/d
/^	wait_for_loader();$/d
s/^	memcpy(lent_names, strings, len);$/&\n	msleep(300);/
