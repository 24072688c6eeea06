#include "tests/replay/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "domain/domain.h"
#include "sync/sync.h"

enum {
	HONEST = 2,      /* peers 1 … HONEST; later numbers are liars, one at a time */
	ASKED_MAX = 512, /* requests that were not answered yet */
	STEPS_MAX = 200000,
	STEP_MS = 20,
	LIES_AT_MOST = 400, /* liars, one after the other */
	TIP_IS_NEAR = 8,    /* so close to the tip a liar's good branch may be as right as ours */
};

struct asked {
	peer_id peer;
	uint64_t index;
};

struct game {
	const struct orders *o;
	uint64_t height; /* of the script's chain */
	struct limits limits;
	char dir[64];
	struct chain *chain;
	struct sync_peers peers;
	struct sync *sync;
	uint64_t mono;
	struct clock clock;
	struct rng_seeded seeded;
	struct rng rng;
	struct asked asked[ASKED_MAX];
	size_t asked_count;
	peer_id liar; /* 0 = none now */
	peer_id last;
	bool liar_out;
	bool fatal;
	uint8_t block[BLOCK_MAX_ENCODED];
};

/* ---- the model network ---- */

static enum send_result game_send(void *ctx, peer_id id, const struct message *m)
{
	struct game *g = ctx;

	if (m->type == MSG_GET_BLOCK && g->asked_count < ASKED_MAX)
		g->asked[g->asked_count++] = (struct asked){id, m->index};
	return SEND_OK;
}

static uint64_t game_quiet(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
	return 0;
}

static bool game_info(void *ctx, peer_id id, struct peer_info *out)
{
	(void)ctx;
	*out = (struct peer_info){.id = id, .ready = true};
	return true;
}

static void out(struct game *g, peer_id id)
{
	if (id == g->liar)
		g->liar_out = true;
	else
		g->fatal = true; /* an honest peer must not be harmed */
}

static void game_close(void *ctx, peer_id id, enum close_reason why)
{
	(void)why;
	out(ctx, id);
}

static void game_ban(void *ctx, peer_id id, const char *what)
{
	(void)what;
	out(ctx, id);
}

static void ignore_number(void *ctx, peer_id id, uint64_t n)
{
	(void)ctx;
	(void)id;
	(void)n;
}

static void ignore_peer(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
}

static void ignore_wake(void *ctx)
{
	(void)ctx;
}

static void ignore_tip(void *ctx, bool replaced)
{
	(void)ctx;
	(void)replaced;
}

static void on_fatal(void *ctx, enum err err)
{
	(void)err;
	((struct game *)ctx)->fatal = true;
}

static int64_t game_wall(void *ctx)
{
	return ((struct game *)ctx)->o->now;
}

static uint64_t game_mono(void *ctx)
{
	return ((struct game *)ctx)->mono;
}

/* ---- peers ---- */

static void enter(struct game *g, peer_id id)
{
	struct node_peer *np = sync_peers_add(&g->peers, id);
	uint8_t hash[HASH_SIZE];

	if (!np || !chain_hash_at(g->o->chain, g->height, hash))
		return;
	np->own_kind = true;
	sync_peer_ready(g->sync, np);
	sync_height(g->sync, np, g->height, slice_of(hash, HASH_SIZE));
}

static void leave(struct game *g, peer_id id)
{
	struct node_peer *np = sync_peers_get(&g->peers, id);
	size_t kept = 0;

	for (size_t i = 0; i < g->asked_count; i++)
		if (g->asked[i].peer != id)
			g->asked[kept++] = g->asked[i];
	g->asked_count = kept;
	if (!np)
		return;
	sync_peer_gone(g->sync, np);
	sync_peers_remove(&g->peers, id);
}

static void next_liar(struct game *g)
{
	if (g->liar)
		leave(g, g->liar);
	g->liar_out = false;
	g->liar = g->last < LIES_AT_MOST ? ++g->last : 0;
	if (g->liar)
		enter(g, g->liar);
}

/* Something that the script offers under this index; empty when there is nothing. */
static struct slice a_lie(struct game *g, uint64_t index)
{
	size_t from = (size_t)rng_below(&g->rng, g->o->count);

	for (size_t i = 0; i < g->o->count; i++) {
		const struct offered *b = &g->o->offered[(from + i) % g->o->count];
		if (b->index == index && (b->bad || index + TIP_IS_NEAR <= g->height))
			return b->bytes;
	}
	return slice_of(NULL, 0);
}

static struct slice answer_of(struct game *g, const struct asked *a)
{
	size_t n;

	if (a->peer == g->liar && rng_below(&g->rng, 3) == 0)
		return a_lie(g, a->index);
	if (chain_read(g->o->chain, a->index, g->block, sizeof g->block, &n) != ERR_OK)
		return slice_of(NULL, 0);
	return slice_of(g->block, n);
}

/* The oldest request of one peer, chosen by chance: answers of one peer keep their order. */
static bool take_request(struct game *g, struct asked *a)
{
	if (!g->asked_count)
		return false;
	peer_id id = g->asked[rng_below(&g->rng, g->asked_count)].peer;
	size_t i = 0;
	while (g->asked[i].peer != id)
		i++;
	*a = g->asked[i];
	memmove(&g->asked[i], &g->asked[i + 1], (--g->asked_count - i) * sizeof *a);
	return true;
}

static void give(struct game *g, const struct asked *a, struct slice bytes)
{
	struct node_peer *np = sync_peers_get(&g->peers, a->peer);
	struct message m = {.type = MSG_BLOCK, .index = a->index, .block = bytes};

	if (np && bytes.n)
		sync_block(g->sync, np, &m);
}

static void answer_one(struct game *g)
{
	struct asked a;

	if (!take_request(g, &a))
		return;
	struct slice bytes = answer_of(g, &a);
	give(g, &a, bytes);
	if (a.peer == g->liar && rng_below(&g->rng, 8) == 0)
		give(g, &a, bytes); /* and once more, unasked */
}

/* ---- the game ---- */

static bool arrived(struct game *g)
{
	uint8_t ours[HASH_SIZE], theirs[HASH_SIZE];
	struct chain_tip t;

	chain_get_tip(g->chain, &t);
	return t.height == g->height && chain_hash_at(g->chain, g->height, ours) &&
	       chain_hash_at(g->o->chain, g->height, theirs) &&
	       memcmp(ours, theirs, HASH_SIZE) == 0;
}

/* We are on a branch that the script offers too, and by the rules the other one does not win: its
 * lowest block is bad as seen from ours, or lies too deep. */
static bool undecided(struct game *g)
{
	struct block_facts facts = {true, true, 64, DOMAIN_UNREAD};
	uint8_t ours[HASH_SIZE];
	struct block_owned *b;
	struct chain_tip t;
	uint64_t i = 1;
	size_t n;

	chain_get_tip(g->chain, &t);
	while (chain_hash_at(g->o->chain, i, ours) &&
		chain_has(g->chain, i, slice_of(ours, HASH_SIZE)))
		i++;
	if (i > t.height || chain_read(g->o->chain, i, g->block, sizeof g->block, &n) != ERR_OK ||
		block_decode_owned(slice_of(g->block, n), &b) != ERR_OK)
		return false;
	facts_read_domain(&facts, &b->b);
	struct outcome o = chain_check(g->chain, &b->b, &facts, g->o->now);
	mem_free(b);
	return o.verdict == VERDICT_BAD || i + CONFIDENCE_DEPTH < t.height;
}

static bool run(struct game *g)
{
	for (peer_id id = 1; id <= HONEST; id++)
		enter(g, ++g->last);
	next_liar(g);
	for (unsigned i = 0; i < STEPS_MAX && !g->fatal && !arrived(g); i++) {
		for (uint64_t n = rng_below(&g->rng, 24); n > 0; n--)
			answer_one(g);
		if (!g->asked_count || rng_below(&g->rng, 4) == 0)
			while (!sync_idle(g->sync))
				sync_collect(g->sync);
		sync_collect(g->sync);
		g->mono += STEP_MS;
		sync_tick(g->sync);
		if (g->liar_out || (!g->asked_count && sync_idle(g->sync)))
			next_liar(g);
	}
	return (arrived(g) || undecided(g)) && !g->fatal;
}

static struct chain *open_store(struct game *g)
{
	struct chain_settings s = {
		.dir = g->dir, .params = g->o->params, .limits = &g->limits, .no_sync = true};
	struct chain_error e;

	snprintf(g->dir, sizeof g->dir, "/tmp/alfisd-orders-XXXXXX");
	return mkdtemp(g->dir) ? chain_open(&s, &e) : NULL;
}

static void remove_store(struct game *g)
{
	static const char *const names[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	char file[128];

	if (g->chain)
		chain_close(g->chain);
	g->chain = NULL;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", g->dir, names[i]);
		unlink(file);
	}
	rmdir(g->dir);
}

/* A branch can win by its lowest block alone, and then hold what nobody would take block by block:
 * how far can the script's chain be synced at all? */
static uint64_t height_in_order(struct game *g)
{
	struct block_facts facts = {true, true, 64, DOMAIN_UNREAD};
	struct block_owned *b;
	uint64_t i = 1;
	size_t n;

	g->chain = open_store(g);
	for (bool good = g->chain; good; i += good) {
		good = chain_read(g->o->chain, i, g->block, sizeof g->block, &n) == ERR_OK &&
		       block_decode_owned(slice_of(g->block, n), &b) == ERR_OK;
		if (!good)
			break;
		facts_read_domain(&facts, &b->b);
		good = chain_submit(g->chain, b, &facts, g->o->now, 0).action == CHAIN_APPENDED;
		mem_free(b);
	}
	remove_store(g);
	return i - 1;
}

static bool open_game(struct game *g)
{
	struct net net = {game_send, game_quiet, game_info, game_close, game_ban, ignore_number,
		ignore_number, ignore_peer, g};

	limits_default(&g->limits);
	g->limits.store_map_bytes.max = 256 << 20;
	sync_peers_init(&g->peers, &g->limits, 1);
	g->height = height_in_order(g);
	g->chain = open_store(g);
	if (!g->chain)
		return false;
	struct sync_settings ss = {.chain = g->chain,
		.params = g->o->params,
		.limits = &g->limits,
		.clock = &g->clock,
		.rng = &g->rng,
		.peers = &g->peers,
		.net = net,
		.threads = 1,
		.wake = ignore_wake,
		.new_tip = ignore_tip,
		.fatal = on_fatal,
		.ctx = g};
	g->sync = sync_start(&ss);
	return g->sync != NULL;
}

static void close_game(struct game *g)
{
	if (g->sync) {
		sync_quiesce(g->sync);
		while (!sync_idle(g->sync))
			sync_collect(g->sync);
		for (peer_id id = 1; id <= g->last; id++)
			leave(g, id);
		sync_free(g->sync);
	}
	sync_peers_clear(&g->peers);
	remove_store(g);
}

bool orders_play(const struct orders *o, uint64_t seed, char *why, size_t size)
{
	struct game *g = mem_alloc(sizeof *g);
	struct chain_tip got = {0};
	bool good = false;

	if (!g)
		return false;
	g->o = o;
	g->mono = 1000;
	g->clock = (struct clock){game_wall, game_mono, g};
	g->rng = rng_from_seed(&g->seeded, seed);
	if (open_game(g)) {
		good = run(g);
		chain_get_tip(g->chain, &got);
	}
	snprintf(why, size, "seed %llu: height %llu of %llu%s%s", (unsigned long long)seed,
		(unsigned long long)got.height, (unsigned long long)g->height,
		got.height == g->height ? ", another branch" : "",
		g->fatal ? ", and an honest peer was harmed" : "");
	close_game(g);
	mem_free(g);
	return good;
}

/* ---- what a script offers ---- */

bool orders_note(struct orders *o, const struct block *b, bool bad)
{
	if (o->count == o->room) {
		size_t room = o->room ? 2 * o->room : 64;
		struct offered *more = mem_realloc(o->offered, room * sizeof *more);
		if (!more)
			return false;
		o->offered = more;
		o->room = room;
	}
	size_t size = block_encoded_bound(b);
	uint8_t *bytes = mem_alloc(size);
	struct wr w = wr_of(bytes, bytes ? size : 0);
	block_encode(b, &w);
	if (w.bad) {
		mem_free(bytes);
		return false;
	}
	o->offered[o->count++] = (struct offered){b->index, wr_done(&w), bad};
	return true;
}

void orders_clear(struct orders *o)
{
	for (size_t i = 0; i < o->count; i++)
		mem_free((void *)(uintptr_t)o->offered[i].bytes.p);
	mem_free(o->offered);
	*o = (struct orders){.params = o->params};
}
