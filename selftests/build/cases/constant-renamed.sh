# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A constant struct without functions gets another name: by its address objects that exist are told from others.
# expect: refused data device_type
# says: is it the same constant
# kernels: 6.1 6.12
edit drivers/net/wireguard/device.c 's/(struct device_type |&)device_type/\1wg_device_type/'
