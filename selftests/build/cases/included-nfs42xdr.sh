# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A .c file that isn't a unit of its own: nfs4xdr.c includes it.
# expect: built
# functions: nfs4_xdr_enc_clone
# units: 1
edit fs/nfs/nfs42xdr.c '/^static void encode_clone/,/^\}/ s/^\txdr_encode_hyper\(p, args->count\);$/\txdr_encode_hyper(p, args->count \& ~1ULL);/'
