// SPDX-License-Identifier: GPL-2.0-or-later
/* policy.c - see policy.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "policy.h"

#define WORDS_MAX	(TLOG_KEYS_MAX + 3)

/* A witness, or a group of those that are named before it: one name space. */
struct member {
	struct tlog_slice name;
	struct tlog_key key;		/* a witness's; kind 0: a group */
	size_t members[TLOG_KEYS_MAX];
	size_t nr, threshold;
	bool taken;			/* by a group, or as the quorum: counts there, and nowhere else */
};

struct tlog_policy {
	struct tlog_key logs[TLOG_KEYS_MAX];
	size_t nr_logs;
	struct member members[2 * TLOG_KEYS_MAX];
	size_t nr_members;
	size_t quorum;			/* of members; NONE: no witness is needed */
	bool has_quorum, has_demand;
	enum tlog_demand demand;
	char *text;			/* what the names borrow */
};

#define NONE	((size_t)-1)

struct words {
	struct tlog_slice word[WORDS_MAX];
	size_t nr;
};

static int wrong(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EINVAL, "%s", what);
}

/* Blanks and tabs divide. */
static int split(struct tlog_slice line, struct words *w, struct klp_err *err)
{
	size_t at = 0, from;

	w->nr = 0;
	while (at < line.len) {
		if (line.at[at] == ' ' || line.at[at] == '\t') {
			at++;
			continue;
		}
		from = at;
		while (at < line.len && line.at[at] != ' ' && line.at[at] != '\t')
			at++;
		if (w->nr == WORDS_MAX)
			return wrong(err, "it has too many words");
		w->word[w->nr++] = (struct tlog_slice){ line.at + from, at - from };
	}
	return 0;
}

static bool same_key(const struct tlog_key *a, const struct tlog_key *b)
{
	return !memcmp(a->public, b->public, sizeof(a->public));
}

/* Under another name, or as something else, it would count twice. */
static int check_new_key(const struct tlog_policy *p, const struct tlog_key *key, struct klp_err *err)
{
	bool found = false;

	for (size_t i = 0; i < p->nr_logs; i++)
		found |= same_key(&p->logs[i], key);
	for (size_t i = 0; i < p->nr_members; i++)
		found |= p->members[i].key.kind && same_key(&p->members[i].key, key);
	return found ? wrong(err, "this key is in the policy already") : 0;
}

static size_t find_member(const struct tlog_policy *p, struct tlog_slice name)
{
	for (size_t i = 0; i < p->nr_members; i++) {
		if (p->members[i].name.len == name.len && !memcmp(p->members[i].name.at, name.at, name.len))
			return i;
	}
	return NONE;
}

static int new_member(struct tlog_policy *p, struct tlog_slice name, struct member **out, struct klp_err *err)
{
	if (tlog_equals(name, "none") || find_member(p, name) != NONE)
		return wrong(err, "this name is taken");
	if (p->nr_members == 2 * TLOG_KEYS_MAX)
		return wrong(err, "too many witnesses and groups");
	*out = &p->members[p->nr_members];
	(*out)->name = name;
	return 0;
}

static int add_log(struct tlog_policy *p, const struct words *w, struct klp_err *err)
{
	int ret;

	if (w->nr < 2 || w->nr > 3)
		return wrong(err, "a log line has the form: log VKEY [URL]");
	if (p->nr_logs == TLOG_KEYS_MAX)
		return wrong(err, "too many logs");
	ret = tlog_key_parse(w->word[1], TLOG_LOG, &p->logs[p->nr_logs], err);
	if (!ret)
		ret = check_new_key(p, &p->logs[p->nr_logs], err);
	if (!ret)
		p->nr_logs++;
	return ret;
}

static int add_witness(struct tlog_policy *p, const struct words *w, struct klp_err *err)
{
	struct member *m;
	struct tlog_key key;
	int ret;

	if (w->nr < 3 || w->nr > 4)
		return wrong(err, "a witness line has the form: witness NAME VKEY [URL]");
	ret = new_member(p, w->word[1], &m, err);
	if (!ret)
		ret = tlog_key_parse(w->word[2], TLOG_WITNESS, &key, err);
	if (!ret)
		ret = check_new_key(p, &key, err);
	if (ret)
		return ret;
	m->key = key;
	p->nr_members++;
	return 0;
}

static int parse_threshold(struct tlog_slice word, size_t nr, size_t *out, struct klp_err *err)
{
	uint64_t k;

	if (tlog_equals(word, "any"))
		k = 1;
	else if (tlog_equals(word, "all"))
		k = nr;
	else if (tlog_number(word, &k) || k < 1 || k > nr)
		return wrong(err, "a group's threshold is all, any, or a number from 1 to that of its members");
	*out = k;
	return 0;
}

/* @name, which may count in one place only, so that no witness counts twice. */
static int take_member(struct tlog_policy *p, struct tlog_slice name, size_t *out, struct klp_err *err)
{
	size_t i = find_member(p, name);

	if (i == NONE)
		return wrong(err, "it names a witness or group that no line before it defines");
	if (p->members[i].taken)
		return wrong(err, "it names a witness or group that counts elsewhere already");
	p->members[i].taken = true;
	*out = i;
	return 0;
}

static int add_group(struct tlog_policy *p, const struct words *w, struct klp_err *err)
{
	struct member *m;
	int ret;

	if (w->nr < 4 || w->nr - 3 > TLOG_KEYS_MAX)
		return wrong(err, "a group line has the form: group NAME all|any|K MEMBER...");
	ret = new_member(p, w->word[1], &m, err);
	m = ret ? NULL : m;
	if (!ret)
		ret = parse_threshold(w->word[2], w->nr - 3, &m->threshold, err);
	for (size_t i = 3; i < w->nr && !ret; i++)
		ret = take_member(p, w->word[i], &m->members[m->nr++], err);
	if (!ret)
		p->nr_members++;
	return ret;
}

static int set_quorum(struct tlog_policy *p, const struct words *w, struct klp_err *err)
{
	if (w->nr != 2 || p->has_quorum)
		return wrong(err, "there is one quorum line, of the form: quorum NAME, or: quorum none");
	p->has_quorum = true;
	p->quorum = NONE;
	return tlog_equals(w->word[1], "none") ? 0 : take_member(p, w->word[1], &p->quorum, err);
}

static int set_demand(struct tlog_policy *p, const struct words *w, struct klp_err *err)
{
	static const char *const words[] = {
		[TLOG_REQUIRE] = "require", [TLOG_IF_PRESENT] = "if-present", [TLOG_OFF] = "off",
	};
	size_t i = 0;

	while (w->nr == 2 && i < 3 && !tlog_equals(w->word[1], words[i]))
		i++;
	if (w->nr != 2 || i == 3 || p->has_demand)
		return wrong(err, "there is one bundles line, of the form: bundles require|if-present|off");
	p->has_demand = true;
	p->demand = i;
	return 0;
}

static int parse_line(struct tlog_policy *p, struct tlog_slice line, struct klp_err *err)
{
	static const struct {
		const char *word;
		int (*read)(struct tlog_policy *p, const struct words *w, struct klp_err *err);
	} kinds[] = {
		{ "log", add_log }, { "witness", add_witness }, { "group", add_group }, { "quorum", set_quorum },
		{ "bundles", set_demand },
	};
	struct words w;
	int ret;

	for (size_t i = 0; i < line.len; i++) {
		if ((unsigned char)line.at[i] < ' ' ? line.at[i] != '\t' : line.at[i] == 0x7f)
			return wrong(err, "it has control characters");
	}
	ret = split(line, &w, err);
	if (ret || !w.nr || w.word[0].at[0] == '#')
		return w.nr && w.word[0].at[0] == '#' ? 0 : ret;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (tlog_equals(w.word[0], kinds[i].word))
			return kinds[i].read(p, &w, err);
	}
	return wrong(err, "its first word isn't log, witness, group, quorum or bundles");
}

static int parse(struct tlog_policy *p, size_t len, struct klp_err *err)
{
	struct tlog_slice rest = { p->text, len }, line;
	int ret = 0, nr = 0;

	while (rest.len && !ret) {
		nr++;
		if (tlog_line(&rest, &line))
			return klp_err_set(err, -EINVAL, "line %d of the log policy has no end", nr);
		ret = parse_line(p, line, err);
	}
	if (ret)
		return klp_err_wrap(err, "line %d of the log policy", nr);
	if (!p->nr_logs || !p->has_quorum)
		return wrong(err, "a log policy needs a log line, and a quorum line (\"quorum none\": no witness is asked)");
	return 0;
}

int tlog_policy_parse(const char *data, size_t len, struct tlog_policy **out, struct klp_err *err)
{
	struct tlog_policy *p;
	int ret;

	if (len > TLOG_POLICY_MAX)
		return klp_err_set(err, -EINVAL, "the log policy has %zu bytes, over the limit of %u", len, TLOG_POLICY_MAX);
	p = calloc(1, sizeof(*p));
	if (p)
		p->text = malloc(len + 1);
	if (!p || !p->text) {
		free(p);
		return klp_err_sys(err, -ENOMEM, "cannot read the log policy");
	}
	memcpy(p->text, data, len);
	ret = parse(p, len, err);
	if (ret) {
		tlog_policy_free(p);
		return ret;
	}
	*out = p;
	return 0;
}

void tlog_policy_free(struct tlog_policy *policy)
{
	if (!policy)
		return;
	free(policy->text);
	free(policy);
}

enum tlog_demand tlog_policy_demand(const struct tlog_policy *policy)
{
	return policy->demand;
}

int tlog_policy_open_log(const struct tlog_policy *policy, const struct tlog_note *note, struct tlog_checkpoint *out,
			 struct klp_err *err)
{
	int ret = -ENOKEY;

	for (size_t i = 0; i < policy->nr_logs && ret == -ENOKEY; i++)
		ret = tlog_checkpoint_open(note, &policy->logs[i], out, err);
	if (ret == -ENOKEY)
		return klp_err_set(err, ret, "the checkpoint is signed by no log of the policy");
	return ret;
}

/* Has it cosigned; each witness is asked once, however often it has. */
static int count(const struct tlog_policy *p, const struct tlog_note *note, size_t i, bool *good, struct klp_err *err)
{
	const struct member *m = &p->members[i];
	size_t nr = 0;
	bool one;
	int ret = 0;

	if (m->key.kind) {
		ret = tlog_note_verify(note, &m->key, NULL, err);
		*good = !ret;
		return ret == -ENOKEY ? 0 : ret;
	}
	for (size_t k = 0; k < m->nr && !ret; k++) {
		ret = count(p, note, m->members[k], &one, err);
		nr += !ret && one;
	}
	*good = nr >= m->threshold;
	return ret;
}

/* For people: how many of the policy's witnesses have, whatever their groups. */
static size_t count_all(const struct tlog_policy *p, const struct tlog_note *note, size_t *of)
{
	size_t nr = 0;

	*of = 0;
	for (size_t i = 0; i < p->nr_members; i++) {
		if (!p->members[i].key.kind)
			continue;
		++*of;
		nr += !tlog_note_verify(note, &p->members[i].key, NULL, NULL);
	}
	return nr;
}

int tlog_policy_open(const struct tlog_policy *policy, const struct tlog_note *note, struct tlog_checkpoint *out,
		     struct klp_err *err)
{
	struct tlog_checkpoint cp;
	bool good = true;
	size_t nr, of;
	int ret;

	ret = tlog_policy_open_log(policy, note, &cp, err);
	if (!ret && policy->quorum != NONE)
		ret = count(policy, note, policy->quorum, &good, err);
	if (ret)
		return ret;
	if (!good) {
		nr = count_all(policy, note, &of);
		return klp_err_set(err, -EACCES, "too few witnesses have cosigned the log's checkpoint: %zu of the %zu that the policy "
				   "names, which don't make its quorum", nr, of);
	}
	*out = cp;
	return 0;
}

const struct tlog_key *tlog_policy_witness(const struct tlog_policy *policy, const struct tlog_note *note, size_t i)
{
	struct tlog_note one = { .text = note->text, .nr = 1 };

	one.signatures[0] = note->signatures[i];
	for (size_t k = 0; k < policy->nr_members; k++) {
		const struct tlog_key *key = &policy->members[k].key;

		if (key->kind && !tlog_note_verify(&one, key, NULL, NULL))
			return key;
	}
	return NULL;
}
