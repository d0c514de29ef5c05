// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare_config.c - what a kernel's configuration says: which kernels can be built for at all.
 *
 * Pure functions of its text.  klp-build(1), "Kernels that can't be built for", publishes these tables.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "prepare.h"

/* Without these there is no patch module, no place to redirect a function at, or nobody to tell who runs it. */
static const struct {
	const char *option, *why;
} wanted[] = {
	{ "X86_64", "instructions, relocations and unwinding are those of x86-64" },
	{ "SMP", "without it locks and per-CPU data are of another kind, which nothing here was tried with" },
	{ "MODULES", "a patch is a module" },
	{ "KALLSYMS", "symbols come from the image's kallsyms, and the core compares addresses with it" },
	{ "KALLSYMS_ALL", "variables that a patch refers to are looked up in kallsyms" },
	{ "FUNCTION_TRACER", "functions are redirected by ftrace" },
	{ "DYNAMIC_FTRACE", "functions are redirected by ftrace" },
	{ "DYNAMIC_FTRACE_WITH_REGS", "ftrace has to let a handler change where a function goes on" },
	{ "UNWINDER_ORC", "only this unwinder tells reliably which functions a task is in" },
};

/* As they are set, one that ends in '*' for all that start like it. */
static const struct {
	const char *option, *why;
} unwanted[] = {
	{ "CC_IS_CLANG", "it was built with clang; only gcc's code is compared and proven" },
	{ "LTO_CLANG*", "code is made at link time, of all units at once: no object of one unit holds it" },
	{ "LTO_GCC", "code is made at link time, of all units at once: no object of one unit holds it" },
	{ "CFI", "each function has a type hash ahead of it, which a replacement isn't given" },
	{ "CFI_CLANG", "each function has a type hash ahead of it, which a replacement isn't given" },
	{ "FINEIBT", "each function has a type hash ahead of it, which a replacement isn't given" },
	{ "AUTOFDO_CLANG", "the compiler was led by a profile that isn't shipped" },
	{ "PROPELLER_CLANG", "functions are cut in blocks and laid out by a profile that isn't shipped" },
	{ "RANDSTRUCT", "structs are laid out by a seed that isn't shipped" },
	{ "RANDSTRUCT_FULL", "structs are laid out by a seed that isn't shipped" },
	{ "RANDSTRUCT_PERFORMANCE", "structs are laid out by a seed that isn't shipped" },
	{ "GCC_PLUGIN_RANDSTRUCT*", "structs are laid out by a seed that isn't shipped" },
	{ "GCC_PLUGIN_LATENT_ENTROPY", "functions have random constants in them, new with each compilation" },
	{ "GCC_PLUGIN_*", "a compiler plugin changes the code, and none was tried" },
	{ "GCOV_KERNEL", "units have counters in them, which a second copy would begin anew" },
	{ "KCOV", "code is instrumented in a way that wasn't tried" },
	{ "KCSAN", "code is instrumented in a way that wasn't tried" },
	{ "KMSAN", "code is instrumented in a way that wasn't tried" },
	{ "LD_DEAD_CODE_DATA_ELIMINATION", "the linker dropped what it found unused: what is in a unit needn't be in the kernel" },
};

/* Does the line "CONFIG_NAME=y" set @option, whose '*' stands for any end? */
static bool sets(const char *line, const char *option)
{
	size_t n = strcspn(option, "*"), len;

	if (!starts_with(line, "CONFIG_") || strncmp(line += 7, option, n))
		return false;
	len = strcspn(line, "=\n");
	return (option[n] == '*' || len == n) && (!strncmp(line + len, "=y\n", 3) || !strcmp(line + len, "=y"));
}

/* The line that sets it, or NULL. */
static const char *setting(const char *config, const char *option)
{
	for (const char *line = config; *line;) {
		if (sets(line, option))
			return line;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return NULL;
}

int config_buildable(const char *config, struct klp_err *err)
{
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		const char *line = setting(config, unwanted[i].option);

		if (line)
			return klp_err_set(err, -ENOTSUP, "no patches can be built for a kernel with %.*s: %s; see klp-build(1), \"Kernels that can't be built for\"",
					   (int)strcspn(line, "\n"), line, unwanted[i].why);
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!setting(config, wanted[i].option))
			return klp_err_set(err, -ENOTSUP, "no patches can be built for a kernel without CONFIG_%s: %s; see klp-build(1), \"Kernels that can't be built for\"",
					   wanted[i].option, wanted[i].why);
	return 0;
}

char *config_string(const char *config, const char *name)
{
	char *key = format("\nCONFIG_%s=\"", name);
	const char *hit = strstr(config, key);
	char *value = NULL;

	if (hit) {
		hit += strlen(key);
		value = xstrndup(hit, strcspn(hit, "\"\n"));
	}
	free(key);
	return value;
}
