// SPDX-License-Identifier: GPL-2.0-only
/* qp_shadow_test.c - shadow variables: its init fails with the number of the first check that does. */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include "quietpatch_api.h"

#define CHECK(cond) do { if (!(cond)) { pr_info("qp_shadow_test: line %d\n", __LINE__); return -EINVAL; } } while (0)

static int nr_ctor, nr_dtor;

static int ctor(void *obj, void *value, void *data)
{
	nr_ctor++;
	*(long *)value = (long)data;
	return data ? 0 : -EPERM;
}

static void dtor(void *obj, void *value)
{
	nr_dtor++;
}

static int __init test_init(void)
{
	static int objs[100];
	long *v;
	int i;

	CHECK(!qp_shadow_get(objs, 1));
	v = qp_shadow_alloc(objs, 1, sizeof(*v), GFP_KERNEL, ctor, (void *)7L);
	CHECK(v && *v == 7 && nr_ctor == 1);
	CHECK(qp_shadow_get(objs, 1) == v);
	CHECK(!qp_shadow_get(objs, 2));
	CHECK(!qp_shadow_get(&objs[1], 1));
	CHECK(!qp_shadow_alloc(objs, 1, sizeof(*v), GFP_KERNEL, ctor, (void *)8L));
	CHECK(qp_shadow_get_or_alloc(objs, 1, sizeof(*v), GFP_KERNEL, ctor, (void *)8L) == v && nr_ctor == 1);
	CHECK(!qp_shadow_alloc(objs, 3, sizeof(*v), GFP_KERNEL, ctor, NULL) && nr_ctor == 2);
	CHECK(!qp_shadow_get(objs, 3));
	for (i = 0; i < 100; i++)
		CHECK(qp_shadow_get_or_alloc(&objs[i], 5, 100, GFP_KERNEL, NULL, NULL));
	v = qp_shadow_get(&objs[50], 5);
	CHECK(v && *v == 0);
	qp_shadow_free_all(5, dtor);
	CHECK(nr_dtor == 100 && !qp_shadow_get(&objs[50], 5) && qp_shadow_get(objs, 1));
	qp_shadow_free(objs, 1, dtor);
	CHECK(nr_dtor == 101 && !qp_shadow_get(objs, 1));
	qp_shadow_free(objs, 1, dtor);
	CHECK(nr_dtor == 101);
	return 0;
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("Quietpatch selftest: shadow variables");
MODULE_LICENSE("GPL");
