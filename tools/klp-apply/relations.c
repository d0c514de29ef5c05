// SPDX-License-Identifier: GPL-2.0-or-later
/* relations.c - see relations.h. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "bundle.h"
#include "core.h"
#include "manifest.h"
#include "patches.h"
#include "relations.h"
#include "session.h"

static int check_required(struct apply *a, const struct manifest *m, const struct patch *list,
			  size_t nr)
{
	char name[MANIFEST_NAME_LEN];
	const struct patch *p;
	uint64_t release;
	size_t i;

	for (i = 0; i < m->nr_requires; i++) {
		if (manifest_requirement(m->requires[i], name, &release))
			return refuse(a, EXIT_FAILED, "%s: \"%s\" isn't a patch to require", m->name,
				      m->requires[i]);
		p = patches_find(list, nr, name);
		if (p && p->state == QP_PATCH_APPLIED && !p->replaced && p->release >= release)
			continue;
		return refuse(a, EXIT_NOT_FOUND, "%s requires patch %s, release %llu or later, "
			      "which isn't applied%s; load that first, or both in one command",
			      m->name, name, (unsigned long long)release,
			      p && p->replaced ? " any more: a cumulative patch has taken over from it" :
			      p && p->state == QP_PATCH_APPLIED ? ": an earlier release is" : "");
	}
	return EXIT_DONE;
}

int relations_check(struct apply *a, const struct manifest *m)
{
	const struct patch *p;
	struct patch *list;
	int status;
	size_t nr;

	if (patches_get(&list, &nr, &a->err))
		return EXIT_FAILED;
	status = check_required(a, m, list, nr);
	p = patches_find(list, nr, m->name);
	if (!status && p && strcmp(p->module, m->module) && p->state != QP_PATCH_LOADED &&
	    p->release >= m->release)
		status = refuse(a, EXIT_FAILED, "%s: release %llu is applied, which is later than %llu; "
				"to go back, revert it first: klp-apply revert %s", m->name,
				(unsigned long long)p->release, (unsigned long long)m->release, m->name);
	/* On top of its fix it would refuse what works again. */
	for (size_t i = 0; !status && i < nr; i++)
		if (list[i].state == QP_PATCH_APPLIED && !list[i].replaced && patch_mitigates(&list[i], m->name))
			status = refuse(a, EXIT_FAILED, "%s is a mitigation whose fix is applied: %s; to go back to the "
					"mitigation, revert that first: klp-apply revert %s", m->name, list[i].name,
					list[i].name);
	patches_free(list, nr);
	return status;
}

static bool requires(const struct manifest *m, const struct manifest *other)
{
	char name[MANIFEST_NAME_LEN];
	uint64_t release;
	size_t i;

	for (i = 0; i < m->nr_requires; i++)
		if (!manifest_requirement(m->requires[i], name, &release) && !strcmp(name, other->name))
			return true;
	return false;
}

/* Does any of @vb[from..] other than @i have to come before @i? */
static bool must_wait(struct verified_bundle **vb, int from, int nr, int i)
{
	int k;

	for (k = from; k < nr; k++)
		if (k != i && requires(verified_bundle_manifest(vb[i]), verified_bundle_manifest(vb[k])))
			return true;
	return false;
}

void relations_sort(struct verified_bundle **vb, int nr)
{
	struct verified_bundle *first;
	int from, i;

	for (from = 0; from < nr; from++) {
		for (i = from; i < nr && must_wait(vb, from, nr, i); i++)
			;
		if (i == nr)
			return;	/* in a circle: the check names who lacks what */
		first = vb[i];
		memmove(&vb[from + 1], &vb[from], (i - from) * sizeof(*vb));
		vb[from] = first;
	}
}

static const struct patch *by_module(const struct patch *list, size_t nr, const char *module)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(list[i].module, module))
			return &list[i];
	return NULL;
}

void relations_retire(struct session *s, struct apply *a, const char *module)
{
	const struct patch *p, *old;
	bool retired = false;
	struct klp_err err;
	struct patch *list;
	size_t nr;

	if (patches_get(&list, &nr, &err))
		return;
	p = by_module(list, nr, module);
	for (old = list; p && old < list + nr; old++) {
		bool mitigation = patch_mitigates(p, old->name);

		if (old == p || !old->replaced || (!mitigation && strcmp(old->name, p->name)))
			continue;
		if (!retired && core_retire(s->core, module, &err)) {
			fprintf(stderr, "klp-apply: %s\n", err.text);
			break;
		}
		retired = true;
		if (old->irrevertible)
			continue;
		if (session_unload(a, old->module))
			fprintf(stderr, "klp-apply: %s release %llu is out of use, but its module stays: %s\n", old->name,
				(unsigned long long)old->release, a->err.text);
		else if (mitigation)
			say(a, "It has taken the place of mitigation %s.\n", old->name);
		else
			say(a, "It has taken the place of release %llu.\n",
			    (unsigned long long)old->release);
		if (mitigation)
			json_object_set_new(a->reply, "replaced_mitigation", json_string(old->name));
		else
			json_object_set_new(a->reply, "replaced", json_integer((json_int_t)old->release));
	}
	patches_free(list, nr);
}
