/* Remembers blocks ahead of this machine's clock and the hosts that sent them. Before and after:
 * sync/sync_ahead.c notes such blocks, and asks whether several networks sent some. */
#include "sync/ahead.h"

#include <string.h>

void ahead_init(struct ahead *a, struct bound *blocks, struct bound *hosts, uint64_t seed)
{
	map_init(&a->blocks, blocks, 32, sizeof(int64_t), seed);
	map_init(&a->hosts, hosts, AHEAD_KEY, sizeof(struct ahead_host), seed);
}

void ahead_clear(struct ahead *a)
{
	map_clear(&a->blocks);
	map_clear(&a->hosts);
}

/* ---- blocks ---- */

/* Forgets the block with the latest timestamp, which would be refused for longest. */
static void drop_furthest(struct ahead *a)
{
	uint8_t furthest[32];
	int64_t most = INT64_MIN;
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&a->blocks, &at, &key, &value);) {
		int64_t time;
		memcpy(&time, value, sizeof time);
		if (time < most)
			continue;
		most = time;
		memcpy(furthest, key, sizeof furthest);
	}
	if (a->blocks.count)
		map_delete(&a->blocks, furthest);
}

void ahead_note_block(struct ahead *a, const uint8_t hash[32], int64_t time)
{
	if (map_get(&a->blocks, hash))
		return;
	if (!bound_has(a->blocks.bound, 1)) {
		bound_hit(a->blocks.bound);
		drop_furthest(a);
	}
	void *place = map_put(&a->blocks, hash, NULL);
	if (place)
		memcpy(place, &time, sizeof time);
}

bool ahead_has(const struct ahead *a, const uint8_t hash[32], int64_t latest, int64_t *time)
{
	const void *known = map_get(&a->blocks, hash);

	if (!known)
		return false;
	memcpy(time, known, sizeof *time);
	return *time > latest;
}

/* ---- hosts ---- */

static void key_of(const struct peer_info *who, uint8_t key[AHEAD_KEY])
{
	netaddr_host(&who->addr, key);
	key[AHEAD_KEY - 1] = who->outbound;
}

/* The map does not align its values, so they are copied out. */
static struct ahead_host host_at(const void *value)
{
	struct ahead_host h;

	memcpy(&h, value, sizeof h);
	return h;
}

uint64_t ahead_held(const struct ahead *a, const struct peer_info *who, uint64_t now_ms)
{
	uint8_t key[AHEAD_KEY];

	key_of(who, key);
	const void *known = map_get(&a->hosts, key);
	if (!known)
		return 0;
	struct ahead_host h = host_at(known);
	return now_ms - h.told_ms < AHEAD_HOLD_MS ? h.index : 0;
}

/* Forgets the host that has sent no such block for longest. */
static void drop_oldest(struct ahead *a)
{
	uint8_t oldest[AHEAD_KEY];
	uint64_t first = UINT64_MAX;
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&a->hosts, &at, &key, &value);) {
		struct ahead_host h = host_at(value);
		if (h.told_ms > first)
			continue;
		first = h.told_ms;
		memcpy(oldest, key, sizeof oldest);
	}
	if (a->hosts.count)
		map_delete(&a->hosts, oldest);
}

/* While the host is held back for a lower index, that index stays: it must not be asked for the
 * blocks between the two just because it sent a higher one. */
bool ahead_note_host(
	struct ahead *a, const struct peer_info *who, uint64_t index, int64_t time, uint64_t now_ms)
{
	uint64_t held = ahead_held(a, who, now_ms);

	struct ahead_host h = {
		.index = index, .time = time, .told_ms = now_ms, .outbound = who->outbound};
	uint8_t key[AHEAD_KEY];

	netaddr_group(&who->addr, h.group);
	key_of(who, key);
	const void *known = map_get(&a->hosts, key);
	if (held && held < index) {
		h = host_at(known);
		h.told_ms = now_ms;
	}
	if (!known && !bound_has(a->hosts.bound, 1)) {
		bound_hit(a->hosts.bound);
		drop_oldest(a);
	}
	void *place = map_put(&a->hosts, key, NULL);
	if (place)
		memcpy(place, &h, sizeof h);
	return !held;
}

static void expire_blocks(struct ahead *a, int64_t latest)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&a->blocks, &at, &key, &value);) {
		int64_t time;
		memcpy(&time, value, sizeof time);
		if (time <= latest)
			map_delete_here(&a->blocks, &at);
	}
}

bool ahead_expire(struct ahead *a, int64_t latest, uint64_t now_ms)
{
	bool freed = false;
	const void *key;
	void *value;

	expire_blocks(a, latest);
	for (size_t at = 0; map_next(&a->hosts, &at, &key, &value);) {
		struct ahead_host h = host_at(value);
		if (h.time > latest && now_ms - h.told_ms < AHEAD_VOICE_MS)
			continue;
		freed = freed || now_ms - h.told_ms < AHEAD_HOLD_MS;
		map_delete_here(&a->hosts, &at);
	}
	return freed;
}

/* ---- what they say ---- */

size_t ahead_add_group(
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE], size_t n, const uint8_t group[NETGROUP_SIZE])
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(groups[i], group, NETGROUP_SIZE) == 0)
			return n;
	if (n < AHEAD_GROUPS)
		memcpy(groups[n++], group, NETGROUP_SIZE);
	return n;
}

size_t ahead_claims(const struct ahead *a, uint64_t now_ms, struct ahead_claims *c,
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE])
{
	size_t n = 0;
	const void *key;
	void *value;

	*c = (struct ahead_claims){.time = INT64_MAX};
	for (size_t at = 0; map_next(&a->hosts, &at, &key, &value);) {
		struct ahead_host h = host_at(value);
		if (now_ms - h.told_ms >= AHEAD_VOICE_MS)
			continue;
		n = ahead_add_group(groups, n, h.group);
		c->outbound |= h.outbound;
		if (h.time < c->time)
			c->time = h.time;
	}
	c->groups = (unsigned)n;
	return n;
}
