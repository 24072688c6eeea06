/* Role: peers and addresses that come and go, while the clock runs fast enough for addresses to
 * expire. */
#include "tests/probe/probe.h"

enum {
	CAP = 200,
	SECOND_MS = 1000,
	DAY_MS = 86400 * 1000,
	VISITS_A_DAY = 100,
	NAMES_FROM = 10000000
};

static struct raw w; /* large */

static void wait_for(struct station *s, enum message_type t)
{
	struct message m;

	do
		UNTIL(&s->r, raw_next(&w, &m));
	while (m.type != t);
}

/* Answers the node's GetPeers with an address that nobody has heard of, asks for a block and for
 * addresses itself, and leaves. */
static void visit(struct station *s, uint64_t i)
{
	char source[INET_ADDRSTRLEN], host[INET_ADDRSTRLEN], named[NETADDR_TEXT_MAX];
	struct message m;

	raw_from(&w, &s->at, station_source(i, source));
	m = hand("probe0");
	m.app_version = slice_str("0.10.0+alfisd"); /* to its own kind it need not be slow */
	raw_hello(&s->r, &w);
	raw_message(&w, &m);
	wait_for(s, MSG_GET_PEERS);
	snprintf(named, sizeof named, "%s:1", station_source(NAMES_FROM + i, host));
	m = (struct message){.type = MSG_PEERS, .peer_count = 1, .peers = {slice_str(named)}};
	raw_message(&w, &m);
	m = (struct message){.type = MSG_GET_BLOCK, .index = i + 1};
	raw_message(&w, &m);
	m = (struct message){.type = MSG_GET_PEERS};
	raw_message(&w, &m);
	wait_for(s, MSG_PEERS);
	raw_close(&w);
	UNTIL(&s->r, p2p_connections(s->n.p2p) == 0);
}

/* The node tries the address that it was told; nobody answers there. */
static void try_named(struct station *s)
{
	station_later(s, SECOND_MS);
	dialer_wake(s->n.p2p->dialer);
	UNTIL(&s->r, exchange_waiting(&s->n.p2p->exchange) == 0 && p2p_connections(s->n.p2p) == 0);
}

static void visit_once(struct station *s, uint64_t i)
{
	visit(s, i);
	try_named(s);
	assert_int_equal(sync_peers_count(&s->n.peers), 0);
	if (i % VISITS_A_DAY == VISITS_A_DAY - 1) {
		station_later(s, DAY_MS);
		station_expire(s);
	}
}

/* Long after address_ttl nobody has seen any of them. */
static void visits_end(struct station *s)
{
	station_later(s, 15ull * DAY_MS);
	station_expire(s);
	assert_int_equal(s->config.limits.max_address_book.used, 0);
	assert_int_equal(s->config.limits.max_address_book.peak, CAP);
}

const struct work churns[] = {
	{"visits", NULL, visit_once, visits_end, 600, 0,
		{"limits.max_address_book=200", "limits.address_ttl=4 d"}},
	{.name = NULL},
};
