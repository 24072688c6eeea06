/* GET /health: whether the node works, and whether it is ready to serve those who ask it. Before:
 * api/routes.c. After: api/ready.c decides, api/reason.c and api/figures.c give the facts. */
#include "api/routes.h"

#include "api/figures.h"
#include "api/ready.h"
#include "api/status.h"
#include "api/status_dns.h"
#include "sync/wrong_clock.h"

struct health {
	struct figures f;
	struct ready_facts facts;
	bool ready;
};

/* Gathers the facts and decides. */
static struct health look(const struct api *a)
{
	struct health h = {.ready = false};
	int64_t wall = clock_wall(a->clock);
	struct ahead_claims claims;

	figures_begin(&h.f, a);
	h.facts = (struct ready_facts){
		.failing = h.f.state.store_error || h.f.state.stopping,
		.peers = h.f.sync.peers,
		.ahead = sync_peers_above(a->sync, h.f.tip.height),
		.height = h.f.tip.height,
		.best = h.f.sync.best,
		.growing = h.f.sync.block_pace > 0,
		.clock_wrong = wrong_clock_proved(a->chain, wall) ||
			       sync_clock_is_behind(a->sync, &claims),
		.max_lag_ms = a->config->admin_max_lag,
	};
	/* Unsigned, because a block's timestamp may be any number and the difference may overflow.
	 */
	if (h.f.tip.height && wall > h.f.tip.timestamp)
		h.facts.age_s = (int64_t)((uint64_t)wall - (uint64_t)h.f.tip.timestamp);
	h.ready = ready_by(&h.facts);
	return h;
}

static void put(const struct api *a, const struct health *h, const char *status, struct json_wr *j)
{
	char reason[256];
	bool syncing;

	status_reason(a, reason, sizeof reason, &syncing);
	json_open(j, NULL, '{');
	json_str(j, "status", status);
	json_bool(j, "ready", h->ready);
	json_str(j, "reason", reason);
	json_bool(j, "syncing", syncing);
	json_str(j, "store", h->f.state.store_error ? h->f.state.store_error : "ok");
	json_u64(j, "height", h->facts.height);
	json_u64(j, "best_height", h->facts.best);
	json_i64(j, "tip_age_seconds", h->facts.age_s);
	json_number(j, "store_bytes", figures_value(&h->f, FIGURE_store_bytes));
	json_str(j, "dns", status_dns_word(&h->f.dns));
	json_u64(j, "address_book", h->f.net.book);
	json_u64(j, "peers", h->facts.peers);
	json_u64(j, "subscribers", a->config->limits.max_subscribers.used);
	json_u64(j, "admin_clients", a->config->limits.max_admin_clients.used);
	json_close(j, '}');
}

int get_health(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};
	struct health h = look(a);
	bool unready = http_has_arg(c->request, "ready") && !h.ready;

	put(a, &h, h.facts.failing ? "failing" : unready ? "not ready" : "ok", &j);
	return h.facts.failing || unready ? 503 : 200;
}
