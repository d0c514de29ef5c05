// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_advise.c - any bytes as what `advise` reads: a boot image's head, GRUB's grub.cfg and grubenv, dpkg's status file.  What is
 * found there is a word of the input, within its bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seeds.h"
#include "cve/advise.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void found(const char *in, const char *word, size_t max)
{
	must(*word && strlen(word) <= max && strstr(in, word));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), out[65], words[512];

	if (!image_text(data, size, words))
		must(*words && strlen(words) < sizeof(words) && memmem(data, size, words, strlen(words) + 1));
	memcpy(text, data, size);
	text[size] = '\0';
	if (!grub_default(text, NULL, out))
		found(text, out, 64);
	if (!grub_default(text, text, out))
		found(text, out, 64);
	if (!dpkg_version(text, "6.1.0-51-amd64", out))
		found(text, out, 64);
	free(text);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char grub[] = "set default=\"0\"\nmenuentry 'Debian' {\n\tlinux\t/boot/vmlinuz-6.1.0-51-amd64 ro\n}\nsaved_entry=\n";
	static const char dpkg[] = "Package: linux-image-6.1.0-51-amd64\nStatus: install ok installed\nVersion: 6.1.180-1\n\nPackage: z\n";
	unsigned char image[0x400] = { 0 };
	char out[65], words[512];

	(void)argc;
	(void)argv;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x20e] = 0x80;
	memcpy(image + 0x280, "6.1.0-51-amd64 (a) #1 Debian 6.1.180-1", 39);
	must(!image_text(image, sizeof(image), words) && !grub_default(grub, NULL, out) && !dpkg_version(dpkg, "6.1.0-51-amd64", out));
	seed_write("image", image, sizeof(image));
	seed_write("grub", grub, sizeof(grub) - 1);
	seed_write("dpkg", dpkg, sizeof(dpkg) - 1);
	return 0;
}
