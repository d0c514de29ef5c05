// SPDX-License-Identifier: GPL-2.0-or-later
/* inputs.c - see inputs.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "elf.h"
#include "err.h"
#include "inputs.h"
#include "kallsyms.h"
#include "notes.h"
#include "prepare.h"
#include "search.h"

#define NOTE_BUILD_SALT	0x100	/* LINUX_ELFNOTE_BUILD_SALT */
#define IKCONFIG_MAX	(8u << 20)
#define KSYMTAB_ENTRY	12	/* struct kernel_symbol with relative references */

static int makefile_number(const char *makefile, const char *name)
{
	size_t n = strlen(name);

	for (const char *l = makefile; l && *l; l = strchr(l, '\n'), l += l ? 1 : 0)
		if (!strncmp(l, name, n) && l[n + strspn(l + n, " \t")] == '=')
			return atoi(strchr(l, '=') + 1);
	return -1;
}

char *inputs_version(const char *makefile)
{
	int v = makefile_number(makefile, "VERSION"), p = makefile_number(makefile, "PATCHLEVEL");
	int s = makefile_number(makefile, "SUBLEVEL");

	return v < 0 || p < 0 || s < 0 ? NULL : format("%d.%d.%d", v, p, s);
}

int inputs_check_version(const char *version, const char *banner, struct klp_err *err)
{
	size_t n = strlen(version);

	for (const char *p = banner; (p = strstr(p, version)); p++)
		if ((p == banner || (!isdigit((unsigned char)p[-1]) && p[-1] != '.')) &&
		    !isdigit((unsigned char)p[n]))
			return 0;
	return klp_err_set(err, -EINVAL,
			   "the source tree is version %s, the image says \"%s\": give the source that this kernel was built from",
			   version, banner);
}

/* A line "CONFIG_X=..." of @len bytes is in @config. */
static bool has_line(const char *config, const char *line, size_t len)
{
	for (const char *p = config; (p = memmem(p, strlen(p), line, len)); p++)
		if ((p == config || p[-1] == '\n') && (p[len] == '\n' || !p[len]))
			return true;
	return false;
}

static bool is_set(const char *config, const char *name)
{
	char *line = format("CONFIG_%s=y", name);
	bool set = has_line(config, line, strlen(line));

	free(line);
	return set;
}

/* The image's own configuration; NULL: it has none. */
static char *embedded_config(const struct elf_file *image)
{
	const uint8_t *start = memmem(image->data, image->len, "IKCFG_ST\x1f\x8b", 10), *end;
	z_stream z = { 0 };
	char *out = NULL;
	int ret;

	if (!start)
		return NULL;
	start += 8;
	end = memmem(start, (size_t)(image->data + image->len - start), "IKCFG_ED", 8);
	out = end ? xmalloc(IKCONFIG_MAX) : NULL;
	/* 16: a gzip header, and no other. */
	if (!out || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
		free(out);
		return NULL;
	}
	z.next_in = (uint8_t *)(uintptr_t)start;
	z.avail_in = (unsigned int)(end - start);
	z.next_out = (uint8_t *)out;
	z.avail_out = IKCONFIG_MAX - 1;
	ret = inflate(&z, Z_FINISH);
	out[z.total_out] = '\0';
	inflateEnd(&z);
	if (ret != Z_STREAM_END) {
		free(out);
		return NULL;
	}
	return out;
}

static int check_embedded(const struct elf_file *image, const char *config, const char *name,
			  struct klp_err *err)
{
	char *own = embedded_config(image);
	const char *bad = NULL;
	size_t len = 0;
	int ret = 0;

	for (const char *l = own; l && *l && !bad; l += len + (l[len] == '\n')) {
		len = strcspn(l, "\n");
		if (!strncmp(l, "CONFIG_", 7) && !has_line(config, l, len))
			bad = l;
	}
	for (const char *l = config; own && *l && !bad; l += len + (l[len] == '\n')) {
		len = strcspn(l, "\n");
		if (!strncmp(l, "CONFIG_", 7) && !has_line(own, l, len))
			bad = l;
	}
	if (bad)
		ret = klp_err_set(err, -EINVAL,
				  "%s isn't the configuration of the image, which carries its own: %.*s is in one of them only. `scripts/extract-ikconfig` of the kernel's source prints it",
				  name, (int)len, bad);
	free(own);
	return ret;
}

static int check_salt(const struct elf_file *image, const char *config, const char *name,
		      struct klp_err *err)
{
	const struct elf_section *s = elf_section(image, ".notes");
	char *salt = config_string(config, "BUILD_SALT");
	struct elf_note n;
	size_t at = 0;
	int ret = 0;

	while (s && s->data && !ret && !elf_note_next(s->data, s->size, &at, &n)) {
		const char *have = (const char *)n.desc;

		if (elf_note_is(&n, "Linux", NOTE_BUILD_SALT) && n.desc_len && !have[n.desc_len - 1] &&
		    strcmp(have, salt ? salt : ""))
			ret = klp_err_set(err, -EINVAL,
					  "%s isn't the configuration of the image: its build salt is \"%s\", the image's \"%s\"",
					  name, salt ? salt : "", have);
	}
	free(salt);
	return ret;
}

/* "6.1.0-50-cloud-amd64 SMP preempt mod_unload modversions ", of include/linux/vermagic.h. */
static int check_vermagic(const struct elf_file *image, const char *krel, const char *config,
			  const char *name, struct klp_err *err)
{
	static const char *const words[] = { "SMP ", "preempt", "mod_unload ", "modversions " };
	char *want, *start;
	const uint8_t *have = NULL;
	int ret = 0;

	want = format("%s %s%s%s%s", krel, is_set(config, "SMP") ? words[0] : "",
		      is_set(config, "PREEMPT_RT") ? "preempt_rt " :
		      is_set(config, "PREEMPT_BUILD") ? "preempt " : "",
		      is_set(config, "MODULE_UNLOAD") ? words[2] : "",
		      is_set(config, "MODVERSIONS") ? words[3] : "");
	for (size_t i = 0; !have && i < sizeof(words) / sizeof(words[0]); i++) {
		start = format("%s %s", krel, words[i]);
		have = memmem(image->data, image->len, start, strlen(start));
		free(start);
	}
	/* With its NUL; without modules the image has none. */
	if (have && !memmem(image->data, image->len, want, strlen(want) + 1)) {
		size_t room = (size_t)(image->data + image->len - have);

		ret = klp_err_set(err, -EINVAL,
				  "%s isn't the configuration of the image: its modules would be \"%s\", the image's are \"%.*s\"",
				  name, want, (int)strnlen((const char *)have, room < 200 ? room : 200),
				  (const char *)have);
	}
	free(want);
	return ret;
}

int inputs_check_config(const struct elf_file *image, const char *krel, const char *config,
			const char *name, struct klp_err *err)
{
	int ret = check_embedded(image, config, name, err);

	if (!ret)
		ret = check_salt(image, config, name, err);
	if (!ret)
		ret = check_vermagic(image, krel, config, name, err);
	return ret;
}

struct export {
	const char *name;
	size_t len;
	uint32_t crc;
	bool has_crc;
};

static int by_name(const void *a, const void *b)
{
	const struct export *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->name, y->name, n);

	return c ? c : x->len < y->len ? -1 : x->len > y->len;
}

struct exports {
	struct export *list;
	size_t nr;
};

static void add_export(struct exports *x, const char *name, size_t len, const uint8_t *crc)
{
	x->list = xgrow(x->list, x->nr, sizeof(*x->list));
	x->list[x->nr] = (struct export){ .name = name, .len = len, .has_crc = crc };
	if (crc)
		memcpy(&x->list[x->nr].crc, crc, 4);
	x->nr++;
}

/* The NUL-terminated string at link-time address @addr, or NULL. */
static const char *string_at(const struct elf_file *image, uint64_t addr)
{
	for (size_t i = 1; i < image->nr_sections; i++) {
		const struct elf_section *s = &image->sections[i];

		if ((s->flags & SHF_ALLOC) && s->data && addr >= s->addr && addr - s->addr < s->size)
			return memchr(s->data + (addr - s->addr), 0, s->size - (addr - s->addr)) ?
			       (const char *)s->data + (addr - s->addr) : NULL;
	}
	return NULL;
}

static void image_exports(const struct elf_file *image, struct exports *x)
{
	static const char *const tables[][2] = {
		{ "__ksymtab", "__kcrctab" }, { "__ksymtab_gpl", "__kcrctab_gpl" },
	};

	for (size_t t = 0; t < 2; t++) {
		const struct elf_section *s = elf_section(image, tables[t][0]);
		const struct elf_section *c = elf_section(image, tables[t][1]);

		if (!s || !s->data || s->size % KSYMTAB_ENTRY)
			continue;
		for (size_t i = 0; i < s->size / KSYMTAB_ENTRY; i++) {
			uint64_t at = i * KSYMTAB_ENTRY + 4;	/* value, name, namespace */
			const char *name;
			int32_t off;

			memcpy(&off, s->data + at, 4);
			name = string_at(image, s->addr + at + (uint64_t)(int64_t)off);
			if (name)
				add_export(x, name, strlen(name),
					       c && c->data && c->size >= 4 * i + 4 ? c->data + 4 * i : NULL);
		}
	}
}

/* "0x12345678<TAB>capable<TAB>vmlinux<TAB>EXPORT_SYMBOL<TAB>" */
static void listed_exports(const char *symvers, struct exports *x, bool *checksums)
{
	for (const char *l = symvers, *next; *l; l = next) {
		size_t line = strcspn(l, "\n"), name, crc = strcspn(l, "\t\n");
		uint32_t value = (uint32_t)strtoul(l, NULL, 16);

		next = l + line + (l[line] == '\n');
		if (l[crc] != '\t')
			continue;
		name = strcspn(l + crc + 1, "\t\n");
		if (strncmp(l + crc + 1 + name, "\tvmlinux\t", 9))
			continue;
		*checksums |= value != 0;
		add_export(x, l + crc + 1, name, (const uint8_t *)&value);
	}
}

static int compare_exports(const struct exports *image, const struct exports *file, bool checksums,
			   const char *name, struct klp_err *err)
{
	for (size_t i = 0, j = 0; i < image->nr || j < file->nr;) {
		const struct export *a = &image->list[i], *b = &file->list[j];
		int c = i == image->nr ? 1 : j == file->nr ? -1 : by_name(a, b);

		if (c)
			return klp_err_set(err, -EINVAL,
					   "%s isn't the image's: %.*s is exported by %s only",
					   name, (int)(c < 0 ? a : b)->len, (c < 0 ? a : b)->name,
					   c < 0 ? "the image" : "that file");
		if (checksums && a->has_crc && a->crc != b->crc)
			return klp_err_set(err, -EINVAL,
					   "%s isn't the image's: the checksum of %s is %#x there, %#x in the image",
					   name, a->name, b->crc, a->crc);
		i++;
		j++;
	}
	return 0;
}

int inputs_check_symvers(const struct elf_file *image, const char *symvers, const char *name,
			 struct klp_err *err)
{
	struct exports own = { 0 }, listed = { 0 };
	bool checksums = false;
	int ret = 0;

	image_exports(image, &own);
	listed_exports(symvers, &listed, &checksums);
	if (own.nr) {	/* else: without modules, or a table of another form */
		qsort(own.list, own.nr, sizeof(*own.list), by_name);
		if (listed.nr)
			qsort(listed.list, listed.nr, sizeof(*listed.list), by_name);
		ret = compare_exports(&own, &listed, checksums, name, err);
	}
	free(own.list);
	free(listed.list);
	return ret;
}

static int by_symbol(const void *a, const void *b, void *arg)
{
	const struct kallsyms *k = arg;
	const struct kallsym *x = &k->symbols[*(const uint32_t *)a], *y = &k->symbols[*(const uint32_t *)b];
	int c = strcmp(k->strings + x->name, k->strings + y->name);

	return c ? c : x->address < y->address ? -1 : x->address > y->address;
}

/* First of the sorted indexes whose symbol is called @name, or @nr. */
static size_t first_called(const struct kallsyms *k, const uint32_t *order, const char *name)
{
	return lower_bound(k->nr, i, strcmp(k->strings + k->symbols[order[i]].name, name) < 0);
}

int inputs_check_symbols(const struct elf_file *with, const struct kallsyms *k, size_t *checked,
			 struct klp_err *err)
{
	uint32_t *order = xcalloc(k->nr, sizeof(*order));
	size_t nr = 0;
	int ret = 0;

	for (size_t i = 0; i < k->nr; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, k->nr, sizeof(*order), by_symbol, (void *)(uintptr_t)k);
	for (size_t i = 1; i < with->nr_symbols && !ret; i++) {
		const struct elf_symbol *s = &with->symbols[i];
		bool named = false, found = false;

		if ((s->type != STT_FUNC && s->type != STT_OBJECT) || !s->shndx || !*s->name)
			continue;
		for (size_t j = first_called(k, order, s->name); j < k->nr && !found; j++) {
			const struct kallsym *ks = &k->symbols[order[j]];

			if (strcmp(k->strings + ks->name, s->name))
				break;
			named = true;
			found = ks->address == s->value;
		}
		nr += found;
		if (named && !found)
			ret = klp_err_set(err, -EINVAL,
					  "%s is at %#llx by the image with symbols, and not by the image's kallsyms: not the same build, or kallsyms of a form that klp-build misreads",
					  s->name, (unsigned long long)s->value);
	}
	free(order);
	if (!ret)
		*checked = nr;
	return ret;
}
