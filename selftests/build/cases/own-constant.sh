# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static const inside a function that changes as well (NL_SET_ERR_MSG() has the text in one): the new code brings it.
# expect: built
# functions: rtm_to_nh_config
# kernels: 6.1 6.12
enter net/ipv4/nexthop.c nh_check_attr_group '	if (!net) return -EINVAL;'
edit net/ipv4/nexthop.c 's/"Invalid value for weight"/"No such weight: it is 1 to 65535"/'
