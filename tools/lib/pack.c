// SPDX-License-Identifier: GPL-2.0-or-later
/* pack.c - see pack.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "pack.h"

struct header {
	int32_t code;
	uint32_t name_len;
	uint64_t len;
};

_Static_assert(sizeof(struct header) == 16, "no padding");

static int fill(struct pack_item *item, const char *name, size_t name_len, int code, const void *data, size_t len)
{
	item->name = strndup(name, name_len);
	item->data = malloc(len + 1);
	item->code = code;
	item->len = len;
	if (!item->name || !item->data) {
		free(item->name);
		free(item->data);
		return -ENOMEM;
	}
	if (len)
		memcpy(item->data, data, len);
	((char *)item->data)[len] = '\0';
	return 0;
}

static int put(struct pack *p, const char *name, size_t name_len, int code, const void *data, size_t len)
{
	struct pack_item item, *items;
	int ret;

	if (name_len > PACK_NAME_MAX || p->nr >= PACK_ITEMS_MAX)
		return -E2BIG;
	items = reallocarray(p->items, p->nr + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	p->items = items;
	ret = fill(&item, name, name_len, code, data, len);
	if (ret)
		return ret;
	pack_remove(p, item.name);
	p->items[p->nr++] = item;
	return 0;
}

int pack_put(struct pack *p, const char *name, int code, const void *data, size_t len)
{
	return put(p, name, strlen(name), code, data, len);
}

const struct pack_item *pack_find(const struct pack *p, const char *name)
{
	for (size_t i = 0; i < p->nr; i++)
		if (!strcmp(p->items[i].name, name))
			return &p->items[i];
	return NULL;
}

void pack_remove(struct pack *p, const char *name)
{
	for (size_t i = 0; i < p->nr; i++) {
		if (strcmp(p->items[i].name, name))
			continue;
		free(p->items[i].name);
		free(p->items[i].data);
		p->items[i] = p->items[--p->nr];
		return;
	}
}

void pack_clear(struct pack *p)
{
	for (size_t i = 0; i < p->nr; i++) {
		free(p->items[i].name);
		free(p->items[i].data);
	}
	free(p->items);
	memset(p, 0, sizeof(*p));
}

int pack_format(const struct pack *p, void **out, size_t *len)
{
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < p->nr; i++)
		size += sizeof(struct header) + strlen(p->items[i].name) + p->items[i].len;
	at = malloc(size + 1);
	if (!at)
		return -ENOMEM;
	*out = at;
	*len = size;
	for (size_t i = 0; i < p->nr; i++) {
		const struct pack_item *item = &p->items[i];
		struct header h = { item->code, (uint32_t)strlen(item->name), item->len };

		memcpy(at, &h, sizeof(h));
		memcpy(at + sizeof(h), item->name, h.name_len);
		memcpy(at + sizeof(h) + h.name_len, item->data, item->len);
		at += sizeof(h) + h.name_len + item->len;
	}
	return 0;
}

int pack_parse(const void *data, size_t len, struct pack *out, struct klp_err *err)
{
	const char *at = data;
	struct pack p = { 0 };
	struct header h;
	int ret = 0;

	while (!ret && len) {
		if (len < sizeof(h)) {
			ret = -EBADMSG;
			break;
		}
		memcpy(&h, at, sizeof(h));
		at += sizeof(h);
		len -= sizeof(h);
		if (h.code > 0 || h.name_len > len || h.len > len - h.name_len || memchr(at, '\0', h.name_len)) {
			ret = -EBADMSG;
			break;
		}
		ret = put(&p, at, h.name_len, h.code, at + h.name_len, h.len);
		at += h.name_len + h.len;
		len -= h.name_len + h.len;
	}
	if (ret) {
		pack_clear(&p);
		return klp_err_set(err, ret, "a pack of files is malformed, or has too many");
	}
	*out = p;
	return 0;
}
