// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - quietpatch.ko comes and goes.  Patch modules hold a reference on it
 * through the symbols that they use, so it can't go before them.
 */
#include <linux/module.h>
#include "depart.h"
#include "device.h"
#include "notify.h"
#include "pass.h"
#include "quietpatch.h"
#include "shadow.h"
#include "symbols.h"
#include "sysfs.h"
#include "transition.h"

static int __init qp_init(void)
{
	int ret;

	ret = qp_pass_init();
	if (ret)
		return ret;
	ret = qp_depart_init();
	if (ret)
		goto err_tasks;
	ret = qp_sysfs_init();
	if (ret)
		goto err_depart;
	ret = qp_notify_init();
	if (ret)
		goto err_sysfs;
	ret = qp_symbols_init();
	if (ret)
		goto err_notify;
	ret = qp_device_init();
	if (ret)
		goto err_notify;
	pr_info("ready, ABI %d\n", QP_ABI);
	return 0;

err_notify:
	qp_notify_exit();
err_sysfs:
	qp_sysfs_exit();
err_depart:
	qp_depart_exit();
err_tasks:
	qp_pass_exit();
	return ret;
}

static void __exit qp_exit(void)
{
	qp_device_exit();
	qp_notify_exit();
	qp_sysfs_exit();
	qp_transition_exit();
	qp_depart_exit();
	qp_pass_exit();
	qp_shadow_exit();
}

module_init(qp_init);
module_exit(qp_exit);
MODULE_DESCRIPTION("Quietpatch: live patching core");
MODULE_LICENSE("GPL");
