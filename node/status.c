#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "node/figures.h"
#include "node/status.h"
#include "node/version.h"

/* ---- the reason ---- */

static void no_peers(struct node *n, char *to, size_t size)
{
	struct p2p_stats p;

	p2p_stats(n->p2p, &p);
	snprintf(to, size, "no peers (0 of %zu configured answered; last error: %s)",
		n->config->peers.count, p.last_dial_error[0] ? p.last_dial_error : "none");
}

/* A full block without its lock: what the chain waits for. */
static bool waits_for_signatures(const struct chain_tip *t)
{
	return t->last_full && t->height - t->last_full < SIGNERS_MIN;
}

static void at_tip(struct node *n, const struct chain_tip *t, char *to, size_t size)
{
	if (t->height >= n->params.block_signers_start && waits_for_signatures(t))
		snprintf(to, size, "at tip, waiting for signatures of full block %llu",
			(unsigned long long)t->last_full);
	else
		snprintf(to, size, t->height ? "at tip" : "peers are not ahead");
}

void status_reason(struct node *n, char *to, size_t size, bool *syncing)
{
	struct chain_tip t;
	uint64_t best = sync_best_height(n->sync);

	chain_get_tip(n->chain, &t);
	*syncing = false;
	if (n->store_error)
		snprintf(to, size, "store is read-only: %s", n->store_error);
	else if (n->stopping)
		snprintf(to, size, "stopping");
	else if (!n->params.has_origin)
		snprintf(to, size, "no origin is configured");
	else if (peers_count(&n->peers) == 0)
		no_peers(n, to, size);
	else if (n->sync->clock_off > 0)
		snprintf(to, size, "clock is off by %lld s", (long long)n->sync->clock_off);
	else if (best > t.height) {
		*syncing = true;
		snprintf(to, size, "downloading blocks %llu to %llu from %zu peer%s",
			(unsigned long long)t.height + 1, (unsigned long long)best,
			peers_count(&n->peers), peers_count(&n->peers) == 1 ? "" : "s");
	} else if (n->sync->fork_at)
		snprintf(to, size, "fork at %llu", (unsigned long long)n->sync->fork_at);
	else
		at_tip(n, &t, to, size);
}

/* ---- JSON ---- */

static void put_part(const struct figures *f, const char *part, struct json_wr *j)
{
	for (int i = 0; i < FIGURES; i++)
		if (strcmp(figure_rows[i].part, part) == 0)
			json_number(j, figure_rows[i].name, figures_value(f, i));
}

static void put_object(const struct figures *f, const char *part, struct json_wr *j)
{
	json_open(j, part, '{');
	put_part(f, part, j);
	if (strcmp(part, "network") == 0)
		json_str(j, "last_dial_error", f->net.last_dial_error);
	json_close(j, '}');
}

void status_json(struct node *n, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct figures f;
	char reason[256];
	bool syncing;

	figures_begin(&f, n);
	status_reason(n, reason, sizeof reason, &syncing);
	json_open(&j, NULL, '{');
	json_str(&j, "version", ALFISD_VERSION);
	json_str(&j, "network", n->config->network);
	json_str(&j, "origin", n->config->origin);
	json_bool(&j, "syncing", syncing);
	json_str(&j, "reason", reason);
	json_hex(&j, "tip", slice_of(f.tip.hash, f.tip.height ? HASH_SIZE : 0));
	put_part(&f, "", &j);
	put_object(&f, "sync", &j);
	put_object(&f, "network", &j);
	put_object(&f, "store", &j);
	json_close(&j, '}');
}

void status_limits_json(struct node *n, struct wr *w)
{
	static const char *const unit[] = {"count", "bytes", "ms"};
	struct json_wr j = {.w = w};

	json_open(&j, NULL, '{');
	json_open(&j, "limits", '[');
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(&n->config->limits, i);
		json_open(&j, NULL, '{');
		json_str(&j, "row", b->name);
		json_str(&j, "unit", unit[limit_rows[i].unit]);
		json_u64(&j, "used", b->used);
		json_u64(&j, "peak", b->peak);
		json_u64(&j, "max", b->max);
		json_u64(&j, "hits_total", b->hits);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

static void put_peer(struct json_wr *j, const struct node *n, const struct peer_info *p)
{
	char text[NETADDR_TEXT_MAX];
	const struct node_peer *np = peers_get(&n->peers, p->id);

	json_open(j, NULL, '{');
	json_u64(j, "id", p->id);
	json_str(j, "address", netaddr_text(&p->addr, text));
	json_str(j, "direction", p->outbound ? "outbound" : "inbound");
	json_bool(j, "configured", p->configured);
	json_bool(j, "ready", p->ready);
	json_str(j, "version", p->app_version);
	json_u64(j, "height", p->height);
	json_u64(j, "round_trip_ms", p->rtt_ms);
	json_u64(j, "age_seconds", (clock_mono(n->clock) - p->since_ms) / 1000);
	json_u64(j, "bytes_in_total", p->bytes_in);
	json_u64(j, "bytes_out_total", p->bytes_out);
	json_u64(j, "good_blocks_total", np ? np->sync.good : 0);
	json_u64(j, "requests_in_flight", np ? np->sync.requests.count : 0);
	json_u64(j, "score", np ? np->sync.score : 0);
	json_close(j, '}');
}

void status_peers_json(struct node *n, struct wr *w)
{
	struct json_wr j = {.w = w};
	size_t most = (size_t)n->config->limits.max_connections.max, count;
	peer_id *ids = mem_alloc(most * sizeof *ids);
	struct peer_info info;

	json_open(&j, NULL, '{');
	json_open(&j, "peers", '[');
	count = ids ? p2p_list(n->p2p, false, ids, most) : 0;
	for (size_t i = 0; i < count; i++)
		if (p2p_info(n->p2p, ids[i], &info))
			put_peer(&j, n, &info);
	json_close(&j, ']');
	json_close(&j, '}');
	mem_free(ids);
}
