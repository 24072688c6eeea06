/* Role: decides whether an inbound connection is accepted.
 * Before: p2p/p2p_peers.c has an accepted socket. After: p2p/eviction.c chooses who goes for it
 * when a limit is reached, p2p/conn.c opens the connection. */
#include "p2p/admission_internal.h"

#include "p2p/peer.h"

void admission_init(struct admission *a, struct conn_pool *pool, uint64_t seed)
{
	struct bound rows = {.name = "inbound", .max = pool->limits->max_inbound.max};

	a->limits = pool->limits;
	a->pool = pool;
	a->host_rows = a->group_rows = rows;
	map_init(&a->hosts, &a->host_rows, 16, sizeof(uint32_t), seed);
	map_init(&a->groups, &a->group_rows, NETGROUP_SIZE, sizeof(uint32_t), seed + 1);
}

void admission_fini(struct admission *a)
{
	map_clear(&a->hosts);
	map_clear(&a->groups);
}

static uint32_t count_of(const struct map *m, const void *key)
{
	const uint32_t *n = map_get(m, key);
	return n ? *n : 0;
}

uint32_t admission_of_group(const struct admission *a, const struct netaddr *addr)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(addr, group);
	return count_of(&a->groups, group);
}

uint32_t admission_of_host(const struct admission *a, const struct netaddr *addr)
{
	uint8_t host[16];

	netaddr_host(addr, host);
	return count_of(&a->hosts, host);
}

static bool under(struct bound *b, uint64_t count)
{
	if (count >= b->max) {
		bound_hit(b);
		return false;
	}
	bound_peak(b, count + 1);
	return true;
}

/* ---- the caps ---- */

static bool evict(struct peer *victim)
{
	if (victim)
		conn_close(&victim->conn, CLOSE_EVICTED);
	return victim != NULL;
}

static bool make_room(struct bound *full, struct peer *victim)
{
	bound_hit(full);
	return evict(victim);
}

bool admission_ask(struct admission *a, const struct netaddr *from)
{
	struct limits *l = a->limits;

	if (!under(&l->max_per_address, admission_of_host(a, from)))
		return false;
	if (!under(&l->max_per_group, admission_of_group(a, from)) &&
		!evict(eviction_within_group(a, from)))
		return false;
	if (!bound_has(&l->max_half_open, 1) &&
		!make_room(&l->max_half_open, eviction_half_open(a, from)))
		return false;
	if (!bound_has(&l->max_inbound, 1))
		return make_room(&l->max_inbound, eviction_least_useful(a, from));
	if (!bound_has(&l->max_connections, 1))
		return make_room(&l->max_connections, eviction_least_useful(a, from));
	return true;
}

/* ---- accounts ---- */

static bool count_up(struct map *m, const void *key)
{
	uint32_t *n = map_put(m, key, NULL);

	if (n)
		++*n;
	return n != NULL;
}

static void count_down(struct map *m, const void *key)
{
	uint32_t *n = map_get(m, key);

	if (n && --*n == 0)
		map_delete(m, key);
}

bool admission_take(struct admission *a, struct peer *peer)
{
	uint8_t host[16], group[NETGROUP_SIZE];

	netaddr_host(&peer->conn.addr, host);
	netaddr_group(&peer->conn.addr, group);
	if (!bound_take(&a->limits->max_inbound, 1))
		return false;
	if (!count_up(&a->hosts, host)) {
		bound_give(&a->limits->max_inbound, 1);
		return false;
	}
	if (!count_up(&a->groups, group)) {
		count_down(&a->hosts, host);
		bound_give(&a->limits->max_inbound, 1);
		return false;
	}
	peer->counted = true;
	peer->half_open = bound_take(&a->limits->max_half_open, 1);
	return true;
}

void admission_done(struct admission *a, struct peer *peer)
{
	if (peer->half_open)
		bound_give(&a->limits->max_half_open, 1);
	peer->half_open = false;
}

void admission_give(struct admission *a, struct peer *peer)
{
	uint8_t host[16], group[NETGROUP_SIZE];

	admission_done(a, peer);
	if (!peer->counted)
		return;
	netaddr_host(&peer->conn.addr, host);
	netaddr_group(&peer->conn.addr, group);
	count_down(&a->hosts, host);
	count_down(&a->groups, group);
	bound_give(&a->limits->max_inbound, 1);
	peer->counted = false;
}
