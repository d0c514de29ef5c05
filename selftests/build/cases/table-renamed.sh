# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A table of functions gets another name: files that are open go by the old one.
# expect: refused data eventfd_fops
edit fs/eventfd.c 's/\beventfd_fops\b/eventfd_file_ops/'
