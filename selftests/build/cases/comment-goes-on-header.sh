# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# As build-comment-goes-on, in a header's inline function, and with white space behind the '\': no token changes if the lines are taken one by one.
# expect: built
# kernels: 6.1 6.12
edit fs/isofs/isofs.h 's|^		\*offset = 0;|		// takes the next line in \\ \n&|'
