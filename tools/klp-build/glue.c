// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * glue.c - the sources of the patch module around the extracted objects: two
 * functions that hand the description to the core, and a Kbuild file.
 *
 * The units' objects aren't compiled by kbuild, but objtool has to see them: on
 * kernels that run it per object, kbuild's own cmd_objtool does it with its own flags; on
 * those that run it on the whole module (IBT, from 6.12 on), it is empty here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "extract.h"
#include "io.h"
#include "quietpatch.h"
#include "text.h"

static const char source[] =
	"/* Written by klp-build. */\n"
	"#include <linux/module.h>\n"
	"\n"
	"struct qp_patch_desc;\n"
	"extern const struct qp_patch_desc qp_desc;\n"
	"int qp_patch_register(struct module *mod, const struct qp_patch_desc *desc);\n"
	"void qp_patch_unregister(struct module *mod);\n"
	"extern struct module *const " QP_THIS_PATCH ";\n"
	"struct module *const " QP_THIS_PATCH " = THIS_MODULE;\n"
	/* relocs.c counts from it; its CRC has to be among the versions that modpost writes. */
	"static const void *const qp_anchor __used __initconst = " QP_ANCHOR ";\n"
	"\n"
	"static int __init qp_init(void)\n"
	"{\n"
	"\treturn qp_patch_register(THIS_MODULE, &qp_desc);\n"
	"}\n"
	"\n"
	/*
	 * In .text, and the first there: the unwinder takes the table's first entry for all that lies before
	 * it, which would be wrong for a function of which objtool leaves the stack open.
	 */
	"static void qp_exit(void)\n"
	"{\n"
	"\tqp_patch_unregister(THIS_MODULE);\n"
	"}\n"
	"module_init(qp_init);\n"
	"module_exit(qp_exit);\n";

/* Only in patches that have tripwires.  The comm is whatever the task calls itself. */
static const char tripwires[] =
	"\n"
	"#include <linux/cred.h>\n"
	"#include <linux/ratelimit.h>\n"
	"#include <linux/sched.h>\n"
	"#include <linux/string.h>\n"
	"#include <linux/timekeeping.h>\n"
	"\n"
	"void " QP_TRIPWIRE_FN "(const char *id);\n"
	"bool " QP_MITIGATES "(const char *id, long long expires);\n"
	"static atomic_long_t tripped;\n"
	"\n"
	"void " QP_TRIPWIRE_FN "(const char *id)\n"
	"{\n"
	"\tatomic_long_inc(&tripped);\n"
	"\tpr_warn_ratelimited(\"quietpatch: %s: %s was tried by %*pE (pid %d, uid %u)\\n\", THIS_MODULE->name, id,\n"
	"\t\t(int)strnlen(current->comm, sizeof(current->comm)), current->comm, current->pid,\n"
	"\t\tfrom_kuid(&init_user_ns, current_uid()));\n"
	"}\n"
	"\n"
	"bool " QP_MITIGATES "(const char *id, long long expires)\n"
	"{\n"
	"\tif (ktime_get_real_seconds() >= expires)\n"
	"\t\treturn false;\n"
	"\t" QP_TRIPWIRE_FN "(id);\n"
	"\treturn true;\n"
	"}\n"
	"\n"
	"static int tripped_get(char *buf, const struct kernel_param *kp)\n"
	"{\n"
	"\treturn sysfs_emit(buf, \"%ld\\n\", atomic_long_read(&tripped));\n"
	"}\n"
	"static const struct kernel_param_ops tripped_ops = { .get = tripped_get };\n"
	"module_param_cb(tripped, &tripped_ops, NULL, 0400);\n";

static const char rules[] =
	"quiet_cmd_qp_copy = COPY    $@\n"
	"      cmd_qp_copy = cp $< $@ $(cmd_objtool)\n"
	"$(obj)/head.o $(patsubst %,$(obj)/%,$(qp-units)): $(obj)/%.o: $(src)/%.raw FORCE\n"
	"\t$(call if_changed,qp_copy)\n"
	"targets += head.o $(qp-units)\n";

static int write_text(const char *dir, const char *name, const char *s, size_t len,
		      struct klp_err *err)
{
	char *path = format("%s/%s", dir, name);
	int ret = path ? io_write_atomic(path, s, len, 0644, err) :
			 klp_err_set(err, -ENOMEM, "out of memory");

	free(path);
	return ret;
}

/* head.o comes first: its empty arrays are where the units' begin. */
static int write_kbuild(const struct build *b, const char *dir, struct klp_err *err)
{
	struct text t = { 0 };
	char *s;
	int ret;

	text_addf(&t, "obj-m := %s.o\nqp-units :=", b->module);
	for (size_t i = 0; i < b->extract->nr_units; i++)
		if (b->extract->units[i].u->extract_path)
			text_addf(&t, " unit%u.o", b->extract->units[i].index);
	text_addf(&t, "\n%s-y := head.o glue.o $(qp-units)\n%s", b->module, rules);
	s = text_take(&t);
	if (!s)
		return klp_err_set(err, -ENOMEM, "out of memory");
	ret = write_text(dir, "Kbuild", s, strlen(s), err);
	free(s);
	return ret;
}

int glue_write(const struct build *b, const char *dir, struct klp_err *err)
{
	char *text = format("%s%s", source, b->extract->tripwires ? tripwires : "");
	int ret = text ? write_text(dir, "glue.c", text, strlen(text), err) : klp_err_set(err, -ENOMEM, "out of memory");

	free(text);
	return ret ? ret : write_kbuild(b, dir, err);
}
