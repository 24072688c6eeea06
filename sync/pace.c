/* Measures how fast the chain and the checkers advance. Before: sync/sync.c counts. After: the
 * figures, and the time that is left of a sync. */
#include "sync/pace.h"

enum {
	SAMPLE_MS = 1000, /* between two samples */
	LEAST_MS = 2000,  /* the time over which is measured, at least, */
	MOST_MS = 300000, /* and at most; in between, */
	BLOCKS = 64,      /* as long as so many blocks took */
};

static const struct pace_sample *sample(const struct pace *p, size_t back)
{
	return &p->samples[(p->newest + PACE_SAMPLES - back) % PACE_SAMPLES];
}

void pace_begin(struct pace *p, const struct pace_sample *now)
{
	p->newest = 0;
	p->count = 1;
	p->samples[0] = *now;
}

static void add(struct pace *p, const struct pace_sample *now)
{
	if (now->ms - sample(p, 0)->ms < SAMPLE_MS)
		return;
	p->newest = (p->newest + 1) % PACE_SAMPLES;
	p->samples[p->newest] = *now;
	p->count += p->count < PACE_SAMPLES;
}

/* True when the time since this sample is long enough to measure over it. */
static bool suffices(
	const struct pace *p, const struct pace_sample *m, const struct pace_sample *now)
{
	return now->ms - m->ms >= LEAST_MS && (!p->behind || now->height - m->height >= BLOCKS);
}

/* The sample from which to measure: the latest that suffices, else the oldest within MOST_MS. NULL
 * when none is LEAST_MS old. */
static const struct pace_sample *from(const struct pace *p, const struct pace_sample *now)
{
	const struct pace_sample *found = NULL;

	for (size_t back = 0; back < p->count; back++) {
		const struct pace_sample *m = sample(p, back);
		if (now->height < m->height || (found && now->ms - m->ms > MOST_MS))
			break;
		if (now->ms - m->ms >= LEAST_MS)
			found = m;
		if (suffices(p, m, now))
			break;
	}
	return found;
}

void pace_update(struct pace *p, const struct pace_sample *now, bool behind)
{
	if (behind && !p->behind)
		pace_begin(p, now);
	p->behind = behind;
	const struct pace_sample *m = from(p, now);
	if (m) {
		double seconds = (double)(now->ms - m->ms) / 1000;
		p->blocks = (double)(now->height - m->height) / seconds;
		p->hashes = (double)(now->hashes - m->hashes) / seconds;
	}
	add(p, now);
}
