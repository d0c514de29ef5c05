/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * quietpatch.h - the one header that kernel, builder, loader and monitor share.
 *
 * Part 1 is what a patch module (.ko) carries for the core: written by
 * klp-build, read by quietpatch.ko (and, from the file, by klp-apply).
 * Part 2 is the device /dev/quietpatch: klp-apply and klp-monitor drive a
 * transition through it.
 *
 * Fixed-width types only; every struct's size is asserted; reserved fields
 * must be zero and are checked.  Grow a struct only at its end, together with
 * QP_ABI.
 */
#ifndef _UAPI_QUIETPATCH_H
#define _UAPI_QUIETPATCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define QP_ABI			2
#define QP_NAME_LEN		64	/* patch and object names, with the NUL */
#define QP_BUILD_ID_LEN		20	/* GNU build-id of Debian's kernels: SHA-1 */
#define QP_DIGEST_LEN		32	/* SHA-256 */
#define QP_COMM_LEN		16
#define QP_VMLINUX		"vmlinux"
#define QP_DEVICE		"/dev/quietpatch"
#define QP_SYSFS		"/sys/kernel/quietpatch"

/*
 * ---- Part 1: inside a patch module ------------------------------------
 *
 * Addresses in vmlinux travel as a distance in bytes from QP_ANCHOR, an
 * exported function; KASLR moves both alike.  The core checks each against
 * kallsyms before use.  Symbols of modules travel by name and position.
 */
#define QP_ANCHOR		"_printk"

/* Sections of the .ko.  SYMBOLS and STRINGS aren't loaded: klp-apply reads them. */
#define QP_SEC_DESC		".qp.desc"	/* one struct qp_patch_desc */
#define QP_SEC_FUNCS		".qp.funcs"	/* struct qp_func_desc[] */
#define QP_SEC_RELOCS		".qp.relocs"	/* struct qp_reloc_desc[] */
#define QP_SEC_CALLBACKS	".qp.callbacks"	/* struct qp_callback_desc[] */
#define QP_SEC_STATES		".qp.states"	/* struct qp_state_desc[] */
#define QP_SEC_REQUIRES		".qp.requires"	/* struct qp_require_desc[] */
#define QP_SEC_SYMBOLS		".qp.symbols"	/* struct qp_sym_desc[], not SHF_ALLOC */
#define QP_SEC_STRINGS		".qp.strings"	/* names of the above, not SHF_ALLOC */

/* A range of a function's live bytes that boot or load may rewrite. */
struct qp_mask {
	__u32 offset;		/* bytes from the function's start */
	__u32 len;		/* bytes */
};

/*
 * One replaced function.  Pointers are 64-bit fields that the module loader's
 * relocations fill.
 */
struct qp_func_desc {
	__u64 new_addr;		/* the replacement, in the patch module */
	__u64 name;		/* const char *: symbol in the object */
	__u64 object;		/* const char *: "vmlinux" or a module's name, '-' as '_' */
	__s64 old_offset;	/* vmlinux: distance from QP_ANCHOR; module: 0 */
	__u32 old_size;		/* bytes, of the symbol in the shipped object */
	__u32 new_size;		/* bytes */
	__u32 sympos;		/* 1-based among equal names of the object; 0 = unique */
	__u32 flags;		/* 0 */
	__s64 cold_offset;	/* as old_offset, of one more part of the old code: NAME.cold, or code it jumps to; valid if cold_size != 0 */
	__u32 cold_size;	/* bytes; 0 = no such part */
	__u32 nr_masks;
	__u64 masks;		/* const struct qp_mask *, ascending, not overlapping */
	__u64 cold_name;	/* const char *: that part's name as the object spells it, or 0 */
	__u8  digest[QP_DIGEST_LEN];	/* SHA-256 of the old_size bytes, masked ones as 0 */
};

/*
 * One reference to a symbol of a *module* object.  The core writes it when that
 * module is there: at registration, or when the module is coming.  The place
 * holds zeros until then.
 */
struct qp_reloc_desc {
	__u64 place;		/* where, in the patch module */
	__u64 object;		/* const char *: module's name */
	__u64 name;		/* const char *: symbol in that module */
	__s64 addend;		/* bytes, as in the relocation it stands for */
	__u32 type;		/* R_X86_64_64, _PC32, _PLT32, _32S, _32 or _PC64 */
	__u32 sympos;		/* as in qp_func_desc */
};

/* Callbacks of a patch for one object; 0 = none. */
struct qp_callback_desc {
	__u64 object;		/* const char * */
	__u64 pre_apply;	/* int (*)(void): may refuse with -errno */
	__u64 post_apply;	/* void (*)(void) */
	__u64 pre_revert;	/* int (*)(void): may refuse with -errno */
	__u64 post_revert;	/* void (*)(void) */
};

/*
 * Something of the kernel's that a patch changes and a later patch has to
 * understand: ids belong to the author. A later patch names it with the same or
 * a higher version; a cumulative one that doesn't name it is refused.
 */
struct qp_state_desc {
	__u64 id;
	__u32 version;
	__u32 reserved;
};

/*
 * A patch that has to be in force before this one may be applied, and as long as this
 * one is: of this name (not the module's), in this release or a later one.
 */
struct qp_require_desc {
	__u64 name;		/* const char * */
	__u32 release;
	__u32 flags;		/* QP_REQUIRE_* */
};

/*
 * It isn't required: if a patch of this name is in force, in whatever release, this one takes its place, as a later
 * release does.  So a fix takes over from a mitigation.  A core that doesn't know the flag refuses the patch.
 */
#define QP_REQUIRE_TAKES_OVER	(1u << 0)

#define QP_PATCH_REPLACE	(1u << 0)	/* cumulative: takes over all earlier patches */
#define QP_PATCH_IRREVERTIBLE	(1u << 1)	/* the address of a new function or variable may escape */

/*
 * What the patch's init function hands to qp_patch_register().  text_poke,
 * text_mutex and text_poke_sync are the kernel's own, needed when nr_relocs != 0.
 */
struct qp_patch_desc {
	__u32 size;		/* sizeof(struct qp_patch_desc) */
	__u32 abi;		/* QP_ABI */
	__u32 flags;		/* QP_PATCH_* */
	__u32 nr_funcs;
	__u32 nr_relocs;
	__u32 nr_callbacks;
	__u64 funcs;		/* struct qp_func_desc * */
	__u64 relocs;		/* struct qp_reloc_desc * */
	__u64 callbacks;	/* struct qp_callback_desc * */
	__u64 text_poke;	/* its address or 0 */
	__u64 text_mutex;	/* its address or 0 */
	__u64 text_poke_sync;	/* its address or 0 */
	__u8  build_id[QP_BUILD_ID_LEN];	/* of the kernel it was built for */
	__u32 nr_states;	/* 0 in patches of before there were states */
	__u64 states;		/* struct qp_state_desc * */
	__u64 name;		/* const char *: the patch's name, or 0: the module's */
	__u64 requires;		/* struct qp_require_desc * */
	__u32 nr_requires;
	__u32 release;		/* a later one of the same name takes the place of an earlier one */
};

/*
 * One symbol of vmlinux that the patch uses and that isn't exported: the module refers to
 * QP_ANCHOR plus `offset`.  (A zero-based per-CPU symbol doesn't move with the kernel: the module has
 * its offset as an absolute symbol.)  No relocations: readable from the file.
 *
 * A module that has such a table has an undefined symbol, too, QP_VERIFIED and the SHA-256 of the
 * table and the strings behind it in hex.  Only QP_IOC_BIND of these very bytes lets the loader find it.
 */
#define QP_SYM_PERCPU	(1u << 0)	/* zero-based per-CPU offset: `offset` is absolute */
#define QP_SYM_DATA	(1u << 1)	/* an object, not a function */
#define QP_VERIFIED	"qp_verified_"
struct qp_sym_desc {
	__u32 name;		/* offset into .qp.strings: what kallsyms calls it */
	__u32 flags;		/* QP_SYM_* */
	__s64 offset;		/* bytes from QP_ANCHOR */
};

/*
 * ---- Part 2: /dev/quietpatch ------------------------------------------
 *
 * Every call needs CAP_SYS_MODULE.  Each struct starts with its own size.
 */
enum qp_phase {
	QP_IDLE = 0,		/* no transition */
	QP_TRANSITION = 1,	/* tasks are switching */
};

enum qp_patch_state {
	QP_PATCH_LOADED = 0,	/* registered, nothing redirected */
	QP_PATCH_APPLYING = 1,
	QP_PATCH_APPLIED = 2,
	QP_PATCH_REVERTING = 3,
	QP_PATCH_LEAVING = 4,	/* reverted but for stragglers */
};

/* Why a task hasn't switched, or that it has. */
enum qp_verdict {
	QP_V_CLEAN = 0,		/* complete stack, no affected frame */
	QP_V_AFFECTED = 1,	/* `frame` lies in affected code */
	QP_V_INCOMPLETE = 2,	/* the stack couldn't be followed to a known root */
	QP_V_RUNNING = 3,	/* on a CPU: only an IPI can judge it */
	QP_V_MOVED = 4,		/* ran while it was looked at */
	QP_V_STALE = 5,		/* ran since the monitor looked */
	QP_V_DIRTY = 6,		/* entered old code meanwhile */
	QP_V_ALREADY = 7,	/* had switched before */
	QP_V_GONE = 8,		/* no such task now */
	QP_V_COMMITTED = 9,	/* switched by this call */
	QP_V_DISAGREE = 10,	/* core says clean, monitor doesn't */
	QP_V_MAX = 16,
};

/* QP_IOC_INFO */
struct qp_info {
	__u32 size;
	__u32 abi;
	__u32 phase;		/* enum qp_phase */
	__u32 nr_patches;
	__u64 epoch;		/* of the current or last transition */
	__u64 nr_old;		/* tasks still to switch */
	__u64 nr_tasks;		/* tasks listed in this transition */
	__u64 started_ns;	/* CLOCK_MONOTONIC, of the current or last transition */
	__u64 finished_ns;	/* 0 while in transition */
	char  patch[QP_NAME_LEN];	/* patch in transition, or "" */
	__u32 target;		/* QP_PATCH_APPLIED or QP_PATCH_LOADED: where it goes */
	__u32 flags;		/* QP_START_* of the transition */
	__u8  build_id[QP_BUILD_ID_LEN];	/* reserved, zero */
	__u32 nr_stragglers;	/* of all patches */
};

/* What one patch may use; temporary memory while it is checked. */
#define QP_SYMBOLS_MAX		16384		/* symbols */
#define QP_STRINGS_MAX		(512 * 1024)	/* bytes of names, with their NULs */

/*
 * QP_IOC_BIND: compare this table with the kernel that runs, and let the module that has it be loaded, until the same
 * file binds something else or is closed; -EBUSY for other files as long.  nr_symbols 0 takes that back.
 */
struct qp_bind {
	__u32 size;
	__u32 nr_symbols;
	__u64 symbols;		/* const struct qp_sym_desc * */
	__u64 strings;		/* const char *: NUL-terminated names */
	__u32 strings_len;	/* bytes */
	__u32 bad;		/* in: 0; out, on -ENOENT/-EINVAL of an entry: its index */
};

#define QP_START_CORE_ONLY	(1u << 0)	/* no BPF verdict wanted: explicit choice */
#define QP_START_STRICT		(1u << 1)	/* stop_machine, after a clean dry walk */
#define QP_START_NO_SETTLE	(1u << 2)	/* stay in ops mode */

/* QP_IOC_START: begin a transition of `patch` to `target`. */
struct qp_start {
	__u32 size;
	__u32 flags;		/* QP_START_* */
	char  patch[QP_NAME_LEN];	/* module name */
	__u32 target;		/* QP_PATCH_APPLIED or QP_PATCH_LOADED */
	__u32 leave_ms;		/* after this long the core ends it as QP_IOC_LEAVE does; 0: never */
	__u64 epoch;		/* out */
};

/* One judged task, from iter/task through the monitor to the core. */
struct qp_task_verdict {
	__u32 pid;
	__u32 verdict;		/* enum qp_verdict */
	__u64 start_boottime;	/* ns, task_struct::start_boottime */
	__u64 switches;		/* nvcsw + nivcsw, read before the stack */
	__u64 frame;		/* offending address, or 0 */
	__u32 nr_frames;
	__u32 result;		/* out: enum qp_verdict, the core's */
};

#define QP_OBSERVE_IPI		(1u << 0)	/* also judge what runs on each CPU */
#define QP_OBSERVE_SWEEP	(1u << 1)	/* list all tasks, drop the dead */
#define QP_OBSERVE_WALK		(1u << 2)	/* core's own walk; only with QP_START_CORE_ONLY */

#define QP_VERDICTS_MAX	(256 * 1024)	/* a call; more tasks take more rounds */

/* QP_IOC_OBSERVE: one round.  Ends the transition when nobody is left. */
struct qp_observe {
	__u32 size;
	__u32 flags;		/* QP_OBSERVE_* */
	__u64 epoch;
	__u64 verdicts;		/* struct qp_task_verdict *, in and out */
	__u32 nr_verdicts;
	__u32 phase;		/* out: enum qp_phase after the round */
	__u64 nr_old;		/* out */
	__u32 counts[QP_V_MAX];	/* out: tasks by the core's verdict in this round */
};

/* QP_IOC_REVERSE: turn the current transition round. */
struct qp_reverse {
	__u32 size;
	__u32 reserved;
	__u64 epoch;		/* in: of the transition meant; out: the new one */
};

/* QP_IOC_RANGES: affected code of the current transition, for the monitor. */
struct qp_range {
	__u64 start;
	__u64 end;		/* exclusive; a return address may equal it: test <= */
	char  name[QP_NAME_LEN];	/* function, or the patch's text on a revert */
};

/* QP_IOC_BLOCKERS: tasks still to switch, with the core's own reason. */
struct qp_blocker {
	__u32 pid;
	__u32 tgid;
	__u32 verdict;		/* enum qp_verdict */
	__u32 state;		/* task_struct::__state */
	__u64 frame;		/* offending address, or 0 */
	char  comm[QP_COMM_LEN];
	char  function[QP_NAME_LEN];	/* affected function, or symbol where the stack ends */
};

/* QP_IOC_SITES: a function whose calls the core has in hand, or had a moment ago. */
struct qp_site_info {
	__u64 addr;		/* of the function */
	__u32 nr_users;		/* of those that ftrace counts for it, how many are the core's own */
	__u32 nr_patches;	/* that replace it; 0: the core is letting go of it */
	char  name[QP_NAME_LEN];
};

#define QP_LIST_MAX	(256 * 1024)	/* entries a call */

/* RANGES, BLOCKERS, SITES and STRAGGLERS share this form. */
struct qp_list {
	__u32 size;
	__u32 nr;		/* in: room at `entries`; out: entries there are */
	__u64 epoch;		/* in; 0 for SITES and STRAGGLERS, which need no transition */
	__u64 entries;		/* struct qp_range *, qp_blocker *, qp_site_info * or qp_straggler * */
};

/*
 * QP_IOC_LEAVE: end the transition without the tasks that haven't switched.  Each of these stragglers keeps running
 * what it ran until its stack is clean; the core sees to that.  -EAGAIN: not all tasks are listed yet; try again.
 */
struct qp_leave {
	__u32 size;
	__u32 nr_left;		/* out */
	__u64 epoch;		/* in */
};

#define QP_STRAGGLER_KTHREAD	(1u << 0)

/* QP_IOC_STRAGGLERS: a task that a transition has ended without. */
struct qp_straggler {
	__u32 pid;
	__u32 tgid;
	__u32 uid;		/* real user, in the first user namespace */
	__u32 target;		/* QP_PATCH_APPLIED: it runs what is below the patch; QP_PATCH_LOADED: the patch */
	__u32 verdict;		/* enum qp_verdict */
	__u32 state;		/* task_struct::__state */
	__u32 flags;		/* QP_STRAGGLER_* */
	__u32 reserved;
	__u64 frame;		/* offending address, or 0 */
	__u64 start_boottime;	/* ns */
	__u64 age_ns;		/* since the transition ended without it */
	char  comm[QP_COMM_LEN];
	char  function[QP_NAME_LEN];
	char  patch[QP_NAME_LEN];	/* module name */
};

#define QP_KICK_MAX	(64 * 1024)	/* tasks a call */

/* One task to be disturbed. */
struct qp_kick_task {
	__u32 pid;
	__u32 result;		/* out: 1 when it was */
	__u64 switches;		/* nvcsw + nivcsw when its call was looked at; if it ran since, it is left alone */
};

/*
 * QP_IOC_KICK: make these tasks leave the call that they sleep in, where they still
 * have to switch: as for a signal that nobody sent. Most system calls start again
 * unseen; some return EINTR, so the choice of tasks is the caller's.
 */
struct qp_kick {
	__u32 size;
	__u32 nr_tasks;
	__u64 epoch;
	__u64 tasks;		/* struct qp_kick_task *, in and out */
};

/*
 * QP_IOC_PAUSE: strict mode: how long the machine was stopped in the current or last transition, and how long it may be.
 * What would take longer by a walk of all stacks with the machine running isn't tried, and a walk that takes longer with
 * the machine stopped is broken off, and nobody has switched.
 */
struct qp_pause {
	__u32 size;
	__u32 limit_us;		/* in: from now on, in the strict transition under way; 0: only tell */
	__u64 epoch;		/* in */
	__u64 dry_ns;		/* out: the shortest walk with the machine running; 0: none yet */
	__u64 pause_ns;		/* out: the longest time that it was stopped; 0: never */
	__u32 nr_stops;		/* out */
	__u32 nr_late;		/* out: walks, dry or not, that took longer than the limit */
};

/* QP_IOC_RETIRE: let go for good of the patches that this one has taken over from. */
struct qp_retire {
	__u32 size;
	__u32 nr_retired;	/* out */
	char  patch[QP_NAME_LEN];	/* module name; applied */
};

/*
 * Payload of the writable raw tracepoint "quietpatch_observe": the core fires
 * it in an IPI on each CPU, the monitor's BPF program writes verdict and frame.
 */
struct qp_tp_verdict {
	__u64 epoch;
	__u32 pid;
	__u32 verdict;		/* QP_V_MAX until a program has written it */
	__u64 frame;
	__u32 nr_frames;
	__u32 reserved;
};

#define QP_IOC_MAGIC		0xb7
#define QP_IOC_INFO		_IOWR(QP_IOC_MAGIC, 0, struct qp_info)
#define QP_IOC_BIND		_IOWR(QP_IOC_MAGIC, 1, struct qp_bind)
#define QP_IOC_START		_IOWR(QP_IOC_MAGIC, 2, struct qp_start)
#define QP_IOC_OBSERVE		_IOWR(QP_IOC_MAGIC, 3, struct qp_observe)
#define QP_IOC_REVERSE		_IOWR(QP_IOC_MAGIC, 4, struct qp_reverse)
#define QP_IOC_RANGES		_IOWR(QP_IOC_MAGIC, 5, struct qp_list)
#define QP_IOC_BLOCKERS		_IOWR(QP_IOC_MAGIC, 6, struct qp_list)
#define QP_IOC_KICK		_IOWR(QP_IOC_MAGIC, 7, struct qp_kick)
#define QP_IOC_RETIRE		_IOWR(QP_IOC_MAGIC, 8, struct qp_retire)
#define QP_IOC_SITES		_IOWR(QP_IOC_MAGIC, 9, struct qp_list)
#define QP_IOC_LEAVE		_IOWR(QP_IOC_MAGIC, 10, struct qp_leave)
#define QP_IOC_STRAGGLERS	_IOWR(QP_IOC_MAGIC, 11, struct qp_list)
#define QP_IOC_PAUSE		_IOWR(QP_IOC_MAGIC, 12, struct qp_pause)

#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#endif
static_assert(sizeof(struct qp_mask) == 8, "qp_mask");
static_assert(sizeof(struct qp_func_desc) == 112, "qp_func_desc");
static_assert(sizeof(struct qp_reloc_desc) == 40, "qp_reloc_desc");
static_assert(sizeof(struct qp_callback_desc) == 40, "qp_callback_desc");
static_assert(sizeof(struct qp_state_desc) == 16, "qp_state_desc");
static_assert(sizeof(struct qp_require_desc) == 16, "qp_require_desc");
static_assert(sizeof(struct qp_patch_desc) == 128, "qp_patch_desc");
static_assert(sizeof(struct qp_sym_desc) == 16, "qp_sym_desc");
static_assert(sizeof(struct qp_info) == 152, "qp_info");
static_assert(sizeof(struct qp_bind) == 32, "qp_bind");
static_assert(sizeof(struct qp_start) == 88, "qp_start");
static_assert(sizeof(struct qp_task_verdict) == 40, "qp_task_verdict");
static_assert(sizeof(struct qp_observe) == 104, "qp_observe");
static_assert(sizeof(struct qp_reverse) == 16, "qp_reverse");
static_assert(sizeof(struct qp_range) == 80, "qp_range");
static_assert(sizeof(struct qp_blocker) == 104, "qp_blocker");
static_assert(sizeof(struct qp_list) == 24, "qp_list");
static_assert(sizeof(struct qp_kick_task) == 16, "qp_kick_task");
static_assert(sizeof(struct qp_kick) == 24, "qp_kick");
static_assert(sizeof(struct qp_pause) == 40, "qp_pause");
static_assert(sizeof(struct qp_retire) == 72, "qp_retire");
static_assert(sizeof(struct qp_leave) == 16, "qp_leave");
static_assert(sizeof(struct qp_straggler) == 200, "qp_straggler");
static_assert(sizeof(struct qp_tp_verdict) == 32, "qp_tp_verdict");

#endif /* _UAPI_QUIETPATCH_H */
