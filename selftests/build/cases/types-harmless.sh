# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# New types, enumerators at the end and prototypes are fine.
# expect: built
# functions: iso_date
edit fs/isofs/isofs.h 's/isofs_file_compressed = 2,/isofs_file_compressed = 2,\n\tisofs_file_qp = 3,/; s/^(enum isofs_file_format \{)/struct qp_test { int a; long b; };\nint qp_test(struct qp_test *t);\n\n\1/'
enter fs/isofs/util.c iso_date '	struct qp_test { int a, b; } t = { flag, 1 };
	if (t.a == 42 + t.b) return 0;'
