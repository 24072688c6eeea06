/* Does the node live, and is it of use to those who ask it? Before: admin_routes.c. After:
 * reason.c, figures.c. */
#include "base/json.h"
#include "node/admin.h"
#include "node/events.h"
#include "node/figures.h"
#include "node/http.h"
#include "node/status.h"

struct health {
	struct figures f;
	bool failing, ready;
	uint64_t best;
	int64_t age; /* of the tip, seconds */
};

/* Peers may claim what is not so: somebody who is behind by the count of blocks is not when the
 * tip is young. Where blocks are far apart it is the count that tells. */
static bool is_near(const struct node *n, const struct health *h)
{
	return h->f.tip.height >= h->best || h->age * 1000 <= (int64_t)n->config->admin_max_lag;
}

static struct health look(struct node *n)
{
	struct health h = {
		.failing = n->store_error || n->stopping, .best = sync_best_height(n->sync)};

	figures_begin(&h.f, n);
	if (h.f.tip.height)
		h.age = clock_wall(n->clock) - h.f.tip.timestamp;
	h.ready = !h.failing && peers_count(&n->peers) > 0 && h.f.tip.height > 0 && is_near(n, &h);
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
	json_u64(j, "height", h->f.tip.height);
	json_u64(j, "best_height", h->best);
	json_i64(j, "tip_age_seconds", h->age);
	json_number(j, "store_bytes", figures_value(&h->f, FIGURE_store_bytes));
	json_u64(j, "address_book", h->f.net.book);
	json_u64(j, "peers", peers_count(&n->peers));
	json_u64(j, "subscribers", events_subscribers(n->events));
	json_u64(j, "admin_clients", admin_clients(n->admin));
	json_close(j, '}');
}

int get_health(struct admin_call *c)
{
	struct json_wr j = {.w = c->answer};
	struct health h = look(c->node);
	bool unready = http_has_arg(c->request, "ready") && !h.ready;

	put(c->node, &h, h.failing ? "failing" : unready ? "not ready" : "ok", &j);
	return h.failing || unready ? 503 : 200;
}
