#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""oracle.py - are the units that klp-build chooses for a changed header all that change?

Draws edits (edits.py) of headers, and of .c files that others include.  Every unit that reads the file, by the
compiler's own lists (deps.py), is compiled with and without the edit; a unit whose object differs and that
klp-build doesn't choose (or refuse by name) is missed.  A unit whose preprocessed text is equal can't differ, and one
that is chosen can't be missed: these aren't compiled, but for the figures.

Edits that no unit's preprocessed text shows are drawn anew.  Prints the seed, one line an edit, and the sum; fails if a unit is missed.
--control: klp-build's answer loses a unit each time; fails unless that is noticed.
"""
import argparse
import concurrent.futures
import hashlib
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
import edits


class Kernel:
    def __init__(self, target, work):
        self.target, self.work = target, work
        self.commands = dict(deps.commands(target))
        self.overlay = work + "/src"
        self.kept, self.texts = {}, {}
        subprocess.run(["cp", "-rs", target + "/src", self.overlay], check=True)

    def source(self, obj):
        return deps.name_of(self.target, self.commands[obj].rsplit(" ", 1)[1])

    def read(self, name):
        path = self.target + ("/obj/" + name[4:] if name.startswith("obj:") else "/src/" + name)
        try:
            with open(path, errors="surrogateescape") as f:
                return f.read()
        except OSError:
            return ""

    def run(self, obj, tree, options):
        command = deps.without_output(self.commands[obj]).replace(self.target + "/src/", tree + "/")
        return subprocess.run(["sh", "-c", "exec %s -w -g0 %s" % (command, options)], cwd=self.target + "/obj", capture_output=True)

    def preprocess(self, obj, tree):
        """A digest of all that the compiler sees; None: an error."""
        out = self.run(obj, tree, "-E")
        return None if out.returncode else hashlib.sha256(out.stdout.replace(tree.encode(), b"")).digest()

    def compile(self, obj, tree, out):
        return self.run(obj, tree, "-c -o " + out).returncode == 0

    def may_differ(self, obj):
        """None: one side can't be preprocessed; True: the compiler sees another text."""
        if obj not in self.texts:
            self.texts[obj] = self.preprocess(obj, self.target + "/src")
        text = self.texts[obj] and self.preprocess(obj, self.overlay)
        return None if text is None else text != self.texts[obj]

    def differs(self, obj):
        """None: one side doesn't compile; True: other code or data."""
        old, new = [self.work + "/" + obj.replace("/", "_") + e for e in (".old", ".new")]
        if obj not in self.kept:
            self.kept[obj] = self.compile(obj, self.target + "/src", old)
        if not self.kept[obj] or not self.compile(obj, self.overlay, new):
            return None
        if open(old, "rb").read() == open(new, "rb").read():
            return False
        return self.dump(old) != self.dump(new)

    @staticmethod
    def dump(path):
        out = subprocess.run(["objdump", "-d", "-s", "-r", "-t", path], capture_output=True, text=True, errors="replace")
        lines = [x for x in out.stdout.splitlines() if path not in x]
        # The number is __COUNTER__'s.  Sections of strings that hold such names aren't shown.
        return re.sub(r"(__UNIQUE_ID_\w*?)\d+\b", r"\1N", "\n".join(lines))

    def edit(self, name, text):
        path = self.overlay + "/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "w", errors="surrogateescape") as f:
            f.write(text)

    def restore(self, name):
        os.unlink(self.overlay + "/" + name)
        if os.path.exists(self.target + "/src/" + name):
            os.symlink(self.target + "/src/" + name, self.overlay + "/" + name)


MOST_UNITS = 2500  # as many as klp-build takes by itself

# A fix of these, too, is over the limit: klp-build chooses the units, and compiles none.
BESIDE = ["lib/ctype.c", "lib/bcd.c", "lib/clz_tab.c", "lib/is_single_threaded.c"]


def add_diff(kernel, name, new, f):
    old = kernel.target + "/src/" + name
    old, label = (old, "a/" + name) if os.path.exists(old) else ("/dev/null", "/dev/null")
    subprocess.run(["diff", "-u", "--label", label, "--label", "b/" + name, old, new], stdout=f)


def chosen(kernel, a, name, sources, limit=1):
    """Sources that klp-build would compile, and those that it refuses; as far as it looks, over its @limit of units.

    None: it refuses the file.
    """
    fix, report, other = [kernel.work + "/" + f for f in ("fix.patch", "report.json", "beside.c")]
    beside = [b for b in BESIDE if b not in sources][:2]
    with open(fix, "w") as f:
        add_diff(kernel, name, kernel.overlay + "/" + name, f)
        f.flush()
        for b in beside:
            with open(other, "w") as text:
                text.write(kernel.read(b) + "/* changed */\n")
            add_diff(kernel, b, other, f)
    if os.path.exists(report):
        os.unlink(report)
    run = subprocess.run([a.builder, "check", "--kernel", a.kernel, fix, "--max-units", str(limit), "--json", report],
                         capture_output=True, text=True, errors="replace", env=dict(os.environ, TMPDIR=kernel.work))
    if not os.path.exists(report):
        sys.exit("klp-build left no report:\n" + run.stderr)
    with open(report, errors="surrogateescape") as f:
        r = json.load(f)
    got = set(r.get("units", []))
    if not got and any(x["file"] == name for x in r["refusals"]):
        return None  # such a file can't be changed by a patch, whoever reads it
    if not got >= set(beside):
        sys.exit("klp-build chose no units:\n" + run.stderr)
    got -= set(beside)
    return got, {x["file"] for x in r["refusals"] if x["file"]} - got - {name}


def readers(kernel, a, lists):
    """File -> objects that read it."""
    users = {}
    with open(lists) as f:
        for line in f:
            obj, files = line.rstrip("\n").split("\t")
            for name in files.split():
                users.setdefault(name, []).append(obj)
    wanted = {}
    for name, objects in users.items():
        own = sum(kernel.source(o) == name for o in objects) if not name.endswith(".h") else 0
        if (not name.startswith("/") and a.min <= len(objects) <= a.max and len(objects) > own and
                (not a.only or name.startswith(tuple(a.only)))):
            wanted[name] = objects
    return wanted


def hiding(rng, name, text):
    """(path, text) of a new header that is found before @name."""
    m = re.match(r"(?:obj:)?(?:arch/x86/include/generated|include)/((?:asm|linux)/.*\.h)$", name)
    if not m or name.startswith("arch/x86/include/asm/"):
        return None
    text = text if rng.random() < 0.5 else "#include_next <%s>\n" % m.group(1)
    return "arch/x86/include/" + m.group(1), text + "static const int qp_oracle __attribute__((used)) = 4242;\n"


def draw(rng, kernel, users, names, recent, kind):
    """(file it is about, file to change, its new text), or None.  Of files whose units were compiled lately most often."""
    for _ in range(500):
        name = rng.choice(recent if recent and rng.random() < 0.6 else names)
        text = kernel.read(name)
        if kind is hiding:
            new = hiding(rng, name, text)
            if new and not os.path.exists(kernel.target + "/src/" + new[0]):
                return name, *new
        elif not name.startswith("obj:"):
            sources = [kernel.source(o) for o in users[name]]
            new = kind(edits.Draw(rng, name, text, sources, kernel.read))
            if new and new != text and new.count("\n") == text.count("\n"):
                return name, name, new
    return None


def one(kernel, a, rng, pool, objects, name):
    """(units whose text changes, how many differ or None, chosen, missed); None: the compiler sees no change, or klp-build refuses the file.

    Compiled are those that aren't chosen; all of them, to count, in one of @a.count edits.
    """
    other = [o for o, d in zip(objects, pool.map(kernel.may_differ, objects)) if d]
    if not other:
        return None
    sources = {kernel.source(o) for o in objects}
    looked = chosen(kernel, a, name, sources)
    if not looked:
        return None
    got, refused = looked
    all_of = a.control or rng.randrange(a.count) == 0
    if a.control and got:
        got.remove(rng.choice(sorted(got)))
    todo = [o for o in other if all_of or kernel.source(o) not in got | refused]
    really = {kernel.source(o) for o, d in zip(todo, pool.map(kernel.differs, todo)) if d}
    if really - got - refused and not a.control:
        # Over the limit it doesn't look at what needs the preprocessor: without one it does, and compiles.
        got, refused = chosen(kernel, a, name, sources, MOST_UNITS)
    return len(other), len(really) if all_of else None, len(got | refused), really - got - refused


def run(a, target, work):
    rng = random.Random(a.seed)
    kernel = Kernel(target, work)
    lists = a.deps or work + "/deps"
    if not os.path.exists(lists):
        deps.write(target, lists, a.only)
    users = readers(kernel, a, lists)
    names = sorted(users)
    mixed = [n for n in names if any(kernel.source(o).endswith(".S") for o in users[n])]
    kinds = edits.EDITS + [hiding]
    print("%s, seed %d, %d files with %d to %d readers" % (a.kernel, a.seed, len(names), a.min, a.max), flush=True)
    done, missed, noticed, ratios, total, drawn = 0, 0, 0, [], [0, 0], 0
    recent, pool = [], concurrent.futures.ThreadPoolExecutor(a.jobs)
    while done < a.n and drawn < 40 * a.n:
        kind = rng.choice([k for k in kinds if not a.kinds or k.__name__ in a.kinds])
        drawn += 1
        edit = draw(rng, kernel, users, mixed if kind is edits.assembly and mixed else names, recent, kind)
        if not edit:
            continue
        about, name, text = edit
        kernel.edit(name, text)
        result = one(kernel, a, rng, pool, users[about], name)
        if result and result[3] and a.keep:
            os.makedirs(a.keep, exist_ok=True)
            shutil.copy(work + "/fix.patch", "%s/%d-%d.patch" % (a.keep, a.seed, done))
        kernel.restore(name)
        if not result:
            continue
        texts, really, got, lost = result
        recent = (recent + [about])[-4:]
        done += 1
        missed += len(lost)
        noticed += bool(lost)
        if really is not None:
            total = [total[0] + got, total[1] + really]
            ratios += [got / really] if really else []
        print("%-4s %-12s %-50s %3d readers, %3d see it, %3d chosen, %3s differ%s" % (
              "MISS" if lost else "ok", kind.__name__, name, len(users[about]), texts, got, "?" if really is None else really,
              "  missed: " + " ".join(sorted(lost)) if lost else ""), flush=True)
    print("%s: %d edits that the compiler sees (of %d drawn), %d units missed; all were compiled in those where the number that differ "
          "is known: %d chosen, %d differ; by edit median %.2f, worst %.2f" %
          (a.kernel, done, drawn, missed, *total, statistics.median(ratios or [0]), max(ratios or [0])))
    return 0 if done == a.n and (noticed if a.control else not missed) else 1


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--kernel", required=True)
    p.add_argument("--builder", required=True)
    p.add_argument("--cache", default=os.environ.get("KLP_CACHE", "/var/cache/quietpatch"))
    p.add_argument("--deps", help="keep the compiler's lists there")
    p.add_argument("-n", type=int, default=40)
    p.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    p.add_argument("--min", type=int, default=2, help="of files with at least so many readers")
    p.add_argument("--max", type=int, default=12, help="and at most so many")
    p.add_argument("--only", nargs="*", default=[], help="files and units below these folders")
    p.add_argument("--kinds", nargs="*", default=[], help="only these kinds of edits")
    p.add_argument("--keep", help="a folder for the edits that went wrong")
    p.add_argument("--count", type=int, default=5, help="in one of so many edits all that see it are compiled, and counted")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--control", action="store_true")
    a = p.parse_args()
    target = os.path.realpath(a.cache + "/" + a.kernel)
    work = tempfile.mkdtemp(prefix="klp-oracle.")
    try:
        sys.exit(run(a, target, work))
    finally:
        shutil.rmtree(work)


main()
