/* Does the node live, and is it of use to those who ask it? Before: admin_routes.c. After:
 * ready.c, reason.c, figures.c. */
#include "base/json.h"
#include "node/admin.h"
#include "node/events.h"
#include "node/figures.h"
#include "node/http.h"
#include "node/ready.h"
#include "node/status.h"
#include "sync/wrong_clock.h"

struct health {
	struct figures f;
	struct ready_facts facts;
	bool ready;
};

static size_t peers_ahead(const struct node *n, uint64_t height)
{
	struct node_peer *np;
	size_t count = 0;

	for (size_t at = 0; (np = peers_next(&n->peers, &at));)
		count += np->sync.height > height;
	return count;
}

static struct health look(struct node *n)
{
	struct health h = {.ready = false};
	int64_t wall = clock_wall(n->clock);
	struct ahead_claims claims;

	figures_begin(&h.f, n);
	h.facts = (struct ready_facts){
		.failing = n->store_error || n->stopping,
		.peers = peers_count(&n->peers),
		.ahead = peers_ahead(n, h.f.tip.height),
		.height = h.f.tip.height,
		.best = sync_best_height(n->sync),
		.growing = h.f.sync->pace.blocks > 0,
		.clock_wrong = wrong_clock_proved(n->chain, wall) ||
			       sync_clock_is_behind(n->sync, &claims),
		.max_lag_ms = n->config->admin_max_lag,
	};
	if (h.f.tip.height && wall > h.f.tip.timestamp) /* it wraps: that may be any time */
		h.facts.age_s = (int64_t)((uint64_t)wall - (uint64_t)h.f.tip.timestamp);
	h.ready = ready_by(&h.facts);
	return h;
}

static void put(struct node *n, const struct health *h, const char *status, struct json_wr *j)
{
	char reason[256];
	bool syncing;

	status_reason(n, reason, sizeof reason, &syncing);
	json_open(j, NULL, '{');
	json_str(j, "status", status);
	json_bool(j, "ready", h->ready);
	json_str(j, "reason", reason);
	json_bool(j, "syncing", syncing);
	json_str(j, "store", n->store_error ? n->store_error : "ok");
	json_u64(j, "height", h->facts.height);
	json_u64(j, "best_height", h->facts.best);
	json_i64(j, "tip_age_seconds", h->facts.age_s);
	json_number(j, "store_bytes", figures_value(&h->f, FIGURE_store_bytes));
	json_u64(j, "address_book", h->f.net.book);
	json_u64(j, "peers", h->facts.peers);
	json_u64(j, "subscribers", events_subscribers(n->events));
	json_u64(j, "admin_clients", admin_clients(n->admin));
	json_close(j, '}');
}

int get_health(struct admin_call *c)
{
	struct json_wr j = {.w = c->answer};
	struct health h = look(c->node);
	bool unready = http_has_arg(c->request, "ready") && !h.ready;

	put(c->node, &h, h.facts.failing ? "failing" : unready ? "not ready" : "ok", &j);
	return h.facts.failing || unready ? 503 : 200;
}
