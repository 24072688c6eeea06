/* Counts what a peer sends that nobody asked for, and says how long reading from it waits. Before:
 * p2p/peer.c has a message. After: p2p/conn.c reads again later. */
#include "p2p/unsolicited.h"

enum {
	LEAST = 256,      /* bytes: what a message costs however short it is */
	SECOND = 1000,    /* milliseconds */
	FORGIVEN = 60000, /* milliseconds that make up for any debt: at most a row and a frame */
};

void unsolicited_sent(struct unsolicited *u, enum message_type t)
{
	u->pings += t == MSG_PING;
	u->get_peers += t == MSG_GET_PEERS;
	u->get_blocks += t == MSG_GET_BLOCK;
}

static bool answers(uint64_t *open)
{
	if (!*open)
		return false;
	--*open;
	return true;
}

static bool is_free(struct unsolicited *u, enum message_type t)
{
	switch (t) {
	case MSG_GET_BLOCK: /* an answer to a Ping as good as a Pong (protocol.md 5.14) */
		answers(&u->pings);
		return true;
	case MSG_PONG:
		return answers(&u->pings);
	case MSG_PEERS:
		return answers(&u->get_peers);
	case MSG_BLOCK:
		return answers(&u->get_blocks);
	case MSG_ERROR:
	case MSG_HAND:
	case MSG_SHAKE:
	case MSG_PING:
	case MSG_TWIN:
	case MSG_LOOP:
	case MSG_GET_PEERS:
	case MSG_COUNT:
		break;
	}
	return false;
}

static void make_up(struct unsolicited *u, uint64_t rate, uint64_t now)
{
	uint64_t passed = now - u->since;
	uint64_t made = passed < FORGIVEN ? passed * rate / SECOND : u->debt;

	u->debt -= made < u->debt ? made : u->debt;
	u->since = now;
}

uint64_t unsolicited_came(
	struct unsolicited *u, enum message_type t, size_t bytes, struct bound *rate, uint64_t now)
{
	if (is_free(u, t))
		return 0;
	make_up(u, rate->max, now);
	u->debt += bytes < LEAST ? LEAST : bytes;
	bound_peak(rate, u->debt);
	if (u->debt <= rate->max)
		return 0;
	bound_hit(rate);
	u->waits++;
	return (u->debt - rate->max) * SECOND / rate->max + 1;
}
