/* SPDX-License-Identifier: GPL-2.0-only */
/* prefix.h - how our lines in the kernel log begin; included before everything else. */
#define pr_fmt(fmt) "quietpatch: " fmt
