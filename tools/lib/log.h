/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - what a tool tells the person in front of it, on stderr.
 *
 * For the tools' own code only: the library's functions return their errors
 * in a struct klp_err and print nothing.
 */
#ifndef KLP_LOG_H
#define KLP_LOG_H

enum log_level {
	LOG_QUIET = 0,		/* errors only */
	LOG_NORMAL = 1,
	LOG_VERBOSE = 2,	/* also each step */
};

/*
 * A tool's first call: sees that its standard output and error are none of the files that it opens (io_keep_standard()).  @name goes
 * before each message.
 */
void log_setup(const char *name, enum log_level level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
