/* Counts the network groups whose peers show each copy of a block. Before: sync/twin.c decides by
 * it. After: netaddr_group() in net/addr.h says what one group is. */
#include "sync/twin_count.h"

#include "sync/sync.h"

/* Votes that are counted: more than the default of max_connections. When there are more peers,
 * those that we dialled are counted first. */
enum { VOICES = 128 };

struct voice {
	uint8_t network[NETGROUP_SIZE], host[16];
	bool outbound, answered;
	uint64_t tail;
};

struct voices {
	struct voice all[VOICES];
	size_t n;
};

static bool same_network(const struct voice *a, const struct voice *b)
{
	return memcmp(a->network, b->network, sizeof a->network) == 0;
}

/* True when this host gave the same answer already. It is counted once. */
static bool repeats(const struct voices *v, const struct voice *one)
{
	for (size_t i = 0; i < v->n; i++)
		if (memcmp(v->all[i].host, one->host, sizeof one->host) == 0 &&
			v->all[i].answered == one->answered && v->all[i].tail == one->tail)
			return true;
	return false;
}

static void collect(const struct sync *s, struct voices *v, bool outbound)
{
	struct peer_info info;
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at)) && v->n < VOICES;) {
		if (np->twin.asked != s->twin.number ||
			!s->s.net.info(s->s.net.ctx, np->id, &info) || info.outbound != outbound)
			continue;
		struct voice one = {.outbound = outbound,
			.answered = np->twin.answered,
			.tail = np->twin.answered ? np->twin.tail : 0};
		netaddr_group(&info.addr, one.network);
		netaddr_host(&info.addr, one.host);
		if (!repeats(v, &one))
			v->all[v->n++] = one;
	}
}

static size_t hosts_for(
	const struct voices *v, const struct voice *in, uint64_t tail, bool outbound_only)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->all[i].answered && v->all[i].tail == tail && same_network(&v->all[i], in) &&
		     (v->all[i].outbound || !outbound_only);
	return n;
}

/* True when more hosts of the vote's network group show this copy than any other copy. */
static bool speaks_for_its_network(
	const struct voices *v, const struct voice *one, bool outbound_only)
{
	size_t hosts = hosts_for(v, one, one->tail, outbound_only);

	for (size_t i = 0; i < v->n; i++) {
		const struct voice *other = &v->all[i];
		if (other->answered && other->tail != one->tail && same_network(other, one) &&
			hosts_for(v, other, other->tail, outbound_only) >= hosts)
			return false;
	}
	return hosts > 0;
}

/* True when no earlier vote in the list is of the same group (and, with `of_this_copy`, for the
 * same copy). Used to count each group once. */
static bool is_first(const struct voices *v, size_t at, bool of_this_copy)
{
	const struct voice *one = &v->all[at];

	for (size_t i = 0; i < at; i++)
		if (same_network(&v->all[i], one) &&
			(!of_this_copy || (v->all[i].answered && v->all[i].tail == one->tail)))
			return false;
	return true;
}

static size_t networks_for(const struct voices *v, uint64_t tail, bool outbound_only)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->all[i].answered && v->all[i].tail == tail && is_first(v, i, true) &&
		     speaks_for_its_network(v, &v->all[i], outbound_only);
	return n;
}

static bool has_silent(const struct voices *v, const struct voice *in)
{
	for (size_t i = 0; i < v->n; i++)
		if (!v->all[i].answered && same_network(&v->all[i], in))
			return true;
	return false;
}

static size_t firm_for(const struct voices *v, uint64_t tail)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->all[i].answered && v->all[i].tail == tail && is_first(v, i, true) &&
		     speaks_for_its_network(v, &v->all[i], false) && !has_silent(v, &v->all[i]);
	return n;
}

/* Finds the copy other than ours that most groups show. When two are equal, groups that we dialled
 * decide, because an attacker can dial in from many groups. */
static void find_other(const struct voices *v, uint64_t ours, struct twin_counts *c)
{
	size_t dialled = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct voice *one = &v->all[i];
		if (!one->answered || one->tail == ours)
			continue;
		size_t all = networks_for(v, one->tail, false);
		size_t out = networks_for(v, one->tail, true);
		if (all < c->theirs || (all == c->theirs && out <= dialled))
			continue;
		c->theirs = all;
		c->tail = one->tail;
		dialled = out;
	}
	c->firm = firm_for(v, c->tail);
	c->more = c->theirs > c->ours ||
		  (c->theirs && c->theirs == c->ours && dialled > networks_for(v, ours, true));
}

void twin_count(const struct sync *s, struct twin_counts *c)
{
	struct voices v = {.n = 0};

	*c = (struct twin_counts){.all = 0};
	collect(s, &v, true);
	collect(s, &v, false);
	for (size_t i = 0; i < v.n; i++) {
		c->all += is_first(&v, i, false);
		c->silent |= !v.all[i].answered;
	}
	c->ours = networks_for(&v, s->twin.tail, false);
	find_other(&v, s->twin.tail, c);
}
