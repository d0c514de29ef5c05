// SPDX-License-Identifier: GPL-2.0-or-later
/* valid.c - valid SCHEMA.json < OUTPUT: for test guests; says what is wrong, and where, and ends with 1. */
#include <stdio.h>

#include "schema.h"

int main(int argc, char **argv)
{
	json_t *schema = argc == 2 ? json_load_file(argv[1], JSON_REJECT_DUPLICATES, NULL) : NULL;
	json_t *j = json_loadf(stdin, JSON_REJECT_DUPLICATES, NULL);
	char where[512] = "";

	if (!schema || !j) {
		puts(schema ? "not JSON" : "no schema");
		return 1;
	}
	if (schema_valid(schema, j, where, sizeof(where)))
		return 0;
	puts(where);
	return 1;
}
