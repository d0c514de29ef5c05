// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * summary.c - see summary.h.
 *
 * A unit takes 0.1 to 0.2 s of CPU.  Those of the pristine tree are kept in
 * $KLP_CACHE/KREL/summaries, one file a unit, and made when a fix of a header
 * first asks for them; each is written as it is done, so that one that was
 * interrupted goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "fix/known.h"
#include "io.h"
#include "summary.h"
#include "target/target.h"

#define TEXT_LIMIT	(512u << 20)
#define KEPT_LIMIT	(64u << 20)
#define MAGIC		0x31304d5553504c4bull	/* "KLPSUM01" */

/* The file: this, then names, macros and files. */
struct kept {
	uint64_t magic;
	uint64_t command;	/* digest */
	uint64_t digest;
	uint64_t nr_names, nr_macros, nr_files;
};

#define LIKE_C		"init/main.o"
#define LIKE_ASSEMBLY	"arch/x86/kernel/head_64.o"
#define LINKER_SCRIPT	"-DLINKER_SCRIPT -Ux86"

static const struct by_product by_products[] = {
	{ "made:bounds", "kernel/bounds.c", LIKE_C, "", "include/generated/bounds.h" },
	{ "made:asm-offsets", "arch/x86/kernel/asm-offsets.c", LIKE_C, "",
	  "include/generated/asm-offsets.h" },
	{ "made:rq-offsets", "kernel/sched/rq-offsets.c", LIKE_C, "",
	  "include/generated/rq-offsets.h" },
	{ "made:devicetable-offsets", "scripts/mod/devicetable-offsets.c", LIKE_C, "",
	  "the aliases of modules" },
	{ "made:kvm-asm-offsets", "arch/x86/kvm/kvm-asm-offsets.c", "arch/x86/kvm/x86.o", "",
	  "arch/x86/kvm/kvm-asm-offsets.h" },
	{ "made:vmlinux.lds", "arch/x86/kernel/vmlinux.lds.S", LIKE_ASSEMBLY, LINKER_SCRIPT,
	  "the linker script of vmlinux" },
	{ "made:vdso.lds", "arch/x86/entry/vdso/vdso.lds.S", LIKE_ASSEMBLY, LINKER_SCRIPT,
	  "the linker script of the vdso" },
	{ "made:vdso32.lds", "arch/x86/entry/vdso/vdso32/vdso32.lds.S", LIKE_ASSEMBLY, LINKER_SCRIPT,
	  "the linker script of the vdso" },
	{ "made:module.lds", "scripts/module.lds.S", LIKE_ASSEMBLY, LINKER_SCRIPT,
	  "the linker script of modules" },
};

const struct by_product *by_product(size_t i)
{
	return i < sizeof(by_products) / sizeof(by_products[0]) ? &by_products[i] : NULL;
}

const struct by_product *by_product_of(const char *object)
{
	for (size_t i = 0; i < sizeof(by_products) / sizeof(by_products[0]); i++)
		if (!strcmp(by_products[i].object, object))
			return &by_products[i];
	return NULL;
}

/* The last word of @object's command, or the by-product's source. */
static const char *source_word(const struct build *b, const char *object)
{
	const struct by_product *p = by_product_of(object);
	const char *command = p ? NULL : target_command(b->target, object);

	return p ? p->source : command ? strrchr(command, ' ') + 1 : "";
}

bool summary_is_lines(const struct build *b, const char *object)
{
	return !ends_with(source_word(b, object), ".c");
}

static char *tree_of(const struct build *b, enum side side)
{
	return side == SIDE_PATCHED ? format("%s/patched", b->workdir) : format("%s/src", b->target->dir);
}

/* The unit's own command, with @what in place of -c and its output; NULL: it has none. */
static char *make_command(const struct build *b, const char *object, enum side side, const char *what)
{
	const struct by_product *p = by_product_of(object);
	const char *like = p ? p->like : object, *cmd = target_command(b->target, like), *dep, *rest;
	char *src = format("%s/src/", b->target->dir), *tree = tree_of(b, side);
	char *to = format("%s/", tree), *output = format(" -c -o %s ", like);
	struct text t = { 0 };

	rest = cmd ? strstr(cmd, output) : NULL;
	if (!rest)
		goto out;
	text_addf(&t, "exec ");
	dep = strstr(cmd, "-Wp,-MMD,");
	if (dep && dep < rest) {
		text_add_replaced(&t, cmd, (size_t)(dep - cmd), src, to);
		cmd = dep + strcspn(dep, " ");
	}
	text_add_replaced(&t, cmd, (size_t)(rest - cmd), src, to);
	text_addf(&t, " %s %s ", what, p ? p->extra : "");
	if (side == SIDE_PATCHED)
		text_addf(&t, "-idirafter %s/include ", b->workdir);
	rest += strlen(output);
	if (p)
		text_addf(&t, "%s%s", to, p->source);
	else
		text_add_replaced(&t, rest, strlen(rest), src, to);
out:
	free(output);
	free(to);
	free(tree);
	free(src);
	return t.len ? text_take(&t) : NULL;
}

static char *preprocess_command(const struct build *b, const char *object, enum side side)
{
	/* Without locations in macros, which are of no use here, it takes half the time. */
	return make_command(b, object, side, summary_is_lines(b, object) ?
			    "-E -w -fno-working-directory" :
			    "-E -dU -w -ftrack-macro-expansion=0 -fno-working-directory");
}

static char *path_of(const struct build *b, const char *object, enum side side)
{
	char *path = format("%s/summaries/%s", side == SIDE_PATCHED ? b->workdir : b->target->dir, object);

	/* One folder for all. */
	text_swap(path + strlen(path) - strlen(object), '/', '_');
	return path;
}

/* The open file of its summary, behind the head; or -ENOENT. */
static int open_kept(const struct build *b, const char *object, enum side side, struct kept *k)
{
	char *path = path_of(b, object, side), *command = preprocess_command(b, object, side);
	int fd = command ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;
	bool good = fd >= 0 && read(fd, k, sizeof(*k)) == sizeof(*k) && !fstat(fd, &st) && k->magic == MAGIC &&
		    k->command == fnv1a(FNV1A_START, command, strlen(command)) && st.st_size <= KEPT_LIMIT &&
		    k->nr_names < KEPT_LIMIT && k->nr_macros < KEPT_LIMIT && k->nr_files < KEPT_LIMIT &&
		    (uint64_t)st.st_size == sizeof(*k) + (k->nr_names + k->nr_macros + k->nr_files) * 4;

	if (fd >= 0 && !good)
		close(fd);
	free(command);
	free(path);
	return good ? fd : -ENOENT;
}

bool summary_digest(const struct build *b, const char *object, enum side side, uint64_t *digest)
{
	struct kept k;
	int fd = open_kept(b, object, side, &k);

	if (fd < 0)
		return false;
	close(fd);
	*digest = k.digest;
	return true;
}

static int read_list(int fd, size_t nr, struct hashes *out)
{
	out->list = xmalloc(nr * 4 + 1);
	out->nr = nr;
	return read(fd, out->list, nr * 4) == (ssize_t)(nr * 4) ? 0 : -ENOENT;
}

int summary_load(const struct build *b, const char *object, enum side side, struct summary *out)
{
	struct kept k;
	int fd = open_kept(b, object, side, &k), ret;

	*out = (struct summary){ 0 };
	if (fd < 0)
		return fd;
	out->digest = k.digest;
	ret = read_list(fd, k.nr_names, &out->names);
	ret = ret ? ret : read_list(fd, k.nr_macros, &out->macros);
	ret = ret ? ret : read_list(fd, k.nr_files, &out->files);
	close(fd);
	if (ret)
		summary_free(out);
	return ret;
}

static int keep(const char *path, const struct summary *s, uint64_t command)
{
	struct kept k = { MAGIC, command, s->digest, s->names.nr, s->macros.nr, s->files.nr };
	struct text t = { 0 };
	char *data;
	size_t len;
	int ret;

	text_add(&t, (const char *)&k, sizeof(k));
	text_add(&t, (const char *)s->names.list, s->names.nr * 4);
	text_add(&t, (const char *)s->macros.list, s->macros.nr * 4);
	text_add(&t, (const char *)s->files.list, s->files.nr * 4);
	len = t.len;
	data = text_take(&t);
	ret = io_write_atomic(path, data, len, 0644, NULL);
	free(data);
	return ret;
}

struct trees {
	char *tree, *obj;	/* with '/' */
};

/* "include/linux/fs.h", "obj:include/generated/bounds.h" */
static char *file_name(const char *path, size_t len, void *arg)
{
	const struct trees *t = arg;
	size_t n = strlen(t->tree), m = strlen(t->obj);
	char *name;

	if (len > n && !memcmp(path, t->tree, n))
		name = format("%.*s", (int)(len - n), path + n);
	else if (len > m && !memcmp(path, t->obj, m))
		name = format("obj:%.*s", (int)(len - m), path + m);
	else
		name = format("obj:%.*s", (int)len - 2 * (len > 2 && !memcmp(path, "./", 2)),
			      path + 2 * (len > 2 && !memcmp(path, "./", 2)));
	path_fold(name);
	return name;
}

static int run_to_file(const struct build *b, const char *command, const char *out, struct klp_err *err)
{
	const char *argv[] = { "sh", "-c", command, NULL };
	char *cwd = format("%s/obj", b->target->dir);
	struct proc p = { .argv = argv, .cwd = cwd, .out_path = out };
	int ret = proc_run(&p, err);

	free(cwd);
	return ret;
}

/* A build before this one may have preprocessed it with the same files: *same, and it has its summary. */
static int take_known(const struct build *b, const char *object, const struct known *known, const char *how, bool *same)
{
	char *own = preprocess_command(b, object, SIDE_PATCHED), *path = path_of(b, object, SIDE_PATCHED);
	struct summary s = { 0 };
	int ret = own ? 0 : -ENOENT;

	*same = !ret && known_get(known, object, how, &s.digest);
	if (*same)
		ret = keep(path, &s, fnv1a(FNV1A_START, own, strlen(own)));
	free(path);
	free(own);
	return ret;
}

static int make_one(const struct build *b, const char *object, enum side side, const char *tmp,
		    struct summary *out)
{
	char *command = preprocess_command(b, object, side), *path = path_of(b, object, side);
	char *tree = tree_of(b, side);
	struct trees trees = { format("%s/", tree), format("%s/obj/", b->target->dir) };
	struct klp_err err;
	void *text = NULL;
	size_t len;
	int ret = command ? 0 : -ENOENT;

	if (!ret)
		ret = run_to_file(b, command, tmp, &err);
	if (!ret)
		ret = io_read_file(tmp, TEXT_LIMIT, &text, &len, NULL);
	if (!ret) {
		reach_summarize(text, len, summary_is_lines(b, object), file_name, &trees, out);
		ret = keep(path, out, fnv1a(FNV1A_START, command, strlen(command)));
	}
	free(text);
	free(trees.obj);
	free(trees.tree);
	free(tree);
	free(path);
	free(command);
	return ret;
}

/* With the fix.  Its command there has a folder's name of this build alone in it: the pristine one stands for it. */
static int make_patched(const struct build *b, const char *object, const struct known *known, const char *tmp)
{
	char *command = preprocess_command(b, object, SIDE_ORIG);
	char *how = command ? format("%016" PRIx64, fnv1a(FNV1A_START ^ MAGIC, command, strlen(command))) : NULL;
	struct summary s = { 0 };
	bool same = false;
	int ret = how ? take_known(b, object, known, how, &same) : -ENOENT;

	if (!ret && !same) {
		ret = make_one(b, object, SIDE_PATCHED, tmp, &s);
		if (!ret)
			known_put(known, object, how, s.files.list, s.files.nr, s.digest);
	}
	summary_free(&s);
	free(how);
	free(command);
	return ret;
}

static void make_pristine(const struct build *b, const char *object, const char *tmp)
{
	struct summary s = { 0 };

	make_one(b, object, SIDE_ORIG, tmp, &s);
	summary_free(&s);
}

/* Every @step-th of the objects, from @first on. */
static void run_worker(const struct build *b, const struct strings *objects, const struct known *known,
		       size_t first, size_t step)
{
	char *tmp = format("%s/unit.%zu.i", b->workdir, first);

	proc_follow_parent();
	for (size_t i = first; i < objects->nr && !proc_interrupted(); i += step) {
		if (known)
			make_patched(b, objects->list[i], known, tmp);
		else
			make_pristine(b, objects->list[i], tmp);
	}
	unlink(tmp);
	_exit(0);
}

/* @known: with the fix; NULL: of the pristine tree. */
static int run_workers(const struct build *b, const struct strings *objects, const struct known *known,
		       struct klp_err *err)
{
	size_t nr = b->jobs ? b->jobs : 1, started = 0;
	pid_t *pids = xcalloc(nr, sizeof(*pids));
	int status, ret = 0;

	fflush(NULL);
	for (; started < nr && started < objects->nr && !ret; started++) {
		pids[started] = fork();
		if (!pids[started])
			run_worker(b, objects, known, started, nr);
		if (pids[started] < 0) {
			ret = klp_err_sys(err, -errno, "cannot fork");
			break;
		}
	}
	for (size_t i = 0; i < started; i++) {
		int waited = proc_wait(pids[i], &status, err);

		ret = ret ? ret : waited;
	}
	free(pids);
	return ret;
}

/* Those that have no summary. */
static void find_missing(const struct build *b, const struct strings *objects, enum side side,
			 struct strings *missing)
{
	for (size_t i = 0; i < objects->nr; i++) {
		uint64_t digest;

		if (!summary_digest(b, objects->list[i], side, &digest))
			strings_add(missing, objects->list[i]);
	}
}

/*
 * What wasn't preprocessed includes what only its own folder's make generates: kbuild makes the objects
 * once.  That they were tried is noted, so that what can't be made isn't tried each time.
 */
static int make_generated(const struct build *b, const struct strings *objects, struct klp_err *err)
{
	char *path = format("%s/summaries/tried", b->target->dir);
	struct strings todo = { 0 };
	struct text tried = { 0 };
	char *text = NULL;
	void *was = NULL;
	size_t len;
	int ret = 0;

	if (io_read_file(path, KEPT_LIMIT, &was, &len, NULL))
		was = NULL;
	text_addf(&tried, "%s", was ? (char *)was : "\n");
	for (size_t i = 0; i < objects->nr; i++) {
		char *line = format("\n%s\n", objects->list[i]);

		if (by_product_of(objects->list[i]) || (was && strstr(was, line))) {
			free(line);
			continue;
		}
		text_addf(&tried, "%s\n", objects->list[i]);
		strings_add(&todo, objects->list[i]);
		free(line);
	}
	text = text_take(&tried);
	if (todo.nr) {
		report_verbose(b->report, "making what %zu units include", todo.nr);
		ret = target_make(b->target, &todo, NULL, err);
		/* Some may have failed: they are looked at one by one. */
		ret = ret == -ECHILD ? 0 : ret;
		if (!ret)
			io_write_atomic(path, text, strlen(text), 0644, NULL);
	}
	strings_free(&todo);
	free(text);
	free(was);
	free(path);
	return ret;
}

int summaries_make(const struct build *b, const struct strings *objects, const struct known *known,
		   struct klp_err *err)
{
	enum side side = known ? SIDE_PATCHED : SIDE_ORIG;
	struct strings missing = { 0 }, failed = { 0 };
	char *dir = side == SIDE_PATCHED ? format("%s/summaries", b->workdir) :
					   format("%s/summaries", b->target->dir);
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret)
		find_missing(b, objects, side, &missing);
	if (!ret && missing.nr) {
		report_verbose(b->report, "reading what %zu units are made from%s", missing.nr,
			       side == SIDE_PATCHED ? " with the fix" : "");
		ret = run_workers(b, &missing, known, err);
	}
	if (!ret && missing.nr && side == SIDE_ORIG) {
		find_missing(b, &missing, side, &failed);
		if (!ret && failed.nr)
			ret = make_generated(b, &failed, err);
		if (!ret && failed.nr)
			ret = run_workers(b, &failed, NULL, err);
	}
	strings_free(&missing);
	strings_free(&failed);
	free(dir);
	return ret;
}

/* Lines such as "\t.ascii\t\"->NR_PAGEFLAGS $24 __NR_PAGEFLAGS\"". */
static char *constants_of(const char *text)
{
	struct text t = { 0 };

	for (const char *l = text; *l; l += strcspn(l, "\n"), l += *l == '\n')
		if (memmem(l, strcspn(l, "\n"), "->", 2))
			text_add(&t, l, strcspn(l, "\n") + 1);
	return text_take(&t);
}

int by_product_constants(const struct build *b, const struct by_product *p, enum side side, char **out,
			 struct klp_err *err)
{
	char *command = make_command(b, p->object, side, "-S -w -o -"), *tmp = format("%s/made.s", b->workdir);
	void *text = NULL;
	size_t len;
	int ret = command ? run_to_file(b, command, tmp, err) :
			    klp_err_set(err, -ENOENT, "no command makes %s", p->object);

	if (!ret)
		ret = io_read_file(tmp, TEXT_LIMIT, &text, &len, err);
	if (!ret)
		*out = constants_of(text);
	unlink(tmp);
	free(text);
	free(tmp);
	free(command);
	return ret;
}
