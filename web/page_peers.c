/* The peers: connections, the configured ones with their last error, bans. Before: web/routes.c.
 * After: p2p/p2p.h, sync/sync_stats.h. */
#include "base/mem.h"
#include "web/peers.h"
#include "web/routes.h"

static void cell_number(struct page *p, uint64_t n)
{
	char number[PAGE_WORD_MAX];

	page_cell(p, "n");
	html_str(p->w, page_number(p, n, number));
}

static void cell_bytes(struct page *p, uint64_t n)
{
	char text[PAGE_WORD_MAX];

	page_cell(p, "n");
	html_str(p->w, page_bytes(p, n, text));
}

/* The last column of a table, for who may do something about its rows. */
static enum web_text deeds(const struct page *p)
{
	return page_may_own(p) ? TEXT_COLUMN_DEEDS : WEB_TEXTS;
}

static void put_round_trip(struct page *p, uint64_t ms)
{
	char number[PAGE_WORD_MAX];

	page_cell(p, "n");
	if (ms)
		page_say_with(p, TEXT_MILLISECONDS, page_number(p, ms, number), NULL);
	else
		html_raw(p->w, "–");
}

static void put_peer(struct page *p, const struct peer_info *info)
{
	char address[NETADDR_TEXT_MAX], span[PAGE_WORD_MAX];
	uint64_t age = (clock_mono(p->api->clock) - info->since_ms) / 1000;

	page_row(p, NULL, "long");
	html_str(p->w, netaddr_text(&info->addr, address));
	page_cell(p, NULL);
	page_say(p, info->outbound ? TEXT_DIRECTION_OUT : TEXT_DIRECTION_IN);
	if (!info->ready) {
		html_raw(p->w, ", ");
		page_say(p, TEXT_NOT_READY);
	}
	page_cell(p, NULL);
	html_foreign(p->w, slice_str(info->app_version));
	cell_number(p, info->height);
	put_round_trip(p, info->rtt_ms);
	page_cell(p, NULL);
	html_str(p->w, page_span(p, age, span));
	cell_bytes(p, info->bytes_in);
	cell_bytes(p, info->bytes_out);
	peers_put_button(p, "/node/peers/ban", address, TEXT_BAN);
	page_row_end(p);
}

static void put_connections(struct page *p)
{
	const enum web_text columns[] = {TEXT_COLUMN_ADDRESS, TEXT_COLUMN_DIRECTION,
		TEXT_COLUMN_VERSION, TEXT_COLUMN_HEIGHT, TEXT_COLUMN_ROUND_TRIP,
		TEXT_COLUMN_CONNECTED, TEXT_COLUMN_IN, TEXT_COLUMN_OUT, deeds(p), WEB_TEXTS};
	size_t most = (size_t)p->api->config->limits.max_connections.max, i = 0;
	peer_id *ids = mem_alloc(most * sizeof *ids);
	size_t count = ids ? p2p_list(p->api->p2p, false, ids, most) : 0;
	struct peer_info info;

	if (count)
		page_table(p, columns);
	for (; i < count && page_has_room(p); i++)
		if (p2p_info(p->api->p2p, ids[i], &info))
			put_peer(p, &info);
	if (count)
		page_table_end(p);
	if (i < count)
		page_sentence(p, TEXT_LIST_CUT);
	mem_free(ids);
}

/* How many there are, and whether others can call us. */
static void put_summary(struct page *p)
{
	char all[PAGE_WORD_MAX], inbound[PAGE_WORD_MAX];
	struct p2p_stats s;

	p2p_stats(p->api->p2p, &s);
	html_raw(p->w, "<p>");
	page_say_with(p, TEXT_PEERS_NOW, page_number(p, s.inbound + s.outbound, all),
		page_number(p, s.inbound, inbound));
	html_raw(p->w, ". ");
	page_explain(p, s.inbound                      ? TEXT_REACHED
			: s.accepted                   ? TEXT_WAS_REACHED
			: p->api->config->listen.count ? TEXT_NOT_REACHED
						       : TEXT_NOT_LISTENING);
	html_raw(p->w, " <a href=\"/node/time\">");
	page_say(p, TEXT_OVER_TIME);
	html_raw(p->w, "</a></p>\n");
}

/* ---- configured ---- */

static void put_state(struct page *p, const struct p2p_configured *c)
{
	char span[PAGE_WORD_MAX], in[PAGE_WORD_MAX];

	if (strcmp(c->state, "connected") == 0)
		page_say(p, TEXT_PEER_CONNECTED);
	else if (strcmp(c->state, "dialling") == 0)
		page_say(p, TEXT_PEER_DIALLING);
	else if (strcmp(c->state, "resolving") == 0)
		page_say(p, TEXT_PEER_RESOLVING);
	else
		page_say_with(p, TEXT_PEER_WAITING,
			page_fill(p, TEXT_IN, page_span(p, (c->wait_ms + 999) / 1000, span), in),
			NULL);
}

static void put_configured_row(struct page *p, const struct p2p_configured *c)
{
	page_row(p, NULL, "long");
	html_foreign(p->w, slice_str(c->text));
	page_cell(p, NULL);
	put_state(p, c);
	page_cell(p, "long");
	page_put_line(p, c->error);
	peers_put_button(p, "/node/peers/remove", c->text, TEXT_REMOVE);
	page_row_end(p);
}

static void put_configured(struct page *p, const struct peers_said *said)
{
	const enum web_text columns[] = {
		TEXT_COLUMN_ADDRESS, TEXT_COLUMN_STATE, TEXT_COLUMN_ERROR, deeds(p), WEB_TEXTS};
	struct p2p_configured c;
	bool some = p2p_configured(p->api->p2p, 0, &c);

	if (some || page_may_own(p))
		page_head(p, TEXT_CONFIGURED_PEERS);
	if (some)
		page_table(p, columns);
	for (size_t i = 0; page_has_room(p) && p2p_configured(p->api->p2p, i, &c); i++)
		put_configured_row(p, &c);
	if (some)
		page_table_end(p);
	peers_put_add(p, said);
}

/* ---- bans ---- */

static void put_ban_row(struct page *p, const struct p2p_ban *b)
{
	char address[NETADDR_TEXT_MAX];

	page_row(p, NULL, "long");
	html_str(p->w, netaddr_ip_text(&b->host, address));
	page_cell(p, NULL);
	page_put_date(p, b->until);
	page_cell(p, NULL);
	page_put_line(p, b->why);
	peers_put_button(p, "/node/peers/unban", address, TEXT_UNBAN);
	page_row_end(p);
}

static void put_bans(struct page *p, const struct peers_said *said)
{
	const enum web_text columns[] = {
		TEXT_COLUMN_ADDRESS, TEXT_COLUMN_UNTIL, TEXT_COLUMN_REASON, deeds(p), WEB_TEXTS};
	struct p2p_ban b;
	size_t at = 0, shown = 0;

	page_head(p, TEXT_BANS);
	while (page_has_room(p) && p2p_ban_next(p->api->p2p, &at, &b)) {
		if (shown++ == 0)
			page_table(p, columns);
		put_ban_row(p, &b);
	}
	if (shown)
		page_table_end(p);
	if (!shown || !page_has_room(p))
		page_sentence(p, shown ? TEXT_LIST_CUT : TEXT_NO_BANS);
	peers_put_ban(p, said);
}

int peers_page(struct page *p, const struct peers_said *said)
{
	page_begin(p, web_text(p->language, TEXT_PEERS), "/peers?all");
	if (said && said->form == PEERS_OTHER) {
		html_raw(p->w, "<p class=\"bad\" role=\"alert\"> ");
		html_foreign(p->w, slice_str(said->address));
		html_raw(p->w, ": ");
		page_say(p, said->why);
		html_raw(p->w, "</p>\n");
	}
	put_summary(p);
	put_connections(p);
	put_configured(p, said);
	put_bans(p, said);
	page_end(p);
	return 200;
}

int page_peers(struct page *p, const char *last)
{
	(void)last;
	return peers_page(p, NULL);
}
