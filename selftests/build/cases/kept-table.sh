# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new table of nothing but the kernel's functions is given to a file, which keeps it: no revert under that.
# expect: built
# functions: do_eventfd
# says: do_eventfd takes the address of the new table eventfd_reads, which the kernel may keep: the patch can't be reverted
# kernels: 6.1 6.12
before fs/eventfd.c do_eventfd 'static const struct file_operations eventfd_reads = {
	.read_iter	= eventfd_read,
	.release	= eventfd_release,
};'
edit fs/eventfd.c 's/anon_inode_getfile\("\[eventfd\]", &eventfd_fops,/anon_inode_getfile("[eventfd]", count == 7 ? \&eventfd_reads : \&eventfd_fops,/'
