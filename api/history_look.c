/* Takes samples for api/history.h, and writes the points as JSON (GET /history). Before:
 * node/engines.c in its tick; api/routes.c. After: api/figures.h. */
#include <math.h>

#include "api/figures.h"
#include "api/history.h"
#include "api/routes.h"

struct history_sample history_sample_of(const struct figures *f)
{
	bool dns = f->dns.figures != NULL;

	return (struct history_sample){{[HISTORY_HEIGHT] = figures_value(f, FIGURE_height),
		[HISTORY_PEERS] = figures_value(f, FIGURE_peers),
		[HISTORY_IN] = figures_value(f, FIGURE_bytes_in_total),
		[HISTORY_OUT] = figures_value(f, FIGURE_bytes_out_total),
		[HISTORY_MEMORY] = figures_value(f, FIGURE_memory_bytes),
		[HISTORY_DNS] = dns ? figures_value(f, FIGURE_dns_udp_questions_total) +
						figures_value(f, FIGURE_dns_tcp_questions_total)
				    : NAN}};
}

void history_look(struct history *h, const struct api *a, uint64_t now_ms)
{
	struct figures f;

	if (!history_is_due(h, now_ms))
		return;
	figures_begin(&f, a);
	struct history_sample s = history_sample_of(&f);
	history_note(h, now_ms, &s);
}

/* ---- as JSON ---- */

/* Rates have three digits behind the point: what a float cannot tell is not shown. */
static void put_value(struct json_wr *j, float v)
{
	if (isnan(v))
		json_raw(j, NULL, slice_str("null"));
	else
		json_number(j, NULL, rint((double)v * 1000) / 1000);
}

static void put_span(const struct api *a, enum history_span s, struct json_wr *j)
{
	int64_t into = (int64_t)(history_newest_ms(a->history, s) / 1000);
	float points[HISTORY_POINTS];

	json_open(j, NULL, '{');
	json_str(j, "span", history_spans[s].name);
	json_u64(j, "step_seconds", history_spans[s].seconds);
	json_i64(j, "newest_timestamp", clock_wall(a->clock) - into);
	for (int f = 0; f < HISTORY_FIGURES; f++) {
		unsigned count = history_read(a->history, (enum history_figure)f, s, points);
		json_open(j, history_names[f], '[');
		for (unsigned i = 0; i < count; i++)
			put_value(j, points[i]);
		json_close(j, ']');
	}
	json_close(j, '}');
}

int get_history(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};

	json_open(&j, NULL, '{');
	json_open(&j, "spans", '[');
	for (int s = 0; s < HISTORY_SPANS && a->history; s++)
		put_span(a, (enum history_span)s, &j);
	json_close(&j, ']');
	json_close(&j, '}');
	return 200;
}
