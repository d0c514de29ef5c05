// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof_extern.c - symbols that a unit leaves undefined: which object of the
 * shipped kernel has them, and where.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "io.h"
#include "proof_priv.h"
#include "target/target.h"

#define SYMVERS_MAX (64u << 20)

/* "0x0b7e8a8f\tsock_map_unhash\tvmlinux\tEXPORT_SYMBOL_GPL\t\n": the third word's last part. */
static char *owner_in(char *text, const char *name)
{
	char *line = text, *end, *word[3];

	for (; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		word[0] = strchr(line, '\t');
		if (word[0] && word[0] < end && !strncmp(word[0] + 1, name, strlen(name)) &&
		    word[0][1 + strlen(name)] == '\t') {
			word[1] = word[0] + 2 + strlen(name);
			word[2] = strpbrk(word[1], "\t\n");
			if (!word[2])
				return NULL;
			for (char *p = word[1]; p < word[2]; p++)
				if (*p == '/')
					word[1] = p + 1;
			return xstrndup(word[1], word[2] - word[1]);
		}
		if (!*end)
			break;
	}
	return NULL;
}

/* The object that exports @name, by Module.symvers; lent until the proof is freed. */
static const char *exporter(const struct build *b, const struct unit *u, const char *name)
{
	struct proof *p = u->proof;
	char *path = NULL, *owner = NULL;
	void *text = NULL;
	size_t len;

	if (asprintf(&path, "%s/obj/Module.symvers", b->target->dir) < 0)
		return NULL;
	if (!io_read_file(path, SYMVERS_MAX, &text, &len, NULL))
		owner = owner_in(text, name);
	free(path);
	free(text);
	if (!owner)
		return NULL;
	text_swap(owner, '-', '_');	/* as the module calls itself */
	p->owners = xgrow(p->owners, p->nr_owners, sizeof(*p->owners));
	p->owners[p->nr_owners++] = owner;
	return owner;
}

static int place_global(const struct image *img, const char *name, struct kernel_place *out)
{
	uint64_t addr[2];
	size_t n = image_lookup(img, name, true, addr, 2);

	if (n != 1)
		return n ? -EEXIST : -ENOENT;
	return image_place(img, addr[0], name, out);
}

/* Where a proven function of the unit was seen to refer to it. */
static int place_seen(const struct unit *u, const char *name, struct kernel_place *out)
{
	const struct solver *s = &u->proof->orig;
	uint64_t addr;

	for (size_t i = 1; i < s->ef->nr_symbols; i++) {
		const struct elf_symbol *sym = &s->ef->symbols[i];

		if (sym->shndx == SHN_UNDEF && !strcmp(sym->name, name) &&
		    !solver_address(s, sym, &addr))
			return image_place(s->img, addr, name, out);
	}
	return -ENOENT;
}

static int place_in_module(const struct build *b, const char *module, const char *name,
			   struct kernel_place *out)
{
	struct image img;
	char *path = NULL;
	int ret;

	ret = target_module_path(b->target, module, &path, NULL);
	if (ret)
		return -ENOENT;
	ret = image_open(b->target, path, &img, NULL);
	free(path);
	if (ret)
		return ret;
	ret = place_global(&img, name, out);
	out->section = NULL;	/* the file is closed again */
	image_close(&img);
	return ret;
}

bool proof_has_global(const struct unit *u, const char *name)
{
	uint64_t addr;

	return !u->proof || image_lookup(&u->proof->img, name, true, &addr, 1);
}

int proof_place_extern(const struct build *b, const struct unit *u, const char *name,
		       const char **object, struct kernel_place *out)
{
	const struct image vmlinux = { .target = b->target };
	const char *owner;
	int ret;

	if (!u->proof)
		return -ENOENT;
	*out = (struct kernel_place){ 0 };
	ret = place_seen(u, name, out);
	if (ret)
		ret = place_global(&u->proof->img, name, out);
	if (!ret) {
		*object = u->object;
		return 0;
	}
	if (!u->proof->img.ko)
		return -ENOENT;
	owner = exporter(b, u, name);
	if (!owner)
		return -ENOENT;
	if (!strcmp(owner, "vmlinux"))
		ret = place_global(&vmlinux, name, out);
	else
		ret = place_in_module(b, owner, name, out);
	if (!ret)
		*object = owner;
	return ret;
}
