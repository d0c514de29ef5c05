// SPDX-License-Identifier: GPL-2.0-or-later
/* compile_keys.c - a unit compiled by way of assembly, in which tests of keys read them: see keys_text.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile.h"
#include "io.h"
#include "keys_text.h"

#define ASM_MAX		(256u << 20)

static int rewrite_file(const char *path, const struct strings *keys, struct klp_err *err)
{
	struct text t = { 0 };
	void *data = NULL;
	size_t len;
	char *s;
	int ret = io_read_file(path, ASM_MAX, &data, &len, err);

	if (ret)
		return ret;
	keys_rewrite(data, len, keys, &t);
	free(data);
	s = text_take(&t);
	ret = io_write_atomic(path, s, strlen(s), 0644, err);
	free(s);
	return ret;
}

static int run_again(struct build *b, struct job *j, char *command, struct klp_err *err)
{
	int ret;

	free(j->command);
	j->command = command;
	j->failed = false;
	ret = jobs_run(b, j, 1, err);
	return ret ? ret : jobs_finish(b, j, 1, err);
}

/* By way of assembly: source to .s, that rewritten, and to the object. */
int unit_compile_without(struct build *b, struct unit *u, const struct strings *keys, char **out,
			 struct klp_err *err)
{
	char *head = NULL, *tail, *output = NULL, *asm_path = NULL;
	struct job j;
	int ret = 0;

	job_init(&j, b, u, "patched-keys", SPLIT_FLAGS);
	head = xstrdup(j.command);
	output = format(" -c -o %s ", j.out);
	asm_path = format("%s.s", j.out);
	tail = strstr(head, output);
	if (!tail) {
		ret = klp_err_set(err, -EINVAL, "the command that compiles %s doesn't end in%s", u->source, output);
		goto out;
	}
	*tail = '\0';
	tail += strlen(output);
	ret = run_again(b, &j, format("%s -S -o %s %s", head, asm_path, tail), err);
	if (!ret)
		ret = rewrite_file(asm_path, keys, err);
	if (!ret)
		ret = run_again(b, &j, format("%s -c -o %s %s", head, j.out, asm_path), err);
	if (!ret) {
		*out = j.out;
		j.out = NULL;
	}
out:
	free(asm_path);
	free(output);
	free(head);
	job_free(&j);
	return ret;
}
