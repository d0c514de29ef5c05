# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing to do, and for each file it says why.
# expect: nothing
# file: drivers/gpu/drm/vc4/vc4_bo.c irrelevant: not in this configuration
# file: arch/riscv/Makefile irrelevant: another architecture
# file: fs/read_write.c irrelevant: only its mode changes
# file: kernel/sys.c compiled: it compiles to the same bytes
append drivers/gpu/drm/vc4/vc4_bo.c 'int qp_new;'
edit kernel/sys.c 's|Linus Torvalds|L. Torvalds|'
raw 'diff --git a/arch/riscv/Makefile b/arch/riscv/Makefile
--- a/arch/riscv/Makefile
+++ b/arch/riscv/Makefile
@@ -1 +1,2 @@
 one
+two
diff --git a/fs/read_write.c b/fs/read_write.c
old mode 100644
new mode 100755'
