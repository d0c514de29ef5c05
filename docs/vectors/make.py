#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The test vectors of bundle format 1: written by docs/bundle-format.md, without the code in tools/.

Run in this folder.  It writes *.klp, keys-*/ and vectors.tsv; the same each time, since the keys' seeds are fixed
(so nobody may ever trust these keys).  selftests/unit/lib/test_vectors.c runs them all.
"""
import hashlib
import json
import os
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAGIC = b"\x89KLP\r\n\x1a\n"
MODULE = b"not a module, but bytes"
rows = []


class Key:
    def __init__(self, name):
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"vector " + name.encode()).digest())
        public = self.private.public_key()
        self.id = hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).digest()
        self.pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


A, B, C, STRANGER = Key("a"), Key("b"), Key("c"), Key("stranger")


def zstd(data):
    """One frame (RFC 8878) with its size and one raw block."""
    return struct.pack("<IBB", 0xFD2FB528, 0x20, len(data)) + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def manifest(**changes):
    m = {
        "version": 1, "name": "vector", "release": 1, "module": "qp_vector", "summary": "a test vector", "arch": "x86_64",
        "flags": 0, "cves": ["CVE-2026-12345"], "objects": ["vmlinux"],
        "kernel": {"release": "6.1.0-50-cloud-amd64", "build_id": "0123456789abcdef0123456789abcdef01234567",
                   "version": "6.1.176-1"},
        "functions": [{"object": "vmlinux", "name": "f", "file": "net/core/f.c", "line": 1, "old_size": 1, "new_size": 2,
                       "proof": "bytes"}],
        "provenance": {"builder": "by hand", "compiler": "", "fix_digest": "", "fix_origin": ""},
        "payload": {"digest": hashlib.sha256(MODULE).hexdigest(), "size": len(MODULE)},
    }
    m.update(changes)
    return m


def canonical(m):
    return json.dumps(m, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed_part(text, payload=None, format=1, codec=1, reserved=bytes(32)):
    payload = zstd(MODULE) if payload is None else payload
    return MAGIC + struct.pack("<IIIIQ", format, 64, len(text), codec, len(payload)) + reserved + text + payload


def signature(part, key, role=1, reserved=0, says=1):
    return key.id + struct.pack("<II", role, reserved) + key.private.sign(part + struct.pack("<I", says))


def signatures(part, *keys):
    return struct.pack("<I", len(keys)) + b"".join(signature(part, k) for k in keys)


def attachments(*list, reserved=0):
    return struct.pack("<I", len(list)) + b"".join(
        name.encode().ljust(24, b"\0") + struct.pack("<II", len(data), reserved) + data for name, data in list)


def vector(name, content, result, id="-", keys="keys-one"):
    with open(name + ".klp", "wb") as f:
        f.write(content)
    rows.append("\t".join((name + ".klp", keys, result, id)))


def good(name, part, rest, keys="keys-one"):
    vector(name, part + rest, "good", hashlib.sha256(part).hexdigest(), keys)


def bad_manifest(name, m, result):
    part = signed_part(m if isinstance(m, bytes) else canonical(m))
    vector(name, part + signatures(part, A), result)


def write_keys(folder, keys, threshold=None):
    os.makedirs(folder, exist_ok=True)
    for name, key in keys.items():
        with open(f"{folder}/{name}.pub", "wb") as f:
            f.write(key.pem)
    if threshold:
        with open(f"{folder}/threshold", "w") as f:
            f.write(f"{threshold}\n")


write_keys("keys-one", {"a": A})
write_keys("keys-two-of-three", {"a": A, "b": B, "c": C}, 2)
plain = signed_part(canonical(manifest()))
end = signatures(plain, A)

# What is taken.  One id for all that have the same signed part.
good("one", plain, end)
good("one-and-a-stranger", plain, signatures(plain, STRANGER, A))
good("two", plain, signatures(plain, B, C), "keys-two-of-three")
good("attachment", plain, end + attachments(("log-proof", b"\0\1\2"), ("of-the-future", b"?")))
part = signed_part(canonical(manifest(notes=[{"name": "of-the-future", "value": "n\u00e4ive"}])))
good("note", part, signatures(part, A))
part = signed_part(canonical(manifest(min_tool_version="0.1", expires=4102444800, tripwires=["f net/core/f.c:1"])))
good("optional-members", part, signatures(part, A))

# Signatures.
vector("unsigned", plain + signatures(plain), "ENOKEY")
vector("stranger", plain + signatures(plain, STRANGER), "ENOKEY")
vector("threshold-missed", plain + signatures(plain, A), "ENOKEY", keys="keys-two-of-three")
vector("threshold-by-stranger", plain + signatures(plain, A, STRANGER), "ENOKEY", keys="keys-two-of-three")
vector("one-key-twice", plain + signatures(plain, A, A), "EBADMSG", keys="keys-two-of-three")
vector("wrong-signature", plain + end[:-1] + bytes([end[-1] ^ 1]), "EKEYREJECTED")
vector("other-role-signed", plain + struct.pack("<I", 1) + signature(plain, A, says=2), "EKEYREJECTED")
vector("unknown-role", plain + struct.pack("<I", 1) + signature(plain, A, role=2, says=2), "EBADMSG")
vector("signature-reserved", plain + struct.pack("<I", 1) + signature(plain, A, reserved=1), "EBADMSG")
vector("altered-manifest", plain.replace(b"a test vector", b"a best vector") + end, "EKEYREJECTED")
vector("altered-payload", plain.replace(b"but bytes", b"bad bytes") + end, "EKEYREJECTED")
vector("too-many-signatures", plain + struct.pack("<I", 17) + bytes(17 * 104), "EFBIG")

# The frame.
vector("truncated", (plain + end)[:-1], "EBADMSG")
vector("byte-behind", plain + end + b"\0", "EBADMSG")
vector("no-attachments-counted", plain + end + struct.pack("<I", 0), "EBADMSG")
vector("attachments-disorder", plain + end + attachments(("b", b"x"), ("a", b"x")), "EBADMSG")
vector("attachment-twice", plain + end + attachments(("a", b"x"), ("a", b"y")), "EBADMSG")
vector("attachment-empty", plain + end + attachments(("a", b"")), "EBADMSG")
vector("attachment-reserved", plain + end + attachments(("a", b"x"), reserved=1), "EBADMSG")
vector("attachment-name", plain + end + attachments(("A", b"x")), "EBADMSG")
for name, changes, result in (("format-2", {"format": 2}, "EPROTONOSUPPORT"), ("codec-2", {"codec": 2}, "EBADMSG"),
                              ("header-reserved", {"reserved": bytes(31) + b"\1"}, "EBADMSG"),
                              ("two-frames", {"payload": zstd(MODULE) + zstd(b"")}, "EBADMSG"),
                              ("no-zstd", {"payload": MODULE}, "EBADMSG")):
    part = signed_part(canonical(manifest()), **changes)
    vector(name, part + signatures(part, A), result)

# The manifest, each signed by a trusted key.
bad_manifest("version-2", manifest(version=2), "EPROTONOSUPPORT")
bad_manifest("newer-tool", manifest(min_tool_version="99.0", of_then=1), "EPROTONOSUPPORT")
bad_manifest("unknown-member", manifest(of_then=1), "EBADMSG")
bad_manifest("unknown-member-inside", manifest(payload=dict(manifest()["payload"], x=1)), "EBADMSG")
bad_manifest("spaces", json.dumps(manifest(), sort_keys=True).encode(), "EBADMSG")
bad_manifest("keys-unsorted", json.dumps(manifest(), separators=(",", ":")).encode(), "EBADMSG")
bad_manifest("member-twice", canonical(manifest()).replace(b'"flags":0', b'"flags":0,"flags":0'), "EBADMSG")
bad_manifest("no-utf8", canonical(manifest()).replace(b"a test", b"\xff test"), "EBADMSG")
bad_manifest("text-control", manifest(summary="\x1b[2J"), "EBADMSG")
bad_manifest("text-c1", manifest(summary="\u009b2J"), "EBADMSG")
bad_manifest("text-bidi", manifest(summary="a \u202etxt"), "EBADMSG")
bad_manifest("text-invisible", manifest(summary="a\u200bb"), "EBADMSG")
bad_manifest("note-twice", manifest(notes=[{"name": "a", "value": ""}, {"name": "a", "value": ""}]), "EBADMSG")
bad_manifest("list-too-long", manifest(requires=[f"a{i} 1" for i in range(257)]), "EFBIG")
bad_manifest("cve-twice", manifest(cves=["CVE-2026-12345", "CVE-2026-12345"]), "EBADMSG")
bad_manifest("path-outside", manifest(functions=[dict(manifest()["functions"][0], file="../f.c")]), "EBADMSG")
bad_manifest("name", manifest(name="Vector"), "EBADMSG")
bad_manifest("other-module", manifest(payload={"digest": "0" * 64, "size": len(MODULE)}), "EKEYREJECTED")
bad_manifest("other-size", manifest(payload={"digest": hashlib.sha256(MODULE).hexdigest(), "size": 1}), "EBADMSG")

with open("vectors.tsv", "w") as f:
    f.write("# file\tkeyring\tresult: \"good\", or the errno of bundle_verify()\tidentity\n" + "\n".join(rows) + "\n")
