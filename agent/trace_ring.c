// SPDX-License-Identifier: Apache-2.0
/*
 * Pages of the kernel's ring buffer as trace_pipe_raw gives them: time of the first
 * event, bytes that are in use, then the events (include/linux/ring_buffer.h and
 * kernel/trace/ring_buffer.c).
 */
#include <string.h>

#include "agent.h"
#include "trace.h"

#define PAGE_HEADER_BYTES 16
#define COMMIT_MASK 0xfffff
#define MISSED (1u << 31)

enum { LENGTH_IN_DATA = 0, PADDING = 29, TIME_EXTEND = 30, TIME_STAMP = 31 };

void ring_unpack(const unsigned char *page, each_event each)
{
	uint64_t t_ns, commit;
	const unsigned char *at, *end;

	memcpy(&t_ns, page, 8);
	memcpy(&commit, page + 8, 8);
	if (commit & MISSED)
		fail(NULL, "the trace lost events");
	at = page + PAGE_HEADER_BYTES;
	end = at + (commit & COMMIT_MASK);
	while (at + 4 <= end) {
		uint32_t head, first = 0, length;

		memcpy(&head, at, 4);
		if (at + 8 <= end)
			memcpy(&first, at + 4, 4);
		t_ns += head >> 5;
		switch (head & 31) {
		case PADDING:
			if (!(head >> 5))
				return; /* to the end of the page */
			t_ns -= head >> 5;
			at += 4 + first;
			break;
		case TIME_EXTEND:
			t_ns += (uint64_t)first << 27;
			at += 8;
			break;
		case TIME_STAMP:
			t_ns = (uint64_t)first << 27 | head >> 5;
			at += 8;
			break;
		case LENGTH_IN_DATA:
			each(t_ns, at + 8);
			at += 4 + first;
			break;
		default:
			length = (head & 31) * 4;
			each(t_ns, at + 4);
			at += 4 + length;
		}
	}
}
