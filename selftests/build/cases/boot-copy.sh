# SPDX-License-Identifier: GPL-2.0-or-later
# The EFI stub has a copy, too, but has ended when the kernel runs. (Nothing in lib/ itself has an ftrace site.)
# expect: refused no-fentry get_option
# says: its copy in drivers/firmware/efi/libstub/lib-cmdline.o runs before the kernel
enter lib/cmdline.c get_option '	if (!str) return 0;'
