/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.h - faults that the kernel's log reports, and whether one lies in a patch's code.
 *
 * Input is what /dev/kmsg gives: a record a line, "PRIORITY,SEQUENCE,TIME,FLAGS;TEXT".
 */
#ifndef KLP_UPDATE_KLOG_H
#define KLP_UPDATE_KLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct klp_err;

struct klog {
	char *text;
	size_t len;
	uint64_t first;		/* sequence number of its first record: earlier ones were overwritten */
	uint64_t next;		/* of the record that comes next; 0: there is none yet */
};

/* All that the log of the machine below @root has now. */
int klog_read(const char *root, struct klog *out, struct klp_err *err);
void klog_free(struct klog *log);

/*
 * Is there a report of a fault (oops, BUG, WARNING, KASAN, lockup, stall, hung task), at record @from or
 * later, with a frame in module @module or in one of @functions ("name" of each)?  Then @out says which.
 */
bool klog_blames(const char *text, size_t len, uint64_t from, const char *module,
		 const json_t *functions, char *out, size_t size);
/* Whoever's: the first such report at record @from or later. */
bool klog_reports(const char *text, size_t len, uint64_t from, char *out, size_t size);
/*
 * @text: what a kernel that went down left of its log (a file of pstore: lines of "<4>[   12.345678] TEXT").
 * Is there such a frame in it?  A report may be torn over several files, so each frame counts.
 */
bool klog_last_words(const char *text, size_t len, const char *module, const json_t *functions, char *out,
		     size_t size);

#endif
