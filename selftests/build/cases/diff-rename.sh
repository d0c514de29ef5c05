# SPDX-License-Identifier: GPL-2.0-or-later
# Behind a document's rename, as git tells it, a source file in the plain form, and one behind text for people.
# expect: built
# functions: do_utimes
# file: fs/utimes.c compiled: 1 function changes
# file: Documentation/new.rst irrelevant: documentation
enter fs/utimes.c do_utimes '	if (dfd == -4243) return -EBADF;'
redo '1s|^|diff --git a/Documentation/old.rst b/Documentation/new.rst\nsimilarity index 100%\nrename from Documentation/old.rst\nrename to Documentation/new.rst\n|'
