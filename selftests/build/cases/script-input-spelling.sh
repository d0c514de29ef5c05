# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Lines that scripts of the build take, with other white space than the header's own lines have.
# expect: refused build-input include/uapi/asm-generic/resource.h
# expect: refused build-input include/uapi/linux/capability.h
# expect: refused build-input include/linux/socket.h
# expect: refused build-input arch/x86/include/asm/cpufeatures.h
# kernels: 6.1 6.12
edit include/uapi/asm-generic/resource.h 's/^#define RLIM_NLIMITS.*/#define RLIMIT_QP 16\n&/'
edit include/uapi/linux/capability.h 's/^#define CAP_LAST_CAP.*/#define\tCAP_QP 41\n&/'
edit include/linux/socket.h 's/^#define AF_MAX.*/#define\tAF_QP\t47\n&/'
edit arch/x86/include/asm/cpufeatures.h 's/^#define X86_FEATURE_SERIALIZE(.*)\/\* .*/# define X86_FEATURE_SERIALIZE\1\/* "serialise" *\//'
