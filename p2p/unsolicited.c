/* Role: limits the rate of messages that a peer sends without our request, by pausing reads from
 * it.
 * Before: p2p/peer.c has a message. After: p2p/conn.c pauses. */
#include "p2p/unsolicited.h"

enum {
	LEAST = 256,      /* bytes that any shorter message counts for */
	SECOND = 1000,    /* milliseconds */
	FORGIVEN = 60000, /* ms that pay off any debt: at most a second's rate and a frame */
};

void unsolicited_sent(struct unsolicited *u, enum message_type t)
{
	u->open[t]++;
}

/* Is the message an answer to one of our open requests? Each request allows one answer. */
static bool answers(struct unsolicited *u, enum message_type t)
{
	enum message_type ours = message_rule(t)->answers;

	if (ours == MSG_NOTHING || !u->open[ours])
		return false;
	u->open[ours]--;
	return true;
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
	if (answers(u, t) || message_rule(t)->free)
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
