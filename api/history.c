/* Keeps points of figures in rings. Before: api/history_look.c takes samples. After:
 * api/history_look.c and web/plot.c show the points. */
#include "api/history.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

enum {
	DUE_MS = 5000,
	RATE_MS = 1000, /* over less than this no rate is told */
};

const struct history_row history_spans[HISTORY_SPANS] = {
	[HISTORY_HOUR] = {"hour", 60, 60},
	[HISTORY_DAY] = {"day", 900, 96},
};

const char *const history_names[HISTORY_FIGURES] = {
	[HISTORY_HEIGHT] = "height",
	[HISTORY_PEERS] = "peers",
	[HISTORY_IN] = "bytes_in_per_second",
	[HISTORY_OUT] = "bytes_out_per_second",
	[HISTORY_MEMORY] = "memory_bytes",
	[HISTORY_DNS] = "dns_questions_per_second",
};

static bool is_rate(int f)
{
	return f == HISTORY_IN || f == HISTORY_OUT || f == HISTORY_DNS;
}

static float *place(const struct history_ring *r, int f, uint64_t number)
{
	return &r->points[(unsigned)f * r->count + number % r->count];
}

/* ---- memory ---- */

/* As many points of this span as its share of the bytes holds. */
static unsigned points_for(uint64_t bytes, int span)
{
	uint64_t most = HISTORY_BYTES / HISTORY_POINT_BYTES, all = bytes / HISTORY_POINT_BYTES;

	return (unsigned)((all < most ? all : most) * history_spans[span].points / most);
}

/* Gives a ring another number of points; the newest ones stay. */
static void resize(struct history_ring *r, unsigned count)
{
	struct history_ring fresh = *r;
	unsigned both = count < r->count ? count : r->count;

	if (count == r->count)
		return;
	fresh.count = count;
	fresh.points = count ? mem_alloc((size_t)count * HISTORY_POINT_BYTES) : NULL;
	if (!fresh.points)
		fresh.count = 0;
	for (unsigned i = 0; i < fresh.count * HISTORY_FIGURES; i++)
		fresh.points[i] = NAN;
	for (unsigned i = 0; i < both && fresh.count && r->at >= i; i++)
		for (int f = 0; f < HISTORY_FIGURES; f++)
			*place(&fresh, f, r->at - i) = *place(r, f, r->at - i);
	mem_free(r->points);
	*r = fresh;
}

/* Makes the rings as large as the row says, which a reload may have changed. */
static void fit(struct history *h)
{
	uint64_t max = bound_read(&h->row->max), bytes = 0;

	if (h->seen_ms && max == h->max)
		return;
	h->max = max;
	for (int s = 0; s < HISTORY_SPANS; s++) {
		resize(&h->ring[s], points_for(max, s));
		bytes += (uint64_t)h->ring[s].count * HISTORY_POINT_BYTES;
	}
	bound_note(h->row, bytes);
}

void history_begin(struct history *h, struct bound *row)
{
	*h = (struct history){.row = row};
	fit(h);
}

void history_end(struct history *h)
{
	for (int s = 0; s < HISTORY_SPANS; s++)
		mem_free(h->ring[s].points);
	if (h->row)
		bound_note(h->row, 0);
	*h = (struct history){.row = h->row};
}

/* ---- points ---- */

static void begin_point(
	struct history_ring *r, uint64_t number, uint64_t now_ms, const struct history_sample *s)
{
	r->at = number;
	r->mark_ms = now_ms;
	r->mark = *s;
}

/* Points that nobody saw are gaps. */
static void clear(struct history_ring *r, uint64_t from, uint64_t to)
{
	if (to - from > r->count)
		from = to - r->count;
	for (; from < to; from++)
		for (int f = 0; f < HISTORY_FIGURES; f++)
			*place(r, f, from) = NAN;
}

/* What the point that goes on is by now. A total that became smaller began anew. */
static void put(struct history_ring *r, uint64_t now_ms, const struct history_sample *s)
{
	uint64_t ms = now_ms - r->mark_ms;

	for (int f = 0; f < HISTORY_FIGURES; f++) {
		double v = s->value[f], more = v - r->mark.value[f];
		if (!is_rate(f))
			*place(r, f, r->at) = (float)v;
		else if (!(more >= 0))
			*place(r, f, r->at) = NAN;
		else if (ms >= RATE_MS)
			*place(r, f, r->at) = (float)(more * 1000 / (double)ms);
	}
}

static void note(struct history_ring *r, unsigned seconds, bool first, uint64_t now_ms,
	const struct history_sample *s)
{
	uint64_t number = now_ms / 1000 / seconds;

	if (!r->count)
		return;
	if (first)
		begin_point(r, number, now_ms, s);
	if (number <= r->at + 1)
		put(r, now_ms, s);
	if (number <= r->at)
		return;
	clear(r, r->at + 1, number + 1);
	begin_point(r, number, now_ms, s);
	put(r, now_ms, s);
}

bool history_is_due(const struct history *h, uint64_t now_ms)
{
	return !h->seen_ms || now_ms >= h->seen_ms + DUE_MS || bound_read(&h->row->max) != h->max;
}

void history_note(struct history *h, uint64_t now_ms, const struct history_sample *s)
{
	bool first = !h->seen_ms;

	if (now_ms < h->seen_ms)
		return;
	for (int i = 0; i < HISTORY_SPANS; i++)
		first = first || !h->ring[i].count;
	fit(h);
	h->seen_ms = now_ms ? now_ms : 1;
	for (int i = 0; i < HISTORY_SPANS; i++)
		note(&h->ring[i], history_spans[i].seconds, first, now_ms, s);
}

/* ---- reading ---- */

unsigned history_read(const struct history *h, enum history_figure f, enum history_span s,
	float to[HISTORY_POINTS])
{
	const struct history_ring *r = &h->ring[s];

	for (unsigned i = 0; i < r->count; i++)
		to[i] = r->at + i + 1 >= r->count ? *place(r, (int)f, r->at + i + 1 - r->count)
						  : NAN;
	return r->count;
}

uint64_t history_newest_ms(const struct history *h, enum history_span s)
{
	return h->seen_ms - h->ring[s].at * history_spans[s].seconds * 1000;
}
