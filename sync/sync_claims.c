/* Claims that cost a peer nothing, and when to believe them: how high the chain is, and that there
 * is a branch which left ours too far down. What one stranger claims changes no figure, alert or
 * reason that we show. Claims from several network groups do, and those of a peer that the operator
 * configured.
 *
 * Before: sync/sync.c and sync/sync_fork.c get the claims. After: api/reason.c, the figures, and
 * sync_tick(). */
#include <string.h>

#include "base/log.h"
#include "sync/sync.h"

enum {
	GROUPS = 3,           /* network groups that must claim a height */
	FORK_GROUPS = 2,      /* network groups that must show a fork, */
	FORK_MS = 3600000,    /* within so long */
	PLAUSIBLE = 10000000, /* blocks ahead of us; a claim of more is certainly false */
};

/* ---- the height ---- */

struct claim {
	uint32_t group;
	bool ours; /* we dialled a peer of this group */
	uint64_t height;
};

/* The highest claim of each of the GROUPS groups that claim most, the highest first. */
struct claims {
	struct claim top[GROUPS];
	size_t count;
	uint64_t named; /* highest claim of a peer that the operator configured */
};

static void sort_up(struct claims *c, size_t i)
{
	for (; i > 0 && c->top[i].height > c->top[i - 1].height; i--) {
		struct claim higher = c->top[i];
		c->top[i] = c->top[i - 1];
		c->top[i - 1] = higher;
	}
}

static void add_claim(struct claims *c, const struct claim *one)
{
	size_t i = 0;

	while (i < c->count && c->top[i].group != one->group)
		i++;
	if (i < c->count) {
		c->top[i].ours |= one->ours;
		if (one->height <= c->top[i].height)
			return;
		c->top[i].height = one->height;
	} else if (c->count < GROUPS) {
		c->top[c->count++] = *one;
	} else if (one->height > c->top[GROUPS - 1].height) {
		i = GROUPS - 1;
		c->top[i] = *one;
	} else {
		return;
	}
	sort_up(c, i);
}

/* The height that at least GROUPS groups claim; with fewer groups, the lowest claim among those
 * that we dialled. At least what a configured peer claims. 0 = none. */
static uint64_t supported(const struct claims *c)
{
	uint64_t height = c->count == GROUPS ? c->top[GROUPS - 1].height : 0;

	for (size_t i = 0; c->count < GROUPS && i < c->count; i++)
		if (c->top[i].ours)
			height = c->top[i].height; /* the last one is the lowest */
	return height > c->named ? height : c->named;
}

uint64_t sync_best_height(const struct sync *s)
{
	uint64_t near = sync_tip_height(s) + s->s.limits->max_window.max, best;
	struct claims c = {0};
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		uint64_t height = np->sync.height;
		if (!height)
			continue; /* a peer that dialled in has told no height yet */
		if (height > near + PLAUSIBLE)
			height = near;
		struct claim one = {np->host->group_id, np->host->ours, height};
		add_claim(&c, &one);
		if (np->host->configured && height > c.named)
			c.named = height;
	}
	if (!c.count)
		return 0;
	best = c.top[0].height < near ? c.top[0].height : near;
	return supported(&c) > best ? supported(&c) : best;
}

/* ---- forks that are too deep to follow ---- */

static bool counts(const struct deep_fork *m, uint64_t now)
{
	return m->index && now - m->at_ms < FORK_MS;
}

uint64_t sync_fork_at(const struct sync *s)
{
	const struct deep_fork *latest = NULL;
	uint64_t now = sync_now(s);
	unsigned groups = 0;

	for (size_t i = 0; i < DEEP_FORKS; i++) {
		const struct deep_fork *m = &s->forks[i];
		if (!counts(m, now))
			continue;
		groups += m->named ? FORK_GROUPS : 1;
		if (!latest || m->at_ms > latest->at_ms)
			latest = m;
	}
	return groups >= FORK_GROUPS ? latest->index : 0;
}

/* The entry of this group; else one that is unused or too old to count; else the oldest. */
static struct deep_fork *place_for(struct sync *s, uint32_t group)
{
	struct deep_fork *oldest = &s->forks[0];
	uint64_t now = sync_now(s);

	for (size_t i = 0; i < DEEP_FORKS; i++)
		if (s->forks[i].index && s->forks[i].group == group)
			return &s->forks[i];
	for (size_t i = 1; i < DEEP_FORKS && counts(oldest, now); i++)
		if (!counts(&s->forks[i], now) || s->forks[i].at_ms < oldest->at_ms)
			oldest = &s->forks[i];
	return oldest;
}

void sync_fork_shown(struct sync *s, const struct node_peer *np, uint64_t index)
{
	struct deep_fork *m = place_for(s, np->host->group_id);
	uint64_t before = sync_fork_at(s);

	*m = (struct deep_fork){np->host->group_id, np->host->configured, index, sync_now(s)};
	log_info("sync: peer %llu is on a branch that left ours below block %llu",
		(unsigned long long)np->id, (unsigned long long)index);
	if (sync_fork_at(s) && sync_fork_at(s) != before)
		log_warn("sync: a branch of several peers left ours below block %llu: more than %d "
			 "blocks down cannot be replaced",
			(unsigned long long)index, CONFIDENCE_DEPTH);
}

void sync_forget_forks(struct sync *s)
{
	memset(s->forks, 0, sizeof s->forks);
}
