// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_section.c - what the name of a section says of the variables and functions in it.
 */
#include <string.h>

#include "base/text.h"
#include "diff_priv.h"

enum diff_memory diff_memory_of(const char *section)
{
	static const struct {
		const char *name;
		bool prefix;
		enum diff_memory memory;
	} table[] = {
		{ ".data", false, MEMORY_WRITABLE },
		{ ".bss", false, MEMORY_WRITABLE },
		{ ".ref.data", false, MEMORY_WRITABLE },
		{ ".data.once", false, MEMORY_WRITABLE },
		{ ".data..once", false, MEMORY_WRITABLE },
		{ ".data..do_once", false, MEMORY_WRITABLE },
		{ ".data..unlikely", false, MEMORY_WRITABLE },
		{ ".data..read_mostly", false, MEMORY_WRITABLE },
		{ ".data..cacheline_aligned", false, MEMORY_WRITABLE },
		{ ".data..shared_aligned", false, MEMORY_WRITABLE },
		{ ".data..ro_after_init", false, MEMORY_LATE },
		{ ".data.rel.ro", true, MEMORY_CONST },
		{ ".rodata", true, MEMORY_CONST },
		{ ".ref.rodata", false, MEMORY_CONST },
		{ ".init.", true, MEMORY_INIT },
		{ ".exit.", true, MEMORY_INIT },
		{ ".meminit.", true, MEMORY_INIT },
		{ ".memexit.", true, MEMORY_INIT },
		{ ".data..percpu", true, MEMORY_PERCPU },
		{ ".bss..percpu", true, MEMORY_PERCPU },
		/* -fdata-sections: .data.NAME, where a macro's section has two dots. */
		{ ".data..", true, MEMORY_UNKNOWN },
		{ ".bss..", true, MEMORY_UNKNOWN },
		{ ".data.", true, MEMORY_WRITABLE },
		{ ".bss.", true, MEMORY_WRITABLE },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].prefix ? starts_with(section, table[i].name) :
				      !strcmp(section, table[i].name))
			return table[i].memory;
	return MEMORY_UNKNOWN;
}

/*
 * Whoever puts a variable into a section of its own gathers all of them there: the kernel or the module
 * loader goes through such a table once, at start (__param, __earlycon_table, ___srcu_struct_ptrs), and a
 * patch's entries would go unread.  So each section is one, except for those that are known not to be.
 */
bool diff_in_registration(const char *section)
{
	static const char *const none[] = {
		".data..page_aligned", ".bss..page_aligned",
		/* Printing and tracing look at the address that the code hands over. */
		"__dyndbg", "__tracepoint_str", "__trace_printk_fmt",
		/* A tracepoint's parts: what is gone through is the list of pointers, __tracepoints_ptrs. */
		"__tracepoints", "__tracepoints_strings",
		/* No part of the image: a module_exit() of what is built in, and what only the build reads. */
		".exitcall.exit", "__tracepoint_check", ".no_trim_symbol",
		NULL
	};

	/* Not the tables that are freed with it: .init.setup. */
	if (starts_with(section, ".init."))
		return !starts_with(section, ".init.data") && !starts_with(section, ".init.rodata");
	/* What a patch's author says to the core: it is read when the patch registers (quietpatch_api.h). */
	if (starts_with(section, ".qp."))
		return false;
	/* -fdata-sections: of a constant that has a label of the compiler's for a name. */
	if (diff_memory_of(section) != MEMORY_UNKNOWN || starts_with(section, ".data..L"))
		return false;
	for (size_t i = 0; none[i]; i++)
		if (!strcmp(section, none[i]))
			return false;
	return true;
}

bool diff_in_init(const char *section)
{
	return starts_with(section, ".init.") || starts_with(section, ".exit.") ||
	       starts_with(section, ".meminit") || starts_with(section, ".memexit") ||
	       starts_with(section, ".devinit") || starts_with(section, ".cpuinit");
}

bool diff_in_percpu(const char *section)
{
	return starts_with(section, ".data..percpu") || starts_with(section, ".bss..percpu");
}
