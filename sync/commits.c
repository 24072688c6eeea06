/* Decides when the store is committed. Before: sync/sync_commit.c knows what waits and what the
 * last commit took. After: the same commits. */
#include "sync/commits.h"

enum {
	REST = 10,      /* the pause after a wait is so many times as long, */
	REST_MOST = 10, /* but no longer than so many intervals */
	NEAR_MS = 1000, /* near the tip a block waits no longer for others to join its commit */
	WAIT_MOST = 20, /* intervals after which also a group that does not pay is committed */
	QUICK_MS = 100
};

static bool is_due(const struct commits *c, const struct commits_view *v)
{
	uint64_t age = v->now_ms - c->opened_ms, interval = v->interval_ms;

	if (!v->others || v->asked)
		return true;
	if (!v->far)
		return age >= (interval < NEAR_MS ? interval : NEAR_MS);
	return age >= WAIT_MOST * interval || (age >= interval && v->pays);
}

enum commits_act commits_next(const struct commits *c, const struct commits_view *v)
{
	if (v->now_ms < c->free_ms)
		return COMMITS_WAIT;
	if (v->open)
		return is_due(c, v) ? COMMITS_COMMIT : COMMITS_WAIT;
	return v->unsettled && !v->others ? COMMITS_SETTLE : COMMITS_WAIT;
}

void commits_waited(struct commits *c, uint64_t begun_ms, uint64_t now_ms, uint64_t interval_ms)
{
	uint64_t rest = REST * (now_ms - begun_ms), most = REST_MOST * interval_ms;

	c->free_ms = now_ms + (rest < most ? rest : most);
}

bool commits_quick(uint64_t begun_ms, uint64_t now_ms)
{
	return now_ms - begun_ms < QUICK_MS;
}
