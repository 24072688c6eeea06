#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "node/figures.h"
#include "node/status.h"
#include "node/version.h"

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
	put_object(&f, "loop", &j);
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
		json_u64(&j, "worst_bytes", limits_worst_bytes(&n->config->limits, i));
		json_bool(&j, "at_bound", limit_rows[i].unit != UNIT_MS && b->used >= b->max);
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
	json_u64(j, "unasked_waits_total", p->unasked_waits);
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
