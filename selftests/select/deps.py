#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""deps.py TARGET-FOLDER OUT [PREFIX...] - what each unit of a prepared kernel reads, by the compiler's -M.

One line a unit: OBJECT<TAB>FILE FILE ...; only objects that begin with a PREFIX, if there are any.
The compiler's list shares nothing with klp-build's own way to find them.
"""
import concurrent.futures
import os
import re
import subprocess
import sys


def commands(target):
    with open(target + "/commands") as f:
        for line in f:
            yield line.rstrip("\n").split("\t", 1)


def without_output(command):
    command = re.sub(r" -Wp,-MMD,\S+", "", command)
    return re.sub(r" -c -o \S+ (?=\S+$)", " ", command)


def name_of(target, path):
    path = path if path.startswith("/") else os.path.join(target, "obj", path)
    path = os.path.normpath(path)
    if path.startswith(target + "/src/"):
        return path[len(target) + 5:]
    return "obj:" + path[len(target) + 5:] if path.startswith(target + "/obj/") else path


def read(target, item):
    out = subprocess.run(["sh", "-c", "exec " + without_output(item[1]) + " -w -M -ftrack-macro-expansion=0"],
                         cwd=target + "/obj", capture_output=True, text=True)
    if out.returncode:
        return item[0], None
    words = out.stdout.split(":", 1)[1].replace("\\\n", " ").split()
    return item[0], sorted({name_of(target, w) for w in words})


def write(target, out, prefixes):
    todo = [c for c in commands(target) if not prefixes or c[0].startswith(tuple(prefixes))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool, open(out + ".new", "w") as f:
        for obj, files in pool.map(lambda c: read(target, c), todo):
            print(obj, "-" if files is None else " ".join(files), sep="\t", file=f)
    os.rename(out + ".new", out)


if __name__ == "__main__":
    write(os.path.realpath(sys.argv[1]), sys.argv[2], sys.argv[3:])
