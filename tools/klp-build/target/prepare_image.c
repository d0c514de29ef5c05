// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare_image.c - what a kernel image says of itself: release, build-id,
 * compiler and symbols; and whether configuration and exports are its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "elf.h"
#include "err.h"
#include "inputs.h"
#include "io.h"
#include "kallsyms.h"
#include "notes.h"
#include "prepare.h"
#include "vmlinuz.h"

/* "Linux version 6.1.0-50-cloud-amd64 (...) (gcc-12 ...) #1 SMP ..." */
static char *find_banner(const struct elf_file *ef)
{
	static const char start[] = "Linux version ";
	const uint8_t *p = ef->data, *end = ef->data + ef->len;

	while ((p = memmem(p, (size_t)(end - p), start, sizeof(start) - 1))) {
		const uint8_t *nul = memchr(p, 0, (size_t)(end - p));

		/* Not the format string "Linux version %s (%s)". */
		if (nul && nul - p < 512 && p[sizeof(start) - 1] != '%')
			return xstrndup((const char *)p, strcspn((const char *)p, "\n"));
		p++;
	}
	return NULL;
}

/* Of .notes, as hex; NULL: none. */
static char *find_build_id(const struct elf_file *ef)
{
	const struct elf_section *s = elf_section(ef, ".notes");
	char hex[129];

	return s && s->data && !notes_build_id(s->data, s->size, hex, sizeof(hex)) ? xstrdup(hex) : NULL;
}

/*
 * Where there is an image with symbols of the same build, decoding kallsyms is
 * checked by it: the -dbg package's, or the given one.
 */
static int check_symbols(const struct prepare *p, const struct kallsyms *k, struct klp_err *err)
{
	char *paths[] = {
		p->given.vmlinux ? xstrdup(p->given.vmlinux) : NULL,
		format("/usr/lib/debug/boot/vmlinux-%s", p->krel),
		format("/usr/lib/debug/lib/modules/%s/vmlinux", p->krel),
	};
	struct elf_file *ef;
	int ret = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *id = NULL;
		size_t n = 0;

		/* A bootable one isn't ELF, and none need be there. */
		if (!ret && paths[i] && !elf_open(paths[i], &ef, NULL)) {
			id = find_build_id(ef);
			if (id && !strcmp(id, p->build_id))
				ret = inputs_check_symbols(ef, k, &n, err);
			elf_close(ef);
			if (n)
				report_verbose(p->report, "%zu symbols are where %s has them", n, paths[i]);
		}
		free(id);
		free(paths[i]);
	}
	return ret;
}

static int write_symbols(const struct prepare *p, const void *data, size_t len, struct klp_err *err)
{
	char *path = format("%s/symbols", p->tmp);
	struct kallsyms k = { 0 };
	struct text t = { 0 };
	int ret = kallsyms_parse(data, len, &k, err);

	for (size_t i = 0; !ret && i < k.nr; i++)
		text_addf(&t, "%016llx %c %s\n", (unsigned long long)k.symbols[i].address,
			  k.symbols[i].type, k.strings + k.symbols[i].name);
	if (!ret)
		ret = check_symbols(p, &k, err);
	if (!ret)
		ret = io_write_atomic(path, t.s, t.len, 0644, err);
	if (!ret)
		report_verbose(p->report, "%zu symbols", k.nr);
	text_free(&t);
	kallsyms_free(&k);
	free(path);
	return ret;
}

/* A distribution's are one build, unless somebody rebuilt half of it; given ones may be anything. */
static int check_inputs(const struct prepare *p, const struct elf_file *ef, struct klp_err *err)
{
	void *text;
	size_t len;
	int ret = io_read_file(p->config, 16u << 20, &text, &len, err);

	if (ret)
		return ret;
	ret = inputs_check_config(ef, p->krel, text, p->config, err);
	free(text);
	if (ret)
		return ret;
	ret = io_read_file(p->symvers, 64u << 20, &text, &len, err);
	if (ret)
		return ret;
	ret = inputs_check_symvers(ef, text, p->symvers, err);
	free(text);
	return ret;
}

char *image_release(const char *vmlinux, struct klp_err *err)
{
	struct elf_file *ef;
	char *banner, *release = NULL;

	if (elf_open(vmlinux, &ef, err))
		return NULL;
	banner = find_banner(ef);
	elf_close(ef);
	if (banner)
		release = xstrndup(banner + 14, strcspn(banner + 14, " "));
	else
		klp_err_set(err, -EBADMSG, "the image has no banner \"Linux version ...\"");
	free(banner);
	return release;
}

/* symbols; and what the image says of itself. */
static int read_image(struct prepare *p, struct klp_err *err)
{
	char *vmlinux = format("%s/vmlinux", p->tmp);
	struct elf_file *ef = NULL;
	int ret = elf_open(vmlinux, &ef, err);

	if (!ret) {
		p->banner = find_banner(ef);
		p->build_id = find_build_id(ef);
		if (!p->banner || !p->build_id)
			ret = klp_err_set(err, -EBADMSG, "the image has no %s",
					  p->banner ? "build-id" : "banner");
	}
	/* "Linux version KREL (": the right image? */
	if (!ret && (strncmp(p->banner + 14, p->krel, strlen(p->krel)) ||
		     p->banner[14 + strlen(p->krel)] != ' '))
		ret = klp_err_set(err, -EBADMSG, "the image's banner is \"%s\", which isn't release %s",
				  p->banner, p->krel);
	if (!ret)
		ret = write_symbols(p, ef->data, ef->len, err);
	if (!ret)
		ret = check_inputs(p, ef, err);
	elf_close(ef);
	free(vmlinux);
	return ret;
}

int config_compiler(const char *config, const char *path, const char *banner, char **out,
		    struct klp_err *err)
{
	char *compiler = config_string(config, "CC_VERSION_TEXT");
	int ret;

	if (compiler && strstr(banner, compiler)) {
		*out = compiler;
		return 0;
	}
	ret = klp_err_set(err, -EBADMSG,
			  "%s names the compiler \"%s\", the image's banner is \"%s\": not the same build",
			  path, compiler ? compiler : "(none)", banner);
	free(compiler);
	return ret;
}

static int read_config(struct prepare *p, struct klp_err *err)
{
	void *config = NULL;
	size_t len;
	int ret = io_read_file(p->config, 16u << 20, &config, &len, err);

	if (!ret)
		ret = config_compiler(config, p->config, p->banner, &p->compiler, err);
	if (!ret && !p->runtime)
		ret = config_buildable(config, err);
	free(config);
	if (ret)
		return ret;
	p->cc = xstrndup(p->compiler, strcspn(p->compiler, " "));
	return 0;
}

int prepare_image(struct prepare *p, struct klp_err *err)
{
	int ret = read_image(p, err);

	return ret ? ret : read_config(p, err);
}
