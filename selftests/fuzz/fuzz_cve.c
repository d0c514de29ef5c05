// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_cve.c - any bytes as the kernel CVE team's records, in the three forms that a publisher reads; the first byte chooses.
 * What comes of them gets signed and printed, so it is printable.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cve_judge.h"
#include "err.h"
#include "printable.h"
#include "seeds.h"
#include "../../tools/klp-repo/cve_records.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void all_printable(const json_t *j)
{
	const char *key, *text = json_string_value(j);
	json_t *value;
	size_t i;

	if (text && !text_is_printable(text, json_string_length(j)))
		abort();
	json_object_foreach((json_t *)j, key, value) {
		if (!text_is_printable(key, strlen(key)))
			abort();
		all_printable(value);
	}
	json_array_foreach(j, i, value)
		all_printable(value);
}

static int read_records(const uint8_t *data, size_t size, json_t *out, struct klp_err *err)
{
	const char *text = (const char *)data + 1;

	switch (data[0] % 3) {
	case 0:
		return cve_records_json(text, size - 1, out, err);
	case 1:
		return cve_records_dyad(text, size - 1, "CVE-2026-1234", out, err);
	default:
		return cve_records_table(text, size - 1, out, err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *out = json_object();
	struct klp_err err;

	if (!out)
		abort();
	if (size && !read_records(data, size, out, &err))
		all_printable(out);
	json_decref(out);
	return 0;
}

static void seed(const char *name, const char *text)
{
	json_t *out = json_object();
	struct klp_err err;

	if (!out || read_records((const uint8_t *)text, strlen(text), out, &err) || !json_object_size(out)) {
		fprintf(stderr, "%s: %s\n", name, err.text);
		abort();
	}
	json_decref(out);
	seed_write(name, text, strlen(text));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	seed("json", "0{\"cveMetadata\": {\"cveID\": \"CVE-2026-1234\", \"state\": \"PUBLISHED\"}, \"containers\": {\"cna\": {\"title\": "
	     "\"pipe: fix\", \"metrics\": [{\"cvssV3_1\": {\"baseSeverity\": \"HIGH\"}}], \"affected\": [{\"programFiles\": "
	     "[\"fs/pipe.c\"]}]}}}");
	seed("dyad", "1# dyad version: x\n5.15:0123456789abcdef0123456789abcdef01234567:6.1.177:0123456789abcdef0123456789abcdef01234567\n");
	seed("table", "2CVE-2026-1234\t5.15\t6.1.177\t0123456789ab\tpipe: fix\tfs/pipe.c\n");
	return 0;
}
