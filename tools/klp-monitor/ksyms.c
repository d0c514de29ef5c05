// SPDX-License-Identifier: GPL-2.0-or-later
/* ksyms.c - see ksyms.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "ksyms.h"

#define KALLSYMS "/proc/kallsyms"
#define BUFFER	(1 << 16)

/* "ffffffff81000000 T _text" or "ffffffffc0001000 t init_once\t[ext4]". */
static int parse_line(char *line, struct ksym *sym)
{
	char *p, *mod;

	sym->addr = strtoull(line, &p, 16);
	if (p == line || p[0] != ' ' || !p[1] || p[2] != ' ')
		return -EBADMSG;
	sym->type = p[1];
	sym->name = p + 3;
	p[3 + strcspn(p + 3, "\n")] = '\0';
	sym->module = "";
	mod = strstr(p + 3, "\t[");
	if (mod) {
		*mod = '\0';
		mod += 2;
		mod[strcspn(mod, "]")] = '\0';
		sym->module = mod;
	}
	return 0;
}

int ksyms_each(ksyms_fn fn, void *arg, struct klp_err *err)
{
	FILE *f = fopen(KALLSYMS, "re");
	char *line = NULL, *buf;
	bool seen = false;
	size_t room = 0;
	int ret = 0;

	if (!f)
		return klp_err_sys(err, -errno, "cannot read %s", KALLSYMS);
	/* glibc heeds the size only with a buffer; its own would be 1,024 bytes for /proc. */
	buf = malloc(BUFFER);
	if (buf)
		setvbuf(f, buf, _IOFBF, BUFFER);
	while (!ret && getline(&line, &room, f) > 0) {
		struct ksym sym;

		if (parse_line(line, &sym)) {
			ret = klp_err_set(err, -EBADMSG, "%s has a line that isn't a symbol", KALLSYMS);
			break;
		}
		seen |= sym.addr != 0;
		ret = fn(&sym, arg);
	}
	free(line);
	fclose(f);
	free(buf);
	if (!ret && !seen)
		return klp_err_set(err, -EPERM,
			"%s hides all addresses from this process; it needs CAP_SYSLOG, and "
			"kernel.kptr_restrict must not be 2", KALLSYMS);
	return ret;
}

struct naming {
	const uint64_t *addrs;
	size_t nr;
	char (*names)[KSYMS_NAME];
	uint64_t *best;
};

static int try_symbol(const struct ksym *sym, void *arg)
{
	struct naming *n = arg;
	size_t i;

	if (!strchr("tTwW", sym->type))
		return 0;
	for (i = 0; i < n->nr; i++) {
		uint64_t off = n->addrs[i] - sym->addr;
		bool closer = !n->best[i] || sym->addr > n->best[i];

		/* A symbol that starts a megabyte away names something else. */
		if (sym->addr > n->addrs[i] || off >= 1 << 20 || !closer)
			continue;
		n->best[i] = sym->addr;
		snprintf(n->names[i], KSYMS_NAME, "%.60s+0x%llx%s%.24s%s", sym->name,
			 (unsigned long long)off, sym->module[0] ? " [" : "", sym->module,
			 sym->module[0] ? "]" : "");
	}
	return 0;
}

int ksyms_name(const uint64_t *addrs, size_t nr, char (*names)[KSYMS_NAME],
		  struct klp_err *err)
{
	struct naming n = { .addrs = addrs, .nr = nr, .names = names };
	size_t i;
	int ret;

	for (i = 0; i < nr; i++)
		snprintf(names[i], KSYMS_NAME, "0x%llx", (unsigned long long)addrs[i]);
	n.best = calloc(nr ? nr : 1, sizeof(*n.best));
	if (!n.best)
		return klp_err_sys(err, -ENOMEM, "cannot name %zu addresses", nr);
	ret = ksyms_each(try_symbol, &n, err);
	free(n.best);
	return ret;
}
