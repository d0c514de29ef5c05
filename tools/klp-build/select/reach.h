/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reach.h - what a preprocessed unit is made from: a summary to ask whether a
 * change of a header can matter to it.
 */
#ifndef KLP_REACH_H
#define KLP_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hashes {
	uint32_t *list;		/* sorted; bit 0 is a flag */
	size_t nr;
};

struct summary {
	uint64_t digest;	/* of all declarations that make code or data, or that one of these names */
	struct hashes names;	/* every word; flag: one that the above declarations have */
	struct hashes macros;	/* words of every macro that was expanded or tested; flag: its name */
	struct hashes files;	/* that were read */
};

/* How a file is called in summary::files: malloc()ed. */
typedef char *(*file_name_fn)(const char *path, size_t len, void *arg);

/*
 * @text is the output of gcc -E -dU.  Pure function of it.  Of assembly only the
 * digest, over all lines, and the files are of use.
 */
void reach_summarize(const char *text, size_t len, bool assembly, file_name_fn name, void *arg,
		     struct summary *out);
void summary_free(struct summary *s);

bool summary_has_file(const struct summary *s, const char *file);
/* The word is in code or data, or in what they name. */
bool summary_reaches(const struct summary *s, const char *name);
/* Does it matter to the preprocessor, or might it, what macro @name is? */
bool summary_sees_macro(const struct summary *s, const char *name);

/* @hash: name_hash() */
bool hashes_have(const struct hashes *h, uint32_t hash);

#endif
