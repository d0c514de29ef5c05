/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seeds.h - fuzz targets make their own seeds: files in $FUZZ_SEEDS, written by
 * LLVMFuzzerInitialize(), which runs before libFuzzer reads its corpus.
 */
#ifndef FUZZ_SEEDS_H
#define FUZZ_SEEDS_H

#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "io.h"
#include "manifest.h"

static inline void seed_write(const char *name, const void *data, size_t len)
{
	const char *dir = getenv("FUZZ_SEEDS");
	struct klp_err err;
	char path[4096];

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/seed-%s", dir, name);
	if (io_write_atomic(path, data, len, 0644, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

/* A manifest that passes manifest_check() once it has a payload. */
static inline struct manifest *seed_manifest(void)
{
	struct manifest *m = manifest_new();
	struct manifest_function *f;

	m->release = 1;
	manifest_set(&m->name, "a");
	manifest_set(&m->module, "qp_a");
	manifest_set(&m->kernel_release, "6.1");
	manifest_set(&m->kernel_build_id, "0123456789abcdef0123456789abcdef01234567");
	manifest_set(&m->arch, "x86_64");
	manifest_add_cve(m, "CVE-2026-1234");
	manifest_add_object(m, "vmlinux");
	manifest_set(&m->min_tool, "0.1");
	manifest_set(&manifest_add_note(m)->name, "n");
	f = manifest_add_function(m);
	manifest_set(&f->object, "vmlinux");
	manifest_set(&f->name, "f");
	return m;
}

#endif
