// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ref.c - the two things that a reference of the patch can lead to: a symbol of the running kernel, or the patch's own
 * bytes.  Which of them is extract_refs.c's question.
 */
#include <errno.h>
#include <string.h>

#include "extract_priv.h"
#include "quietpatch.h"
#include "target/target.h"

int ref_refuse(struct xunit *xu, const struct fragment *p, const char *name, const char *why)
{
	xunit_refuse(xu, REFUSE_SYMBOL, fragment_name(xu, p),
		     "check that the source version is the running kernel's; otherwise reach the symbol through one that kallsyms lists",
		     "it refers to %s, %s", name, why);
	return REFUSED;
}

void ref_ksym(struct xunit *xu, const struct ksym *k, int64_t addend, struct out_ref *ref)
{
	ref->sym = elf_out_undef(xu->out, k->link_name, STB_GLOBAL);
	ref->addend = addend;
	ref->late = k->late ? k : NULL;
}

/* Only compared with, by code that asks whether an address is of such memory. */
static bool is_boundary(const char *name)
{
	static const char *const names[] = {
		"__init_begin", "__init_end", "_sinittext", "_einittext", "__per_cpu_start",
		"__per_cpu_end", "__per_cpu_load", NULL
	};

	for (size_t i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static int refuse_freed(struct xunit *xu, const struct fragment *p, const char *object,
			const struct kernel_place *place)
{
	xunit_refuse(xu, REFUSE_INIT, fragment_name(xu, p),
		     "let it use a copy under another name, without __init; or leave this part out of the live patch",
		     "it refers to %s, which is __init, __initdata or __initconst in %s: that memory was given back %s",
		     place->name, object, strcmp(object, QP_VMLINUX) ? "when the module was loaded" : "after boot");
	return REFUSED;
}

int ref_kernel(struct xunit *xu, const struct fragment *p, const char *object,
		     const struct kernel_place *place, bool global, int64_t addend,
		     struct out_ref *ref)
{
	const struct ksym *k;

	if (place->freed && !is_boundary(place->name))
		return refuse_freed(xu, p, object, place);
	if (strcmp(object, QP_VMLINUX) && strcmp(object, xu->u->object) &&
	    !depends_on(xu->b, xu->u->object, object))
		return ref_refuse(xu, p, place->name,
				  "of a module that this one doesn't depend on, and that needn't be there when it is");
	k = ksym_get(xu->x, object, place, global);
	if (!k->plain && !k->late && !(k->flags & QP_SYM_PERCPU) && !target_listed(xu->b->target, place->address))
		return ref_refuse(xu, p, place->name, "which the running kernel can't find by its address");
	ref_ksym(xu, k, addend, ref);
	return 0;
}

void ref_fragment(struct xunit *xu, const struct fragment *q, const struct elf_symbol *sym,
		     int64_t addend, struct out_ref *ref)
{
	if (sym->type != STT_SECTION && xu->out_sym[sym->index]) {
		ref->sym = xu->out_sym[sym->index];
		ref->addend = addend;
		return;
	}
	ref->sym = elf_out_section_symbol(xu->out, q->out_sec);
	ref->addend = (int64_t)(q->out_off + sym->value + (uint64_t)addend - q->start);
}
