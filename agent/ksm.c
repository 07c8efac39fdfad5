// SPDX-License-Identifier: Apache-2.0
/* KSM: settings, and merging until it has done what it can. */
#include <stdio.h>
#include <string.h>

#include "agent.h"

#define KSM "/sys/kernel/mm/ksm/"
/* The plan may ask for fewer. */
#define MAX_SCANS 64
/* A scan takes several times as long, so that none is passed over. */
#define SAMPLE_EVERY_MS 100

enum { STOP = 0, SCAN = 1, UNMERGE = 2 };

static void set(const char *key)
{
	char path[128];

	snprintf(path, sizeof(path), KSM "%s", key);
	file_write(path, plan_text(key));
}

void ksm_run(int mode)
{
	file_write_number(KSM "run", mode);
}

void ksm_stop(void)
{
	uint64_t run;

	if (!file_number(KSM "run", &run))
		fail(NULL, "this kernel has no KSM (no " KSM "run)");
	ksm_run(UNMERGE);
}

void ksm_set(void)
{
	set("pages_to_scan");
	set("sleep_millisecs");
	set("use_zero_pages");
	/* Can only change while nothing is merged. */
	set("max_page_sharing");
	/* Newer kernels have these; "default" leaves what the kernel begins with. */
	if (!plan_is("smart_scan", "default"))
		file_write(KSM "smart_scan", plan_is("smart_scan", "on") ? "1" : "0");
	/* It rules pages_to_scan from then on, so it comes last. */
	if (!plan_is("advisor_mode", "default"))
		set("advisor_mode");
}

static uint64_t value_of(const char *name)
{
	char path[128];
	uint64_t value;

	snprintf(path, sizeof(path), KSM "%s", name);
	if (!file_number(path, &value))
		fail(NULL, "cannot read %s", path);
	return value;
}

/*
 * Has pages_sharing stood still over the last @scans scans? Guest page tables are
 * written by the guests' own page-table walks and merged anew on each scan, so a
 * small movement never ends: it is told by a tolerance, in permille of the largest.
 * Nothing merges in the first scans: a page must have been seen unchanged before.
 */
static bool stands_still(const uint64_t *sharing, int n, int scans, uint64_t tolerance_permille)
{
	uint64_t low = UINT64_MAX, high = 0;

	if (n < scans)
		return false;
	for (int i = n - scans; i < n; i++) {
		low = sharing[i] < low ? sharing[i] : low;
		high = sharing[i] > high ? sharing[i] : high;
	}
	return (high > 0 || n > scans + 3) && (high - low) * 1000 <= high * tolerance_permille;
}

static int scans_planned(void)
{
	uint64_t scans = plan_number("converge_scans");

	if (scans < 1 || scans > MAX_SCANS)
		fail(NULL, "the plan's converge_scans is %llu, 1 to %d are possible",
		     (unsigned long long)scans, MAX_SCANS);
	return scans;
}

static void scan_until_it_stands(uint64_t limit_ms)
{
	int scans = scans_planned(), n = 0;
	uint64_t tolerance_permille = plan_number("converge_tolerance_permille");
	uint64_t deadline = now_ns() + limit_ms * NS_PER_MS;
	uint64_t first = value_of("full_scans"), seen = first;
	uint64_t sharing[MAX_SCANS];

	ksm_run(SCAN);
	for (;;) {
		uint64_t done;

		sleep_ms(SAMPLE_EVERY_MS);
		trace_drain();
		guests_check();
		if (observing())
			snapshot_ksm();
		done = value_of("full_scans");
		if (done != seen) {
			seen = done;
			if (n == MAX_SCANS) {
				memmove(sharing, sharing + 1, (MAX_SCANS - 1) * sizeof(sharing[0]));
				n--;
			}
			sharing[n++] = value_of("pages_sharing");
			if (stands_still(sharing, n, scans, tolerance_permille))
				return;
		}
		if (now_ns() >= deadline)
			fail(NULL,
			     "KSM did not converge within %llu ms: %llu full scans, "
			     "pages_sharing %llu",
			     (unsigned long long)limit_ms, (unsigned long long)(seen - first),
			     (unsigned long long)value_of("pages_sharing"));
	}
}

void ksm_converge(uint64_t limit_ms)
{
	if (!carrier_merges())
		return;
	scan_until_it_stands(limit_ms);
	/* Merged pages stay merged; only the scanning ends, so that each count has one phase. */
	if (!plan_number("live"))
		ksm_run(STOP);
}
