#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the machine's policy names a public log, only what that log has is loaded: by hand, and by klp-update.
# kernels: 6.1
# bundles: pipe-read
# progs: pipes
# publisher: yes
# timeout: 180
. /test/lib.sh
load_core
cd /tmp
log() { c=$1; shift; klp-repo log "$c" --log /tmp/log "$@"; }
nothing_changed() { check_eq "$1: nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "; }

for k in log w1 w2; do check "a key: $k" klp-repo keygen $k.pem; done
check "a log" log init --state state --key log.pem --name example.com/patches
tail -n 1 "$OUT" > policy
echo "quorum none" > witness-policy
cat policy >> witness-policy
cp /bundles/pipe-read.klp fix.klp
check "the bundle is appended" log append --state state --key log.pem fix.klp
for w in w1 w2; do
	check "witness $w" log witness --policy witness-policy --state $w --key $w.pem --name example.org/$w --new -o $w.note
	sed -n "s/^witness NAME/witness $w/p" "$OUT" >> policy
done
printf 'group both all w1 w2\nquorum both\n' >> policy
check "one cosignature" log cosign --policy policy w1.note
check_rc "isn't enough for a proof" 4 log proof --policy policy fix.klp

cp policy /etc/quietpatch/log.conf
check_rc "a bundle without a proof is refused" 4 klp-apply load fix.klp
show
check_out "with the reason" "no proof that it is in a public log"
nothing_changed "no proof"
check_rc "--insecure doesn't help" 4 klp-apply load --insecure fix.klp
check "the other cosignature" log cosign --policy policy w2.note
check "the proof" log proof --policy policy -o proven.klp fix.klp
# The same proof, of a policy that wants a third witness.
check "another key" klp-repo keygen w3.pem
check "a third witness" log witness --policy witness-policy --state w3 --key w3.pem --name example.org/w3 --new -o w3.note
{ grep -v '^quorum\|^group' policy; sed -n 's/^witness NAME/witness w3/p' "$OUT"; printf 'group all all w1 w2 w3\nquorum all\n'; } > three
check_rc "too few witnesses" 4 klp-apply load --log-policy three proven.klp
check_out "are counted" "2 of the 3"
nothing_changed "too few witnesses"
chmod 666 three
check_rc "a policy that anybody may write isn't followed" 1 klp-apply load --log-policy three proven.klp
nothing_changed "a foreign policy"

check "with the proof it is loaded" klp-apply load proven.klp
check_eq "and works" "$(pipes zero)" EINVAL
check "and goes" klp-apply revert pipe-read

mkdir -p /srv/patches
cp fix.klp /srv/patches/a.klp
check_rc "klp-update: without a proof" 4 klp-update update --set watch=0
show
nothing_changed "klp-update"
rm /srv/patches/a.klp
cp proven.klp /srv/patches/b.klp
check "klp-update: with the proof" klp-update update --set watch=0
check_eq "it works" "$(pipes zero)" EINVAL
check "and goes" klp-apply revert pipe-read
check_rc "a policy that isn't there, by name" 3 klp-apply load --log-policy /nowhere proven.klp
rm /etc/quietpatch/log.conf

# Who signs is the root's word, where there is one; a machine without a network has the later one from the stick.
check "a repository" repo_init /tmp/repo /test/key.pem
check "root 1 has the key" klp-apply load --verify-only fix.klp
check "another key" klp-repo keygen two.pem
check "root 2 has that alone" klp-repo rotate --repo /tmp/repo --key /test/key.pem --key two.pem --role targets=two.pem
check_rc "with root 2 on the stick the first is revoked" 4 klp-apply load --roots /tmp/repo/metadata fix.klp
check_out "and by what is told" "by the keys of root 2"
check_rc "and stays so without it" 4 klp-apply load fix.klp
nothing_changed "revoked"
check "the operator may say otherwise" klp-apply load --verify-only --signers folder fix.klp
echo "{" > /var/lib/quietpatch/apply/trust.json
check_rc "without its memory it trusts nobody" 4 klp-apply load fix.klp
check_out "and the remedy is told" "klp-apply trust --allow older"
check "which is said" klp-apply trust --allow older
check_out "and has begun anew" "root 1"
