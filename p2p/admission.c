/* Caps on inbound connections and eviction. See p2p/admission.h. */
#include "p2p/admission.h"

#include "p2p/peer.h"

enum {
	PROTECTED_BY_RTT = 4,      /* the nearest peers, and … */
	PROTECTED_BY_AGE = 4,      /* … those that stayed longest are never evicted */
	HALF_OPEN_GRACE_MS = 1000, /* a handshake is done by then, or it waits for room */
};

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

static uint32_t group_count(const struct admission *a, const struct netaddr *addr)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(addr, group);
	return count_of(&a->groups, group);
}

/* Rows that bound the largest of many counts have a peak, but no one value in use. */
static bool under(struct bound *b, uint64_t count)
{
	if (count >= b->max) {
		bound_hit(b);
		return false;
	}
	if (count + 1 > b->peak)
		b->peak = count + 1;
	return true;
}

/* ---- eviction ---- */

/* A small set of the best by some measure, for protection. */
struct best {
	uint64_t measure[PROTECTED_BY_RTT > PROTECTED_BY_AGE ? PROTECTED_BY_RTT : PROTECTED_BY_AGE];
	size_t size, count;
};

/* Keeps the `size` smallest measures, sorted. */
static void best_add(struct best *b, uint64_t measure)
{
	size_t at = b->count < b->size ? b->count++ : b->size;

	for (; at > 0 && b->measure[at - 1] > measure; at--)
		if (at < b->size)
			b->measure[at] = b->measure[at - 1];
	if (at < b->size)
		b->measure[at] = measure;
}

static bool best_has(const struct best *b, uint64_t measure)
{
	return b->count && measure <= b->measure[b->count - 1];
}

static bool candidate(const struct peer *e)
{
	return !e->conn.outbound && conn_alive(&e->conn) && !e->credited;
}

/* The youngest peer of the network with most connections, if that has more than the newcomer's. */
static struct peer *least_useful(const struct admission *a, const struct netaddr *newcomer)
{
	struct best near = {.size = PROTECTED_BY_RTT}, old = {.size = PROTECTED_BY_AGE};
	struct peer *worst = NULL;
	uint32_t most = group_count(a, newcomer);

	for (struct conn *c = a->pool->all; c; c = c->next) {
		if (!candidate(peer_of(c)) || !peer_of(c)->ready)
			continue;
		best_add(&old, c->since);
		if (peer_of(c)->rtt)
			best_add(&near, peer_of(c)->rtt);
	}
	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *e = peer_of(c);
		bool safe = e->ready &&
			    (best_has(&old, c->since) || (e->rtt && best_has(&near, e->rtt)));
		if (!candidate(e) || safe)
			continue;
		uint32_t n = group_count(a, &c->addr);
		if (n > most || (worst && n == most && c->since > worst->conn.since)) {
			worst = e;
			most = n;
		}
	}
	return worst;
}

/* The handshake that has lasted longest. */
static struct peer *slowest_half_open(const struct admission *a)
{
	uint64_t now = clock_mono(a->pool->clock);
	struct peer *slowest = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *e = peer_of(c);
		if (e->half_open && conn_alive(c) && now - c->since >= HALF_OPEN_GRACE_MS &&
			(!slowest || c->since < slowest->conn.since))
			slowest = e;
	}
	return slowest;
}

static bool make_room(struct bound *full, struct peer *victim)
{
	bound_hit(full);
	if (victim)
		conn_close(&victim->conn, CLOSE_EVICTED);
	return victim != NULL;
}

bool admission_ask(struct admission *a, const struct netaddr *from)
{
	struct limits *l = a->limits;
	uint8_t host[16];

	netaddr_host(from, host);
	if (!under(&l->max_per_address, count_of(&a->hosts, host)) ||
		!under(&l->max_per_group, group_count(a, from)))
		return false;
	if (!bound_has(&l->max_half_open, 1) && !make_room(&l->max_half_open, slowest_half_open(a)))
		return false;
	if (!bound_has(&l->max_inbound, 1))
		return make_room(&l->max_inbound, least_useful(a, from));
	if (!bound_has(&l->max_connections, 1))
		return make_room(&l->max_connections, least_useful(a, from));
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

bool admission_take(struct admission *a, struct peer *e)
{
	uint8_t host[16], group[NETGROUP_SIZE];

	netaddr_host(&e->conn.addr, host);
	netaddr_group(&e->conn.addr, group);
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
	e->counted = true;
	e->half_open = bound_take(&a->limits->max_half_open, 1);
	return true;
}

void admission_done(struct admission *a, struct peer *e)
{
	if (e->half_open)
		bound_give(&a->limits->max_half_open, 1);
	e->half_open = false;
}

void admission_give(struct admission *a, struct peer *e)
{
	uint8_t host[16], group[NETGROUP_SIZE];

	admission_done(a, e);
	if (!e->counted)
		return;
	netaddr_host(&e->conn.addr, host);
	netaddr_group(&e->conn.addr, group);
	count_down(&a->hosts, host);
	count_down(&a->groups, group);
	bound_give(&a->limits->max_inbound, 1);
	e->counted = false;
}
