#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that never comes to our init is started again, and is a failure all the same when it doesn't come the third time.
# core: no
# append: rdinit=/nonexistent
# expect: panic
exit 0
