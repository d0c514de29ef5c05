# SPDX-License-Identifier: GPL-2.0-or-later
# Made against another version: a hunk that fits in one other place goes there, and that is told.
# expect: built
# functions: signalfd_poll
# says: fs/signalfd.c: hunk 1 of 1 is for line
enter fs/signalfd.c signalfd_poll '	if (!file) return 0;'
redo 's/^@@ -[0-9]+,([0-9]+) \+[0-9]+,/@@ -20,\1 +20,/'
