/* A script of events at the sync engine: peers of four branches come, tell, answer, are late, lie,
 * forge, ask and go; checkers finish in any order; clocks move; memory fails. The chain holds only
 * what the checkers let pass, no bound is passed, the honest are not banned, and afterwards one
 * honest peer is enough to come to the longest chain.
 *
 * Two bytes of settings; then an event a byte (low half: what, high half: which peer, and a
 * variant), followed by what it needs. */
#include "base/log.h"
#include "tests/fuzz/sync_world.h"

enum { EVENTS = 200 };

static void setup(void)
{
	static const struct log_settings quiet = {.level = LOG_ERROR, .file = "/dev/null"};

	must(log_setup(&quiet));
	chains_made();
}

/* A byte as a height: around the chains, or far away. */
static uint64_t height_of(uint8_t n)
{
	return n < 250 ? n % (BLOCKS + 4) : UINT64_MAX >> (n - 250) * 8;
}

static void tell(struct world *w, struct model_peer *m, struct rd *r, bool pong)
{
	uint64_t height = height_of(rd_u8(r));
	uint8_t nothing[HASH_SIZE] = {1};
	struct slice hash = slice_of(nothing, sizeof nothing);

	if (!m->id)
		return;
	if (height <= m->branch->height && height > 0) {
		hash = m->branch->says[height].hash;
	} else {
		m->lies++;
		hash.n = height & 1 ? HASH_SIZE : 0;
	}
	peer_tell(w, m, height, hash, pong);
}

/* ---- lies ---- */

static void change(struct block *b, uint8_t what, uint8_t value, const struct block *other)
{
	switch (what % 12) {
	case 0:
		b->timestamp += (int8_t)value * 100;
		break;
	case 1:
		b->difficulty = value;
		break;
	case 2:
		b->prev_hash = other->prev_hash;
		break;
	case 3:
		b->hash = other->hash;
		break;
	case 4:
		b->pub_key = other->pub_key;
		break;
	case 5:
		b->signature = other->signature;
		break;
	case 6:
		b->full = !b->full;
		b->tx = other->tx;
		break;
	case 7:
		b->nonce += value;
		break;
	case 8:
		b->version = value;
		break;
	case 9:
		b->tx.identity = other->tx.identity;
		break;
	case 10:
		b->tx.data = slice_of(b->tx.data.p, b->tx.data.n * value / 256);
		break;
	case 11:
		b->index = other->index + (value & 3) - 1;
		break;
	}
}

static struct block block_of(struct rd *r)
{
	const struct branch *b = &chains_made()->branch[rd_u8(r) % BRANCHES];

	return b->says[1 + rd_u8(r) % b->height];
}

/* One block with up to three changes; what the checkers will say of it is part of the script. */
static void give_forged(struct world *w, struct model_peer *m, struct rd *r)
{
	static uint8_t space[BLOCK_MAX_ENCODED];
	struct wr out = wr_of(space, sizeof space);
	struct block a = block_of(r), b = block_of(r);
	uint8_t how = rd_u8(r);

	for (int i = 0; i <= (how & 3); i++) {
		uint8_t what = rd_u8(r);
		change(&a, what, rd_u8(r), &b);
	}
	forge(w, &a, how & 4, how & 8);
	block_encode(&a, &out);
	m->lies++;
	peer_give(w, m, how & 16 ? a.index : how >> 5, wr_done(&out));
}

static void give_any(struct world *w, struct model_peer *m, struct rd *r)
{
	const struct branch *b = &chains_made()->branch[rd_u8(r) % BRANCHES];
	uint64_t index = 1 + rd_u8(r) % b->height;

	m->lies++;
	peer_give(w, m, index, b->block[index]);
}

static void give_bytes(struct world *w, struct model_peer *m, struct rd *r)
{
	uint64_t index = rd_u8(r);
	size_t n = rd_u8(r);

	m->lies++;
	peer_give(w, m, index, rd_bytes(r, n < r->left ? n : r->left));
}

/* ---- the script ---- */

static void answer(struct world *w, struct model_peer *m, uint8_t n)
{
	for (int i = 0; i <= n % 16; i++)
		peer_answer(w, m);
}

static void answer_kick(struct world *w, struct model_peer *m)
{
	m->lies += m->count > 0; /* it would have answered what was asked before */
	peer_answer_kick(w, m);
}

static void finish(struct world *w, uint8_t how)
{
	for (int i = 0; i <= how >> 4; i++)
		checkers_finish(w, how & 15);
}

static void play(struct world *w, struct rd *r)
{
	static const uint64_t ms[] = {1, 60, 300, 1500, 5000, 11000, 61000};
	uint8_t event = rd_u8(r), variant = event >> 6;
	struct model_peer *m = &w->peer[event >> 4 & 3];
	struct node_peer *np;

	switch (event & 15) {
	case 0:
		peer_join(w, m, rd_u8(r), variant & 1);
		break;
	case 1:
		peer_leave(w, m);
		break;
	case 2:
	case 3:
		tell(w, m, r, event & 1);
		break;
	case 4:
	case 5:
		answer(w, m, rd_u8(r));
		break;
	case 6:
	case 7:
		finish(w, rd_u8(r));
		break;
	case 8:
		give_forged(w, m, r);
		break;
	case 9:
		give_any(w, m, r);
		break;
	case 10:
		give_bytes(w, m, r);
		break;
	case 11:
		world_pass(w, ms[rd_u8(r) % (sizeof ms / sizeof ms[0])]);
		break;
	case 12:
		answer_kick(w, m);
		break;
	case 13:
		peer_wants(w, m, height_of(rd_u8(r)));
		break;
	case 14:
		w->sending = rd_u8(r) % 3;
		np = sync_peers_get(&w->peers, m->id);
		if (np && w->sending == SEND_OK)
			serve_drained(&w->serve, np);
		break;
	case 15:
		if (variant & 1) {
			w->wall += (int8_t)rd_u8(r) * 1000000;
		} else {
			mem_fail_nth(1 + rd_u8(r));
			w->memory_failed = true;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct rd r = rd_of(slice_of(data, size));
	uint8_t narrow = rd_u8(&r), heal = rd_u8(&r);

	setup();
	world_init(&w);
	w.limits.max_window.max = narrow & 1 ? 8 : 32;
	w.limits.max_future_blocks.max = narrow & 2 ? 16 : 32;
	w.limits.max_requests_per_peer.max = narrow & 4 ? 2 : 16;
	w.limits.max_verify_queue.max = narrow & 8 ? 16 : 32;
	w.limits.max_walk_backs.max = narrow & 16 ? 1 : 4;
	w.limits.max_get_blocks.max = 8;
	w.limits.max_seen_blocks.max = narrow & 32 ? 64 : 1000;
	w.limits.commit_blocks.max = narrow & 64 ? 2 : 16;
	w.limits.max_draws.max = 4;
	w.limits.store_map_bytes.max = 16777216;
	if (!world_start(&w))
		return 0;
	for (int i = 0; i < EVENTS && r.left && !w.fatal; i++) {
		play(&w, &r);
		world_check(&w);
	}
	mem_fail_nth(0);
	if (!w.fatal)
		world_check_chain(&w);
	if (heal & 2)
		world_heal(&w, heal & 1, heal & 4);
	world_stop(&w);
	return 0;
}
