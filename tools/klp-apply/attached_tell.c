// SPDX-License-Identifier: GPL-2.0-or-later
/* attached_tell.c - whom a patch would hurt, before it is loaded: for check and load. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "attached.h"
#include "core.h"
#include "manifest.h"

/* The functions that the core has in hand; none where there is no core, or no right to ask it. */
static void own_sites(struct qp_site_info **own, size_t *nr)
{
	struct core *core;

	*own = NULL;
	*nr = 0;
	if (core_open(&core, NULL))
		return;
	core_sites(core, own, nr, NULL);
	core_close(core);
}

/* The functions that @m replaces, then those whose calls it takes away. */
static const char **functions_of(const struct manifest *m, char *superseded, size_t *nr)
{
	const char **names = calloc(m->nr_functions + strlen(superseded) / 2 + 1, sizeof(*names));
	char *rest = superseded, *word;

	for (*nr = 0; names && *nr < m->nr_functions; ++*nr)
		names[*nr] = m->functions[*nr].name;
	while (names && (word = strsep(&rest, " ")))
		if (*word)
			names[(*nr)++] = word;
	return names;
}

static bool is_replaced(const struct manifest *m, const char *function)
{
	for (size_t i = 0; i < m->nr_functions; i++)
		if (!strcmp(m->functions[i].name, function))
			return true;
	return false;
}

static int find(const struct manifest *m, struct attached **list, size_t *nr)
{
	const char *note = manifest_note(m, MANIFEST_NOTE_SUPERSEDED);
	char *superseded = strdup(note ? note : "");
	struct qp_site_info *own = NULL;
	const char **names = NULL;
	size_t nr_names, nr_own;
	int ret = -ENOMEM;

	if (superseded)
		names = functions_of(m, superseded, &nr_names);
	if (names) {
		own_sites(&own, &nr_own);
		ret = attached_find("", names, nr_names, own, nr_own, list, nr);
	}
	free(own);
	free(names);
	free(superseded);
	return ret;
}

int attached_tell(struct apply *a, const struct manifest *m, bool ours, json_t *brief)
{
	const char *livepatched = NULL;
	struct attached *list;
	int status = EXIT_DONE;
	size_t nr, i;

	if (find(m, &list, &nr))
		return refuse(a, EXIT_FAILED, "out of memory");
	for (i = 0; i < nr; i++) {
		list[i].passed_by = !is_replaced(m, list[i].function);
		if (list[i].passed_by && list[i].kind == ATTACHED_LIVEPATCH)
			livepatched = list[i].function;
	}
	json_object_set_new(brief, "attached", attached_json(list, nr));
	for (i = 0; i < nr; i++)
		if (ours || list[i].kind != ATTACHED_QUIETPATCH)
			say(a, "  in use by a %s: %s\n    %s\n", attached_word(list[i].kind), list[i].detail,
			    attached_effect(&list[i]));
	/* The core would see nothing wrong: that function isn't replaced. */
	if (livepatched && !ours)
		status = refuse(a, EXIT_PENDING, "%s: a stock livepatch replaces it, and this patch takes its calls away; disable that livepatch first (echo 0 > /sys/kernel/livepatch/NAME/enabled)",
				livepatched);
	free(list);
	return status;
}
