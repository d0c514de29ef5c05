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

#include "base/patch_names.h"
#include "base/text.h"
#include "extract/extract.h"
#include "io.h"
#include "link.h"
#include "quietpatch.h"

static const char head[] =
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
	"static const void *const qp_anchor __used __initconst = " QP_ANCHOR ";\n";

static const char tail[] =
	"\n"
	"static int __init qp_init(void)\n"
	"{\n"
	"\treturn qp_patch_register(THIS_MODULE, &qp_desc);\n"
	"}\n"
	"\n"
	/*
	 * In .text, and the first there: the unwinder takes the table's first entry for all that lies before
	 * it, which would be wrong for a function of which objtool leaves the stack open.  (With tripwires, one of
	 * theirs is: as good.)
	 */
	"static void qp_exit(void)\n"
	"{\n"
	"\tqp_patch_unregister(THIS_MODULE);\n"
	"\tqp_attempts_end();\n"
	"}\n"
	"module_init(qp_init);\n"
	"module_exit(qp_exit);\n";

static const char no_tripwires[] = "#define qp_attempts_end()\n";

/*
 * Only in patches that have tripwires.  Whoever trips may hold any lock, or be an interrupt: what is told
 * of it is written down where it happens, and goes to the log from an irq_work.  The comm is whatever the task
 * calls itself.
 */
static const char tripwires[] =
	"\n"
	"#include <linux/cred.h>\n"
	"#include <linux/irq_work.h>\n"
	"#include <linux/kallsyms.h>\n"
	"#include <linux/linkage.h>\n"
	"#include <linux/ratelimit.h>\n"
	"#include <linux/sched.h>\n"
	"#include <linux/string.h>\n"
	"#include <linux/timekeeping.h>\n"
	"\n"
	"void " QP_TRIPWIRE_FN "(const char *id);\n"
	"bool " QP_MITIGATES "(const char *id, long long expires);\n"
	"void " QP_TRIPWIRE_HERE "(void);\n"
	"void qp_tripwire_at(unsigned long ip);\n"
	"static atomic_long_t tripped;\n"
	"\n"
	"enum { FREE, WRITTEN, READY };\n"
	"static struct attempt {\n"
	"\tatomic_t state;\n"
	"\tconst char *id;\n"
	"\tunsigned long ip;\n"
	"\tbool task;\n"
	"\tpid_t pid;\n"
	"\tkuid_t uid;\n"
	"\tchar comm[TASK_COMM_LEN];\n"
	"} attempts[16];\n"
	"static atomic_t next_attempt;\n"
	"\n"
	"static void tell_one(const struct attempt *a)\n"
	"{\n"
	"\tchar where[KSYM_SYMBOL_LEN];\n"
	"\n"
	"\tif (a->id)\n"
	"\t\tstrscpy(where, a->id, sizeof(where));\n"
	"\telse\n"
	"\t\tsnprintf(where, sizeof(where), \"%ps\", (void *)a->ip);\n"
	"\twhere[strcspn(where, \" \")] = 0;\n"
	"\tif (a->task)\n"
	"\t\tpr_warn(\"quietpatch: %s: %s was tried by %*pE (pid %d, uid %u)\\n\", THIS_MODULE->name, where,\n"
	"\t\t\t(int)strnlen(a->comm, sizeof(a->comm)), a->comm, a->pid, from_kuid(&init_user_ns, a->uid));\n"
	"\telse\n"
	"\t\tpr_warn(\"quietpatch: %s: %s was tried in an interrupt\\n\", THIS_MODULE->name, where);\n"
	"}\n"
	"\n"
	"static void tell(struct irq_work *work)\n"
	"{\n"
	"\tint i;\n"
	"\n"
	"\tfor (i = 0; i < ARRAY_SIZE(attempts); i++)\n"
	"\t\tif (atomic_read_acquire(&attempts[i].state) == READY) {\n"
	"\t\t\ttell_one(&attempts[i]);\n"
	"\t\t\tatomic_set_release(&attempts[i].state, FREE);\n"
	"\t\t}\n"
	"}\n"
	"static DEFINE_IRQ_WORK(tell_work, tell);\n"
	"\n"
	"static void note(const char *id, unsigned long ip)\n"
	"{\n"
	"\tstatic DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);\n"
	"\tstruct attempt *a;\n"
	"\n"
	"\tatomic_long_inc(&tripped);\n"
	"\tif (!__ratelimit(&limit))\n"
	"\t\treturn;\n"
	"\ta = &attempts[atomic_inc_return(&next_attempt) & (ARRAY_SIZE(attempts) - 1)];\n"
	"\tif (atomic_cmpxchg(&a->state, FREE, WRITTEN) != FREE)\n"
	"\t\treturn;\n"
	"\ta->id = id;\n"
	"\ta->ip = ip;\n"
	"\ta->task = in_task();\n"
	"\ta->pid = current->pid;\n"
	"\ta->uid = current_uid();\n"
	"\tmemcpy(a->comm, current->comm, sizeof(a->comm));\n"
	"\tatomic_set_release(&a->state, READY);\n"
	"\tirq_work_queue(&tell_work);\n"
	"}\n"
	"\n"
	/* Nobody is in the patch's code any more. */
	"static void qp_attempts_end(void)\n"
	"{\n"
	"\tirq_work_sync(&tell_work);\n"
	"}\n"
	"\n"
	"void " QP_TRIPWIRE_FN "(const char *id)\n"
	"{\n"
	"\tnote(id, 0);\n"
	"}\n"
	"\n"
	"__visible __used void qp_tripwire_at(unsigned long ip)\n"
	"{\n"
	"\tnote(NULL, ip);\n"
	"}\n"
	"\n"
	/* As the kernel's thunk_64.S: a C function is called, and the caller's registers stay as they are. */
	"asm(\".pushsection .text, \\\"ax\\\"\\n\"\n"
	"    \".globl " QP_TRIPWIRE_HERE "\\n.type " QP_TRIPWIRE_HERE ", @function\\n.balign 16\\n\"\n"
	"    \"" QP_TRIPWIRE_HERE ":\\n\"\n"
	"    \"pushq %rbp\\nmovq %rsp, %rbp\\n\"\n"
	"    \"pushq %rdi\\npushq %rsi\\npushq %rdx\\npushq %rcx\\npushq %rax\\n\"\n"
	"    \"pushq %r8\\npushq %r9\\npushq %r10\\npushq %r11\\n\"\n"
	"    \"movq 8(%rbp), %rdi\\ncall qp_tripwire_at\\n\"\n"
	"    \"popq %r11\\npopq %r10\\npopq %r9\\npopq %r8\\n\"\n"
	"    \"popq %rax\\npopq %rcx\\npopq %rdx\\npopq %rsi\\npopq %rdi\\npopq %rbp\\n\"\n"
	"    ASM_RET\n"
	"    \".size " QP_TRIPWIRE_HERE ", . - " QP_TRIPWIRE_HERE "\\n.popsection\\n\");\n"
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
	int ret = io_write_atomic(path, s, len, 0644, err);

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
	ret = write_text(dir, "Kbuild", s, strlen(s), err);
	free(s);
	return ret;
}

int glue_write(const struct build *b, const char *dir, struct klp_err *err)
{
	char *text = format("%s%s%s", head, b->extract->tripwires ? tripwires : no_tripwires, tail);
	int ret = write_text(dir, "glue.c", text, strlen(text), err);

	free(text);
	return ret ? ret : write_kbuild(b, dir, err);
}
