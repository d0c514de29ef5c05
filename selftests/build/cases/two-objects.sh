# SPDX-License-Identifier: GPL-2.0-or-later
# compat_binfmt_elf.c includes binfmt_elf.c: the loader of 32-bit programs is another function of the same source.
# expect: built
# functions: load_elf_binary load_elf_binary
# file: fs/binfmt_elf.c compiled
enter fs/binfmt_elf.c load_elf_binary '	if (!bprm) return -ENOEXEC;'
