/* What the loop's thread does with each block of a sync, without sockets, hashes and signatures:
 * tests/bench/loop.py counts the instructions in sync_block() and sync_collect().
 *
 * usage: loop MAKER-DIR NODE-DIR COUNT SIGNERS
 *
 * Makes COUNT blocks with made-up hashes in the first directory, and gives them, as one peer that
 * has them all, to a sync engine with a store in the second. Both are empty. Up to index SIGNERS
 * all blocks register a domain; behind it signing blocks come between. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "sync/sync.h"
#include "tests/bench/loop.h"
#include "tools/mkchain/maker.h"

enum { KEYS = 64, PEER = 1, ASKED = 4096, BATCH = 16 };

struct loop {
	struct maker *maker;
	struct limits limits[2]; /* of the maker's store and of the node */
	struct slice *blocks;    /* by index, from 1 */
	uint64_t count;
	uint64_t asked[ASKED]; /* a ring */
	size_t first, end;
	uint64_t mono;
	struct clock clock;
	struct rng rng;
	struct rng_seeded seeded;
	struct chain *chain;
	struct sync_peers peers;
	struct sync *sync;
};

/* ---- the network: one peer ---- */

static enum send_result model_send(void *ctx, peer_id id, const struct message *m)
{
	struct loop *l = ctx;

	(void)id;
	if (m->type == MSG_GET_BLOCK)
		l->asked[l->end++ % ASKED] = m->index;
	return SEND_OK;
}

static uint64_t model_quiet(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
	return 0;
}

static bool model_info(void *ctx, peer_id id, struct peer_info *out)
{
	struct loop *l = ctx;

	*out = (struct peer_info){.id = id,
		.outbound = true,
		.configured = true,
		.ready = true,
		.own_kind = true,
		.height = l->count};
	return true;
}

static void model_close(void *ctx, peer_id id, enum close_reason why)
{
	(void)ctx;
	(void)id;
	(void)why;
}

static void model_ban(void *ctx, peer_id id, const char *what)
{
	(void)ctx;
	(void)id;
	fprintf(stderr, "loop: banned: %s\n", what);
	exit(1);
}

static void model_number(void *ctx, peer_id id, uint64_t number)
{
	(void)ctx;
	(void)id;
	(void)number;
}

static void model_credit(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
}

/* ---- time and callbacks ---- */

static int64_t wall(void *ctx)
{
	(void)ctx;
	return 1900000000;
}

static uint64_t mono(void *ctx)
{
	return ((struct loop *)ctx)->mono;
}

static void wake(void *ctx)
{
	(void)ctx;
}

static void new_tip(void *ctx, bool replaced)
{
	(void)ctx;
	(void)replaced;
}

static void fatal(void *ctx, enum err err)
{
	(void)ctx;
	fprintf(stderr, "loop: %s\n", err_name(err));
	exit(1);
}

/* ---- the blocks ---- */

static struct chain *open_chain(const struct chain_params *p, struct limits *l, const char *dir)
{
	struct chain_settings s = {.dir = dir, .params = p, .limits = l, .no_sync = true};
	struct chain_error e;
	struct chain *c;

	limits_default(l);
	c = chain_open(&s, &e);
	if (!c)
		fprintf(stderr, "loop: %s\n", e.text);
	return c;
}

/* The encoding is the caller's. */
static struct slice encoding_of(const struct block *b)
{
	size_t size = block_encoded_bound(b);
	struct wr w = wr_of(mem_alloc(size), size);

	block_encode(b, &w);
	return wr_done(&w);
}

static void set_params(struct chain_params *p, uint64_t signers)
{
	*p = params_mainnet;
	p->origin_difficulty = p->domain_difficulty = 2;
	p->signer_difficulty = p->keystore_difficulty = 1;
	p->blocks_without_discount = 0;
	p->block_signers_start = signers;
	p->new_domains_interval = 3600;
	p->has_origin = false;
}

static bool make_blocks(struct loop *l, const char *dir)
{
	struct maker *m = l->maker;
	struct block b;

	maker_genesis(m, &b);
	m->chain = open_chain(&m->params, &l->limits[0], dir);
	if (!m->chain || !maker_append(m, &b))
		return false;
	l->blocks[1] = encoding_of(&b);
	for (uint64_t i = 2; i <= l->count; i++) {
		if (!maker_next(m, &b))
			return false;
		l->blocks[i] = encoding_of(&b);
	}
	return chain_close(m->chain) == ERR_OK;
}

static bool begin(struct loop *l, const char *dir, uint64_t signers)
{
	uint8_t *scratch = mem_alloc(MINING_SCRATCH + 64);

	l->maker = mem_alloc(sizeof *l->maker);
	l->blocks = mem_alloc((l->count + 1) * sizeof *l->blocks);
	if (!scratch || !l->maker || !l->blocks)
		return false;
	l->mono = 1000;
	l->clock = (struct clock){wall, mono, l};
	l->rng = rng_from_seed(&l->seeded, 1);
	l->maker->rng = l->rng;
	l->maker->time = 1600000000;
	l->maker->made_up_hashes = true;
	l->maker->scratch = scratch + (64 - (uintptr_t)scratch % 64);
	set_params(&l->maker->params, signers);
	authors_make(&l->maker->authors, 1, KEYS, 1, l->maker->scratch);
	bool good = make_blocks(l, dir);
	mem_free(scratch);
	return good;
}

/* ---- the sync ---- */

static bool start(struct loop *l, const char *dir)
{
	const struct chain_params *p = &l->maker->params;
	struct sync_settings s = {.params = p,
		.limits = &l->limits[1],
		.clock = &l->clock,
		.rng = &l->rng,
		.peers = &l->peers,
		.net = {model_send, model_quiet, model_info, model_close, model_ban, model_number,
			model_number, model_credit, l},
		.threads = 1,
		.wake = wake,
		.new_tip = new_tip,
		.fatal = fatal,
		.ctx = l};

	s.chain = l->chain = open_chain(p, &l->limits[1], dir);
	if (!l->chain)
		return false;
	sync_peers_init(&l->peers, &l->limits[1], 1);
	l->sync = sync_start(&s);
	struct node_peer *np = sync_peers_add(&l->peers, PEER);
	if (!l->sync || !np)
		return false;
	sync_peer_ready(l->sync, np);
	return true;
}

static void answer(struct loop *l)
{
	struct node_peer *np = sync_peers_get(&l->peers, PEER);

	for (unsigned i = 0; i < BATCH && l->first < l->end; i++) {
		uint64_t index = l->asked[l->first++ % ASKED];
		struct message m = {MSG_BLOCK, .index = index, .block = l->blocks[index]};
		l->mono++;
		sync_block(l->sync, np, &m);
	}
	checkers_work();
	sync_collect(l->sync);
	sync_tick(l->sync);
}

static void finish(struct loop *l)
{
	sync_quiesce(l->sync);
	sync_peer_gone(l->sync, sync_peers_get(&l->peers, PEER));
	sync_peers_remove(&l->peers, PEER);
	sync_free(l->sync);
	sync_peers_clear(&l->peers);
	chain_close(l->chain);
	for (uint64_t i = 1; i <= l->count; i++)
		mem_free((void *)(uintptr_t)l->blocks[i].p);
	mem_free(l->blocks);
	mem_free(l->maker);
}

int main(int argc, char **argv)
{
	struct loop *l = mem_alloc(sizeof *l);
	struct chain_tip t;

	if (argc != 5 || !l || !crypto_init())
		return fprintf(stderr, "usage: loop MAKER-DIR NODE-DIR COUNT SIGNERS\n"), 2;
	log_setup(&(struct log_settings){.level = LOG_ERROR});
	l->count = strtoull(argv[3], NULL, 10);
	if (!begin(l, argv[1], strtoull(argv[4], NULL, 10)) || !start(l, argv[2]))
		return 1;
	while (l->first < l->end)
		answer(l);
	chain_get_tip(l->chain, &t);
	finish(l);
	printf("%llu\n", (unsigned long long)t.height);
	bool good = t.height == l->count;
	mem_free(l);
	return good ? 0 : 1;
}
