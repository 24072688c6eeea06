/* The waiting attempts and the networks that they come from. Before: web/login.c. */
#include "web/login_queue.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum {
	FORGIVEN_MS =
		10 * 60 * 1000, /* so long without a failure, and half of them are forgotten */
	FAILURES_MOST = 1 << 20,
	OLDEST_EVERY = 4, /* of so many turns one is for who waits longest, whoever it is */
};

/* How a network is slowed: from so many failures on so long is between two attempts, and so many
 * may wait. The last of them is tried within two seconds, as long as others leave it its turn. */
static const struct step {
	uint32_t failures;
	uint32_t pause_ms, places;
} steps[] = {{0, 0, 8}, {5, 200, 8}, {50, 500, 3}, {500, 1000, 1}};

struct network {
	uint64_t began_ms;  /* when its last attempt began, monotonic; 0 = never */
	uint64_t failed_ms; /* when it failed last, or was forgiven */
	uint32_t failures;
	bool known; /* somebody logged in from there */
};

void login_queue_init(
	struct login_queue *q, struct limits *limits, const struct clock *clock, uint64_t seed)
{
	*q = (struct login_queue){.places = &limits->web_logins, .clock = clock};
	map_init(&q->networks, &limits->web_login_networks, LOGIN_NETWORK_SIZE,
		sizeof(struct network), seed);
}

static void drop(struct login_queue *q, struct login_attempt *a)
{
	explicit_bzero(a->password, sizeof a->password);
	bound_give(q->places, 1);
	mem_free(a);
}

void login_queue_free(struct login_queue *q)
{
	while (q->first) {
		struct login_attempt *a = q->first;
		q->first = a->next;
		drop(q, a);
	}
	map_clear(&q->networks);
}

/* ---- networks ---- */

static const struct step *step_of(const struct network *n)
{
	size_t i = sizeof steps / sizeof steps[0] - 1;

	while (n->failures < steps[i].failures)
		i--;
	return &steps[i];
}

static unsigned waiting_of(const struct login_queue *q, const uint8_t *network)
{
	unsigned n = 0;

	for (const struct login_attempt *a = q->first; a; a = a->next)
		n += memcmp(a->network, network, LOGIN_NETWORK_SIZE) == 0;
	return n;
}

/* Forgets the network that was quiet for longest, of which nothing waits; one that is known only
 * when there is no other. False when there is none. */
static bool forget_one(struct login_queue *q)
{
	uint8_t found[LOGIN_NETWORK_SIZE];
	const struct network *best = NULL;
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&q->networks, &at, &key, &value);) {
		const struct network *n = value;
		bool less = !best || n->known < best->known ||
			    (n->known == best->known && n->began_ms < best->began_ms);
		if (!less || waiting_of(q, key))
			continue;
		memcpy(found, key, sizeof found);
		best = n;
	}
	return best && map_delete(&q->networks, found);
}

/* This machine's own network is known from the start: so is who forwards a port by SSH. */
static bool is_of_this_machine(const uint8_t *network)
{
	static const uint8_t four[LOGIN_NETWORK_SIZE] = {1, 127}, six[LOGIN_NETWORK_SIZE] = {0};

	return memcmp(network, four, sizeof four) == 0 || memcmp(network, six, sizeof six) == 0;
}

/* The record of a network; NULL when there is none. That of one of which something waits stays
 * where it is until network_of() makes another. */
static struct network *look(const struct login_queue *q, const uint8_t *network)
{
	uint64_t now = clock_mono(q->clock);
	struct network *n = map_get(&q->networks, network);

	while (n && n->failures && now - n->failed_ms >= FORGIVEN_MS) {
		n->failed_ms += FORGIVEN_MS;
		n->failures /= 2;
	}
	return n;
}

/* The same; one is made when there is none. NULL: there is no place, or no memory. */
static struct network *network_of(struct login_queue *q, const uint8_t *network)
{
	struct network *n = look(q, network);

	if (n)
		return n;
	if (!bound_has(q->networks.bound, 1)) {
		bound_hit(q->networks.bound);
		if (!forget_one(q))
			return NULL;
	}
	n = map_put(&q->networks, network, NULL);
	if (n)
		n->known = is_of_this_machine(network);
	return n;
}

bool login_queue_knows(const struct login_queue *q, const struct netaddr *from)
{
	uint8_t network[LOGIN_NETWORK_SIZE];

	netaddr_network(from, network);
	const struct network *n = look(q, network);
	return n ? n->known : is_of_this_machine(network);
}

/* ---- who goes first, who gives way ---- */

/* Is `a` to be tried before `b`, whatever the order in which they came? */
static bool goes_before(const struct network *a, const struct network *b)
{
	return a->known != b->known ? a->known : a->failures < b->failures;
}

/* The attempt that loses its place to a newcomer of this network; NULL = none does. First, of a
 * network that has at least two more waiting than the newcomer's, the newest; else the newest of
 * those that are tried last, if the newcomer would be tried before. */
static struct login_attempt *victim(struct login_queue *q, const uint8_t *network)
{
	unsigned most = waiting_of(q, network) + 2;
	const struct network *its = look(q, network), *worst = its;
	struct login_attempt *of_crowd = NULL, *last = NULL;

	for (struct login_attempt *a = q->first; a; a = a->next) {
		const struct network *n = look(q, a->network);
		unsigned count = waiting_of(q, a->network);
		if (!n || !its)
			continue;
		if (count >= most) {
			most = count;
			of_crowd = a;
		}
		if (goes_before(worst, n) || (last && !goes_before(n, worst))) {
			worst = n;
			last = a;
		}
	}
	return of_crowd ? of_crowd : last;
}

static void take_out(struct login_queue *q, const struct login_attempt *a)
{
	struct login_attempt **link = &q->first;

	while (*link != a)
		link = &(*link)->next;
	*link = a->next;
}

static bool make_room(struct login_queue *q, const uint8_t *network, uint64_t *gave_way)
{
	if (bound_has(q->places, 1))
		return true;
	bound_hit(q->places);
	struct login_attempt *goes = victim(q, network);
	if (!goes)
		return false;
	*gave_way = goes->call;
	take_out(q, goes);
	drop(q, goes);
	return true;
}

bool login_queue_add(struct login_queue *q, const struct netaddr *from, uint64_t call,
	const char *password, uint64_t *gave_way)
{
	uint8_t network[LOGIN_NETWORK_SIZE];
	struct login_attempt **link = &q->first, *a;

	*gave_way = 0;
	netaddr_network(from, network);
	const struct network *n = network_of(q, network);
	if (!n || waiting_of(q, network) >= step_of(n)->places || !make_room(q, network, gave_way))
		return false;
	a = mem_alloc(sizeof *a);
	if (!a)
		return false;
	bound_take(q->places, 1);
	a->call = call;
	a->next = NULL;
	memcpy(a->network, network, sizeof a->network);
	snprintf(a->password, sizeof a->password, "%s", password);
	while (*link)
		link = &(*link)->next;
	*link = a;
	return true;
}

/* How long until an attempt of this network may begin; 0 = now. */
static uint64_t pause_of(const struct login_queue *q, const struct network *n)
{
	uint64_t now = clock_mono(q->clock), pause = step_of(n)->pause_ms;
	uint64_t passed = n->began_ms ? now - n->began_ms : pause;

	return passed < pause ? pause - passed : 0;
}

struct login_attempt *login_queue_next(struct login_queue *q, uint64_t *wait_ms)
{
	bool oldest = q->turns % OLDEST_EVERY == OLDEST_EVERY - 1;
	struct login_attempt *found = NULL;
	struct network *its = NULL;

	*wait_ms = UINT64_MAX;
	for (struct login_attempt *a = q->first; a; a = a->next) {
		struct network *n = look(q, a->network);
		uint64_t pause = n ? pause_of(q, n) : 0;
		if (pause && pause < *wait_ms)
			*wait_ms = pause;
		if (!n || pause || (found && (oldest || !goes_before(n, its))))
			continue;
		found = a;
		its = n;
	}
	if (!found)
		return NULL;
	q->turns++;
	its->began_ms = clock_mono(q->clock);
	take_out(q, found);
	return found;
}

void login_queue_done(struct login_queue *q, struct login_attempt *a, bool right)
{
	struct network *n = network_of(q, a->network);

	if (n && right) {
		n->known = true;
		n->failures = 0;
	} else if (n) {
		n->failures += n->failures < FAILURES_MOST;
		n->failed_ms = clock_mono(q->clock);
	}
	drop(q, a);
}
