# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A header that includes one more, which is new: what it defines is tested by an #if.
# expect: built
# functions: fill_ac
edit include/linux/acct.h 's/^#endif	\/\* _LINUX_ACCT_H \*\/$/#include <linux\/qp_test.h>\n&/'
raw '--- /dev/null
+++ b/include/linux/qp_test.h
@@ -0,0 +1,2 @@
+#undef ACCT_VERSION
+#define ACCT_VERSION 4'
