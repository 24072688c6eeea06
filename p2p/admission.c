/* Caps on inbound connections and eviction. See p2p/admission.h. */
#include "p2p/admission.h"

#include "p2p/peer.h"

enum {
	SPARED_BY_EACH = 4,        /* peers that each measure of use keeps from eviction */
	HALF_OPEN_GRACE_MS = 1000, /* a handshake is done by then, or it waits for room */
	PLACE_MS = 60000,          /* shorter, and nobody could sync before the next one comes */
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

static bool under(struct bound *b, uint64_t count)
{
	if (count >= b->max) {
		bound_hit(b);
		return false;
	}
	bound_peak(b, count + 1);
	return true;
}

/* ---- eviction ---- */

/* What speaks for a peer: the smaller, the better; NOTHING = nothing does. */
typedef uint64_t merit(const struct admission *a, const struct peer *e);
static const uint64_t NOTHING = UINT64_MAX;

/* Which networks are preferred is our secret, so that nobody can choose to be in one. */
static uint64_t by_network(const struct admission *a, const struct peer *e)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(&e->conn.addr, group);
	return map_hash(a->groups.seed, group, sizeof group);
}

static uint64_t by_blocks(const struct admission *a, const struct peer *e)
{
	(void)a;
	return e->good_at ? UINT64_MAX - e->good_at : NOTHING;
}

static uint64_t by_round_trip(const struct admission *a, const struct peer *e)
{
	(void)a;
	return e->rtt ? e->rtt : NOTHING;
}

static uint64_t by_age(const struct admission *a, const struct peer *e)
{
	(void)a;
	return e->conn.since;
}

static bool candidate(const struct peer *e)
{
	return !e->conn.outbound && conn_alive(&e->conn);
}

/* The best one that is not spared yet; `above` leaves out those with as much merit or more. Of
 * equals the one that came first. */
static struct peer *best(const struct admission *a, merit *m, const uint64_t *above)
{
	uint64_t least = NOTHING;
	struct peer *found = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *e = peer_of(c);
		uint64_t mine = e->ready && candidate(e) && !e->is_protected ? m(a, e) : NOTHING;
		if (mine == NOTHING || (above && mine <= *above) || mine > least ||
			(mine == least && c->since > found->conn.since))
			continue;
		least = mine;
		found = e;
	}
	return found;
}

/* Marks those that must not go, half of all at most: an attacker would have to be better than every
 * honest peer by each of these measures at once. */
static void spare_the_best(const struct admission *a)
{
	static merit *const merits[] = {by_network, by_blocks, by_round_trip, by_age};
	size_t room = 0;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		peer_of(c)->is_protected = false;
		room += candidate(peer_of(c)) && peer_of(c)->ready;
	}
	room /= 2;
	for (size_t i = 0; i < sizeof merits / sizeof merits[0]; i++) {
		uint64_t last = 0;
		struct peer *e;
		for (size_t k = 0; k < SPARED_BY_EACH && room; k++, room--) {
			/* one of each network */
			bool other = merits[i] == by_network && k > 0;
			if (!(e = best(a, merits[i], other ? &last : NULL)))
				break;
			last = merits[i](a, e);
			e->is_protected = true;
		}
	}
}

/* The youngest of a crowd: those who fill a network's places do not push out who was there. */
static bool crowd_order(const struct peer *e, const struct peer *worst, uint64_t now)
{
	(void)now;
	return !worst || e->conn.since > worst->conn.since;
}

/* In turn: a handshake that had its time, then the one that has had its place for longest. */
static bool turn_order(const struct peer *e, const struct peer *worst, uint64_t now)
{
	if (now - e->conn.since < (e->ready ? (uint64_t)PLACE_MS : (uint64_t)HALF_OPEN_GRACE_MS))
		return false;
	if (!worst || e->ready != worst->ready)
		return !worst || !e->ready;
	return e->conn.since < worst->conn.since;
}

/* Of those that are not spared and whose network has `n` connections, the one that goes first. */
static struct peer *first_to_go(const struct admission *a, uint32_t n,
	bool (*goes_before)(const struct peer *e, const struct peer *worst, uint64_t now))
{
	uint64_t now = clock_mono(a->pool->clock);
	struct peer *worst = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *e = peer_of(c);
		if (candidate(e) && !e->is_protected && group_count(a, &c->addr) == n &&
			goes_before(e, worst, now))
			worst = e;
	}
	return worst;
}

/* One of the network with most connections, if that has more than the newcomer's. With two more it
 * is a crowd, and has no right to its places. With one more nothing is won by the exchange but that
 * everybody has a turn: then a place is kept for a while. NULL: nobody. */
static struct peer *least_useful(const struct admission *a, const struct netaddr *newcomer)
{
	uint32_t own = group_count(a, newcomer), most = own;

	spare_the_best(a);
	for (struct conn *c = a->pool->all; c; c = c->next) {
		const struct peer *e = peer_of(c);
		uint32_t n = candidate(e) && !e->is_protected ? group_count(a, &c->addr) : 0;
		most = n > most ? n : most;
	}
	if (most == own)
		return NULL;
	return first_to_go(a, most, most > own + 1 ? crowd_order : turn_order);
}

/* The slowest handshake of the network with most connections, if that has at least two more than
 * the newcomer's; else the slowest of all, if it had its time. */
static struct peer *eviction_candidate_half_open(
	const struct admission *a, const struct netaddr *newcomer)
{
	uint64_t now = clock_mono(a->pool->clock);
	uint32_t most = group_count(a, newcomer) + 1;
	struct peer *crowd = NULL, *slowest = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *e = peer_of(c);
		if (!e->half_open || !conn_alive(c))
			continue;
		uint32_t n = group_count(a, &c->addr);
		if (n > most || (crowd && n == most && c->since < crowd->conn.since)) {
			crowd = e;
			most = n;
		}
		if (now - c->since >= HALF_OPEN_GRACE_MS &&
			(!slowest || c->since < slowest->conn.since))
			slowest = e;
	}
	return crowd ? crowd : slowest;
}

/* ---- within one network ---- */

struct network {
	const struct admission *a;
	uint8_t group[NETGROUP_SIZE];
	bool useful; /* those who gave good blocks may go, too */
};

static uint32_t host_count(const struct admission *a, const struct netaddr *addr)
{
	uint8_t host[16];

	netaddr_host(addr, host);
	return count_of(&a->hosts, host);
}

static bool may_leave(const struct network *w, const struct peer *e)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(&e->conn.addr, group);
	return candidate(e) && !e->is_protected && (w->useful || !e->good_at) &&
	       memcmp(group, w->group, sizeof group) == 0;
}

/* Of the hosts with `n` connections, or with any number of them (0). */
static struct peer *first_to_leave(const struct network *w, uint32_t n,
	bool (*goes_before)(const struct peer *e, const struct peer *worst, uint64_t now))
{
	uint64_t now = clock_mono(w->a->pool->clock);
	struct peer *worst = NULL;

	for (struct conn *c = w->a->pool->all; c; c = c->next) {
		struct peer *e = peer_of(c);
		if (may_leave(w, e) && (n == 0 || host_count(w->a, &c->addr) == n) &&
			goes_before(e, worst, now))
			worst = e;
	}
	return worst;
}

/* As among networks, so among the hosts of one: one of the host that has most connections, if it is
 * a crowd, else the one that has had its place for longest. */
static struct peer *least_useful_within(const struct network *w, const struct netaddr *newcomer)
{
	uint32_t own = host_count(w->a, newcomer), most = own;

	for (struct conn *c = w->a->pool->all; c; c = c->next) {
		uint32_t n = may_leave(w, peer_of(c)) ? host_count(w->a, &c->addr) : 0;
		most = n > most ? n : most;
	}
	if (most > own + 1)
		return first_to_leave(w, most, crowd_order);
	return first_to_leave(w, 0, turn_order);
}

/* A network that is full keeps itself open: else whoever is first, with addresses that cost
 * nothing, would keep out all others of it for as long as he likes. */
static struct peer *least_useful_of_group(const struct admission *a, const struct netaddr *newcomer)
{
	struct network w = {.a = a};
	struct peer *e;

	netaddr_group(newcomer, w.group);
	spare_the_best(a);
	e = least_useful_within(&w, newcomer);
	w.useful = true;
	return e ? e : least_useful_within(&w, newcomer);
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
	uint8_t host[16];

	netaddr_host(from, host);
	if (!under(&l->max_per_address, count_of(&a->hosts, host)))
		return false;
	if (!under(&l->max_per_group, group_count(a, from)) &&
		!evict(least_useful_of_group(a, from)))
		return false;
	if (!bound_has(&l->max_half_open, 1) &&
		!make_room(&l->max_half_open, eviction_candidate_half_open(a, from)))
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
