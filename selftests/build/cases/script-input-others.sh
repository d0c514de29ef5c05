# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Headers that scripts read, too, changed in lines that none of them takes.
# expect: nothing
# kernels: 6.1 6.12
edit include/linux/net.h 's/^( \* NET\t.*)$/\1 /'
append include/linux/fortify-string.h "/* the end */"
append io_uring/slist.h '/* the end */'
