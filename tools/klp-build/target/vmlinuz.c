// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmlinuz.c - see vmlinuz.h.
 *
 * Offsets are those of the kernel's Documentation/arch/x86/boot.rst.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/proc.h"
#include "base/text.h"
#include "err.h"
#include "io.h"
#include "vmlinuz.h"

#define VMLINUZ_MAX		(256u << 20)
#define SETUP_SECTS		0x1f1
#define HEADER_MAGIC		0x202
#define PROTOCOL_VERSION	0x206
#define PAYLOAD_OFFSET		0x248
#define PAYLOAD_LENGTH		0x24c
#define HEADER_END		0x250

static const struct compression {
	const char *magic;
	size_t magic_len;
	const char *tool;
	bool size_appended;	/* kbuild's size_append: 4 bytes behind the stream */
} compressions[] = {
	{ "\x1f\x8b", 2, "gzip", false },
	{ "\xfd" "7zXZ", 6, "xz", true },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", true },
	{ "\x02\x21\x4c\x18", 4, "lz4", true },
	{ "BZh", 3, "bzip2", true },
	{ "\x5d\0\0", 3, "lzma", true },
};

int vmlinuz_find(const void *buf, size_t len, struct vmlinuz_payload *out, struct klp_err *err)
{
	const uint8_t *p = buf;
	size_t sects, start, size;

	if (len < HEADER_END || memcmp(p + HEADER_MAGIC, "HdrS", 4))
		return klp_err_set(err, -EINVAL, "not an x86 kernel image (no boot header)");
	if ((p[PROTOCOL_VERSION] | p[PROTOCOL_VERSION + 1] << 8) < 0x208)
		return klp_err_set(err, -ENOTSUP, "boot protocol older than 2.08");
	sects = p[SETUP_SECTS] ? p[SETUP_SECTS] : 4;
	start = (sects + 1) * 512 + get32(p + PAYLOAD_OFFSET);
	size = get32(p + PAYLOAD_LENGTH);
	if (start > len || size > len - start || size < 16)
		return klp_err_set(err, -EINVAL,
				   "boot header points outside the image (payload at %zu, %zu bytes)",
				   start, size);
	for (size_t i = 0; i < sizeof(compressions) / sizeof(compressions[0]); i++) {
		const struct compression *c = &compressions[i];

		if (memcmp(p + start, c->magic, c->magic_len))
			continue;
		*out = (struct vmlinuz_payload){
			.offset = start,
			.len = size - (c->size_appended ? 4 : 0),
			.tool = c->tool,
		};
		return 0;
	}
	return klp_err_set(err, -ENOTSUP, "payload is in an unknown compression (%02x %02x %02x %02x)",
			   p[start], p[start + 1], p[start + 2], p[start + 3]);
}

static int decompress(const uint8_t *data, const struct vmlinuz_payload *payload,
		      const char *out_path, struct klp_err *err)
{
	const char *argv[] = { payload->tool, "-dc", NULL };
	struct proc p = { .argv = argv, .out_path = out_path };
	char *packed = format("%s.packed", out_path);
	char *log = format("%s.log", out_path);
	int ret;

	p.in_path = packed;
	p.log_path = log;
	ret = io_write_atomic(packed, data + payload->offset, payload->len, 0644, err);
	if (!ret)
		ret = proc_run(&p, err);
	unlink(packed);
	unlink(log);
	free(packed);
	free(log);
	return ret;
}

int vmlinuz_extract(const char *vmlinuz, const char *out_path, struct klp_err *err)
{
	struct vmlinuz_payload payload;
	void *data;
	size_t len;
	int ret;

	ret = io_read_file(vmlinuz, VMLINUZ_MAX, &data, &len, err);
	if (ret)
		return ret;
	ret = vmlinuz_find(data, len, &payload, err);
	if (!ret)
		ret = decompress(data, &payload, out_path, err);
	free(data);
	if (ret)
		return klp_err_wrap(err, "cannot unpack %s", vmlinuz);
	return 0;
}
