/* Questions a second, from a counter that is looked at now and then: over the last 10 to 20 seconds
 * while it is looked at often. Pure. Times are monotonic milliseconds. */
#ifndef API_DNS_PACE_H
#define API_DNS_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { DNS_PACE_MARK_MS = 10000 };

/* All zero = it has not been looked at yet. */
struct dns_pace {
	struct {
		uint64_t ms, count;
	} last, before;
};

/* Notes what the counter shows. */
void dns_pace_note(struct dns_pace *p, uint64_t count, uint64_t now_ms);

/* How fast it grew until now; 0 before it can be said. */
double dns_pace_rate(const struct dns_pace *p, uint64_t count, uint64_t now_ms);

#endif
