// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_annotations.c - the pass over what the source says about a function beside its body:
 * that it is exported, and to whom; that it mustn't be probed, or may be made to fail; that BPF
 * programs may call it, and how; that the module loader finds it by its name.
 *
 * The kernel read these tables at boot (or when the module was loaded), and a patch can't
 * change them.  No byte of code tells of them, so they are compared by name, over all units:
 * one may move to another file along with its function.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "diff_priv.h"
#include "object/debuginfo.h"

enum kind {
	EXPORT,
	NOKPROBE,
	ERROR_INJECTION,
	BTF_ID,
	MODULE_ENTRY,
	DEVICE_TABLE,
};

struct annotation {
	enum kind kind;
	char *name;		/* the function's, or type's */
	char *detail;		/* what is said of it */
};

struct annotations {
	struct annotation *list;
	size_t nr;
	int err;
};

bool diff_in_annotations(const char *section)
{
	return starts_with(section, ".BTF_ids") || !strcmp(section, "_kprobe_blacklist") ||
	       !strcmp(section, "_error_injection_whitelist");
}

/* Takes both strings. */
static void add(struct annotations *l, enum kind kind, char *name, char *detail)
{
	l->list = xgrow(l->list, l->nr, sizeof(*l->list));
	l->list[l->nr++] = (struct annotation){ kind, name, detail };
}

/* The string at @off of a section; "" if there is none. */
static const char *string_at(const struct elf_section *sec, uint64_t off)
{
	const char *s = sec->data && off < sec->size ? (const char *)sec->data + off : "";

	return *s && memchr(s, 0, sec->size - off) ? s : "";
}

/* Older kernels: the section tells the licence, and a string of the linker's symbol the namespace. */
static void add_ksymtab(struct annotations *l, const struct elf_file *ef, const struct elf_symbol *s)
{
	const char *name = s->name + strlen("__ksymtab_");
	char *ns_name = format("__kstrtabns_%s", name);
	const struct elf_symbol *ns = elf_symbol(ef, ns_name, STT_NOTYPE);
	bool gpl = starts_with(ef->sections[s->shndx].name, "___ksymtab_gpl");

	add(l, EXPORT, xstrdup(name),
	    format("%s %s", gpl ? "GPL" : "", ns && ns->shndx && ns->shndx < ef->nr_sections ?
		   string_at(&ef->sections[ns->shndx], ns->value) : ""));
	free(ns_name);
}

/* From 6.5 on: both strings stand at the symbol. */
static void add_export_symbol(struct annotations *l, const struct elf_file *ef, const struct elf_symbol *s)
{
	const struct elf_section *sec = &ef->sections[s->shndx];
	const char *licence = string_at(sec, s->value);

	add(l, EXPORT, xstrdup(s->name + strlen("__export_symbol_")),
	    format("%s %s", licence, string_at(sec, s->value + strlen(licence) + 1)));
}

static void collect_exports(struct annotations *l, const struct elf_file *ef)
{
	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		if (!s->shndx || s->shndx >= ef->nr_sections)
			continue;
		if (starts_with(s->name, "__ksymtab_"))
			add_ksymtab(l, ef, s);
		else if (starts_with(s->name, "__export_symbol_"))
			add_export_symbol(l, ef, s);
	}
}

/* Arrays whose entries begin with a function's address. */
static void collect_table(struct annotations *l, const struct elf_file *ef, const char *section,
			  enum kind kind, size_t entry)
{
	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		for (size_t k = 0; !strcmp(sec->name, section) && k < sec->nr_relocs; k++) {
			const struct elf_reloc *r = &sec->relocs[k];
			const struct elf_symbol *s = &ef->symbols[r->sym];
			uint64_t more = r->offset + 8;
			uint32_t type = 0;

			if (s->type == STT_SECTION && s->shndx < ef->nr_sections)
				s = elf_symbol_at(ef, s->shndx, s->value + (uint64_t)r->addend);
			if (entry > 8 && sec->data && more + sizeof(type) <= sec->size)
				memcpy(&type, sec->data + more, sizeof(type));
			add(l, kind, xstrdup(s ? s->name : section), format("%u", type));
		}
	}
}

/* "__BTF_ID__func__cubictcp_init__123" -> "cubictcp_init"; NULL: it names a set, or the like. */
static char *btf_name(const char *symbol)
{
	const char *p, *end;

	if (!starts_with(symbol, "__BTF_ID__") || starts_with(symbol, "__BTF_ID__set"))
		return NULL;
	p = strstr(symbol + strlen("__BTF_ID__"), "__");
	if (!p)
		return NULL;
	p += 2;
	end = p + strlen(p);
	while (end > p && end[-1] >= '0' && end[-1] <= '9')
		end--;
	while (end > p && end[-1] == '_')
		end--;
	return xstrndup(p, (size_t)(end - p));
}

/* The first byte behind @at that another symbol has. */
static uint64_t next_at(const struct elf_file *ef, const struct elf_section *sec, uint64_t at)
{
	uint64_t end = sec->size;

	for (size_t i = 0; i < sec->nr_syms; i++) {
		uint64_t v = ef->symbols[sec->syms[i]].value;

		if (v > at && v < end)
			end = v;
	}
	return end;
}

/* The set or list that an id stands in: what begins last before it and isn't an id itself. */
static const struct elf_symbol *btf_list(const struct elf_file *ef, const struct elf_section *sec, uint64_t at)
{
	const struct elf_symbol *list = NULL;

	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		if (s->shndx != sec->index || s->type == STT_SECTION || s->value > at ||
		    (starts_with(s->name, "__BTF_ID__") && !starts_with(s->name, "__BTF_ID__set")))
			continue;
		if (!list || s->value >= list->value)
			list = s;
	}
	return list;
}

static void add_btf_id(struct annotations *l, const struct elf_file *ef, const struct elf_section *sec,
		       const struct elf_symbol *s)
{
	const struct elf_symbol *list = btf_list(ef, sec, s->value);
	char *name = btf_name(s->name);
	struct text t = { 0 };

	if (!name)
		return;
	text_addf(&t, "%s", list ? list->name : "");
	/* A set is sorted by the link, of a list the places count. */
	if (list && !starts_with(list->name, "__BTF_ID__set"))
		text_addf(&t, "+%llu", (unsigned long long)(s->value - list->value));
	/* Flags stand behind the id. */
	for (uint64_t i = s->value + 4; sec->data && i < next_at(ef, sec, s->value); i++)
		text_addf(&t, " %02x", sec->data[i]);
	add(l, BTF_ID, name, text_take(&t));
}

static void collect_btf_ids(struct annotations *l, const struct elf_file *ef)
{
	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		if (s->shndx && s->shndx < ef->nr_sections && starts_with(s->name, "__BTF_ID__") &&
		    starts_with(ef->sections[s->shndx].name, ".BTF_ids"))
			add_btf_id(l, ef, &ef->sections[s->shndx], s);
	}
}

/* module_init(), module_exit() and MODULE_DEVICE_TABLE() give a second name to what is there. */
static void collect_module_names(struct annotations *l, const struct elf_file *ef)
{
	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		if (!s->shndx || s->shndx >= ef->nr_sections || s->bind == STB_LOCAL)
			continue;
		if (s->type == STT_FUNC && (!strcmp(s->name, "init_module") || !strcmp(s->name, "cleanup_module")))
			add(l, MODULE_ENTRY, xstrdup(s->name), xstrdup(""));
		else if (s->type == STT_OBJECT && starts_with(s->name, "__mod_"))
			add(l, DEVICE_TABLE, xstrdup(s->name), xstrdup(""));
	}
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct annotation *x = a, *y = b;
	int c = (int)x->kind - (int)y->kind;

	c = c ? c : strcmp(x->name, y->name);
	return c ? c : strcmp(x->detail, y->detail);
}

static void collect(struct annotations *l, const struct elf_file *ef)
{
	if (!ef)
		return;
	collect_exports(l, ef);
	collect_table(l, ef, "_kprobe_blacklist", NOKPROBE, 8);
	collect_table(l, ef, "_error_injection_whitelist", ERROR_INJECTION, 16);
	collect_btf_ids(l, ef);
	collect_module_names(l, ef);
	if (l->nr)
		qsort(l->list, l->nr, sizeof(*l->list), by_kind_and_name);
}

static void discard(struct annotations *l)
{
	for (size_t i = 0; i < l->nr; i++) {
		free(l->list[i].name);
		free(l->list[i].detail);
	}
	free(l->list);
}

struct sides {
	struct annotations orig, patched;
};

static bool has(const struct annotations *l, const struct annotation *a)
{
	return l->nr && bsearch(a, l->list, l->nr, sizeof(*a), by_kind_and_name);
}

/* With whatever detail. */
static const struct annotation *named(const struct annotations *l, const struct annotation *a)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->list[i].kind == a->kind && !strcmp(l->list[i].name, a->name))
			return &l->list[i];
	return NULL;
}

/* Does another unit of the same object get it, or (@lost) give it up? */
static bool moves(const struct build *b, const struct sides *all, size_t unit, const struct annotation *a, bool lost)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		const struct annotations *now = lost ? &all[i].patched : &all[i].orig;
		const struct annotations *was = lost ? &all[i].orig : &all[i].patched;

		if (i != unit && !strcmp(b->units[i].object, b->units[unit].object) && has(now, a) && !has(was, a))
			return true;
	}
	return false;
}

static void refuse(const struct build *b, const struct unit *u, enum refusal reason, const char *name,
		   const char *remedy, const char *why)
{
	char file[256];
	uint32_t line;

	if (function_line(u->patched_path, name, file, sizeof(file), &line))
		function_line(u->orig_path, name, file, sizeof(file), &line);
	report_refuse(b->report, reason, name, *file ? file : u->source, line, remedy, "%s", why);
}

static bool defines_function(const struct elf_file *ef, const char *name)
{
	const struct elf_symbol *s = elf_symbol(ef, name, STT_FUNC);

	return s && s->shndx;
}

/* The function that module_init() or module_exit() names, as its source calls it. */
static const char *named_by(const struct elf_file *ef, const char *entry)
{
	const struct elf_symbol *s = elf_symbol(ef, entry, STT_FUNC);
	const struct elf_section *sec = s && s->shndx < ef->nr_sections ? &ef->sections[s->shndx] : NULL;

	for (size_t i = 0; sec && i < sec->nr_syms; i++) {
		const struct elf_symbol *f = &ef->symbols[sec->syms[i]];

		if (f->type == STT_FUNC && f->value == s->value && f != s)
			return f->name;
	}
	return entry;
}

/* @a is only in the original, or (@gained) only in the patched object; @other: there under another detail. */
static void judge(const struct build *b, const struct unit *u, const struct annotation *a, bool gained,
		  const struct annotation *other)
{
	static const char *const what[] = {
		[NOKPROBE] = "NOKPROBE_SYMBOL", [ERROR_INJECTION] = "ALLOW_ERROR_INJECTION",
		[BTF_ID] = "entry in a set or list of BTF ids",
	};
	const char *how = other ? "changes" : gained ? "is new" : "is removed";
	char why[256];

	if (other && gained)
		return;		/* told as the original's */
	if (a->kind == EXPORT && gained) {
		report_warn(b->report, "EXPORT_SYMBOL(%s) is new in %s: a module that needs it can't be loaded before the fixed kernel runs",
			    a->name, u->source);
	} else if (a->kind == EXPORT) {
		snprintf(why, sizeof(why), other ? "its EXPORT_SYMBOL changes kind or namespace (\"%s\" becomes \"%s\")" :
			 "its EXPORT_SYMBOL is removed", a->detail, other ? other->detail : "");
		refuse(b, u, REFUSE_EXPORT, a->name,
		       other ? "keep the export as it is" : "keep the export; a module that uses it may be loaded", why);
	} else if (a->kind == MODULE_ENTRY) {
		snprintf(why, sizeof(why), gained ? "it becomes the module's %s, but the one that is loaded has been searched for that" :
			 "it is the module's %s no more, but the one that is loaded keeps it", a->name);
		refuse(b, u, REFUSE_INIT, named_by(gained ? u->patched : u->orig, a->name),
		       "leave this part out of the live patch; it takes effect at the next module load", why);
	} else if (a->kind == DEVICE_TABLE) {
		report_warn(b->report, "MODULE_DEVICE_TABLE of %s %s (%s); by what devices the module is found counts from its next installation on",
			    u->source, how, a->name);
	} else if (a->kind != BTF_ID && !defines_function(gained ? u->orig : u->patched, a->name)) {
		/* It comes or goes with its function; of the patch's own nobody knows the name. */
		if (gained)
			report_warn(b->report, "%s(%s) doesn't take effect before the fixed kernel runs", what[a->kind], a->name);
	} else {
		snprintf(why, sizeof(why), "its %s %s, and the running kernel has read that table", what[a->kind], how);
		refuse(b, u, REFUSE_SPECIAL, a->name,
		       "leave that part out of the live patch; it takes effect with the fixed kernel", why);
	}
}

/* Entries that are read at start, and go: nothing undoes what was made of them. */
static void judge_lost_entries(const struct build *b, const struct unit *u)
{
	for (size_t i = 0; i < u->nr_symbols; i++) {
		const struct diff_symbol *d = &u->symbols[i];
		const char *section = d->orig ? u->orig->sections[d->orig->shndx].name : "";

		if (d->change == CHANGE_GONE && d->orig->type == STT_OBJECT && diff_in_registration(section) &&
		    !diff_in_annotations(section))
			refuse(b, u, REFUSE_SPECIAL, d->orig->name,
			       "leave that part out of the live patch; it takes effect with the fixed kernel",
			       "it goes from a table that the running kernel has read: a parameter, a trace event or the like, which stays");
	}
}

static void judge_unit(const struct build *b, const struct sides *all, size_t unit)
{
	const struct annotations *o = &all[unit].orig, *n = &all[unit].patched;
	const struct unit *u = &b->units[unit];

	for (size_t i = 0; i < o->nr; i++)
		if (!has(n, &o->list[i]) && !moves(b, all, unit, &o->list[i], true))
			judge(b, u, &o->list[i], false, named(n, &o->list[i]));
	for (size_t i = 0; i < n->nr; i++)
		if (!has(o, &n->list[i]) && !moves(b, all, unit, &n->list[i], false))
			judge(b, u, &n->list[i], true, named(o, &n->list[i]));
	judge_lost_entries(b, u);
}

void units_annotations(struct build *b)
{
	struct sides *all = xcalloc(b->nr_units + 1, sizeof(*all));

	for (size_t i = 0; i < b->nr_units; i++) {
		collect(&all[i].orig, b->units[i].orig);
		collect(&all[i].patched, b->units[i].patched);
		unit_rest(&b->units[i]);
	}
	for (size_t i = 0; i < b->nr_units; i++)
		if (b->units[i].orig && b->units[i].patched)
			judge_unit(b, all, i);
	for (size_t i = 0; i < b->nr_units; i++) {
		discard(&all[i].orig);
		discard(&all[i].patched);
	}
	free(all);
}
