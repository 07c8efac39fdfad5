// SPDX-License-Identifier: Apache-2.0
/*
 * process: a table that every instance builds for itself and all build the same, and
 * data that is each one's own.
 *
 * It knows nothing of KSM, of the host or of the other instances: it asks for memory, fills
 * it, reads it, and writes to some of it. How the memory is shared is the carrier's business.
 */
#include <stdlib.h>

#include "guest.h"

static struct pages all; /* everything that is touched */
static struct pages table; /* what others have too */

/* A table of squares modulo a prime: another content on each page, the same in each instance. */
static void fill_table(void *memory, size_t bytes)
{
	const uint64_t prime = 0x7fffffffull;
	uint64_t *word = memory;

	for (uint64_t i = 0; i < bytes / sizeof(*word); i++)
		word[i] = (i % prime) * (i % prime) % prime << 20 ^ i;
}

static void fill_own(uint64_t *word, size_t bytes)
{
	for (uint64_t i = 0; i < bytes / sizeof(*word); i++)
		word[i] = random_next();
}

static int load(struct touch *t)
{
	size_t pages = param("pages", 2048);
	size_t own_bytes = pages * param("own_permille", 250) / 1000 * PAGE_BYTES;
	size_t table_bytes = pages * PAGE_BYTES - own_bytes;
	uint64_t start = ticks_now();
	void *common = memory_common(table_bytes, fill_table);

	if (!common || pages_add(&table, common, table_bytes) ||
	    pages_add(&all, common, table_bytes))
		return -1;
	if (own_bytes) {
		void *own = memory_private(own_bytes);

		if (!own || pages_add(&all, own, own_bytes))
			return -1;
		fill_own(own, own_bytes);
	}
	touch_count(t, ticks_now() - start);
	t->unit = "table";
	pages_shuffle(&all);
	pages_shuffle(&table);
	return 0;
}

static int touch(struct touch *t, unsigned int round)
{
	(void)round;
	pages_touch(&all, t);
	return 0;
}

static int rewrite(struct touch *t, unsigned int permille)
{
	pages_flip(&table, t, permille);
	return 0;
}

static int restore(struct touch *t)
{
	pages_flip(&table, t, param("rewrite_permille", 1000));
	return 0;
}

const struct workload workload = { load, touch, rewrite, restore };
