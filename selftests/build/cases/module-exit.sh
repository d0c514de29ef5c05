# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# module_exit() is a second name for a function, which the module loader looks for; the loaded module keeps what it found.
# expect: refused init dummy_cleanup_module
edit drivers/net/dummy.c '/^module_exit/d
	s/^static void __exit/& __maybe_unused/'
