// SPDX-License-Identifier: GPL-2.0-or-later
/* attached_tell.c - whom a patch would hurt, before it is loaded: for check and load. */
#include <stdlib.h>

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

int attached_tell(struct apply *a, const struct manifest *m, bool ours, json_t *brief)
{
	const char **names = calloc(m->nr_functions + 1, sizeof(*names));
	struct qp_site_info *own;
	struct attached *list;
	size_t nr, nr_own, i;
	int ret;

	if (!names)
		return refuse(a, EXIT_FAILED, "out of memory");
	for (i = 0; i < m->nr_functions; i++)
		names[i] = m->functions[i].name;
	own_sites(&own, &nr_own);
	ret = attached_find("", names, m->nr_functions, own, nr_own, &list, &nr);
	free(own);
	free(names);
	if (ret)
		return refuse(a, EXIT_FAILED, "out of memory");
	json_object_set_new(brief, "attached", attached_json(list, nr));
	for (i = 0; i < nr; i++)
		if (ours || list[i].kind != ATTACHED_QUIETPATCH)
			say(a, "  in use by a %s: %s\n    %s\n", attached_word(list[i].kind), list[i].detail,
			    attached_effect(list[i].kind));
	free(list);
	return EXIT_DONE;
}
