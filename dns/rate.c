/* Role: limits how many answers a network gets. Before: dns/serve_query.c. After: nothing. */
#include "dns/rate.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "net/addr.h"

/* 8 bytes, as the row's cost says. */
struct slot {
	uint32_t second; /* that `count` counts */
	uint32_t count;
};

struct dns_rate {
	struct bound *slots;
	const struct bound *slip;
	uint64_t seed;
	size_t count;
	struct slot slot[];
};

_Static_assert(sizeof(struct slot) == 8, "cost of dns_rate_slots");

struct dns_rate *dns_rate_new(struct bound *slots, const struct bound *slip, uint64_t seed)
{
	size_t count = (size_t)bound_read(&slots->max);
	struct dns_rate *r = mem_alloc(sizeof *r + count * sizeof r->slot[0]);

	if (!r)
		return NULL;
	r->slots = slots;
	r->slip = slip;
	r->seed = seed;
	r->count = count;
	bound_note(slots, count);
	return r;
}

void dns_rate_free(struct dns_rate *r)
{
	if (r)
		bound_note(r->slots, 0);
	mem_free(r);
}

/* Counts one more in this second. */
static uint32_t take(struct dns_rate *r, const uint8_t *key, size_t n, uint64_t now_ms)
{
	struct slot *s = &r->slot[map_hash(r->seed, key, n) % r->count];
	uint32_t second = (uint32_t)(now_ms / 1000);

	if (s->second != second)
		*s = (struct slot){.second = second};
	if (s->count < UINT32_MAX)
		s->count++;
	return s->count;
}

/* The first byte keeps the two uses apart; the next ones are the network. */
enum { KEY_MAX = 17 };

enum dns_rate_verdict dns_rate_take(
	struct dns_rate *r, const uint8_t ip[16], uint64_t most, uint64_t now_ms)
{
	size_t network = netaddr_ip_is_ipv4(ip) ? 15 : 7;
	uint8_t key[KEY_MAX] = {0};

	if (most == 0)
		return DNS_RATE_FINE;
	memcpy(key + 1, ip, network);
	uint32_t count = take(r, key, 1 + network, now_ms);
	if (count <= most)
		return DNS_RATE_FINE;
	bound_hit(r->slots);
	return (count - most) % bound_read(&r->slip->max) == 0 ? DNS_RATE_SLIP : DNS_RATE_DROP;
}

bool dns_rate_tell(struct dns_rate *r, const uint8_t ip[16], uint64_t now_ms)
{
	uint8_t key[KEY_MAX] = {1};

	memcpy(key + 1, ip, 16);
	return take(r, key, sizeof key, now_ms) == 1;
}
