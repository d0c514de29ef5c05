# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# lzo1x_compress_safe.c includes lzo1x_compress.c, under other names.
# expect: built
# functions: lzogeneric1x_1_compress lzogeneric1x_1_compress_safe
edit lib/lzo/lzo1x_compress.c '/^static int LZO_SAFE\(lzogeneric1x_1_compress\)/,/^\}/ s/^(\twhile \(l > )20(\) \{)$/\121\2/'
