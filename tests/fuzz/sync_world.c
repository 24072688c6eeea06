#include "tests/fuzz/sync_world.h"

enum { TICK_MS = 250, HEAL_STEPS = 600, LAPSE_STEPS = 28, FIRST_MS = 1000 };

/* ---- time, callbacks ---- */

static int64_t wall(void *ctx)
{
	return ((struct world *)ctx)->wall;
}

static uint64_t mono(void *ctx)
{
	return ((struct world *)ctx)->mono;
}

static void wake(void *ctx)
{
	(void)ctx;
}

static void new_tip(void *ctx, bool replaced)
{
	announce_new_tip(&((struct world *)ctx)->announce, replaced);
}

static void fatal(void *ctx, enum err err)
{
	struct world *w = ctx;

	must(err != ERR_OK && w->memory_failed);
	w->fatal = true;
}

/* ---- life ---- */

void world_init(struct world *w)
{
	*w = (struct world){.mono = FIRST_MS, .wall = 1700000000};
	w->clock = (struct clock){wall, mono, w};
	w->rng = rng_from_seed(&w->seed, 1);
	limits_default(&w->limits);
	checkers_begin(w);
}

bool world_start(struct world *w)
{
	struct net net = model_net(w);
	struct sync_settings s = {.params = &chains_made()->params,
		.limits = &w->limits,
		.clock = &w->clock,
		.rng = &w->rng,
		.peers = &w->peers,
		.net = net,
		.threads = 1,
		.wake = wake,
		.new_tip = new_tip,
		.fatal = fatal,
		.ctx = w};

	w->before = mem_bytes();
	w->most = (double)w->before + worst_bytes(&w->limits);
	s.chain = w->chain = chains_open(s.params, &w->limits, false);
	must(w->chain);
	sync_peers_init(&w->peers, &w->limits, 3);
	w->sync = sync_start(&s);
	must(w->sync && serve_init(&w->serve, w->chain, net));
	announce_init(&w->announce, w->chain, &w->peers, net, &w->clock, &w->rng);
	return true;
}

/* Every block is one that the checkers let pass, behind the one before. */
void world_check_chain(struct world *w)
{
	static uint8_t bytes[BLOCK_MAX_ENCODED];
	uint8_t digest[DIGEST], parent[HASH_SIZE];
	struct block_owned *b;
	struct chain_tip t;
	size_t n;

	chain_get_tip(w->chain, &t);
	for (uint64_t i = 1; i <= t.height; i++) {
		bool known = false;
		must(chain_read(w->chain, i, bytes, sizeof bytes, &n) == ERR_OK);
		must(block_decode_owned(slice_of(bytes, n), &b) == ERR_OK && b->b.index == i);
		must(i == 1 || slice_eq(b->b.prev_hash, slice_of(parent, HASH_SIZE)));
		memcpy(parent, b->b.hash.p, HASH_SIZE);
		chains_digest(&b->b, digest);
		for (size_t k = 0; k < w->forged_count; k++)
			known |= memcmp(w->forged[k].digest, digest, DIGEST) == 0 &&
				 w->forged[k].hash_ok && w->forged[k].signature_ok;
		must(known || chains_know(digest));
		mem_free(b);
	}
	must(t.height == 0 || memcmp(parent, t.hash, HASH_SIZE) == 0);
}

void world_stop(struct world *w)
{
	mem_fail_nth(0);
	sync_quiesce(w->sync);
	sync_collect(w->sync);
	must(sync_idle(w->sync));
	for (size_t i = 0; i < PEERS; i++)
		peer_leave(w, &w->peer[i]);
	sync_free(w->sync);
	serve_free(&w->serve);
	sync_peers_clear(&w->peers);
	must(chain_close(w->chain) == ERR_OK || w->fatal);
	must_be_unused(&w->limits);
	must(mem_bytes() == w->before);
}

void world_check(struct world *w)
{
	sync_collect(w->sync);
	for (size_t i = 0; i < PEERS; i++)
		if (w->peer[i].ending)
			peer_leave(w, &w->peer[i]);
	must_be_within(&w->limits);
	must((double)mem_bytes() <= w->most);
	must(w->sync->stopping == w->fatal);
}

void world_pass(struct world *w, uint64_t ms)
{
	for (uint64_t at = 0; at < ms; at += TICK_MS) {
		uint64_t step = ms - at < TICK_MS ? ms - at : TICK_MS;
		w->mono += step;
		sync_tick(w->sync);
		announce_tick(&w->announce);
		world_check(w);
	}
	w->wall += (int64_t)(ms / 1000);
}

/* ---- healing ---- */

/* Where it leaves the longest chain; above its height when it does not. */
static uint64_t first_difference(struct world *w, const struct branch *b, uint64_t height)
{
	uint64_t i = 1;

	while (i <= height && i <= b->height && chain_has(w->chain, i, b->says[i].hash))
		i++;
	return i;
}

/* Verified blocks of another branch wait and will be taken, or are already too deep to leave. */
static bool is_lost(struct world *w, const struct branch *b, uint64_t height)
{
	bool lost = first_difference(w, b, height) + 3 < height;

	for (uint64_t i = height + 1; i <= BLOCKS && !lost; i++) {
		const struct block *next = future_blocks_peek(&w->sync->future_blocks, i);
		lost = next && (i > b->height || !slice_eq(next->hash, b->says[i].hash));
	}
	return lost;
}

static void tell_truth(struct world *w, struct model_peer *m)
{
	uint64_t tip = m->branch->height;

	peer_tell(w, m, tip, m->branch->says[tip].hash, true);
}

void world_heal(struct world *w, bool own_kind, bool lapse)
{
	const struct branch *best = &chains_made()->branch[0];
	struct model_peer *m = &w->peer[0];
	struct chain_tip t;

	mem_fail_nth(0);
	w->sending = SEND_OK;
	w->wall = 1800000000;
	for (size_t i = 0; i < PEERS; i++)
		peer_leave(w, &w->peer[i]);
	while (w->pending_count)
		checkers_finish(w, 0);
	world_check(w);
	chain_get_tip(w->chain, &t);
	if (w->fatal || w->forged_good || is_lost(w, best, t.height))
		return;
	for (int i = 0; i < HEAL_STEPS && t.height < best->height; i++) {
		peer_join(w, m, 0, own_kind);
		if (i % 40 == 0)
			tell_truth(w, m);
		if (lapse && i < LAPSE_STEPS) {
			m->count = 0;
			world_pass(w, TICK_MS);
			continue;
		}
		while (m->count)
			peer_answer(w, m);
		while (m->id && m->peers_answered < m->peers_asked)
			peer_answer_kick(w, m);
		while (w->pending_count)
			checkers_finish(w, 0);
		world_pass(w, TICK_MS);
		chain_get_tip(w->chain, &t);
	}
	must(t.height == best->height && first_difference(w, best, t.height) > t.height);
}
