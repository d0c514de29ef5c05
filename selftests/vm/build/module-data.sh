#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is a module's own, used by changed code: static keys that are switched meanwhile,
# per-CPU variables, functions of a module that isn't patched itself. The modules go and come.
# kernels: 6.1 6.12
# bundles: module-data module-needs
# kmods: bonding rds rds_tcp
# progs: rdsinfo
. /test/lib.sh
counter() { rdsinfo | sed -n "s/^$1 //p"; }
bond() { cat /sys/class/net/bond0/bonding/$1; }
load_core
need "the modules" modprobe bonding
need "the modules" modprobe rds
need "the modules" modprobe rds_tcp
check_eq "unpatched: a count" "$(counter page_remainder_hit)" 0
check "applied" klp-apply load /bundles/module-data.klp
check_eq "the key is off" "$(bond mode)" "balance-rr 0, key off off"
bond xmit_hash_policy > /dev/null
check_eq "the key is on" "$(bond mode)" "balance-rr 0, key on on"
bond xmit_hash_policy > /dev/null
check_eq "and off" "$(bond mode)" "balance-rr 0, key off off"
check_eq "the variable is written by one function" "$(counter page_remainder_hit)" 3
check_eq "and read by another" "$(counter conn_reset)" 4242
check_eq "counts on" "$(counter page_remainder_hit)" 9
need "a module goes" rmmod bonding
need "and comes, elsewhere" modprobe bonding max_bonds=1
bond xmit_hash_policy > /dev/null
check_eq "the new one's key" "$(bond mode)" "balance-rr 0, key on on"
bond xmit_hash_policy > /dev/null

check_eq "unpatched: of rds_tcp" "$(counter tcp_data_ready_calls)" 0
check "applied to rds_tcp alone" klp-apply load /bundles/module-needs.klp
check_eq "it calls rds" "$(counter tcp_data_ready_calls)" 77
check_eq "and counts" "$(counter tcp_sndbuf_full)" 1
need "both go" rmmod rds_tcp
need "both go" rmmod rds
need "one comes" modprobe rds
check_eq "is patched" "$(counter page_remainder_hit)" 3
need "the other comes" modprobe rds_tcp
check_eq "it calls rds where that is now" "$(counter tcp_data_ready_calls)" 77
check "reverted" klp-apply revert module-needs
check_eq "the count is the module's" "$(counter tcp_sndbuf_full)" 1
check_eq "unpatched" "$(counter tcp_data_ready_calls)" 0
check "reverted" klp-apply revert module-data
check_eq "what was counted stays" "$(counter page_remainder_hit)" 12
check_eq "unpatched" "$(bond mode)" "balance-rr 0"
unload_core
