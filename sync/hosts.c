/* The table of hosts: finds or makes the row of a host, and computes doubt, score and speed.
 * Before: sync/sync.c when a connection comes or goes. After: sync/sync_choose.c reads the rows. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "sync/hosts.h"

enum {
	AGE_MS = 60000,   /* after each such time doubt and score are lowered */
	SCORE_AN_AGE = 10 /* what the score is lowered by */
};

bool hosts_init(struct hosts *h, struct bound *bound, uint64_t seed)
{
	*h = (struct hosts){.bound = bound, .seed = seed, .size = (size_t)bound->max};
	h->rows = mem_alloc(h->size * sizeof *h->rows);
	return h->rows != NULL;
}

void hosts_clear(struct hosts *h)
{
	for (size_t i = 0; h->rows && i < h->size; i++)
		bound_give(h->bound, h->rows[i].used);
	mem_free(h->rows);
	*h = (struct hosts){0};
}

static void key_of(const struct peer_info *who, uint8_t key[HOST_KEY])
{
	uint16_t port = who->configured ? who->addr.port : 0;

	netaddr_host(&who->addr, key);
	key[HOST_KEY - 3] = who->outbound;
	key[HOST_KEY - 2] = (uint8_t)(port >> 8);
	key[HOST_KEY - 1] = (uint8_t)port;
}

/* A short number for a host or group, never 0. Two may get the same one: then only one of the two
 * is asked for a block in the first round, which does no harm. */
static uint16_t number_of(uint64_t seed, const void *p, size_t n)
{
	uint16_t number = (uint16_t)map_hash(seed, p, n);

	return number ? number : 1;
}

void host_init(struct host *row, uint64_t seed, const struct peer_info *who, uint64_t now)
{
	*row = (struct host){.used = true,
		.ours = who->outbound,
		.configured = who->configured,
		.seen_ms = now,
		.aged_ms = now};
	key_of(who, row->key);
	netaddr_group(&who->addr, row->group);
	row->id = number_of(seed, row->key, sizeof row->key);
	row->group_id = number_of(seed, row->group, sizeof row->group);
}

static bool idle(const struct host *h)
{
	return h->used && h->peers == 0;
}

/* The number of hosts without connections in the same network group. */
static size_t crowd(const struct hosts *h, const struct host *of)
{
	size_t n = 0;

	for (size_t i = 0; i < h->size; i++)
		n += idle(&h->rows[i]) && h->rows[i].group_id == of->group_id;
	return n;
}

/* True when `a` should be forgotten rather than `b`. Hosts without bad marks come first: otherwise
 * a host could get rid of its own bad record by connecting from many other addresses. Then the one
 * that has been away longest. */
static bool goes_before(const struct host *a, const struct host *b)
{
	bool bad_a = a->doubt || a->score, bad_b = b->doubt || b->score;

	return bad_a != bad_b ? bad_b : a->seen_ms < b->seen_ms;
}

/* The row to be forgotten for a new host; NULL when every row has a connection. */
static struct host *who_goes(struct hosts *h, uint64_t now)
{
	struct host *found = NULL;
	size_t most = 0;

	for (size_t i = 0; i < h->size; i++) {
		struct host *one = &h->rows[i];
		if (!idle(one))
			continue;
		host_age(one, now);
		size_t n = crowd(h, one);
		if (n > most || (n == most && goes_before(one, found))) {
			found = one;
			most = n;
		}
	}
	return found;
}

/* An unused row, or that of a host that is forgotten for the new one. NULL when every row has a
 * connection. */
static struct host *free_row(struct hosts *h, uint64_t now)
{
	if (!bound_take(h->bound, 1)) /* counts a hit of the limit */
		return who_goes(h, now);
	for (size_t i = 0; i < h->size; i++)
		if (!h->rows[i].used)
			return &h->rows[i];
	bound_give(h->bound, 1); /* a reload raised the bound, but the table keeps its size */
	return who_goes(h, now);
}

struct host *hosts_enter(struct hosts *h, const struct peer_info *who, uint64_t now)
{
	struct host *row = NULL;
	uint8_t key[HOST_KEY];

	key_of(who, key);
	for (size_t i = 0; i < h->size && !row; i++)
		if (h->rows[i].used && memcmp(h->rows[i].key, key, sizeof key) == 0)
			row = &h->rows[i];
	if (!row) {
		row = free_row(h, now);
		if (!row)
			return NULL;
		host_init(row, h->seed, who, now);
	}
	row->peers++;
	row->seen_ms = now;
	host_age(row, now);
	return row;
}

void hosts_leave(struct host *h, uint64_t now)
{
	h->peers -= h->peers > 0;
	h->seen_ms = now;
}

void hosts_forget(struct hosts *h, uint64_t now)
{
	for (size_t i = 0; i < h->size; i++) {
		struct host *one = &h->rows[i];
		if (!idle(one) || now - one->seen_ms < HOST_GOOD_MS)
			continue;
		*one = (struct host){0};
		bound_give(h->bound, 1);
	}
}

/* n − by, but not less than 0. */
static unsigned less(unsigned n, uint64_t by)
{
	return by < n ? n - (unsigned)by : 0;
}

void host_age(struct host *h, uint64_t now)
{
	uint64_t ages = (now - h->aged_ms) / AGE_MS;

	if (!ages)
		return;
	h->aged_ms += ages * AGE_MS;
	h->doubt = less(h->doubt, ages);
	h->score = less(h->score, ages > UINT32_MAX ? UINT32_MAX : ages * SCORE_AN_AGE);
}

void host_doubt(struct host *h, unsigned more)
{
	h->doubt = h->doubt + more < HOST_DOUBT_MAX ? h->doubt + more : HOST_DOUBT_MAX;
}

void host_measured(struct host *h, uint64_t took)
{
	h->rtt_ms = h->rtt_ms ? (h->rtt_ms * 3 + took) / 4 : took;
	h->rtt_ms = h->rtt_ms ? h->rtt_ms : 1;
}

void host_paced(struct host *h, uint64_t took)
{
	h->pace = h->pace ? (h->pace * 7 + took * 10) / 8 : took * 10;
}
