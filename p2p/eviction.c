/* Role: which inbound peer is closed for a newcomer when a limit is reached (protocol.md 12.2).
 * Before: p2p/admission.c. After: p2p/conn.c closes it. */
#include "p2p/admission_internal.h"

#include "p2p/peer.h"

enum {
	SPARED_BY_EACH = 4,        /* peers that each merit protects from eviction */
	HALF_OPEN_GRACE_MS = 1000, /* an unfinished handshake of this age may be evicted */
	PLACE_MS = 60000,          /* a ready peer stays this long: time to sync */
};

/* A measure of a peer's usefulness. Smaller is better; NOTHING = the peer has no such merit. */
typedef uint64_t merit(const struct admission *a, const struct peer *peer);
static const uint64_t NOTHING = UINT64_MAX;

/* Prefers networks in the order of a keyed hash. The key is secret, so an attacker cannot choose an
 * address in a preferred network. */
static uint64_t by_network(const struct admission *a, const struct peer *peer)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(&peer->conn.addr, group);
	return map_hash(a->groups.seed, group, sizeof group);
}

static uint64_t by_blocks(const struct admission *a, const struct peer *peer)
{
	(void)a;
	return peer->good_at ? UINT64_MAX - peer->good_at : NOTHING;
}

static uint64_t by_round_trip(const struct admission *a, const struct peer *peer)
{
	(void)a;
	return peer->rtt ? peer->rtt : NOTHING;
}

static uint64_t by_age(const struct admission *a, const struct peer *peer)
{
	(void)a;
	return peer->conn.since;
}

static bool candidate(const struct peer *peer)
{
	return !peer->conn.outbound && conn_alive(&peer->conn);
}

/* The inbound peer with the best merit that is not protected yet; NULL = none. With `above`, only
 * merits worse than *above count. Among equals the oldest connection wins. */
static struct peer *best(const struct admission *a, merit *m, const uint64_t *above)
{
	uint64_t least = NOTHING;
	struct peer *found = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *peer = peer_of(c);
		uint64_t mine = peer->ready && candidate(peer) && !peer->is_protected ? m(a, peer)
										      : NOTHING;
		if (mine == NOTHING || (above && mine <= *above) || mine > least ||
			(mine == least && c->since > found->conn.since))
			continue;
		least = mine;
		found = peer;
	}
	return found;
}

/* Protects the best peers by each merit from eviction, at most half of all ready inbound peers. To
 * push them all out, an attacker would have to beat every honest peer by all merits at once. */
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
		struct peer *peer;
		for (size_t k = 0; k < SPARED_BY_EACH && room; k++, room--) {
			/* by network: at most one peer of each */
			bool other = merits[i] == by_network && k > 0;
			if (!(peer = best(a, merits[i], other ? &last : NULL)))
				break;
			last = merits[i](a, peer);
			peer->is_protected = true;
		}
	}
}

/* For a network with too many connections: its newest connection goes first. A flood of newcomers
 * thus replaces itself and not the peers that were there before. */
static bool crowd_order(const struct peer *peer, const struct peer *worst, uint64_t now)
{
	(void)now;
	return !worst || peer->conn.since > worst->conn.since;
}

/* For networks with about equally many connections: an unfinished handshake older than
 * HALF_OPEN_GRACE_MS goes first, then the ready peer that has been connected for longest, but not
 * before PLACE_MS. */
static bool turn_order(const struct peer *peer, const struct peer *worst, uint64_t now)
{
	if (now - peer->conn.since <
		(peer->ready ? (uint64_t)PLACE_MS : (uint64_t)HALF_OPEN_GRACE_MS))
		return false;
	if (!worst || peer->ready != worst->ready)
		return !worst || !peer->ready;
	return peer->conn.since < worst->conn.since;
}

/* The first peer in the given order, among the unprotected ones whose network has exactly `n`
 * connections. NULL = none. */
static struct peer *first_to_go(const struct admission *a, uint32_t n,
	bool (*goes_before)(const struct peer *peer, const struct peer *worst, uint64_t now))
{
	uint64_t now = clock_mono(a->pool->clock);
	struct peer *worst = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *peer = peer_of(c);
		if (candidate(peer) && !peer->is_protected &&
			admission_of_group(a, &c->addr) == n && goes_before(peer, worst, now))
			worst = peer;
	}
	return worst;
}

struct peer *eviction_least_useful(const struct admission *a, const struct netaddr *newcomer)
{
	uint32_t own = admission_of_group(a, newcomer), most = own;

	spare_the_best(a);
	for (struct conn *c = a->pool->all; c; c = c->next) {
		const struct peer *peer = peer_of(c);
		uint32_t n = candidate(peer) && !peer->is_protected
				     ? admission_of_group(a, &c->addr)
				     : 0;
		most = n > most ? n : most;
	}
	if (most == own)
		return NULL;
	return first_to_go(a, most, most > own + 1 ? crowd_order : turn_order);
}

struct peer *eviction_half_open(const struct admission *a, const struct netaddr *newcomer)
{
	uint64_t now = clock_mono(a->pool->clock);
	uint32_t most = admission_of_group(a, newcomer) + 1;
	struct peer *crowd = NULL, *slowest = NULL;

	for (struct conn *c = a->pool->all; c; c = c->next) {
		struct peer *peer = peer_of(c);
		if (!peer->half_open || !conn_alive(c))
			continue;
		uint32_t n = admission_of_group(a, &c->addr);
		if (n > most || (crowd && n == most && c->since < crowd->conn.since)) {
			crowd = peer;
			most = n;
		}
		if (now - c->since >= HALF_OPEN_GRACE_MS &&
			(!slowest || c->since < slowest->conn.since))
			slowest = peer;
	}
	return crowd ? crowd : slowest;
}

/* ---- within one network ---- */

struct network {
	const struct admission *a;
	uint8_t group[NETGROUP_SIZE];
	bool useful; /* peers that delivered good blocks may be evicted, too */
};

static bool may_leave(const struct network *w, const struct peer *peer)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(&peer->conn.addr, group);
	return candidate(peer) && !peer->is_protected && (w->useful || !peer->good_at) &&
	       memcmp(group, w->group, sizeof group) == 0;
}

/* The first peer of the network in the given order, among hosts with exactly `n` connections (0 =
 * any number). NULL = none. */
static struct peer *first_to_leave(const struct network *w, uint32_t n,
	bool (*goes_before)(const struct peer *peer, const struct peer *worst, uint64_t now))
{
	uint64_t now = clock_mono(w->a->pool->clock);
	struct peer *worst = NULL;

	for (struct conn *c = w->a->pool->all; c; c = c->next) {
		struct peer *peer = peer_of(c);
		if (may_leave(w, peer) && (n == 0 || admission_of_host(w->a, &c->addr) == n) &&
			goes_before(peer, worst, now))
			worst = peer;
	}
	return worst;
}

/* The rule of eviction_least_useful(), applied to the hosts of one network: the newest connection
 * of the host with most, if that has at least two more than the newcomer's host; else one of any
 * host, in turn_order. */
static struct peer *least_useful_within(const struct network *w, const struct netaddr *newcomer)
{
	uint32_t own = admission_of_host(w->a, newcomer), most = own;

	for (struct conn *c = w->a->pool->all; c; c = c->next) {
		uint32_t n = may_leave(w, peer_of(c)) ? admission_of_host(w->a, &c->addr) : 0;
		most = n > most ? n : most;
	}
	if (most > own + 1)
		return first_to_leave(w, most, crowd_order);
	return first_to_leave(w, 0, turn_order);
}

struct peer *eviction_within_group(const struct admission *a, const struct netaddr *newcomer)
{
	struct network w = {.a = a};
	struct peer *peer;

	netaddr_group(newcomer, w.group);
	spare_the_best(a);
	peer = least_useful_within(&w, newcomer);
	w.useful = true;
	return peer ? peer : least_useful_within(&w, newcomer);
}
