# SPDX-License-Identifier: GPL-2.0-or-later
# A module that was built beside the kernel's tree: its file is refused by name, and with it what it came with.
# expect: refused diff drivers/net/ethernet/qp_vendor/main.c
# says: the source of this kernel has no file of that name
# file: drivers/net/ethernet/qp_vendor/main.c refused
# after: none-compiled
raw '--- a/drivers/net/ethernet/qp_vendor/main.c
+++ b/drivers/net/ethernet/qp_vendor/main.c
@@ -1,3 +1,3 @@
 int a;
-int b;
+int c;
 int d;'
enter fs/signalfd.c signalfd_poll '	if (!file) return 0;'
