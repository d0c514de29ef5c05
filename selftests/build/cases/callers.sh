# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A mitigation names the callers of its function, and what they do with the value.
# expect: nothing
# kernels: 6.1 6.12
# after: callers
before fs/isofs/rock.c rock_check_overflow '/* as it was */'
