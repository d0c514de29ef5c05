# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The same bytes again, whatever is around: units of a header, a new static, strings, a bug table.
# expect: built
# kernels: 6.1 6.12 7.3
# after: reproducible
edit fs/isofs/isofs.h '/isofs_get_ino\(/,/^\}/ s/return .*/return (block << (bufbits - 5)) | ((offset + 1) >> 5);/'
enter fs/signalfd.c signalfd_copyinfo '	static int qp_seen;
	if (WARN_ON_ONCE(!kinfo)) {
		pr_info("%s: none %d\n", __FILE__, qp_seen++);
		return -EFAULT;
	}'
