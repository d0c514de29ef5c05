/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmlinuz.h - the ELF image inside a bootable kernel.
 */
#ifndef KLP_VMLINUZ_H
#define KLP_VMLINUZ_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;

struct vmlinuz_payload {
	size_t offset;		/* bytes into the file */
	size_t len;
	const char *tool;	/* decompressor: "xz", "lz4", ...; reads stdin, writes stdout */
};

/*
 * Find the compressed payload by the x86 boot header (protocol 2.08 or newer).
 * Pure function of (buf, len).  -EINVAL: not a bzImage; -ENOTSUP: too old, or
 * an unknown compression.
 */
int vmlinuz_find(const void *buf, size_t len, struct vmlinuz_payload *out, struct klp_err *err);

/* Decompress the image of @vmlinuz into the file @out_path. */
int vmlinuz_extract(const char *vmlinuz, const char *out_path, struct klp_err *err);

#endif
