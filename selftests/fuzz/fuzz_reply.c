// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_reply.c - what klp-update is answered by other processes: by klp-apply (JSON, and its exit status), by the fetcher (a
 * pack).  The first byte chooses.  What goes into the history is printable; a pack that is taken is written the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "pack.h"
#include "printable.h"
#include "seeds.h"
#include "run/loader.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void loader(const char *text, size_t len, int status)
{
	static char detail[512];
	struct loader_reply r;

	loader_reply_parse(text, len, status, 0, &r);
	must(r.status == status && strnlen(r.error, sizeof(r.error)) < sizeof(r.error));
	must(text_is_printable(r.error, strlen(r.error)));
	loader_reply_describe(&r, detail, sizeof(detail));
	must(text_is_printable(detail, strlen(detail)));
	loader_reply_clear(&r);
}

static void fetcher(const void *data, size_t len)
{
	struct pack p, again;
	void *out = NULL, *twice = NULL;
	size_t n = 0, m = 0;
	struct klp_err err;

	if (pack_parse(data, len, &p, &err))
		return;
	for (size_t i = 0; i < p.nr; i++)
		must(pack_find(&p, p.items[i].name) == &p.items[i] && p.items[i].code <= 0);
	must(p.nr <= PACK_ITEMS_MAX && !pack_format(&p, &out, &n) && n <= len);
	must(!pack_parse(out, n, &again, &err) && again.nr == p.nr && !pack_format(&again, &twice, &m));
	must(m == n && !memcmp(out, twice, n));
	free(out);
	free(twice);
	pack_clear(&p);
	pack_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		fetcher(data + 1, size - 1);
	else
		loader((const char *)data + 1, size - 1, (data[0] >> 1) - 1);
	return 0;
}

static void seed(const char *name, uint8_t kind, const void *data, size_t len)
{
	uint8_t *text = malloc(len + 1);

	text[0] = kind;
	memcpy(text + 1, data, len);
	seed_write(name, text, len + 1);
	free(text);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char good[] = "{\"patch\": \"a\", \"transition\": {\"ms\": 3.25, \"tasks\": 66}, \"pending\": [\"nf_tables\", \"ext4\"]}";
	static const char bad[] = "{\"error\": \"it is for kernel 6.1, this machine runs 6.12\"}";
	struct pack p = { 0 };
	size_t len;
	void *out;

	(void)argc;
	(void)argv;
	seed("load", 2, good, sizeof(good) - 1);
	seed("refused", 4, bad, sizeof(bad) - 1);
	if (pack_put(&p, "https://a.example/1.root.json", 0, "{}", 2) || pack_put(&p, "https://a.example/2.root.json", -2, "none", 4) ||
	    pack_put(&p, "empty", 0, "", 0) || pack_format(&p, &out, &len))
		abort();
	seed("pack", 1, out, len);
	free(out);
	pack_clear(&p);
	return 0;
}
