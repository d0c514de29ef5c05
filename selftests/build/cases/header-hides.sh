# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new header stands before a generated one of its name.
# expect: built
# functions: __pv_queued_spin_lock_slowpath native_queued_spin_lock_slowpath
raw '--- /dev/null
+++ b/arch/x86/include/asm/mcs_spinlock.h
@@ -0,0 +1,5 @@
+#define arch_mcs_spin_lock_contended(l)					\
+do {									\
+	cpu_relax();							\
+	smp_cond_load_acquire(l, VAL);					\
+} while (0)'
