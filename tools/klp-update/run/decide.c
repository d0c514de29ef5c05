// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decide.c - see decide.h.
 *
 * Trust first: release numbers never go back, one release is one file.  Then
 * memory: what failed for good isn't tried again until a later release takes its
 * place.  Policy last: what the operator wants at all, then when.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decide.h"
#include "exits.h"
#include "settings/policy.h"
#include "source/candidates.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/update.h"

static bool say(struct verdict *v, enum decision decision, int exit, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Returns true, so that rules chain with ||. */
static bool say(struct verdict *v, enum decision decision, int exit, const char *fmt, ...)
{
	va_list ap;

	v->decision = decision;
	v->exit = exit;
	va_start(ap, fmt);
	vsnprintf(v->reason, sizeof(v->reason), fmt, ap);
	va_end(ap);
	return true;
}

static bool by_trust(const struct candidate *c, const struct patch_rows *known,
		     const char *build_id, struct verdict *v)
{
	for (size_t i = 0; i < known->nr; i++) {
		const struct patch_row *p = &known->rows[i];

		if (strcmp(p->name, c->name) || strcmp(p->build_id, build_id))
			continue;
		if (p->release > c->release)
			return say(v, DECIDE_REFUSE, EXIT_TRUST,
				   "release %lld is offered, this machine has had release %lld: releases never go back",
				   (long long)c->release, (long long)p->release);
		if (p->release == c->release && strcmp(p->digest, c->digest))
			return say(v, DECIDE_REFUSE, EXIT_TRUST,
				   "another bundle of release %lld was seen before: a changed patch needs a new release",
				   (long long)c->release);
	}
	return false;
}

bool must_pause(const struct patch_row *p, const char *boot_id, int64_t now)
{
	/* A reboot may have cured it; a clock that was set back must not make the pause longer. */
	return p->exit && !strcmp(p->boot_id, boot_id) && p->next_at > now &&
	       p->next_at - now <= PAUSE_MAX_S;
}

static bool by_memory(const struct candidate *c, const struct patch_rows *known,
		      const struct circumstances *now, struct verdict *v)
{
	const struct patch_row *p = store_find(known, c->digest);

	if (!p)
		return false;
	if (p->state == PATCH_REVERTED && p->exit == EXIT_HELD)
		return say(v, DECIDE_WAIT, EXIT_HELD,
			   "held: it was taken out by hand; not before a later release, or `klp-update retry %s`", p->name);
	switch (p->state) {
	case PATCH_FAILED:
	case PATCH_CRASHED:
	case PATCH_REVERTED:
		return say(v, DECIDE_WAIT, p->state == PATCH_FAILED ? EXIT_TRUST : EXIT_ROLLED_BACK,
			   "not before a later release, or `klp-update retry %s`: %s: %.340s",
			   p->name, patch_state_name(p->state), p->reason);
	case PATCH_FETCHED:
		if (!must_pause(p, now->boot_id, now->time))
			return false;
		v->until = p->next_at;
		return say(v, DECIDE_WAIT, p->exit, "%.480s", p->reason);
	default:
		return false;
	}
}

static bool by_have(const struct candidate *c, const struct patch_rows *known, const char *build_id, struct verdict *v)
{
	for (size_t i = 0; i < known->nr; i++) {
		const struct patch_row *p = &known->rows[i];

		if ((p->state != PATCH_WATCHED && p->state != PATCH_GOOD) || strcmp(p->build_id, build_id))
			continue;
		if (!strcmp(p->digest, c->digest))
			return say(v, DECIDE_HAVE, EXIT_NOTHING, "applied");
		if (store_mitigates(p, c->name))
			return say(v, DECIDE_HAVE, EXIT_NOTHING, "its fix %s is applied", p->name);
	}
	return false;
}

static bool by_hold(const struct hold *h, const char *what, struct verdict *v)
{
	if (!h)
		return false;
	v->until = h->until;
	return say(v, DECIDE_WAIT, EXIT_HELD, "%s held%s%s", what, *h->reason ? ": " : "", h->reason);
}

/* Nothing of the operator's overrules it: whoever made the patches says that something is wrong with them. */
static bool by_halt(const struct circumstances *now, struct verdict *v)
{
	if (!now->halted || !*now->halted)
		return false;
	return say(v, DECIDE_WAIT, EXIT_HELD, "the publisher has halted all new patches: %.400s", now->halted);
}

static bool wait_until(struct verdict *v, int64_t until)
{
	v->until = until;
	return true;
}

/* What the operator keeps away from this machine, whatever the time. */
static bool by_choice(const struct candidate *c, const struct circumstances *now, struct verdict *v)
{
	const struct settings *s = now->settings;
	int64_t pin = pin_of(s->pin, c->name);

	if (name_is_in(s->exclude, c->name))
		return say(v, DECIDE_WAIT, EXIT_HELD, "exclude = %.200s in update.conf names it", s->exclude);
	if (pin && c->release > pin)
		return say(v, DECIDE_WAIT, EXIT_HELD, "pin = %.200s in update.conf: it doesn't go beyond release %lld", s->pin,
			   (long long)pin);
	if (!strcmp(s->apply, "no"))
		return say(v, DECIDE_WAIT, EXIT_HELD, "apply = no in update.conf");
	if (now->approved)
		return false;
	v->asks = !strcmp(s->apply, "ask");
	if (v->asks)
		return say(v, DECIDE_WAIT, EXIT_HELD, "it waits for you: klp-update approve %s", c->name);
	/* What isn't known isn't small. */
	if (now->severity && now->severity < severity_rank(s->severity))
		return say(v, DECIDE_WAIT, EXIT_HELD, "severity = %s in update.conf: the CVEs that it fixes are rated lower", s->severity);
	return false;
}

static bool by_time(const struct candidate *c, const struct circumstances *now, struct verdict *v)
{
	const struct settings *s = now->settings;
	double place = phase_of(s->phase, now->machine_id, c->name, c->release);
	int64_t opens = window_opens(s->window, now->time), ends;

	/* Whoever attacks waits for none of these. */
	if (c->exploited && !strcmp(s->emergency, "yes"))
		return false;
	/* Exactly at 100 nobody is left out; a place of 0 comes with the first step, even one of 0 percent. */
	ends = rollout_reaches(&c->rollout, place);
	if (!now->approved && c->rollout.nr && now->time < ends) {
		say(v, DECIDE_WAIT, EXIT_HELD, "its rollout is at %.0f%%, this machine's place in it is %.1f%%",
		    rollout_percent(&c->rollout, now->time), place);
		return wait_until(v, ends);
	}
	ends = now->first_seen + s->delay;
	/* A clock that was set back must not make the delay longer. */
	if (!now->approved && now->time < ends && now->time >= now->first_seen) {
		say(v, DECIDE_WAIT, EXIT_HELD, "delay = %ld in update.conf", s->delay);
		return wait_until(v, ends);
	}
	if (opens) {
		say(v, DECIDE_WAIT, EXIT_HELD, "window = %.200s in update.conf", s->window);
		return wait_until(v, opens);
	}
	return false;
}

void decide(const struct candidate *c, const struct patch_rows *known,
	    const struct circumstances *now, struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	/* Whoever holds it knows: that it had failed before is no news then. */
	if (by_trust(c, known, now->build_id, v) || by_have(c, known, now->build_id, v) ||
	    by_halt(now, v) || by_hold(now->held, "it is", v) || by_memory(c, known, now, v) || by_hold(now->held_all, "updates are", v) ||
	    by_choice(c, now, v) || by_time(c, now, v))
		return;
	say(v, DECIDE_APPLY, EXIT_DONE, "to be applied");
}
