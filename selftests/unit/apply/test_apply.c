// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_apply.c - what klp-apply decides without a kernel to ask: does the patch
 * fit, what do errors mean, why does a task block and what helps.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>

#include "elf.h"
#include "err.h"
#include "fixture.h"
#include "manifest.h"
#include "notes.h"
#include "../../../tools/klp-apply/apply.h"
#include "../../../tools/klp-apply/attached.h"
#include "../../../tools/klp-apply/blockers.h"
#include "../../../tools/klp-apply/kick.h"
#include "../../../tools/klp-apply/kmsg.h"
#include "../../../tools/klp-apply/machine.h"
#include "../../../tools/klp-apply/module.h"
#include "../../../tools/klp-apply/patches.h"
#include "../../../tools/klp-apply/verify.h"

/* Notes as the kernel has them: one of another owner, then the build-id. */
struct notes {
	Elf64_Nhdr other;
	char other_name[8];
	char other_desc[4];
	Elf64_Nhdr id;
	char id_name[4];
	unsigned char id_desc[20];
};

static struct notes good_notes(void)
{
	struct notes n = {
		.other = { .n_namesz = 6, .n_descsz = 4, .n_type = NT_GNU_BUILD_ID },
		.other_name = "Linux",
		.id = { .n_namesz = 4, .n_descsz = 20, .n_type = NT_GNU_BUILD_ID },
		.id_name = "GNU",
	};
	int i;

	for (i = 0; i < 20; i++)
		n.id_desc[i] = 0xa0 + i;
	return n;
}

START_TEST(build_id_is_found_behind_other_notes)
{
	struct notes n = good_notes();
	char id[BUILD_ID_HEX];

	ck_assert_int_eq(notes_build_id(&n, sizeof(n), id, sizeof(id)), 0);
	ck_assert_str_eq(id, "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
}
END_TEST

START_TEST(no_build_id_is_no_build_id)
{
	struct notes n = good_notes();
	char id[BUILD_ID_HEX];

	n.id.n_type = 1;
	ck_assert_int_eq(notes_build_id(&n, sizeof(n), id, sizeof(id)), -ENOENT);
	ck_assert_int_eq(notes_build_id(&n, 0, id, sizeof(id)), -ENOENT);
}
END_TEST

START_TEST(notes_that_lead_outside_are_malformed)
{
	struct notes n = good_notes();
	char id[BUILD_ID_HEX];
	size_t len;

	/* Cut anywhere: never a wrong id, never a read beyond the end (ASan sees that). */
	for (len = 0; len < sizeof(n); len++) {
		unsigned char *cut = malloc(len ? len : 1);

		memcpy(cut, &n, len);
		ck_assert_int_ne(notes_build_id(cut, len, id, sizeof(id)), 0);
		free(cut);
	}
	n.id.n_descsz = 0xffffffff;
	ck_assert_int_eq(notes_build_id(&n, sizeof(n), id, sizeof(id)), -EBADMSG);
	n = good_notes();
	n.other.n_namesz = 0xfffffffd;
	ck_assert_int_eq(notes_build_id(&n, sizeof(n), id, sizeof(id)), -EBADMSG);
	/* An id of another length than ours would overrun the reader's buffer. */
	n = good_notes();
	n.id.n_descsz = 20;
	n.other.n_descsz = 0;
	ck_assert_int_ne(notes_build_id(&n, sizeof(n), id, sizeof(id)), 0);
	n = good_notes();
	ck_assert_int_eq(notes_build_id(&n, sizeof(n), id, sizeof(id) - 1), -EBADMSG);
	/* An empty one is that of every kernel. */
	n.id.n_descsz = 0;
	ck_assert_int_eq(notes_build_id(&n, sizeof(n), id, sizeof(id)), -EBADMSG);
}
END_TEST

static void fits(struct machine *mc, struct manifest *m, int want, const char *word)
{
	struct klp_err err = { 0 };

	ck_assert_int_eq(machine_fits(mc, m, &err), want);
	if (word)
		ck_assert_msg(strstr(err.text, word), "no \"%s\" in: %s", word, err.text);
}

START_TEST(a_patch_fits_one_kernel_build_only)
{
	struct manifest *m = fixture_manifest(1);
	struct machine mc = { 0 };

	snprintf(mc.release, sizeof(mc.release), "%s", m->kernel_release);
	snprintf(mc.arch, sizeof(mc.arch), "%s", m->arch);
	snprintf(mc.build_id, sizeof(mc.build_id), "%s", m->kernel_build_id);
	fits(&mc, m, 0, NULL);
	mc.build_id[3] ^= 1;
	fits(&mc, m, -ENOEXEC, mc.build_id[0] ? "build-id" : "");
	mc.build_id[3] ^= 1;
	snprintf(mc.release, sizeof(mc.release), "6.1.0-53-cloud-amd64");
	fits(&mc, m, -ENOEXEC, "6.1.0-53-cloud-amd64");
	fits(&mc, m, -ENOEXEC, m->kernel_release);
	snprintf(mc.arch, sizeof(mc.arch), "aarch64");
	fits(&mc, m, -ENOEXEC, "aarch64");
	manifest_free(m);
}
END_TEST

START_TEST(errors_of_bundles_have_their_exit_status)
{
	ck_assert_int_eq(bundle_exit(-EBADMSG), EXIT_TRUST);
	ck_assert_int_eq(bundle_exit(-EFBIG), EXIT_TRUST);
	ck_assert_int_eq(bundle_exit(-ENOKEY), EXIT_TRUST);
	ck_assert_int_eq(bundle_exit(-EKEYREJECTED), EXIT_TRUST);
	ck_assert_int_eq(bundle_exit(-EPROTONOSUPPORT), EXIT_NOT_FOUND);
	ck_assert_int_eq(bundle_exit(-ENOMEM), EXIT_FAILED);
}
END_TEST

START_TEST(kernel_log_lines_are_ours_by_their_prefix)
{
	char core[] = "3,812,1234567,-;quietpatch: qp_x: function foo has other bytes\n SUBSYSTEM=x\n";
	char module[] = "4,813,1234568,-;qp_x: Unknown symbol bar (err -2)\n";
	char other[] = "4,814,1234569,-;qp_xy: Unknown symbol bar (err -2)\n";
	char quoted[] = "4,815,1234570,-;systemd: says quietpatch: is fine\n";
	char bare[] = "no semicolon";
	const char *text = NULL;

	ck_assert(kmsg_relevant(core, "qp_x", &text));
	ck_assert_str_eq(text, "quietpatch: qp_x: function foo has other bytes");
	ck_assert(kmsg_relevant(module, "qp_x", &text));
	ck_assert_str_eq(text, "qp_x: Unknown symbol bar (err -2)");
	ck_assert(!kmsg_relevant(other, "qp_x", &text));
	ck_assert(!kmsg_relevant(quoted, "qp_x", &text));
	ck_assert(!kmsg_relevant(bare, "qp_x", &text));
}
END_TEST

static struct blocker blocker(uint32_t verdict, uint32_t state)
{
	struct blocker b = { .core = { .pid = 812, .verdict = verdict, .state = state } };

	strcpy(b.core.comm, "web");
	strcpy(b.core.function, "unix_poll");
	return b;
}

static void says(struct blocker b, const char *reason, const char *remedy)
{
	blocker_describe(&b);
	ck_assert_msg(strstr(b.reason, reason), "no \"%s\" in: %s", reason, b.reason);
	ck_assert_msg(strstr(b.remedy, remedy), "no \"%s\" in: %s", remedy, b.remedy);
}

START_TEST(each_blocker_has_a_reason_and_a_remedy)
{
	struct blocker b;

	says(blocker(QP_V_AFFECTED, 1), "asleep in unix_poll", "kill -STOP 812 && kill -CONT 812");
	says(blocker(QP_V_AFFECTED, 2), "asleep in unix_poll", "can't be woken");
	says(blocker(QP_V_AFFECTED, 0), "running in unix_poll", "switches when");
	says(blocker(QP_V_AFFECTED, 8), "asleep in unix_poll", "debugger");
	says(blocker(QP_V_INCOMPLETE, 1), "unreliable stack", "looked at again");
	says(blocker(QP_V_RUNNING, 0), "on a CPU", "looked at again");
	says(blocker(QP_V_STALE, 1), "busy", "looked at again");
	says(blocker(QP_V_CLEAN, 1), "outside", "looked at again");
	/* A signal doesn't free a kernel thread: it must not be recommended. */
	b = blocker(QP_V_AFFECTED, 1);
	b.kthread = true;
	says(b, "asleep in unix_poll", "kernel thread");
	says(b, "asleep in unix_poll", "--kick safe wakes it");
	blocker_describe(&b);
	ck_assert_ptr_null(strstr(b.remedy, "kill"));
	b = blocker(QP_V_AFFECTED, 2);
	b.kthread = true;
	blocker_describe(&b);
	ck_assert_ptr_null(strstr(b.remedy, "--kick"));
	b = blocker(QP_V_AFFECTED, 2);
	strcpy(b.wchan, "do_wait");
	says(b, "waits in do_wait", "");
}
END_TEST

START_TEST(only_calls_that_start_again_unseen_are_safe_to_disturb)
{
	unsigned long long none[KICK_ARGS] = { 0 }, all[KICK_ARGS] = { 0, 0, MSG_WAITALL, MSG_WAITALL };
	unsigned long long requeue[KICK_ARGS] = { 0, FUTEX_WAIT_REQUEUE_PI_PRIVATE };

	ck_assert_int_eq(kick_effect(SYS_poll, none), EFFECT_UNSEEN);
	ck_assert_int_eq(kick_effect(SYS_restart_syscall, none), EFFECT_UNSEEN);
	ck_assert_int_eq(kick_effect(SYS_futex, none), EFFECT_UNSEEN);
	ck_assert_int_eq(kick_effect(SYS_futex, requeue), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_read, all), EFFECT_FD);
	ck_assert_int_eq(kick_effect(SYS_recvfrom, none), EFFECT_FD);
	ck_assert_int_eq(kick_effect(SYS_recvfrom, all), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_recvmsg, all), EFFECT_SEEN);
	/* Half of it may be done. */
	ck_assert_int_eq(kick_effect(SYS_write, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_sendmsg, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_epoll_wait, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_semop, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_rt_sigtimedwait, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(SYS_io_uring_enter, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(-1, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_effect(100000, none), EFFECT_SEEN);
	ck_assert_int_eq(kick_file_effect("pipe:[123]"), EFFECT_UNSEEN);
	ck_assert_int_eq(kick_file_effect("anon_inode:[eventfd]"), EFFECT_UNSEEN);
	/* May have a time limit, or wait for more than one byte: asked further. */
	ck_assert_int_eq(kick_file_effect("/dev/pts/3"), EFFECT_FD);
	ck_assert_int_eq(kick_file_effect("socket:[123]"), EFFECT_FD);
	/* A file system of somebody's own may say EINTR. */
	ck_assert_int_eq(kick_file_effect("/home/me/mail"), EFFECT_SEEN);
	ck_assert_int_eq(kick_file_effect(""), EFFECT_SEEN);
}
END_TEST

START_TEST(a_read_that_waits_for_more_than_a_byte_is_not_disturbed)
{
	struct timeval hour = { .tv_sec = 3600 };
	int tty = posix_openpt(O_RDWR | O_NOCTTY), pair[2], two = 2;
	struct termios t;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(kick_fd_unseen(pair[0]));
	ck_assert_int_eq(setsockopt(pair[0], SOL_SOCKET, SO_RCVLOWAT, &two, sizeof(two)), 0);
	ck_assert(!kick_fd_unseen(pair[0]));
	ck_assert_int_eq(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof(hour)), 0);
	ck_assert(!kick_fd_unseen(pair[1]));
	/* Neither a socket nor a terminal. */
	ck_assert(!kick_fd_unseen(open("/dev/null", O_RDONLY)));

	ck_assert_int_ge(tty, 0);
	ck_assert_int_eq(tcgetattr(tty, &t), 0);
	ck_assert(kick_fd_unseen(tty));
	cfmakeraw(&t);
	ck_assert_int_eq(tcsetattr(tty, TCSANOW, &t), 0);
	ck_assert(kick_fd_unseen(tty));
	t.c_cc[VTIME] = 1;
	ck_assert_int_eq(tcsetattr(tty, TCSANOW, &t), 0);
	ck_assert(!kick_fd_unseen(tty));
	t.c_cc[VTIME] = 0;
	t.c_cc[VMIN] = 4;
	ck_assert_int_eq(tcsetattr(tty, TCSANOW, &t), 0);
	ck_assert(!kick_fd_unseen(tty));
}
END_TEST

START_TEST(states_are_spelled_as_the_core_spells_them)
{
	uint32_t state, got;

	for (state = QP_PATCH_LOADED; state <= PATCH_LEAVING; state++) {
		char line[32];

		snprintf(line, sizeof(line), "%s\n", patch_state_word(state));
		ck_assert_int_eq(patch_state_parse(line, &got), 0);
		ck_assert_uint_eq(got, state);
	}
	ck_assert_int_eq(patch_state_parse("applie", &got), -EINVAL);
	ck_assert_int_eq(patch_state_parse("applied2\n", &got), -EINVAL);
	ck_assert_int_eq(patch_state_parse("", &got), -EINVAL);
}
END_TEST

START_TEST(patches_are_found_by_either_name)
{
	struct patch list[2] = {
		{ .module = "qp_sock_map", .name = "sock-map" },
		{ .module = "qp_sock", .name = "sock" },
	};

	ck_assert_ptr_eq(patches_find(list, 2, "sock-map"), &list[0]);
	ck_assert_ptr_eq(patches_find(list, 2, "sock_map"), &list[0]);
	ck_assert_ptr_eq(patches_find(list, 2, "qp_sock_map"), &list[0]);
	ck_assert_ptr_eq(patches_find(list, 2, "sock"), &list[1]);
	ck_assert_ptr_null(patches_find(list, 2, "sock-ma"));
	ck_assert_ptr_null(patches_find(list, 2, ""));
	ck_assert_ptr_null(patches_find(NULL, 0, "sock"));
}
END_TEST

START_TEST(numbers_are_readable)
{
	char buf[32];

	ck_assert_str_eq(thousands(0, buf), "0");
	ck_assert_str_eq(thousands(999, buf), "999");
	ck_assert_str_eq(thousands(1204, buf), "1,204");
	ck_assert_str_eq(thousands(1000000, buf), "1,000,000");
	ck_assert_str_eq(thousands(UINT64_MAX, buf), "18,446,744,073,709,551,615");
}
END_TEST

/* Write @text to @root@path, folders and all. */
static void put(const char *root, const char *path, const char *text)
{
	char full[512], *p;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void is_attached(const struct attached *a, enum attached_kind kind, const char *function)
{
	ck_assert_str_eq(attached_word(a->kind), attached_word(kind));
	ck_assert_str_eq(a->function, function);
	ck_assert(!strchr(a->detail, '\n'));
}

START_TEST(who_uses_a_function_is_found_in_the_kernels_lists)
{
	static const char *const names[] = { "pipe_read", "sock_map_alloc" };
	char *root = fixture_folder();
	struct attached *list;
	size_t nr;

	put(root, "/sys/kernel/debug/kprobes/list",
	    "ffffffff8e2b1c40  k  pipe_read+0x0    [FTRACE]\n"
	    "ffffffff8e2b1c52  k  pipe_read+0x12    [DISABLED]\n"
	    "ffffffff8e2b1d52  r  pipe_read_more+0x0    [FTRACE]\n");
	put(root, "/sys/kernel/tracing/enabled_functions",
	    "pipe_read (1) R   \tkprobe_ftrace_handler+0x0/0x1c0\n"
	    "pipe_write (1)\n"
	    "sock_map_alloc (1) R   D   M \tdirect-->bpf_trampoline_6442_1+0x0/0x1\n"
	    "sock_map_alloc (1) R   I     \tqp_handler+0x0/0x1c0 [quietpatch]\n"
	    "pipe_read (1)    tramp: 0xffffffffc0407000 (function_trace_call+0x0/0x120)\n");
	put(root, "/sys/kernel/livepatch/klp_fix/vmlinux/pipe_read,1/x", "");
	put(root, "/sys/kernel/livepatch/klp_fix/vmlinux/pipe_poll,1/x", "");
	ck_assert_int_eq(attached_find(root, names, 2, NULL, 0, &list, &nr), 0);
	ck_assert_uint_eq(nr, 6);
	is_attached(&list[0], ATTACHED_KPROBE_ENTRY, "pipe_read");
	is_attached(&list[1], ATTACHED_KPROBE_BODY, "pipe_read");
	is_attached(&list[2], ATTACHED_BPF, "sock_map_alloc");
	is_attached(&list[3], ATTACHED_QUIETPATCH, "sock_map_alloc");
	is_attached(&list[4], ATTACHED_TRACER, "pipe_read");
	is_attached(&list[5], ATTACHED_LIVEPATCH, "pipe_read");
	ck_assert_ptr_nonnull(strstr(list[5].detail, "livepatch/klp_fix/"));
	free(list);
	fixture_remove(root);
}
END_TEST

START_TEST(a_tracer_beside_a_bpf_program)
{
	static const char *const names[] = { "pipe_read", "pipe_write" };
	struct attached *list;
	char *root = fixture_folder();
	size_t nr;

	put(root, "/sys/kernel/tracing/enabled_functions",
	    "pipe_read (2) R   D   M \tftrace_ops_list_func+0x0/0x1\tdirect-->bpf_trampoline_6442_1+0x0/0x1\n"
	    "pipe_write (1) R   D   M \ttramp: 0xffffffffc0407000 (call_direct_funcs+0x0/0x20) ->call_direct_funcs+0x0/0x20\n"
	    "\tdirect-->bpf_trampoline_6442_2+0x0/0x1\n");
	ck_assert_int_eq(attached_find(root, names, 2, NULL, 0, &list, &nr), 0);
	ck_assert_uint_eq(nr, 3);
	is_attached(&list[0], ATTACHED_BPF, "pipe_read");
	is_attached(&list[1], ATTACHED_TRACER, "pipe_read");
	is_attached(&list[2], ATTACHED_BPF, "pipe_write");
	free(list);
	fixture_remove(root);
}
END_TEST

START_TEST(the_cores_own_hooks_are_nobody_elses)
{
	static const char *const names[] = { "pipe_read", "pipe_write", "pipe_poll", "do_exit" };
	static const struct qp_site_info own[] = {
		{ .name = "pipe_read", .nr_users = 2 },			/* reverted a moment ago */
		{ .name = "pipe_write", .nr_users = 1, .nr_patches = 1 },	/* settled */
		{ .name = "pipe_poll [pipes]", .nr_users = 1, .nr_patches = 1 },
		{ .name = "do_exit", .nr_users = 1, .nr_patches = 1 },
	};
	char *root = fixture_folder();
	struct attached *list;
	size_t nr;

	put(root, "/sys/kernel/debug/kprobes/list", "ffffffff8e2b1c40  k  do_exit+0x0    [FTRACE]\n");
	put(root, "/sys/kernel/tracing/enabled_functions",
	    "pipe_read (2) R I D ->arch_ftrace_ops_list_func+0x0/0x1d0\n"
	    "pipe_write (1) R   D\ttramp: ftrace_regs_caller+0x0/0x58 (call_direct_funcs+0x0/0x30)\n"
	    "pipe_poll [pipes] (2) R I   ->arch_ftrace_ops_list_func+0x0/0x1d0\n"
	    "do_exit (2) R I   ->arch_ftrace_ops_list_func+0x0/0x1d0\n");
	ck_assert_int_eq(attached_find(root, names, 4, own, 4, &list, &nr), 0);
	ck_assert_uint_eq(nr, 5);
	is_attached(&list[0], ATTACHED_KPROBE_ENTRY, "do_exit");
	is_attached(&list[1], ATTACHED_QUIETPATCH, "pipe_write");
	is_attached(&list[2], ATTACHED_QUIETPATCH, "pipe_poll");
	is_attached(&list[3], ATTACHED_TRACER, "pipe_poll");
	is_attached(&list[4], ATTACHED_QUIETPATCH, "do_exit");
	free(list);
	fixture_remove(root);
}
END_TEST

START_TEST(names_in_the_kernels_lists_steer_no_terminal)
{
	static const char *const names[] = { "pipe_read" };
	char *root = fixture_folder();
	struct attached *list;
	json_t *all;
	size_t nr;

	put(root, "/sys/kernel/tracing/enabled_functions", "pipe_read (1) R\tevil\033[2J\377+0x0/0x1 [evil]\n");
	put(root, "/sys/kernel/livepatch/\033[2J\377/vmlinux/pipe_read,1/x", "");
	ck_assert_int_eq(attached_find(root, names, 1, NULL, 0, &list, &nr), 0);
	ck_assert_uint_eq(nr, 2);
	for (size_t i = 0; i < nr; i++) {
		ck_assert_ptr_null(strchr(list[i].detail, '\033'));
		ck_assert_ptr_nonnull(strstr(list[i].detail, "\\x1b[2J\\xff"));
	}
	all = attached_json(list, nr);
	ck_assert_uint_eq(json_array_size(all), nr);
	json_decref(all);
	free(list);
	fixture_remove(root);
}
END_TEST

START_TEST(without_the_kernels_lists_nobody_is_found)
{
	static const char *const names[] = { "pipe_read" };
	char *root = fixture_folder();
	struct attached *list = NULL;
	size_t nr = 1;

	ck_assert_int_eq(attached_find(root, names, 1, NULL, 0, &list, &nr), 0);
	ck_assert_uint_eq(nr, 0);
	free(list);
	fixture_remove(root);
}
END_TEST

/* What of a module's file tells what it is. */
struct module_file {
	char modinfo[128];
	size_t len;
	unsigned char this_module[128];
	struct elf_section sections[4];
	struct elf_symbol symbols[3];
	struct elf_file ef;
};

static struct elf_file *module_file(struct module_file *f, const char *name, const char *this_name,
				    const char *release, const char *needs)
{
	memset(f, 0, sizeof(*f));
	f->len = snprintf(f->modinfo, sizeof(f->modinfo), "license=GPL%cname=%s%cvermagic=%s SMP preempt mod_unload %c",
			  0, name, 0, release, 0);
	strcpy((char *)f->this_module + 24, this_name);
	f->sections[1] = (struct elf_section){ .name = ".modinfo", .data = (uint8_t *)f->modinfo, .size = f->len };
	f->sections[2] = (struct elf_section){ .name = ".gnu.linkonce.this_module", .data = f->this_module,
					       .size = sizeof(f->this_module) };
	f->sections[3] = (struct elf_section){ .name = ".qp.desc", .size = sizeof(struct qp_patch_desc) };
	f->symbols[1] = (struct elf_symbol){ .name = "printk" };
	f->symbols[2] = (struct elf_symbol){ .name = needs };
	f->ef = (struct elf_file){ .sections = f->sections, .nr_sections = 4, .symbols = f->symbols, .nr_symbols = 3 };
	return &f->ef;
}

/* A signature says who packed a file, not that it is the right one: the kernel isn't handed what isn't the patch. */
START_TEST(somebody_elses_module_is_not_loaded)
{
	const char *krel = "6.1.0-50-cloud-amd64", *reg = "qp_patch_register";
	struct module_file f;
	struct klp_err err;

	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_x", "qp_x", krel, reg), "qp_x", krel, &err), 0);
	ck_assert_int_eq(module_is_patch(module_file(&f, "dummy", "dummy", krel, reg), "qp_x", krel, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "the file in it is module dummy"));
	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_x", "dummy", krel, reg), "qp_x", krel, &err), -EINVAL);
	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_xy", "qp_x", krel, reg), "qp_x", krel, &err), -EINVAL);
	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_x", "qp_xy", krel, reg), "qp_x", krel, &err), -EINVAL);
	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_x", "qp_x", "6.1.0-50", reg), "qp_x", krel, &err), -EINVAL);
	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_x", "qp_x", "6.1.0-50-cloud-amd64x", reg), "qp_x", krel, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "but its bundle is for 6.1.0-50-cloud-amd64"));
	ck_assert_int_eq(module_is_patch(module_file(&f, "qp_x", "qp_x", krel, "klp_enable_patch"), "qp_x", krel, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "isn't a patch module"));
	module_file(&f, "qp_x", "qp_x", krel, reg);
	f.sections[3].size++;
	ck_assert_int_eq(module_is_patch(&f.ef, "qp_x", krel, &err), -EINVAL);
	module_file(&f, "qp_x", "qp_x", krel, reg);
	f.modinfo[f.len - 1] = 'x';
	ck_assert_int_eq(module_is_patch(&f.ef, "qp_x", krel, &err), -EINVAL);
	module_file(&f, "qp_x", "qp_x", krel, reg);
	f.sections[2].size = 26;
	ck_assert_int_eq(module_is_patch(&f.ef, "qp_x", krel, &err), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("apply");

	tcase_add_test(tc, build_id_is_found_behind_other_notes);
	tcase_add_test(tc, no_build_id_is_no_build_id);
	tcase_add_test(tc, notes_that_lead_outside_are_malformed);
	tcase_add_test(tc, a_patch_fits_one_kernel_build_only);
	tcase_add_test(tc, errors_of_bundles_have_their_exit_status);
	tcase_add_test(tc, kernel_log_lines_are_ours_by_their_prefix);
	tcase_add_test(tc, each_blocker_has_a_reason_and_a_remedy);
	tcase_add_test(tc, only_calls_that_start_again_unseen_are_safe_to_disturb);
	tcase_add_test(tc, a_read_that_waits_for_more_than_a_byte_is_not_disturbed);
	tcase_add_test(tc, states_are_spelled_as_the_core_spells_them);
	tcase_add_test(tc, patches_are_found_by_either_name);
	tcase_add_test(tc, numbers_are_readable);
	tcase_add_test(tc, who_uses_a_function_is_found_in_the_kernels_lists);
	tcase_add_test(tc, names_in_the_kernels_lists_steer_no_terminal);
	tcase_add_test(tc, without_the_kernels_lists_nobody_is_found);
	tcase_add_test(tc, a_tracer_beside_a_bpf_program);
	tcase_add_test(tc, the_cores_own_hooks_are_nobody_elses);
	tcase_add_test(tc, somebody_elses_module_is_not_loaded);
	return fixture_run("apply", tc);
}
