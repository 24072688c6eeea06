/* Writes the status page: api/page.html with each <!--place--> replaced by current values, so that
 * the page is complete without scripts. Before: api/figures.c, chain/view.h, the tail of the log.
 * After: api/routes.c answers with it. */
#include "api/page.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/human.h"
#include "base/mem.h"
#include "chain/view.h"
#include "api/events.h"
#include "api/figures.h"
#include "api/page_html.h"
#include "api/status.h"

const char *const page_policy = page_policy_text;

enum { BLOCKS_SHOWN = 32, PEERS_SHOWN = 64 };

struct page {
	const struct api *api;
	struct wr *w;
	struct figures f;
};

/* Writes a text so that nothing in it is markup. Needed for every text that others have chosen: log
 * lines, versions of peers. */
static void put_text(struct wr *w, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			wr_format(w, "&lt;");
			break;
		case '&':
			wr_format(w, "&amp;");
			break;
		case '"':
			wr_format(w, "&quot;");
			break;
		default:
			wr_u8(w, (uint8_t)*text);
		}
}

/* ---- one function for each place ---- */

static void put_version(struct page *p)
{
	wr_format(p->w, "%s, %s", p->api->version, p->api->config->network);
}

static void put_reason(struct page *p)
{
	char reason[256];
	bool syncing;

	status_reason(p->api, reason, sizeof reason, &syncing);
	put_text(p->w, reason);
}

/* The height of the network's chain, but never less than ours. */
static uint64_t best(const struct page *p)
{
	return p->f.sync.best > p->f.tip.height ? p->f.sync.best : p->f.tip.height;
}

static void put_progress(struct page *p)
{
	wr_format(p->w, "max=\"%llu\" value=\"%llu\"", (unsigned long long)(best(p) ? best(p) : 1),
		(unsigned long long)p->f.tip.height);
}

static void put_figure(struct wr *w, const char *id, const char *name, const char *value)
{
	wr_format(w, "<div><dt>%s</dt><dd id=\"%s\">%s</dd></div>", name, id, value);
}

static void put_bytes(struct wr *w, const char *id, const char *name, double v)
{
	char text[HUMAN_MAX];

	put_figure(w, id, name, human_bytes((uint64_t)v, text));
}

static void put_count(struct wr *w, const char *id, const char *name, uint64_t v)
{
	char text[HUMAN_MAX];

	put_figure(w, id, name, human_count(v, text));
}

static void put_span(struct wr *w, const char *id, const char *name, double seconds)
{
	char text[HUMAN_MAX];

	put_figure(w, id, name, human_duration(seconds > 0 ? (uint64_t)seconds : 0, text));
}

static void put_figures(struct page *p)
{
	const struct figures *f = &p->f;
	double rate = figures_value(f, FIGURE_blocks_per_second);
	uint64_t left = best(p) - f->tip.height;
	char text[HUMAN_MAX];

	put_count(p->w, "height", "height", f->tip.height);
	put_count(p->w, "best", "best known", best(p));
	if (f->tip.height)
		put_span(p->w, "age", "age of the last block",
			(double)clock_wall(p->api->clock) - (double)f->tip.timestamp);
	else
		put_figure(p->w, "age", "age of the last block", "–");
	put_figure(p->w, "rate", "pace", human_rate(rate, "blocks", text));
	put_figure(p->w, "left", "time left",
		left && rate > 0 ? human_time_left(left, rate, text) : "–");
	put_count(p->w, "peer-count", "peers", f->sync.peers);
	put_figure(p->w, "memory", "memory",
		human_bytes_of((uint64_t)figures_value(f, FIGURE_memory_bytes),
			p->api->config->memory_budget, text));
	put_bytes(p->w, "store", "store", figures_value(f, FIGURE_store_bytes));
	put_span(p->w, "uptime", "running for", figures_value(f, FIGURE_uptime_seconds));
}

/* The last blocks, oldest first, each with the beginning of its author's key. */
static void put_blocks(struct page *p)
{
	struct view *v = chain_view(p->api->chain);
	uint64_t height = p->f.tip.height;
	struct block_summary h;

	view_begin(v);
	for (uint64_t i = height > BLOCKS_SHOWN ? height - BLOCKS_SHOWN + 1 : 1;
		i <= height && view_summary(v, i, &h); i++) {
		char key[9];
		hex_upper(slice_of(h.key, 2), key);
		wr_format(p->w, "<li%s>%llu %s</li>\n", h.full ? " class=\"full\"" : "",
			(unsigned long long)i, key);
	}
	view_end(v);
}

static void put_peer(struct page *p, const struct peer_info *info)
{
	char address[NETADDR_TEXT_MAX], in[HUMAN_MAX], out[HUMAN_MAX];

	wr_format(p->w, "<tr><td>%s</td><td>%s%s</td><td>", netaddr_text(&info->addr, address),
		info->outbound ? "outbound" : "inbound", info->ready ? "" : ", not ready");
	put_text(p->w, info->app_version);
	wr_format(p->w,
		"</td><td class=\"n\">%llu</td><td class=\"n\">%llu ms</td><td class=\"n\">%u</td>"
		"<td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
		(unsigned long long)info->height, (unsigned long long)info->rtt_ms,
		sync_peer_stats(p->api->sync, info->id).score, human_bytes(info->bytes_in, in),
		human_bytes(info->bytes_out, out));
}

static void put_peers(struct page *p)
{
	peer_id ids[PEERS_SHOWN];
	struct peer_info info;
	size_t count = p2p_list(p->api->p2p, false, ids, PEERS_SHOWN);

	for (size_t i = 0; i < count; i++)
		if (p2p_info(p->api->p2p, ids[i], &info))
			put_peer(p, &info);
}

static const char *amount(enum limit_unit unit, uint64_t v, char to[HUMAN_MAX])
{
	switch (unit) {
	case UNIT_BYTES:
		return human_bytes(v, to);
	case UNIT_MS:
		return human_ms(v, to);
	default:
		return human_count(v, to);
	}
}

/* One row of limits.def. Where it has no value in use (status_has_current()) a dash stands for it.
 */
static void put_limit(struct wr *w, size_t row, const struct bound *b)
{
	char used[HUMAN_MAX] = "–", peak[HUMAN_MAX] = "–", max[HUMAN_MAX], hits[HUMAN_MAX];
	enum limit_unit unit = limit_rows[row].unit;
	bool now = status_has_current(row);

	if (now)
		amount(unit, b->used, used);
	if (unit != UNIT_MS)
		amount(unit, b->peak, peak);
	wr_format(w, "<tr%s><td>%s</td><td>",
		now && b->max && b->used >= b->max ? " class=\"at\"" : "", b->name);
	if (now)
		wr_format(w, "<progress aria-label=\"%s\" max=\"%llu\" value=\"%llu\"></progress>",
			b->name, (unsigned long long)b->max, (unsigned long long)b->used);
	wr_format(w,
		"</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td "
		"class=\"n\">%s</td></tr>\n",
		used, peak, amount(unit, b->max, max), human_count(b->hits, hits));
}

static void put_limits(struct page *p)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		put_limit(p->w, i, limits_bound_const(&p->api->config->limits, i));
}

static void put_log(struct page *p)
{
	struct log_tail *tail = events_tail(p->api->events);
	struct log_tail_line line;

	for (uint64_t i = log_tail_first(tail); log_tail_get(tail, i, &line); i++) {
		put_text(p->w, log_level_name(line.level));
		wr_u8(p->w, ' ');
		put_text(p->w, line.text);
		wr_u8(p->w, '\n');
	}
}

static const struct place {
	const char *name;
	void (*put)(struct page *p);
} places[] = {
	{"<!--version-->", put_version},
	{"<!--reason-->", put_reason},
	{"<!--progress-->", put_progress},
	{"<!--figures-->", put_figures},
	{"<!--blocks-->", put_blocks},
	{"<!--peers-->", put_peers},
	{"<!--limits-->", put_limits},
	{"<!--log-->", put_log},
};

/* The place whose name the text begins with; NULL when there is none. */
static const struct place *place_at(const char *text, size_t left)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		size_t n = strlen(places[i].name);
		if (n <= left && memcmp(text, places[i].name, n) == 0)
			return &places[i];
	}
	return NULL;
}

/* Copies the page up to each place and calls its function. Only a '<' can begin a place, so the
 * text between is copied in long pieces. */
void page_put(const struct api *a, struct wr *w)
{
	struct page p = {.api = a, .w = w};
	const char *text = (const char *)page_html;
	size_t at = 0, size = sizeof page_html;

	figures_begin(&p.f, a);
	while (at < size) {
		const char *next = memchr(text + at, '<', size - at);
		size_t upto = next ? (size_t)(next - text) : size;
		wr_bytes(w, text + at, upto - at);
		at = upto;
		const struct place *place = place_at(text + at, size - at);
		if (place) {
			place->put(&p);
			at += strlen(place->name);
		} else if (at < size) {
			wr_u8(w, (uint8_t)text[at++]);
		}
	}
}
