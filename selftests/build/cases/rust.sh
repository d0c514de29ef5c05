# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Rust is compiled by another compiler, and its units aren't compared.
# kernels: 7.3
# expect: refused assembly rust/kernel/print.rs
# says: it is Rust code
append rust/kernel/print.rs '// changed'
