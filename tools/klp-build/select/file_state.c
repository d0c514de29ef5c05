// SPDX-License-Identifier: GPL-2.0-or-later
/* file_state.c - what becomes of each file of a fix: see file_state.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/build.h"
#include "base/xalloc.h"
#include "file_state.h"
#include "fix/fix.h"
#include "target/target.h"

#define LEAVE_OUT	"leave this file out of the fix if the rest works without it"

/* One file on its way to a state. */
struct settling {
	struct build *b;
	struct fix_file *f;
	struct klp_err *err;
};

static bool is_source(const char *path)
{
	return ends_with(path, ".c") || ends_with(path, ".h");
}

static bool is_assembly(const char *path)
{
	return ends_with(path, ".S") || ends_with(path, ".s");
}

static int irrelevant(struct settling *s, const char *reason)
{
	s->f->state = FILE_IRRELEVANT;
	s->f->reason = xstrdup(reason);
	return 0;
}

static int refuse(struct settling *s, enum refusal why, const char *remedy, const char *reason)
{
	fix_file_refuse(s->f, s->b->report, why, remedy, reason);
	return 0;
}

static void compiled(struct settling *s)
{
	s->f->state = FILE_COMPILED;
}

/* Is the file there, as one of its own?  A link's target has another path, and another state. */
static bool in_tree(const struct settling *s)
{
	char *path = format("%s/src/%s", s->b->target->dir, s->f->path);
	char *src = format("%s/src", s->b->target->dir);
	char *real = path ? realpath(path, NULL) : NULL, *root = src ? realpath(src, NULL) : NULL;
	struct stat st;
	bool there = real && root && !strncmp(real, root, strlen(root)) &&
		     !strcmp(real + strlen(root) + 1, s->f->path) && !lstat(path, &st) && S_ISREG(st.st_mode);

	free(root);
	free(real);
	free(src);
	free(path);
	return there;
}

/*
 * Of the headers that Makefiles name, because scripts of the build read them, those of which it is known what
 * lines are taken; of all others any may be.
 */
static const struct script_input {
	const char *path;
	const char *how, *name;	/* both are in such a line, with whatever between; NULL: none is taken, only tests of the build read it */
	const char *made;
} scripts_read[] = {
	{ "include/uapi/linux/capability.h", "define", "CAP_", "security/apparmor/capability_names.h" },
	{ "include/linux/socket.h", "define", "AF_", "security/apparmor/net_names.h" },
	{ "include/linux/net.h", "", "SOCK_", "security/apparmor/net_names.h" },
	{ "include/uapi/asm-generic/resource.h", "define", "RLIMIT_", "security/apparmor/rlim_names.h" },
	{ "arch/x86/include/asm/cpufeatures.h", "define", "X86_", "arch/x86/kernel/cpu/capflags.c" },
	{ "arch/x86/include/asm/vmxfeatures.h", "define", "VMX_", "arch/x86/kernel/cpu/capflags.c" },
	{ "include/linux/fortify-string.h", NULL, NULL, NULL },
};

static const struct script_input *script_input(const char *path)
{
	for (size_t i = 0; i < sizeof(scripts_read) / sizeof(scripts_read[0]); i++)
		if (!strcmp(path, scripts_read[i].path))
			return &scripts_read[i];
	return NULL;
}

/* Is there a changed line of @f that holds both? */
static bool changes_line(const struct fix *fix, const struct fix_file *f, const char *one, const char *other)
{
	struct udiff d = { 0 };
	bool found = false;

	if (udiff_parse(fix->diff, &d, NULL))
		return true;
	for (size_t i = 0; i < d.nr; i++)
		for (size_t k = 0; k < d.sections[i].nr_hunks && !strcmp(d.sections[i].path, f->path); k++) {
			const struct udiff_hunk *h = &d.sections[i].hunks[k];
			const char *l = h->lines;

			for (size_t n = 0; n < h->nr_lines; n++, l += strcspn(l, "\n"), l += *l == '\n')
				found |= (*l == '+' || *l == '-') &&
					 memmem(l, strcspn(l, "\n"), one, strlen(one)) &&
					 memmem(l, strcspn(l, "\n"), other, strlen(other));
		}
	udiff_free(&d);
	return found;
}

static int refuse_script_input(struct settling *s, const struct script_input *input)
{
	char *why = format("%s is generated from lines that change in it, and the running kernel has it as it was",
			   input->made);
	int ret = refuse(s, REFUSE_BUILD, "make the change in other files", why);

	free(why);
	return ret;
}

static int settle_header(struct settling *s)
{
	const struct script_input *input = script_input(s->f->path);
	bool read = false;
	int ret = 0;

	if (input && input->name && changes_line(s->b->fix, s->f, input->how, input->name))
		return refuse_script_input(s, input);
	if (!input && !s->f->created)
		ret = file_named_header(s->b->target, s->f->path, &read, s->err);
	if (!ret && !read && !s->f->created)
		ret = file_read_by_build(s->b->target, s->f->path, &read, s->err);
	if (!ret && read)
		return refuse(s, REFUSE_BUILD, LEAVE_OUT,
			      "a program or script of the kernel's build reads it, whose results are in the running kernel");
	if (!ret)
		compiled(s);
	return ret;
}

/* A new .c file counts if a changed file includes it: "+#include "x.c"". */
static bool diff_includes(const struct settling *s)
{
	const char *base = strrchr(s->f->path, '/');
	char *name = format("%s\"", base ? base + 1 : s->f->path);
	bool found = false;

	for (size_t i = 0; name && i < s->b->fix->nr_files && !found; i++)
		found = is_source(s->b->fix->files[i].path) && changes_line(s->b->fix, &s->b->fix->files[i], "include", name);
	free(name);
	return found;
}

/* A .c file that no command compiles. */
static int settle_not_compiled(struct settling *s)
{
	const struct target *t = s->b->target;
	bool yes = false;
	int ret;

	if (s->f->created) {
		if (diff_includes(s)) {
			compiled(s);
			return 0;
		}
		return refuse(s, REFUSE_BUILD, "put the new code into a file that the kernel has",
			      "it is new, and nothing of this kernel compiles or includes it");
	}
	ret = file_read_by_build(t, s->f->path, &yes, s->err);
	if (!ret && yes)
		return refuse(s, REFUSE_BUILD, LEAVE_OUT,
			      "a program of the kernel's build is made from it, whose results are in the running kernel");
	if (!ret)
		ret = file_is_included(t, s->f->path, &yes, s->err);
	if (!ret && yes) {
		compiled(s);
		return 0;
	}
	if (!ret)
		ret = file_named_object(t, s->f->path, &yes, s->err);
	if (ret)
		return ret;
	if (yes || starts_with(s->f->path, "samples/"))
		return irrelevant(s, "not in this configuration: no command of this kernel compiles or includes it");
	return refuse(s, REFUSE_BUILD, LEAVE_OUT,
		      "no command of this kernel compiles it, but nothing shows either that it is only configured out");
}

static int settle_c(struct settling *s)
{
	if (!s->f->nr_objects)
		return settle_not_compiled(s);
	if (s->f->deleted)
		return refuse(s, REFUSE_BUILD,
			      "leave the file in, and take the calls of what is in it out of other files",
			      "it is removed, but its code is in the running kernel and stays there");
	compiled(s);
	return 0;
}

static int settle_assembly(struct settling *s)
{
	bool named = false, included = false;
	int ret;

	if (s->f->nr_objects)
		return refuse(s, REFUSE_ASSEMBLY, "fix it in C code around it, or boot a kernel that has the fix",
			      "it is assembly, which can't be compared and extracted function by function");
	ret = s->f->created ? 0 : file_named_object(s->b->target, s->f->path, &named, s->err);
	if (!ret && named)
		ret = file_is_included(s->b->target, s->f->path, &included, s->err);
	if (ret)
		return ret;
	if (named && !included)
		return irrelevant(s, "not in this configuration: no command of this kernel assembles it");
	return refuse(s, REFUSE_ASSEMBLY, LEAVE_OUT,
		      "it is assembly, and what else it may be a part of isn't known");
}

static int settle_kind(struct settling *s)
{
	const char *path = s->f->path;

	if (ends_with(path, ".rs") || starts_with(path, "rust/")) {
		if (!file_has_rust(s->b->target))
			return irrelevant(s, "Rust, which this configuration doesn't have");
		return refuse(s, REFUSE_ASSEMBLY, "fix it in C code around it, or boot a kernel that has the fix",
			      "it is Rust code, which can't be compared and extracted function by function");
	}
	if (file_is_build_input(path))
		return refuse(s, REFUSE_BUILD, LEAVE_OUT,
			      "it decides how the kernel is built, which no patch of functions can change");
	if (!s->f->created && !in_tree(s))
		return refuse(s, REFUSE_DIFF,
			      "make the diff anew, against the source of this kernel; a module that isn't built from it (DKMS) is fixed in its own source and loaded anew",
			      "the source of this kernel has no file of that name");
	if (s->f->created && in_tree(s))
		return refuse(s, REFUSE_DIFF, "make the diff anew, against the source of this kernel",
			      "the fix creates it, but the source of this kernel has it already");
	/* The commands are those of vmlinux and its modules: none says what the boot image is made from. */
	if (starts_with(path, "arch/x86/boot/"))
		return refuse(s, REFUSE_ASSEMBLY, "boot a kernel that has the fix",
			      "it is a part of the boot image, which runs before the kernel, and which no patch of kernel functions reaches");
	if (ends_with(path, ".c"))
		return settle_c(s);
	if (ends_with(path, ".h"))
		return settle_header(s);
	if (is_assembly(path))
		return settle_assembly(s);
	if (starts_with(path, "samples/"))
		return irrelevant(s, "not in this configuration: no command of this kernel compiles samples");
	return refuse(s, REFUSE_BUILD, LEAVE_OUT,
		      "what the kernel's build makes of a file of this kind isn't known");
}

/* What the diff's way of changing it means, whatever is in it. */
static int settle_change(struct settling *s)
{
	switch (s->f->kind) {
	case UDIFF_MODE:
		return irrelevant(s, "only its mode changes");
	case UDIFF_BINARY:
	case UDIFF_LINK:
		return refuse(s, REFUSE_DIFF, LEAVE_OUT, s->f->problem);
	case UDIFF_RENAMED:
	case UDIFF_COPIED: {
		char *why = format("it is %s %s; which files are built, and from what, can't change in a running kernel",
				   s->f->kind == UDIFF_RENAMED ? "renamed from" : "copied from",
				   s->f->from ? s->f->from : "another");
		int ret = refuse(s, REFUSE_BUILD, "make it a change of the file under its old name", why);

		free(why);
		return ret;
	}
	default:
		return settle_kind(s);
	}
}

/* By its path it is no part of the kernel; *apart: so it is.  Tests in lib/ include a header of tools/testing/. */
static int is_apart(struct settling *s, const char *why, bool *apart)
{
	bool included = false;
	int ret = 0;

	*apart = why && !s->f->nr_objects && (!s->f->from || file_no_part(s->f->from));
	if (*apart && starts_with(s->f->path, "tools/"))
		ret = file_is_included(s->b->target, s->f->path, &included, s->err);
	*apart &= !included;
	return ret;
}

static int settle(struct settling *s)
{
	const char *why = file_no_part(s->f->path);
	struct strings objects = { 0 };
	bool apart;
	int ret;

	if (s->f->kind == UDIFF_UNREADABLE)
		return refuse(s, REFUSE_DIFF, "get the diff again, or make it anew", s->f->problem);
	file_objects(s->b->target, s->f->path, &objects);
	s->f->nr_objects = objects.nr;
	strings_free(&objects);
	ret = is_apart(s, why, &apart);
	if (ret)
		return ret;
	return apart ? irrelevant(s, why) : settle_change(s);
}

int files_settle(struct build *b, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->fix->nr_files && !ret; i++) {
		struct settling s = { .b = b, .f = &b->fix->files[i], .err = err };

		ret = settle(&s);
	}
	return ret;
}

/* ---- what came of them ---- */

/* Units of @path that differ, as "net/core/sock_map.o". */
static void changed_units(const struct build *b, const char *path, struct strings *units)
{
	for (size_t i = 0; i < b->nr_units; i++)
		if (b->units[i].source && !strcmp(b->units[i].source, path))
			strings_add(units, b->units[i].o);
}

/* What came of a file that was compiled, as a reason. */
static char *came_of_it(const struct build *b, const struct fix_file *f, const struct strings *units,
			const struct strings *functions)
{
	if (functions->nr)
		return format("%zu function%s", functions->nr, functions->nr == 1 ? " changes" : "s change");
	if (units->nr)
		return xstrdup("it compiles to other bytes, but to no other function");
	if (ends_with(f->path, ".c") && f->nr_objects && !b->nr_reached)
		return xstrdup("it compiles to the same bytes");
	if (!b->nr_reached)
		return format("no unit %sis made from what changes in it", b->nr_direct ? "but the fix's own " : "");
	return format("%zu unit%s compiled for what changes in headers and included files%s", b->nr_reached,
		      b->nr_reached == 1 ? " was" : "s were",
		      report_nr_functions(b->report) ? "" : ", and no function changes");
}

/* A header that no unit was compiled for: is it because none includes it? */
static int included_by_none(const struct build *b, const struct fix_file *f, bool *none, struct klp_err *err)
{
	bool included = true;
	int ret = 0;

	if (!f->nr_objects && !b->nr_reached && !f->created)
		ret = file_is_included(b->target, f->path, &included, err);
	*none = !included;
	return ret;
}

static int report_compiled(struct build *b, struct fix_file *f, struct klp_err *err)
{
	struct strings units = { 0 }, functions = { 0 };
	bool none = false;
	int ret = included_by_none(b, f, &none, err);

	changed_units(b, f->path, &units);
	report_functions_of(b->report, f->path, &functions);
	if (!ret && none) {
		f->state = FILE_IRRELEVANT;
		f->reason = xstrdup("not in this configuration: no unit of this kernel includes it");
	} else if (!ret) {
		f->reason = came_of_it(b, f, &units, &functions);
	}
	if (!ret)
		report_file(b->report, f->path, f->state == FILE_COMPILED ? "compiled" : "irrelevant", f->reason,
			    &units, &functions);
	strings_free(&units);
	strings_free(&functions);
	return ret;
}

static void report_refused(struct build *b, struct fix_file *f)
{
	const char *why = report_refusal_of(b->report, f->path);

	if (!f->reason)
		f->reason = xstrdup(why ? why : "the fix is refused as a whole");
	f->state = FILE_REFUSED;
	report_file(b->report, f->path, "refused", f->reason, NULL, NULL);
}

int files_report(struct build *b, bool refused, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; b->fix && i < b->fix->nr_files && !ret; i++) {
		struct fix_file *f = &b->fix->files[i];

		if (f->state == FILE_IRRELEVANT)
			report_file(b->report, f->path, "irrelevant", f->reason, NULL, NULL);
		else if (refused || f->state != FILE_COMPILED)
			report_refused(b, f);
		else
			ret = report_compiled(b, f, err);
	}
	return ret;
}
