// SPDX-License-Identifier: GPL-2.0-or-later
/* callers.c - see callers.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/xalloc.h"
#include "callers.h"
#include "elf.h"
#include "err.h"
#include "image.h"
#include "io.h"
#include "object/insn.h"
#include "object/value_use.h"
#include "target.h"

#define MAX_COPIES	16
#define MODULE_MAX	(256u << 20)
#define RETURN_THUNK	"__x86_return_thunk"

/* One look at one image. */
struct search {
	const struct target *t;
	struct image img;
	const char *object;
	const char *name;
	uint64_t copies[MAX_COPIES];	/* places of the function here */
	size_t nr_copies;
	const struct btf *types;	/* the image's; NULL: none */
	struct btf *vmlinux_types;
	struct callers *out;
};

/* A function of the image. */
struct where {
	const char *name;
	uint64_t start, end;
};

/* ---- what lies where ---- */

/* Functions of vmlinux end where the next symbol begins. */
static bool where_is(const struct image *img, uint64_t place, struct where *out)
{
	const struct elf_section *sec;
	const struct elf_symbol *sym;
	uint64_t off;
	size_t i;

	if (!img->ko) {
		i = target_symbols_until(img->target, place);
		if (!i || i == img->target->nr_symbols)
			return false;
		out->end = img->target->symbols[i].address;
		out->start = img->target->symbols[i - 1].address;
		while (i > 1 && img->target->symbols[i - 2].address == out->start)
			i--;
		out->name = img->target->symbols[i - 1].name;
		return true;
	}
	sec = image_section(img, place, &off);
	sym = sec ? elf_symbol_at(img->ko, sec->index, off) : NULL;
	if (!sym)
		return false;
	out->name = sym->name;
	out->start = image_address(sec->index, sym->value);
	out->end = out->start + sym->size;
	return true;
}

/* "foo" and "foo.cold": two places of one function. */
static bool same_function(const char *a, const char *b)
{
	size_t n = strcspn(a, "."), cold_a = strlen(a), cold_b = strlen(b);
	const char *at;

	at = strstr(a, ".cold");
	cold_a = at ? (size_t)(at - a) : cold_a;
	at = strstr(b, ".cold");
	cold_b = at ? (size_t)(at - b) : cold_b;
	return n && cold_a == cold_b && !memcmp(a, b, cold_a);
}

struct view {
	const struct image *img;
	struct where root;
};

static const uint8_t *view_bytes(void *arg, uint64_t place, size_t *len)
{
	const struct view *v = arg;
	struct where w = v->root;

	if ((place < w.start || place >= w.end) &&
	    (!where_is(v->img, place, &w) || !same_function(w.name, v->root.name)))
		return NULL;
	*len = w.end - place;
	return image_bytes(v->img, place, *len);
}

static uint64_t view_target(void *arg, uint64_t place, unsigned int width)
{
	const struct view *v = arg;
	const uint8_t *p;
	struct where w;
	struct field f;
	uint64_t to;

	if (width == 1) {
		p = image_bytes(v->img, place, 1);
		return p ? place + 1 + (uint64_t)(int64_t)(int8_t)*p : CODE_ELSEWHERE;
	}
	if (image_field(v->img, place, R_X86_64_PLT32, &f))
		return CODE_ELSEWHERE;
	if (f.undef)
		return strcmp(f.undef, RETURN_THUNK) ? CODE_ELSEWHERE : CODE_RETURN;
	to = f.value + 4;
	if (to >= v->root.start && to < v->root.end)
		return to;
	if (!where_is(v->img, to, &w))
		return CODE_ELSEWHERE;
	if (!strcmp(w.name, RETURN_THUNK))
		return CODE_RETURN;
	return same_function(w.name, v->root.name) ? to : CODE_ELSEWHERE;
}

/* ---- a place that speaks of the function ---- */

/* By the kernel's types: does the function return nothing?  Unknown ones return something. */
static bool returns_void(const struct btf *btf, const char *name)
{
	size_t n = strcspn(name, ".");
	char plain[128];
	const struct btf_type *type;
	int id;

	if (!btf || n >= sizeof(plain))
		return false;
	memcpy(plain, name, n);
	plain[n] = '\0';
	id = btf__find_by_name_kind(btf, plain, BTF_KIND_FUNC);
	type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
	type = type ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) && !type->type;
}

static void add_caller(struct search *s, const struct where *w, uint64_t at, unsigned int use)
{
	s->out->list = xgrow(s->out->list, s->out->nr, sizeof(*s->out->list));
	s->out->list[s->out->nr++] = (struct caller){
		.object = xstrdup(s->object), .use = use,
		.function = format("%s+0x%llx", w->name, (unsigned long long)(at - w->start)),
	};
}

static void add_pointer(struct search *s, uint64_t place)
{
	struct where w = { .name = "?", .start = place };
	char *text;

	where_is(&s->img, place, &w);
	text = format("%s:%s+0x%llx", s->object, w.name, (unsigned long long)(place - w.start));
	strings_add(&s->out->pointers, text);
	free(text);
}

/* The instruction of @w that holds the 4 bytes at @field.  False: none that is understood. */
static bool instruction_around(const struct search *s, const struct where *w, uint64_t field, uint64_t *at,
			       struct insn *insn)
{
	const uint8_t *p = image_bytes(&s->img, w->start, w->end - w->start);

	for (*at = w->start; p && *at <= field && *at < w->end; *at += insn->len) {
		if (insn_decode(p + (*at - w->start), w->end - *at, insn))
			return false;
		if (*at + insn->len > field)
			return *at < field;
	}
	return false;
}

/* A PC-relative field in code leads to the function: a call, a jump, or its address is taken. */
static void code_site(struct search *s, uint64_t field)
{
	struct view v = { .img = &s->img };
	struct code_view code = { view_bytes, view_target, &v };
	const uint8_t *p;
	struct insn insn;
	unsigned int use;
	uint64_t at;

	if (!where_is(&s->img, field, &v.root))
		return;
	if (!instruction_around(s, &v.root, field, &at, &insn)) {
		/* In bytes that aren't understood from their start on, it is likely still a call. */
		p = image_bytes(&s->img, field - 1, 1);
		if (p && *p == 0xe8)
			add_caller(s, &v.root, field - 1, USE_UNSEEN);
		return;
	}
	if (insn.disp && at + insn.disp == field) {
		add_pointer(s, at);
		return;
	}
	if (!insn.branch || at + insn.len - insn.rel != field)
		return;	/* bytes of another meaning */
	p = image_bytes(&s->img, field - 1, 1);
	use = *p == 0xe8 ? value_use(&code, field + 4) : USE_RETURNED;	/* a jump returns for its caller */
	if ((use & ~USE_UNSEEN) == USE_RETURNED && returns_void(s->types, v.root.name))
		use &= ~USE_RETURNED;
	add_caller(s, &v.root, at, use);
}

static bool is_copy(const struct search *s, uint64_t place)
{
	for (size_t i = 0; i < s->nr_copies; i++)
		if (s->copies[i] == place)
			return true;
	return false;
}

/* ---- vmlinux ---- */

static void scan_text(struct search *s, const struct elf_section *sec)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < s->nr_copies; i++) {
		low = s->copies[i] < low ? s->copies[i] : low;
		high = s->copies[i] > high ? s->copies[i] : high;
	}
	for (uint64_t i = 1; i + 4 <= sec->size; i++) {
		uint64_t to, field = sec->addr + i;
		int32_t rel;

		memcpy(&rel, sec->data + i, sizeof(rel));
		to = field + 4 + (uint64_t)(int64_t)rel;
		if (to >= low && to <= high && is_copy(s, to))
			code_site(s, field);
		/* "mov $function, %reg": the address itself. */
		else if ((uint64_t)(int64_t)rel >= low && (uint64_t)(int64_t)rel <= high && is_copy(s, (uint64_t)(int64_t)rel))
			add_pointer(s, field);
	}
}

/* Tables of pointers. */
static void scan_data(struct search *s, const struct elf_section *sec)
{
	for (uint64_t i = 0; i + 8 <= sec->size; i += 8) {
		uint64_t value;

		memcpy(&value, sec->data + i, sizeof(value));
		if (is_copy(s, value))
			add_pointer(s, sec->addr + i);
	}
}

static void copies_of(struct search *s)
{
	size_t n = strlen(s->name);

	for (size_t i = 0; i < s->t->nr_symbols; i++) {
		const struct target_symbol *sym = &s->t->symbols[i];
		int type = tolower((unsigned char)sym->type);

		if ((type != 't' && type != 'w') || strncmp(sym->name, s->name, n) ||
		    (sym->name[n] && sym->name[n] != '.') || strstr(sym->name + n, ".cold") ||
		    is_copy(s, sym->address) || s->nr_copies == MAX_COPIES)
			continue;
		s->copies[s->nr_copies++] = sym->address;
	}
}

static void search_vmlinux(struct search *s)
{
	const struct elf_file *ef = s->t->image;

	for (size_t i = 1; s->nr_copies && i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		if (!(sec->flags & SHF_ALLOC) || !sec->data || image_is_freed(&s->img, sec->addr))
			continue;
		if (sec->flags & SHF_EXECINSTR)
			scan_text(s, sec);
		else if (!starts_with(sec->name, ".BTF") && !starts_with(sec->name, ".orc"))
			scan_data(s, sec);
	}
}

/* ---- a module ---- */

static bool leads_here(const struct search *s, const struct elf_reloc *r, int64_t bias)
{
	const struct elf_symbol *sym = &s->img.ko->symbols[r->sym];

	if (sym->shndx == SHN_UNDEF)
		return !strcmp(sym->name, s->name) && r->addend == -bias;
	return sym->shndx < s->img.ko->nr_sections &&
	       is_copy(s, image_address(sym->shndx, sym->value) + (uint64_t)(r->addend + bias));
}

static void scan_section(struct search *s, const struct elf_section *sec)
{
	bool code = sec->flags & SHF_EXECINSTR;

	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		uint64_t place = image_address(sec->index, r->offset);

		if (code && elf_reloc_pcrel(r->type) && leads_here(s, r, 4))
			code_site(s, place);
		else if ((r->type == R_X86_64_64 || r->type == R_X86_64_32S) && leads_here(s, r, 0))
			add_pointer(s, place);
	}
	/* Within a section the assembler needs no relocation. */
	for (uint64_t i = 1; code && s->nr_copies && i + 4 <= sec->size; i++) {
		uint64_t place = image_address(sec->index, i);
		size_t at = elf_reloc_first(sec, i);
		int32_t rel;

		memcpy(&rel, sec->data + i, sizeof(rel));
		if ((at == sec->nr_relocs || sec->relocs[at].offset != i) && is_copy(s, place + 4 + (uint64_t)(int64_t)rel))
			code_site(s, place);
	}
}

static int search_module(struct search *s, const char *path, bool own, struct klp_err *err)
{
	size_t n = strlen(s->name);
	const struct elf_section *sec;
	struct btf *types;
	int ret = image_open(s->t, path, &s->img, err);

	if (ret)
		return ret;
	types = s->vmlinux_types ? btf__parse_split(path, s->vmlinux_types) : NULL;
	s->types = types;
	s->nr_copies = 0;
	for (size_t i = 1; own && i < s->img.ko->nr_symbols; i++) {
		const struct elf_symbol *sym = &s->img.ko->symbols[i];

		if (sym->type == STT_FUNC && sym->shndx && sym->shndx < s->img.ko->nr_sections &&
		    !strncmp(sym->name, s->name, n) && (!sym->name[n] || sym->name[n] == '.') &&
		    !strstr(sym->name + n, ".cold") && s->nr_copies < MAX_COPIES)
			s->copies[s->nr_copies++] = image_address(sym->shndx, sym->value);
	}
	for (size_t i = 1; !ret && i < s->img.ko->nr_sections; i++) {
		sec = &s->img.ko->sections[i];
		if (sec->flags & SHF_ALLOC && sec->data && !starts_with(sec->name, ".init") &&
		    !starts_with(sec->name, "__") && !starts_with(sec->name, ".orc"))
			scan_section(s, sec);
	}
	btf__free(types);
	return ret ? klp_err_sys(err, ret, "callers of %s()", s->name) : 0;
}

/* The names of the kernel's modules, each at the end of a path: "kernel/fs/isofs/isofs.ko.xz: ..." */
static int next_module(char **line, char *name, size_t size)
{
	char *start, *end;

	if (!**line)
		return 0;
	end = *line + strcspn(*line, "\n");
	start = *line;
	for (char *p = *line; p < end && *p != ':'; p++)
		if (*p == '/')
			start = p + 1;
	snprintf(name, size, "%.*s", (int)strcspn(start, ".:\n"), start);
	text_swap(name, '-', '_');
	*line = end + (*end != '\0');
	return 1;
}

static bool file_has(const char *path, const char *word)
{
	size_t len;
	void *text;
	bool found;

	if (io_read_file(path, MODULE_MAX, &text, &len, NULL))
		return false;
	found = memmem(text, len, word, strlen(word) + 1);
	free(text);
	return found;
}

/* An exported function may be called by every module. */
static int search_modules(struct search *s, struct klp_err *err)
{
	char *dep = format("%s/modules/lib/modules/%s/modules.dep", s->t->dir, s->t->krel), *line, *path;
	const char *owner = s->object;
	char name[128];
	size_t len;
	void *text;
	int ret = io_read_file(dep, 64u << 20, &text, &len, err);

	free(dep);
	if (ret)
		return ret;
	line = text;
	while (!ret && next_module(&line, name, sizeof(name))) {
		if (!strcmp(name, owner) || target_module_path(s->t, name, &path, NULL))
			continue;
		s->object = name;
		if (file_has(path, s->name)) {
			ret = search_module(s, path, false, err);
			image_close(&s->img);
		}
		free(path);
	}
	s->object = owner;
	free(text);
	return 0;
}

static bool is_exported(const struct target *t, const char *name)
{
	char *path = format("%s/obj/Module.symvers", t->dir), *word = format("\t%s\t", name);
	size_t len;
	void *text;
	bool found = false;

	if (path && word && !io_read_file(path, MODULE_MAX, &text, &len, NULL)) {
		found = memmem(text, len, word, strlen(word));
		free(text);
	}
	free(word);
	free(path);
	return found;
}

/* ---- what it gives back ---- */

static const char *callee(const struct search *s, uint64_t field, struct where *w)
{
	struct field f;

	if (image_field(&s->img, field, R_X86_64_PLT32, &f))
		return NULL;
	if (f.undef)
		return f.undef;
	return where_is(&s->img, f.value + 4, w) ? w->name : NULL;
}

/* The functions that the one at @start calls, by name. */
static void callees(const struct search *s, uint64_t start, struct strings *out)
{
	struct where w, to;
	struct insn insn;
	const uint8_t *p;
	const char *name;

	if (!where_is(&s->img, start, &w))
		return;
	p = image_bytes(&s->img, w.start, w.end - w.start);
	for (uint64_t at = w.start; p && at < w.end; at += insn.len) {
		if (insn_decode(p + (at - w.start), w.end - at, &insn))
			return;
		if (!insn.branch || insn.rel != 4)
			continue;
		name = callee(s, at + insn.len - 4, &to);
		if (name && !same_function(name, w.name))
			strings_add_once(out, name);
	}
}

static bool any_of_kind(const struct strings *names, const char *kind, const char *(*of)(const char *))
{
	for (size_t i = 0; i < names->nr; i++) {
		const char *k = of(names->list[i]);

		if (k && !strcmp(k, kind))
			return true;
	}
	return false;
}

/* Those that do one thing to a kind of which nothing in the function does the other. */
static void lone(const struct strings *names, const char *(*this)(const char *), const char *(*other)(const char *),
		 struct strings *out)
{
	for (size_t i = 0; i < names->nr; i++) {
		const char *kind = this(names->list[i]);
		char *text;

		if (!kind || any_of_kind(names, kind, other))
			continue;
		text = format("%s (%s)", names->list[i], kind);
		strings_add(out, text);
		free(text);
	}
}

static void look_inside(struct search *s)
{
	struct strings names = { 0 };

	for (size_t i = 0; i < s->nr_copies; i++)
		callees(s, s->copies[i], &names);
	lone(&names, callers_releases, callers_acquires, &s->out->releases);
	lone(&names, callers_acquires, callers_releases, &s->out->acquires);
	strings_free(&names);
}

/* ---- all of it ---- */

static int search_own(struct search *s, struct klp_err *err)
{
	char *path;
	int ret;

	if (!strcmp(s->object, "vmlinux")) {
		ret = image_open(s->t, NULL, &s->img, err);
		copies_of(s);
		if (!ret)
			search_vmlinux(s);
	} else {
		ret = target_module_path(s->t, s->object, &path, err);
		if (ret)
			return ret;
		ret = search_module(s, path, true, err);
		free(path);
	}
	if (!ret)
		look_inside(s);
	s->out->nr_copies = s->nr_copies;
	image_close(&s->img);
	return ret;
}

int callers_find(const struct target *t, const char *object, const char *function, struct callers *out,
		 struct klp_err *err)
{
	struct search s = { .t = t, .object = object, .name = function, .out = out };
	const struct elf_section *types = elf_section(t->image, ".BTF");
	char entry[256];
	size_t pos = 0;
	int ret;

	*out = (struct callers){ 0 };
	s.vmlinux_types = types && types->data ? btf__new(types->data, (__u32)types->size) : NULL;
	s.types = s.vmlinux_types;
	libbpf_set_print(NULL);	/* a module without types is no news */
	snprintf(entry, sizeof(entry), "__x64_sys_%s", function);
	out->exported = is_exported(t, function);
	ret = search_own(&s, err);
	/* "sys_" is put before the name that SYSCALL_DEFINE() is given. */
	out->system_call = !out->nr_copies && target_symbol_next(t, entry, &pos);
	if (!ret && out->exported)
		ret = search_modules(&s, err);
	btf__free(s.vmlinux_types);
	return ret;
}

void callers_free(struct callers *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->list[i].object);
		free(c->list[i].function);
	}
	free(c->list);
	strings_free(&c->pointers);
	strings_free(&c->releases);
	strings_free(&c->acquires);
	*c = (struct callers){ 0 };
}
