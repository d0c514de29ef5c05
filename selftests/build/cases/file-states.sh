# SPDX-License-Identifier: GPL-2.0-or-later
# A fix with files of all kinds that don't matter: each is listed with its reason, and the rest is built.
# expect: built
# functions: sock_map_alloc
# file: net/core/sock_map.c compiled: 1 function changes
# file: drivers/gpu/drm/vc4/vc4_bo.c irrelevant: not in this configuration
# file: arch/arm64/kernel/traps.c irrelevant: another architecture
# file: Documentation/networking/new.rst irrelevant: documentation
# file: tools/testing/selftests/net/new.c irrelevant: a program of its own
# file: samples/kobject/kobject-example.c irrelevant: not in this configuration
# file: rust/kernel/lib.rs irrelevant: Rust
enter net/core/sock_map.c sock_map_alloc '	if (attr->max_entries > 77777777) return ERR_PTR(-E2BIG);'
append drivers/gpu/drm/vc4/vc4_bo.c 'int qp_new;'
append samples/kobject/kobject-example.c 'int qp_new;'
append rust/kernel/lib.rs '// new'
raw 'diff --git a/arch/arm64/kernel/traps.c b/arch/arm64/kernel/traps.c
--- a/arch/arm64/kernel/traps.c
+++ b/arch/arm64/kernel/traps.c
@@ -1,2 +1,3 @@
 one
+more
 two
diff --git a/Documentation/networking/old.rst b/Documentation/networking/new.rst
similarity index 100%
rename from Documentation/networking/old.rst
rename to Documentation/networking/new.rst
diff --git a/tools/testing/selftests/net/new.c b/tools/testing/selftests/net/new.c
new file mode 100644
index 000000000000..111111111111
--- /dev/null
+++ b/tools/testing/selftests/net/new.c
@@ -0,0 +1 @@
+int x;'
