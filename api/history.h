/* How some figures moved over the last hour and the last day: points of equal length in a bounded
 * ring, which starts empty with the node. For the loop's thread. */
#ifndef API_HISTORY_H
#define API_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bound.h"

struct api;
struct figures;

enum history_figure {
	HISTORY_HEIGHT,
	HISTORY_PEERS,
	HISTORY_IN,  /* bytes a second from peers */
	HISTORY_OUT, /* and to them */
	HISTORY_MEMORY,
	HISTORY_DNS, /* questions a second */
	HISTORY_FIGURES
};

enum history_span { HISTORY_HOUR, HISTORY_DAY, HISTORY_SPANS };

enum {
	HISTORY_POINTS = 96, /* of a span at most */
	HISTORY_POINT_BYTES = HISTORY_FIGURES * sizeof(float),
	HISTORY_BYTES = (60 + 96) * HISTORY_POINT_BYTES, /* of all points */
};

/* What a span is made of, and what a figure is called in JSON. */
struct history_row {
	const char *name;
	unsigned seconds; /* of a point */
	unsigned points;
};
extern const struct history_row history_spans[HISTORY_SPANS];
extern const char *const history_names[HISTORY_FIGURES];

/* The figures at one moment; of those that are counted as a rate the total since the start. NAN =
 * there is no such figure now. */
struct history_sample {
	double value[HISTORY_FIGURES];
};

struct history_ring {
	float *points;  /* by figure, then by the number of the point modulo `count` */
	unsigned count; /* 0 = none is kept */
	uint64_t at;    /* number of the point that goes on */
	uint64_t mark_ms;
	struct history_sample mark; /* at mark_ms, when that point began */
};

struct history {
	struct bound *row; /* bytes of the points */
	uint64_t max;      /* the row's bound that the rings were made for */
	uint64_t seen_ms;  /* the last sample; 0 = there is none */
	struct history_ring ring[HISTORY_SPANS];
};

/* Makes an empty one without memory. `row` is borrowed. */
void history_begin(struct history *h, struct bound *row);
void history_end(struct history *h);

/* Times are milliseconds that never go back and that go on while the machine sleeps. A sample is
 * due every few seconds. */
bool history_is_due(const struct history *h, uint64_t now_ms);

/* Takes a sample. A point has the last value of its time, or the rate over its time; the newest
 * one goes on until its time is over. A point without a sample is a gap. When memory runs out
 * nothing is kept. */
void history_note(struct history *h, uint64_t now_ms, const struct history_sample *s);

/* Copies the points of a figure, the oldest first; a gap is NAN. Returns how many there are. */
unsigned history_read(const struct history *h, enum history_figure f, enum history_span s,
	float to[HISTORY_POINTS]);

/* How far, in milliseconds, the newest point had come with the last sample. */
uint64_t history_newest_ms(const struct history *h, enum history_span s);

/* ---- history_look.c ---- */

/* The sample of these figures. */
struct history_sample history_sample_of(const struct figures *f);

/* Takes a sample of the node when one is due. */
void history_look(struct history *h, const struct api *a, uint64_t now_ms);

#endif
