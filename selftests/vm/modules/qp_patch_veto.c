// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_patch_veto.c - hand-made patch with callbacks for three objects; parameters tell those of the victim to
 * refuse, count how often each ran, and say in which order.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include "qp_victim.h"

static int refuse_apply, refuse_revert;
module_param(refuse_apply, int, 0600);
module_param(refuse_revert, int, 0600);
static int nr_pre_apply, nr_post_apply, nr_pre_revert, nr_post_revert;
module_param(nr_pre_apply, int, 0400);
module_param(nr_post_apply, int, 0400);
module_param(nr_pre_revert, int, 0400);
module_param(nr_post_revert, int, 0400);

static char order[512];
module_param_string(order, order, sizeof(order), 0600);

static void note(const char *what)
{
	size_t len = strlen(order);

	strscpy(order + len, what, sizeof(order) - len);
}

static noinline int new_lone(int x)
{
	asm volatile("");
	return 300;
}

static int pre_apply(void)
{
	nr_pre_apply++;
	note(" pre_apply");
	return refuse_apply ? -EPERM : 0;
}

static void post_apply(void)
{
	nr_post_apply++;
	note(" post_apply");
}

static int pre_revert(void)
{
	nr_pre_revert++;
	note(" pre_revert");
	return refuse_revert ? -EPERM : 0;
}

static void post_revert(void)
{
	nr_post_revert++;
	note(" post_revert");
}

static int vmlinux_pre_apply(void)
{
	note(" V:pre_apply");
	return 0;
}

static void vmlinux_post_apply(void)
{
	note(" V:post_apply");
}

static int vmlinux_pre_revert(void)
{
	note(" V:pre_revert");
	return 0;
}

static void vmlinux_post_revert(void)
{
	note(" V:post_revert");
}

/* The third object: a module of which the patch changes nothing. */
static int other_pre_apply(void)
{
	note(" S:pre_apply");
	return 0;
}

static void other_post_apply(void)
{
	note(" S:post_apply");
}

static int other_pre_revert(void)
{
	note(" S:pre_revert");
	return 0;
}

static void other_post_revert(void)
{
	note(" S:post_revert");
}

/* Whoever sleeps there keeps the victim busy. Nothing of the victim is used: it has to be able to go. */
static bool hold;
module_param(hold, bool, 0600);
static noinline int new_sleeper(int x)
{
	while (READ_ONCE(hold))
		schedule_timeout_uninterruptible(HZ / 50);
	asm volatile("");
	return x + 3;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_lone", new_lone),
	QP_FN("qp_victim", "qp_sleeper", new_sleeper),
};

static struct qp_callback_desc callbacks[] = { {
	.object = (unsigned long)QP_VMLINUX,
	.pre_apply = (unsigned long)vmlinux_pre_apply,
	.post_apply = (unsigned long)vmlinux_post_apply,
	.pre_revert = (unsigned long)vmlinux_pre_revert,
	.post_revert = (unsigned long)vmlinux_post_revert,
}, {
	.object = (unsigned long)"qp_victim",
	.pre_apply = (unsigned long)pre_apply,
	.post_apply = (unsigned long)post_apply,
	.pre_revert = (unsigned long)pre_revert,
	.post_revert = (unsigned long)post_revert,
}, {
	.object = (unsigned long)"qp_shadow_test",
	.pre_apply = (unsigned long)other_pre_apply,
	.post_apply = (unsigned long)other_post_apply,
	.pre_revert = (unsigned long)other_pre_revert,
	.post_revert = (unsigned long)other_post_revert,
} };

static struct qp_patch_desc desc = {
	QP_PATCH_DESC(funcs),
	.nr_callbacks = ARRAY_SIZE(callbacks),
	.callbacks = (unsigned long)callbacks,
};

static int __init patch_init(void)
{
	return qp_patch_register(THIS_MODULE, &desc);
}

QP_PATCH_MODULE("callbacks");
