// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_settings.c - any text as update.conf.  A value that is taken is taken again as it is told, and each decision that it
 * stands for (window, pins, names, phase) has an answer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "seeds.h"
#include "settings/policy.h"
#include "settings/settings.h"
#include "settings/settings_file.h"

#define NOW	INT64_C(1790000000)
#define WEEK	(8 * 86400)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void decide(const struct settings *s)
{
	int64_t opens = window_opens(s->window, NOW);
	double phase = phase_of(s->phase, "0123456789abcdef", "pipe-read", 3);

	must(!opens || (opens > NOW && opens <= NOW + WEEK));
	/* What is closed now is open then. */
	must(!opens || opens == NOW + WEEK || !window_opens(s->window, opens));
	must(phase >= 0 && phase <= 100);
	must(pin_of(s->pin, "pipe-read") >= 0);
	name_is_in(s->exclude, "pipe-read");
}

static void take_again(const struct settings *s)
{
	static char said[1 << 17], again[1 << 17];
	struct settings other;
	struct klp_err err;

	must(!settings_init(&other, "", &err));
	for (const struct setting *def = settings_table; def->key; def++) {
		settings_get(s, def, said, sizeof(said));
		must(!settings_set(&other, def->key, said, "again", &err));
		settings_get(&other, def, again, sizeof(again));
		must(!strcmp(said, again));
	}
	settings_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct settings s;
	struct klp_err err;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	must(!settings_init(&s, "", &err));
	if (!settings_parse(&s, text, "update.conf", &err)) {
		take_again(&s);
		decide(&s);
	} else {
		must(!strncmp(err.text, "update.conf:", 12));
	}
	settings_free(&s);
	free(text);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const seeds[] = {
		("# all\nsource = https://patches.example/qp\nproxy = socks5h://p:1080\nca = /etc/ca.pem # ours\n"
		 "signers = folder\nkeys = /etc/keys\noffline = 12h\napply = ask\nmail = ops@example.org\n"),
		"window = Mon-Fri 22:00-04:00; Sun,Sat 00:00-24:00\ndelay = 2d\nphase = 12.5\nemergency = no\n",
		"pin = pipe-read 2, sock-map 1\nexclude = net-*, pipe-[a-z]ead\npressure = 20\nhealth = true # x\n",
		"severity = high\nstragglers = kill\nkick = safe\nconsistency = strict\ntimeout = 90s\nwatch = 15m\n",
	};
	char name[16];
	struct settings s;
	struct klp_err err;

	(void)argc;
	(void)argv;
	setenv("TZ", "Europe/Berlin", 1);
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		char *text = strdup(seeds[i]);

		must(text && !settings_init(&s, "", &err));
		if (settings_parse(&s, text, "seed", &err)) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
		settings_free(&s);
		free(text);
		snprintf(name, sizeof(name), "settings-%zu", i);
		seed_write(name, seeds[i], strlen(seeds[i]));
	}
	return 0;
}
