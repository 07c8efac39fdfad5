// SPDX-License-Identifier: Apache-2.0
/*
 * The phase `grow`: one guest after the other, until the host begins to swap. With KSM each
 * waits until what it brought is merged, so that the answer is not one of who came first.
 */
#include "agent.h"

/* 1 MiB: a stray page that nobody uses is no pressure. */
#define PRESSURE_PAGES 256

struct pressure {
	uint64_t swapped_out, stalls;
};

static struct pressure pressure_now(void)
{
	return (struct pressure){ event_count("pswpout"), event_count("allocstall_") };
}

static void record_growth(const struct pressure *first, const struct pressure *now)
{
	uint64_t swapped_out = now->swapped_out - first->swapped_out;

	record_begin("growth");
	record_number("guests", nguests);
	record_number("swapped_out_pages", swapped_out);
	record_number("stalls", now->stalls - first->stalls);
	record_number("pressed", swapped_out >= PRESSURE_PAGES);
	record_end();
}

/* Takes the first guest as it stands: boot and load have seen to it. */
void phase_grow(void)
{
	int most = plan_number("guests");
	struct pressure first = pressure_now();

	for (;;) {
		struct pressure now;

		ksm_converge(plan_number("merge_limit_ms"));
		now = pressure_now();
		record_growth(&first, &now);
		snapshot_ksm();
		snapshot_memory();
		if (now.swapped_out - first.swapped_out >= PRESSURE_PAGES || nguests >= most)
			return;
		guest_add();
		guest_load(&guests[nguests - 1]);
		guests_settle();
	}
}
