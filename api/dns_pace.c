/* Keeps two marks of a counter, at least 10 seconds apart. Before: node/node_dns.c. After:
 * api/figures.c. */
#include "api/dns_pace.h"

void dns_pace_note(struct dns_pace *p, uint64_t count, uint64_t now_ms)
{
	if (p->last.ms && now_ms - p->last.ms < DNS_PACE_MARK_MS)
		return;
	p->before = p->last;
	p->last.ms = now_ms;
	p->last.count = count;
}

/* The older mark is the better one, as long as it is not from long ago: then the questions of now
 * would be spread over a time in which nobody looked. */
double dns_pace_rate(const struct dns_pace *p, uint64_t count, uint64_t now_ms)
{
	bool recent = p->before.ms && now_ms - p->before.ms <= 3 * DNS_PACE_MARK_MS;
	uint64_t ms = recent ? p->before.ms : p->last.ms;
	uint64_t from = recent ? p->before.count : p->last.count;

	return ms && now_ms > ms ? (double)(count - from) * 1000 / (double)(now_ms - ms) : 0;
}
