# SPDX-License-Identifier: GPL-2.0-or-later
# Made against another version: what would need fuzz is refused.
# expect: refused diff fs/signalfd.c
# says: fits nowhere
# after: none-compiled
enter fs/signalfd.c signalfd_poll '	if (!file) return 0;'
redo 's/^ (.*__poll_t events = 0;)$/ \1 \/\/ of another version/'
