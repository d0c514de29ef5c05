// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * target_commands.c - a target's compile commands and modules: which object is
 * built how, and what it ends up in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/xalloc.h"
#include "io.h"
#include "target_priv.h"

#define COMMANDS_MAX	(256u << 20)

static int by_object(const void *a, const void *b)
{
	return strcmp(((const struct compile_command *)a)->object,
		      ((const struct compile_command *)b)->object);
}

/*
 * The commands have the folder's path at the time of its preparation; the cache may have been moved,
 * copied, or be reached by a link since.  Every command has "-include FOLDER/src/include/linux/kconfig.h".
 */
static void move_commands(const struct target *t, char **commands, size_t len)
{
	const char *end = strstr(*commands, "/src/include/linux/kconfig.h"), *start = end;
	char *from, *to;
	struct text text = { 0 };

	while (start > *commands && start[-1] != ' ')
		start--;
	if (!end || ((size_t)(end - start) == strlen(t->dir) && starts_with(start, t->dir)))
		return;
	from = format("%.*s/", (int)(end - start), start);
	to = format("%s/", t->dir);
	text_add_replaced(&text, *commands, len, from, to);
	free(from);
	free(to);
	free(*commands);
	*commands = text_take(&text);
}

int target_load_commands(struct target *t, struct klp_err *err)
{
	struct target_priv *priv = t->priv;
	char *path = format("%s/commands", t->dir), *text, *line, *tab, *end;
	size_t len, nr = 0;
	void *data = NULL;
	int ret = io_read_file(path, COMMANDS_MAX, &data, &len, err);

	if (ret)
		goto out;
	text = data;
	move_commands(t, &text, len);
	priv->command_text = text;
	if (ret) {
		klp_err_sys(err, ret, "commands");
		goto out;
	}
	for (line = text; (end = strchr(line, '\n')); line = end + 1)
		nr++;
	priv->commands = xcalloc(nr, sizeof(*priv->commands));
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		tab = strchr(line, '\t');
		if (!tab) {
			ret = klp_err_set(err, -EBADMSG, "%s:%zu has no tab", path,
					  priv->nr_commands + 1);
			goto out;
		}
		*tab = '\0';
		priv->commands[priv->nr_commands++] = (struct compile_command){
			.object = line,
			.command = tab + 1,
		};
	}
	qsort(priv->commands, priv->nr_commands, sizeof(*priv->commands), by_object);
out:
	free(path);
	return ret;
}

static struct compile_command *find_command(const struct target *t, const char *object)
{
	const struct target_priv *priv = t->priv;
	struct compile_command key = { .object = object };

	return bsearch(&key, priv->commands, priv->nr_commands, sizeof(key), by_object);
}

const struct compile_command *target_commands(const struct target *t, size_t *nr)
{
	const struct target_priv *priv = t->priv;

	*nr = priv->nr_commands;
	return priv->commands;
}

const char *target_command(const struct target *t, const char *object)
{
	const struct compile_command *c = find_command(t, object);

	return c ? c->command : NULL;
}

bool target_object_apart(const char *object)
{
	static const char *const dirs[] = {
		"arch/x86/boot/", "arch/x86/realmode/rm/", "arch/x86/purgatory/",
		"arch/x86/entry/vdso/", "arch/x86/tools/", "drivers/firmware/efi/libstub/",
		"usr/", "scripts/", "tools/",
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (starts_with(object, dirs[i]))
			/* vma.o and extable.o are the kernel's side of the vdso. */
			return strcmp(object, "arch/x86/entry/vdso/vma.o") &&
			       strcmp(object, "arch/x86/entry/vdso/extable.o");
	return false;
}

/* -DKBUILD_MODNAME='"isofs"' */
static const char *module_of(struct target_priv *priv, const char *command)
{
	static const char define[] = "-DKBUILD_MODNAME='\"";
	const char *s = strstr(command, define);
	size_t n;

	if (!strstr(command, " -DMODULE "))
		return "vmlinux";
	if (!s)
		return NULL;
	s += sizeof(define) - 1;
	n = strcspn(s, "\"");
	for (size_t i = 0; i < priv->modules.nr; i++)
		if (!strncmp(priv->modules.list[i], s, n) && !priv->modules.list[i][n])
			return priv->modules.list[i];
	strings_add_len(&priv->modules, s, n);
	return priv->modules.list[priv->modules.nr - 1];
}

const char *target_object_of(const struct target *t, const char *object)
{
	struct compile_command *c = find_command(t, object);

	if (!c || target_object_apart(object))
		return NULL;
	if (!c->module_known) {
		c->module = module_of(t->priv, c->command);
		c->module_known = true;
	}
	return c->module;
}

/* Is "kernel/fs/isofs/isofs.ko.xz" the file of module @name?  '-' and '_' are one. */
static bool is_module_file(const char *path, const char *name)
{
	const char *s = strrchr(path, '/');

	for (s = s ? s + 1 : path; *name; s++, name++)
		if (*s != *name && !(*s == '-' && *name == '_'))
			return false;
	return starts_with(s, ".ko");
}

static int decompress(const char *from, const char *to, struct klp_err *err)
{
	const char *tool = ends_with(from, ".xz") ? "xz" : ends_with(from, ".zst") ? "zstd" : "gzip";
	const char *argv[] = { tool, "-dc", from, NULL };
	char *tmp = format("%s.%d", to, (int)getpid());
	struct proc p = { .argv = argv, .out_path = tmp };
	int ret = proc_run(&p, err);

	if (!ret && rename(tmp, to))
		ret = klp_err_sys(err, -errno, "cannot write %s", to);
	if (ret)
		unlink(tmp);
	free(tmp);
	return ret ? klp_err_wrap(err, "cannot decompress %s", from) : 0;
}

static int plain_module(const struct target *t, const char *shipped, const char *module,
			char **path, struct klp_err *err)
{
	char *dir = format("%s/modules-plain", t->dir);
	char *to = format("%s/%s.ko", dir, module);
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret && access(to, R_OK))
		ret = decompress(shipped, to, err);
	free(dir);
	if (ret)
		free(to);
	else
		*path = to;
	return ret;
}

int target_module_path(const struct target *t, const char *module, char **path, struct klp_err *err)
{
	char *base = format("%s/modules/lib/modules/%s", t->dir, t->krel);
	char *dep = format("%s/modules.dep", base), *shipped = NULL;
	void *text = NULL;
	size_t len;
	int ret = io_read_file(dep, 64u << 20, &text, &len, err);

	if (ret)
		goto out;
	/* "kernel/fs/isofs/isofs.ko: kernel/..." */
	for (char *line = text, *end; !shipped && *line; line = end + (*end != '\0')) {
		end = line + strcspn(line, "\n");
		line[strcspn(line, ":\n")] = '\0';
		if (is_module_file(line, module))
			shipped = format("%s/%s", base, line);
	}
	if (!shipped)
		ret = klp_err_set(err, -ENOENT, "the prepared kernel has no module \"%s\" (of one that no package is of, prepare --modules gives them)", module);
	else if (ends_with(shipped, ".ko")) {
		*path = shipped;
		shipped = NULL;
	} else {
		ret = plain_module(t, shipped, module, path, err);
	}
out:
	free(shipped);
	free(text);
	free(dep);
	free(base);
	return ret;
}
