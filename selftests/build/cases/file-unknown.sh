# SPDX-License-Identifier: GPL-2.0-or-later
# What the build makes of these is in the running kernel, or may be: none is skipped.
# expect: refused build-input crypto/rsapubkey.asn1
# expect: refused build-input arch/x86/lib/x86-opcode-map.txt
# expect: refused build-input kernel/bounds.c
# expect: refused build-input arch/x86/kernel/asm-offsets.c
# expect: refused build-input arch/x86/kernel/asm-offsets_64.c
# expect: refused build-input lib/raid6/mktables.c
# expect: refused build-input lib/raid6/int.uc
# expect: refused build-input lib/build_OID_registry
# expect: refused build-input security/selinux/include/classmap.h
# expect: refused build-input include/linux/socket.h
# expect: refused build-input tools/objtool/check.c
# expect: refused build-input kernel/time/timeconst.bc
# expect: refused build-input drivers/tty/vt/cp437.uni
# expect: refused build-input scripts/mod/modpost.c
# expect: refused build-input kernel/qp_new.c
# expect: refused assembly arch/x86/kernel/verify_cpu.S
# expect: refused assembly arch/x86/crypto/glue_helper-asm-avx.S
# after: none-compiled
for f in crypto/rsapubkey.asn1 arch/x86/lib/x86-opcode-map.txt kernel/bounds.c arch/x86/kernel/asm-offsets.c \
	arch/x86/kernel/asm-offsets_64.c lib/raid6/mktables.c lib/raid6/int.uc lib/build_OID_registry \
	security/selinux/include/classmap.h tools/objtool/check.c kernel/time/timeconst.bc drivers/tty/vt/cp437.uni \
	scripts/mod/modpost.c arch/x86/kernel/verify_cpu.S arch/x86/crypto/glue_helper-asm-avx.S; do
	append $f ' '
done
edit include/linux/socket.h 's/^(#define AF_MAX).*/\1 47/'
raw '--- /dev/null
+++ b/kernel/qp_new.c
@@ -0,0 +1 @@
+int qp_new;'
append net/core/sock_map.c 'int qp_other;'
