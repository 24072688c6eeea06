/* Role: measures how fast blocks are searched for. See mine/rate.h.
 * Before: commands. After: mine/search.c. */
#include "mine/rate.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

enum {
	INPUT = 600, /* bytes: as those of a block with a few records */
	LOOK_MS = 5,
};

struct probe {
	uint64_t until; /* monotonic, ms */
};

static bool fill(void *ctx, struct search_batch *b)
{
	const struct probe *p = ctx;

	for (b->n = 0; b->n < b->most && (size_t)(b->n + 1) * INPUT <= b->room_size; b->n++) {
		uint8_t *to = b->room + (size_t)b->n * INPUT;
		memset(to, 0, INPUT);
		to[0] = (uint8_t)b->n;
		b->in[b->n] = slice_of(to, INPUT);
	}
	return b->n > 0 && clock_mono(&clock_system) < p->until;
}

static bool judge(void *ctx, const struct search_batch *b)
{
	(void)ctx;
	(void)b;
	return false;
}

static void on_ended(void *ctx)
{
	(void)ctx;
}

double mine_rate(const struct search_settings *s, unsigned ms)
{
	const struct timespec look = {0, LOOK_MS * 1000000L};
	uint64_t begun = clock_mono(&clock_system);
	struct probe p = {begun + ms};
	const struct search_task task = {INPUT, fill, judge, &p};
	struct search_settings own = *s;
	enum err err;

	own.ended = on_ended;
	own.gives_way = NULL;
	own.lower = false; /* a busy machine would make us wait for long */
	struct search *search = search_start(&own, &task, &err);
	if (!search)
		return 0;
	while (!search_has_ended(search))
		nanosleep(&look, NULL);
	uint64_t took = clock_mono(&clock_system) - begun, hashes = search_hashes(search);
	search_free(search);
	return took ? (double)hashes * 1000 / (double)took : 0;
}
