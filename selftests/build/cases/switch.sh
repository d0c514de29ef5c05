# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A switch with many cases.
# expect: built
# functions: iso_date
enter fs/isofs/util.c iso_date '	switch (flag) {
	case 10: return p[1];
	case 11: return p[4] + 3;
	case 12: return p[2] * 5;
	case 13: p[0] = 1; return 6;
	case 14: return p[1] - p[2];
	case 15: p[3]++; return 9;
	case 16: return p[5] ^ 77;
	case 17: return p[6] | 1;
	}'
