// SPDX-License-Identifier: Apache-2.0
/* What a workload is told: parameters of the plan, and random numbers that begin with its seed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "internal.h"

#define MAX_PARAMS 64

static struct {
	char name[48];
	uint64_t value;
} params[MAX_PARAMS];
static int nparams;
static uint64_t random_state;

uint64_t param(const char *name, uint64_t fallback)
{
	for (int i = 0; i < nparams; i++)
		if (!strcmp(params[i].name, name))
			return params[i].value;
	return fallback;
}

/* splitmix64 (Steele, Lea, Flood 2014): small, seedable with any value. */
uint64_t random_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

int read_params(char *words)
{
	char *word, *save = NULL;

	for (word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(word, '=');

		if (!equals)
			return failed("a parameter is no NAME=VALUE: %s", word);
		if (nparams == MAX_PARAMS)
			return failed("more than %d parameters", MAX_PARAMS);
		*equals = 0;
		snprintf(params[nparams].name, sizeof(params[0].name), "%s", word);
		params[nparams++].value = strtoull(equals + 1, NULL, 0);
	}
	random_state = param("seed", 0);
	return 0;
}
