#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""oracle.py - are the units that klp-build chooses for a changed header all that change?

Draws edits of headers.  Every unit that reads the header, by the compiler's own lists (deps.py), is compiled
with and without the edit; a unit whose object differs and that klp-build doesn't choose (or refuse by
name) is missed.  Prints the seed, one line an edit, and the sum; fails if one is missed.

Edits keep the number of lines, so that no object differs by __LINE__ alone.
"""
import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import deps


# ---- edits: text and a random number generator -> new text, or None ----

def pick(rng, text, pattern):
    """A match of @pattern outside of the first lines, where the guard is."""
    found = [m for m in re.finditer(pattern, text, re.M) if "\\\n" not in m.group(0)]
    return rng.choice(found) if found else None


def put(text, m, new, group=0):
    return text[:m.start(group)] + new + text[m.end(group):] if m else None


def macro(rng, text):
    m = pick(rng, text, r"^#[ \t]*define[ \t]+\w+[ \t]+(\(?(?:0x)?[0-9a-fA-F]+U?L*\)?)[ \t]*(?:/\*[^\n]*\*/)?$")
    return put(text, m, "(%s + 1)" % m.group(1), 1) if m else None


def macro_body(rng, text):
    m = pick(rng, text, r"^#[ \t]*define[ \t]+\w+\([^)\n]*\)[ \t]+(\S[^\n\\]*)$")
    return put(text, m, "(0, %s)" % m.group(1), 1) if m and "/*" not in m.group(1) else None


BODY = r"^static (?:inline|__always_inline)[^;{}#]*?\)\n\{()"


def inline(rng, text):
    m = pick(rng, text, BODY)
    return put(text, m, ' asm volatile("nop");', 1)


def attribute(rng, text):
    m = pick(rng, text, r"^static (inline) ")
    return put(text, m, "__maybe_unused noinline", 1)


def pasted(rng, text):
    """A macro that pastes names gets a new constant, or an operand another end."""
    m = pick(rng, text, r"^#[ \t]*define[ \t]+\w+\([^)\n]*\)[^\n\\]*##[^\n\\]*$")
    n = m and re.search(r"\b(\d+)\b", m.group(0).split(")", 1)[1])
    if n:
        return put(text, m, m.group(0).split(")", 1)[0] + ")" + m.group(0).split(")", 1)[1].replace(n.group(1), str(int(n.group(1)) + 1), 1))
    return None


def new_pasted(rng, text):
    """A macro of one number is made out of two halves."""
    m = pick(rng, text, r"^#[ \t]*define[ \t]+(\w+)[ \t]+(\d+)[ \t]*$")
    return put(text, m, "%d ## 1" % (int(m.group(2)) + 1), 2).replace(" ## ", "") if m else None


def enumerator(rng, text):
    m = pick(rng, text, r"^enum[ \t]+\w*[ \t]*\{()")
    return put(text, m, " QP_ORACLE,", 1)


def typedef(rng, text):
    m = pick(rng, text, r"^typedef[ \t]+((?:unsigned )?(?:int|long|char|short)|u8|u16|u32|u64|__u32)[ \t]+\w+;")
    return put(text, m, "unsigned char" if m.group(1) != "unsigned char" else "long", 1) if m else None


def struct(rng, text):
    m = pick(rng, text, r"^struct[ \t]+\w+[ \t]*\{()")
    return put(text, m, " int qp_oracle;", 1)


def condition(rng, text):
    m = pick(rng, text, r"^#[ \t]*if(?:def|ndef)?[ \t]+(?!_|[A-Z_0-9]*_H\b)[^\n\\]*$")
    return put(text, m, rng.choice(["#if 1", "#if 0"]))


def include(rng, text):
    m = pick(rng, text, r"^#[ \t]*include[ \t]+[<\"][^>\"\n]*[>\"]()")
    if not m:
        return None
    if rng.random() < 0.5:
        return put(text, m, "")
    other = rng.choice(["linux/crc32.h", "linux/sched.h", "linux/uio.h"])
    return put(text, m, "#include <%s>" % other) if other not in text else None


def static_data(rng, text):
    m = pick(rng, text, r"^struct[ \t]+\w+;$")
    return put(text, m, m.group(0) + " static const int qp_oracle __attribute__((used)) = 4242;") if m else None


def string(rng, text):
    m = pick(rng, text, r'^[ \t][^\n#*/]*"[^"\n]*( )[^"\n]*"')
    return put(text, m, "  ", 1)


def comment(rng, text):
    m = pick(rng, text, r"/\*[^*\n]*( )[^*\n]*\*/")
    return put(text, m, "  ", 1)


EDITS = [macro, macro_body, inline, attribute, pasted, new_pasted, enumerator, typedef, struct, condition, include,
         static_data, string, comment]


# ---- compiling ----

class Kernel:
    def __init__(self, target, work):
        self.target, self.work = target, work
        self.commands = dict(deps.commands(target))
        self.farm = work + "/src"
        self.kept = {}
        subprocess.run(["cp", "-rs", target + "/src", self.farm], check=True)

    def compile(self, obj, tree, out):
        command = deps.without_output(self.commands[obj]).replace(self.target + "/src/", tree + "/")
        run = subprocess.run(["sh", "-c", "exec %s -w -g0 -c -o %s" % (command, out)], cwd=self.target + "/obj",
                             capture_output=True, text=True)
        return run.returncode == 0

    def both(self, obj):
        """None: one side doesn't compile; True: they differ."""
        old, new = [self.work + "/" + obj.replace("/", "_") + e for e in (".old", ".new")]
        if obj not in self.kept:
            self.kept[obj] = self.compile(obj, self.target + "/src", old)
        if not self.kept[obj] or not self.compile(obj, self.farm, new):
            return None
        if open(old, "rb").read() == open(new, "rb").read():
            return False
        return self.dump(old) != self.dump(new)

    @staticmethod
    def dump(path):
        out = subprocess.run(["objdump", "-d", "-s", "-r", "-t", path], capture_output=True, text=True)
        lines = [x for x in out.stdout.splitlines() if path not in x]
        text = "\n".join(lines)
        # The number is __COUNTER__'s.  Sections of strings that hold such names aren't shown.
        return re.sub(r"(__UNIQUE_ID_\w*?)\d+\b", r"\1N", text)

    def edit(self, header, text):
        path = self.farm + "/" + header
        os.unlink(path)
        with open(path, "w", errors="surrogateescape") as f:
            f.write(text)

    def restore(self, header):
        path = self.farm + "/" + header
        os.unlink(path)
        os.symlink(self.target + "/src/" + header, path)


def source_of(kernel, obj):
    return deps.name_of(kernel.target, kernel.commands[obj].rsplit(" ", 1)[1])


def chosen(kernel, builder, krel, header):
    """Sources that klp-build would compile, and those that it refuses."""
    fix, report = kernel.work + "/fix.patch", kernel.work + "/report.json"
    with open(fix, "w") as f:
        subprocess.run(["diff", "-u", "--label", "a/" + header, "--label", "b/" + header,
                        kernel.target + "/src/" + header, kernel.farm + "/" + header], stdout=f)
    if os.path.exists(report):
        os.unlink(report)
    # It stops before it compiles more than one.
    run = subprocess.run([builder, "check", "--kernel", krel, fix, "--max-units", "1", "--json", report],
                         capture_output=True, text=True, env=dict(os.environ, TMPDIR=kernel.work))
    if not os.path.exists(report):
        sys.exit("klp-build left no report:\n" + run.stderr)
    with open(report) as f:
        r = json.load(f)
    return set(r.get("units", [])), {x["file"] for x in r["refusals"] if x["file"]}


def draw(rng, kernel, headers, kind):
    """(header, new text), or None."""
    for _ in range(2000):
        header = rng.choice(headers)
        with open(kernel.target + "/src/" + header, errors="surrogateescape") as f:
            text = f.read()
        new = kind(rng, text)
        if new and new != text:
            return header, new
    return None


def one(kernel, a, header, users):
    """(really changed, chosen, missed); None: nothing compiles."""
    changed = {}
    for obj in users:
        changed[obj] = kernel.both(obj)
    if all(c is None for c in changed.values()):
        return None
    got, refused = chosen(kernel, a.builder, a.kernel, header)
    really = {source_of(kernel, o) for o in users if changed[o]}
    return really, got, really - got - refused


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--kernel", required=True)
    p.add_argument("--builder", required=True)
    p.add_argument("--cache", default=os.environ.get("KLP_CACHE", "/var/cache/quietpatch"))
    p.add_argument("--deps", help="keep the compiler's lists there")
    p.add_argument("-n", type=int, default=40)
    p.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    p.add_argument("--max", type=int, default=40, help="of headers with at most so many users")
    p.add_argument("--only", nargs="*", default=[], help="headers and units below these folders")
    a = p.parse_args()
    target = os.path.realpath(a.cache + "/" + a.kernel)
    work = tempfile.mkdtemp(prefix="klp-oracle.")
    try:
        sys.exit(run(a, target, work))
    finally:
        shutil.rmtree(work)


def users_of(a, target, work):
    lists = a.deps or work + "/deps"
    if not os.path.exists(lists):
        subprocess.run([sys.executable, os.path.dirname(os.path.abspath(__file__)) + "/deps.py", target, lists] + a.only,
                       check=True)
    users = {}
    with open(lists) as f:
        for line in f:
            obj, files = line.rstrip("\n").split("\t")
            for name in files.split():
                users.setdefault(name, []).append(obj)
    return users


def run(a, target, work):
    rng = random.Random(a.seed)
    users = users_of(a, target, work)
    headers = sorted(h for h in users if h.endswith(".h") and not h.startswith("obj:") and
                     2 <= len(users[h]) <= a.max and (not a.only or h.startswith(tuple(a.only))))
    kernel = Kernel(target, work)
    print("seed %d, %d headers" % (a.seed, len(headers)))
    done, missed, ratios, total = 0, 0, [], [0, 0]
    for i in range(4 * a.n):
        if done == a.n:
            break
        kind = EDITS[i % len(EDITS)]
        drawn = draw(rng, kernel, headers, kind)
        if not drawn:
            continue
        header, text = drawn
        kernel.edit(header, text)
        result = one(kernel, a, header, users[header])
        kernel.restore(header)
        if not result:
            continue
        really, got, lost = result
        done += 1
        missed += len(lost)
        total = [total[0] + len(got), total[1] + len(really)]
        if really:
            ratios.append(len(got) / len(really))
        print("%-4s %-12s %-48s %2d users, %2d change, %2d chosen%s" % ("MISS" if lost else "ok", kind.__name__, header,
              len(users[header]), len(really), len(got), "  missed: " + " ".join(sorted(lost)) if lost else ""), flush=True)
    print("%d edits, %d units missed; chosen to changed: %d to %d, median %.2f, worst %.2f" %
          (done, missed, total[0], total[1], statistics.median(ratios or [0]), max(ratios or [0])))
    return 1 if missed or done < a.n else 0


main()
