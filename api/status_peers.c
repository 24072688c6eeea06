/* Writes connections, configured peers, known addresses and bans as JSON. Lists of addresses and
 * bans may be longer than an answer can be: they are cut, and their whole length is written too.
 * Before: api/routes.c. After: p2p/p2p.h. */
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "api/status.h"

enum {
	ENTRY_ROOM = 1024,  /* more than the longest entry of a list, in bytes */
	KNOWN_SHOWN = 2000, /* for each address all connections are searched, so not too many */
};

/* True when one more entry fits, and the end of the answer after it. */
static bool has_room(const struct wr *w)
{
	return !w->bad && w->size - w->n > 2 * ENTRY_ROOM;
}

/* ---- connections ---- */

static void put_peer(struct json_wr *j, const struct api *a, const struct peer_info *p)
{
	char text[NETADDR_TEXT_MAX];
	const struct sync_peer_stats s = sync_peer_stats(a->sync, p->id);

	json_open(j, NULL, '{');
	json_u64(j, "id", p->id);
	json_str(j, "address", netaddr_text(&p->addr, text));
	json_str(j, "direction", p->outbound ? "outbound" : "inbound");
	json_bool(j, "configured", p->configured);
	json_bool(j, "ready", p->ready);
	json_str(j, "version", p->app_version);
	json_u64(j, "height", p->height);
	json_u64(j, "round_trip_ms", p->rtt_ms);
	json_u64(j, "age_seconds", (clock_mono(a->clock) - p->since_ms) / 1000);
	json_u64(j, "bytes_in_total", p->bytes_in);
	json_u64(j, "bytes_out_total", p->bytes_out);
	json_u64(j, "good_blocks_total", s.good);
	json_u64(j, "unasked_waits_total", p->unsolicited_waits);
	json_u64(j, "requests_in_flight", s.in_flight);
	json_u64(j, "score", s.score);
	json_close(j, '}');
}

/* Writes all connections. Without memory for the list of ids it writes an empty one. */
static void put_connections(struct json_wr *j, const struct api *a)
{
	size_t most = (size_t)a->config->limits.max_connections.max, count;
	peer_id *ids = mem_alloc(most * sizeof *ids);
	struct peer_info info;

	json_open(j, "peers", '[');
	count = ids ? p2p_list(a->p2p, false, ids, most) : 0;
	for (size_t i = 0; i < count; i++)
		if (p2p_info(a->p2p, ids[i], &info))
			put_peer(j, a, &info);
	json_close(j, ']');
	mem_free(ids);
}

/* ---- the others ---- */

static void put_configured(struct json_wr *j, const struct api *a)
{
	struct p2p_configured p;

	json_open(j, "configured", '[');
	for (size_t i = 0; has_room(j->w) && p2p_configured(a->p2p, i, &p); i++) {
		json_open(j, NULL, '{');
		json_str(j, "address", p.text);
		json_str(j, "state", p.state);
		json_u64(j, "id", p.id);
		json_u64(j, "next_try_seconds", (p.wait_ms + 999) / 1000);
		json_u64(j, "failures", p.failures);
		json_str(j, "last_error", p.error);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* Writes the address book as far as it fits; "known_total" is the number of all entries. */
static void put_known(struct json_wr *j, const struct api *a)
{
	struct p2p_known k;
	struct p2p_stats stats;
	char text[NETADDR_TEXT_MAX];

	p2p_stats(a->p2p, &stats);
	json_u64(j, "known_total", stats.book);
	json_open(j, "known", '[');
	for (size_t at = 0, shown = 0;
		shown < KNOWN_SHOWN && has_room(j->w) && p2p_known_next(a->p2p, &at, &k); shown++) {
		json_open(j, NULL, '{');
		json_str(j, "address", netaddr_text(&k.addr, text));
		json_str(j, "state", k.state);
		json_i64(j, "last_success", k.last_success);
		json_i64(j, "last_try", k.last_try);
		json_i64(j, "last_seen", k.last_seen);
		json_u64(j, "next_try_seconds", k.rest);
		json_u64(j, "failures", k.failures);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void status_peers_json(const struct api *a, struct wr *w, bool all)
{
	struct json_wr j = {.w = w};

	json_open(&j, NULL, '{');
	put_connections(&j, a);
	if (all) {
		put_configured(&j, a);
		put_known(&j, a);
	}
	json_close(&j, '}');
}

static void put_ban(struct json_wr *j, const struct p2p_ban *b)
{
	char text[NETADDR_TEXT_MAX], until[HUMAN_MAX];

	json_open(j, NULL, '{');
	json_str(j, "address", netaddr_ip_text(&b->host, text));
	json_u64(j, "prefix_bits", netaddr_is_ipv4(&b->host) ? 32 : 64);
	json_i64(j, "until", b->until);
	json_str(j, "until_time", human_iso(b->until, until));
	json_u64(j, "left_seconds", b->left);
	json_str(j, "reason", b->why);
	json_close(j, '}');
}

void status_bans_json(const struct api *a, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct p2p_stats stats;
	struct p2p_ban b;

	p2p_stats(a->p2p, &stats);
	json_open(&j, NULL, '{');
	json_u64(&j, "bans_total", stats.bans);
	json_open(&j, "bans", '[');
	for (size_t at = 0; has_room(w) && p2p_ban_next(a->p2p, &at, &b);)
		put_ban(&j, &b);
	json_close(&j, ']');
	json_close(&j, '}');
}
