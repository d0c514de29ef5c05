# SPDX-License-Identifier: GPL-2.0-or-later
"""judge.py STATUS MANUAL - compares report.json with want.*; prints what is wrong."""
import json
import os
import re
import sys

CODES = {"built": 0, "failed": 1, "no-change": 2, "refused": 3}
# Whole files are refused for these, not a place in one.
WITHOUT_LINE = {"assembly", "build-input", "diff"}
# The builder's own memory, whatever the fix.
PEAK_KIB = 128 << 10


def lines(name):
    return [s.strip() for s in open(name) if s.strip()]


def wrong(status, manual):
    expect = lines("want.expect")
    if not expect:
        return "the test has no \"# expect:\""
    if not os.path.exists("report.json"):
        return "klp-build ended with %d and without a report" % status
    r = json.load(open("report.json"))
    if not 0 < r["peak_kib"]["builder"] <= PEAK_KIB:
        return "the builder took %d KiB of memory" % r["peak_kib"]["builder"]
    outcome = {"nothing": "no-change"}.get(expect[0].split()[0], expect[0].split()[0])
    refusals = sorted({(f["reason"], f["function"] or f["file"] or "") for f in r["refusals"]})
    got = "%s %s" % (r["outcome"], ", ".join("%s %s" % f for f in refusals) or r.get("message", ""))
    if r["outcome"] != outcome or status != CODES[outcome]:
        return "expected %s, got %s (status %d)" % ("; ".join(expect), got, status)
    if outcome == "refused":
        want = sorted(tuple(e.split(None, 2)[1:]) for e in expect)
        if want != refusals:
            return "expected %s, got %s" % ("; ".join(expect), got)
    if outcome == "built" and not os.path.getsize("out.klp"):
        return "the bundle is empty"
    if outcome != "built" and os.path.exists("out.klp"):
        return "a bundle was written"
    entries = re.findall(r"^\.SS (\S+)", open(manual).read(), re.M)
    for f in r["refusals"]:
        if f["reason"] not in entries:
            return "reason %s has no entry in the manual" % f["reason"]
        if not f["remedy"] or not f["file"]:
            return "the refusal of %s has no file or remedy" % f["function"]
        # A fix that is too large is refused as a whole.
        if not f["line"] and f["reason"] not in WITHOUT_LINE and (f["function"] or f["reason"] != "other"):
            return "the refusal of %s (%s) has no line: %s" % (f["function"], f["reason"], f["why"])
    functions = sorted(f["name"] for f in r["functions"])
    for want in lines("want.functions"):
        if functions != sorted(want.split()):
            return "replaces %s" % " ".join(functions)
    files = ["%s %s: %s" % (f["path"], f["state"], f["reason"]) for f in r.get("files", [])]
    for want in lines("want.files"):
        if not any(f.startswith(want) for f in files):
            return "no file \"%s\", but: %s" % (want, "; ".join(files))
    if outcome != "failed" and not files:
        return "the report tells of no file"
    if outcome == "no-change" and any(f["state"] == "refused" for f in r["files"]):
        return "nothing to do, but a file is refused"
    stages = {s["name"]: s["detail"] for s in r["stages"]} if lines("want.units") else {}
    for want in lines("want.units"):
        if not stages["units"].startswith("%s to compile" % want):
            return "%s, not %s" % (stages["units"], want)
    said = " ".join([f["why"] + f["remedy"] for f in r["refusals"]] + r["warnings"] + [r.get("message", "")])
    for text in lines("want.says"):
        if text not in said:
            return "doesn't say \"%s\", but: %s" % (text, said)
    return None


why = wrong(int(sys.argv[1]), sys.argv[2])
if why:
    print(why)
