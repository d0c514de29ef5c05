# file: inside.c inside.h
# As idle-handler, but RCU alone is waited for.
s/^#include <linux\/percpu.h>$/#include <linux\/delay.h>\n&\n#include <linux\/rcupdate.h>/
s/^DECLARE_PER_CPU(unsigned int, qp_nr_inside);$/&\nextern unsigned long waits;\nDECLARE_PER_CPU(unsigned long, dwelling);/
s/^DEFINE_PER_CPU(unsigned int, qp_nr_inside);$/&\nunsigned long waits;\nDEFINE_PER_CPU(unsigned long, dwelling);/
s/^	this_cpu_inc(qp_nr_inside);.*/&\n	if (!rcu_is_watching()) {\n		this_cpu_write(dwelling, READ_ONCE(waits) + 1);\n		mdelay(4);\n		this_cpu_write(dwelling, 0);\n	}/
s/^	might_sleep();$/	unsigned long wait = ++waits, d;\n\n&/
s/^	cpus_read_unlock();$/	for_each_possible_cpu(cpu) {\n		d = READ_ONCE(*per_cpu_ptr(\&dwelling, cpu));\n		if (d \&\& d <= wait)\n			pr_err("a handler on CPU %d was missed\\n", cpu);\n	}\n&/
s/^		while (READ_ONCE(\*per_cpu_ptr(&qp_nr_inside, cpu)))$/		while (0)/
s/^	on_each_cpu(fence_cpu, NULL, 1);$/	(void)fence_cpu;/
