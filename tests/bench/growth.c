/* Grows a chain whose hashes are made up, so that heights which take days to mine take seconds:
 * what a block costs beside its hash, at any height.
 *
 * usage: growth DIR HEIGHT HEALING MINED [SIGNERS]
 *
 * The chain in DIR, made when it is empty, up to HEIGHT. The rules of healing hold from block
 * HEALING on; where SIGNERS is given, blocks are signed by others from there on, and no domain
 * ends. The last MINED blocks have real hashes, so that a node starts with them. Prints the network
 * as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "tools/mkchain/maker.h"

enum { KEYS = 64, STEP_S = 200, HEAL_EVERY = 50 };

#define FOREVER_S UINT64_C(100000000000)

/* What a node does with a block that came, but for the hash. tests/bench/growth.py counts the
 * instructions in here. */
bool check_block(struct maker *m, struct slice encoded);
__attribute__((noinline)) bool check_block(struct maker *m, struct slice encoded)
{
	struct block_owned *b;
	bool good = block_decode_owned(encoded, &b) == ERR_OK;

	if (!good)
		return false;
	struct wr w = wr_of(m->preimage, sizeof m->preimage);
	block_preimage(&b->b, PREIMAGE_SIGNATURE, &w);
	good = crypto_verify(b->b.pub_key, wr_done(&w), b->b.signature) && maker_append_owned(m, b);
	if (good && chain_group_full(m->chain))
		good = chain_commit(m->chain) == ERR_OK;
	mem_free(b);
	return good;
}

static bool open_chain(struct maker *m, const char *dir)
{
	struct chain_settings s = {
		.dir = dir, .params = &m->params, .limits = m->limits, .no_sync = true};
	struct chain_error e;

	m->chain = chain_open(&s, &e);
	if (!m->chain)
		fprintf(stderr, "growth: %s\n", e.text);
	return m->chain != NULL;
}

static bool grow(struct maker *m, const char *dir, uint64_t height, uint64_t mined)
{
	static uint8_t bytes[BLOCK_MAX_ENCODED];
	struct block b;
	struct chain_tip t;

	maker_genesis(m, &b); /* the same each time: it gives the network its origin */
	if (!open_chain(m, dir))
		return false;
	chain_get_tip(m->chain, &t);
	bool good = t.height > 0 || maker_append(m, &b);
	if (t.height) {
		m->time = t.timestamp + STEP_S;
		m->full_count = t.height; /* so that no name comes twice */
	}
	for (uint64_t i = t.height ? t.height : 1; i < height && good; i++) {
		struct wr w = wr_of(bytes, sizeof bytes);
		m->made_up_hashes = i + mined < height;
		good = maker_make(m, &b);
		block_encode(&b, &w);
		good = good && check_block(m, wr_done(&w));
	}
	return chain_close(m->chain) == ERR_OK && good;
}

static void set_params(struct chain_params *p, uint64_t healing)
{
	*p = params_mainnet;
	p->origin_difficulty = p->domain_difficulty = 2;
	p->signer_difficulty = p->keystore_difficulty = 1;
	p->blocks_without_discount = 0;
	p->healing_activation_height = healing;
	p->ban_activation_height = healing + 8;
	p->healing_timeout = 3600;
	p->healing_timeout_fast = 1800;
	p->healing_window = 500;
	p->new_domains_interval = 3600;
	p->has_origin = false;
}

static void print_network(const struct chain_params *p)
{
	char origin[2 * HASH_SIZE + 1];

	hex_upper(slice_of(p->origin, HASH_SIZE), origin);
	printf("{\"origin\":\"%s\",\"params\":{", origin);
	const char *comma = "";
#define X(name, value, low, high)                                                                  \
	printf("%s\"" #name "\":%llu", comma, (unsigned long long)p->name);                        \
	comma = ",";
	CHAIN_PARAMS(X)
#undef X
	printf("}}\n");
}

int main(int argc, char **argv)
{
	struct maker *m = mem_alloc(sizeof *m);
	struct limits *l = mem_alloc(sizeof *l);
	uint8_t *scratch = mem_alloc(MINING_SCRATCH + 64);
	struct rng_seeded seeded;

	if (argc < 5 || !m || !l || !scratch || !crypto_init())
		return fprintf(stderr, "usage: growth DIR HEIGHT HEALING MINED [SIGNERS]\n"), 2;
	log_setup(&(struct log_settings){.level = LOG_ERROR});
	limits_default(l);
	set_params(&m->params, strtoull(argv[3], NULL, 10));
	if (argc > 5) {
		m->params.block_signers_start = strtoull(argv[5], NULL, 10);
		m->params.domain_lifetime = FOREVER_S;
	}
	m->limits = l;
	m->scratch = scratch + (64 - (uintptr_t)scratch % 64);
	m->rng = rng_from_seed(&seeded, 1);
	m->time = 1600000000;
	m->heal_every = HEAL_EVERY;
	m->made_up_hashes = true;
	authors_make(&m->authors, 1, KEYS, m->params.keystore_difficulty, m->scratch);
	bool good = grow(m, argv[1], strtoull(argv[2], NULL, 10), strtoull(argv[4], NULL, 10));
	print_network(&m->params);
	mem_free(scratch);
	mem_free(l);
	mem_free(m);
	return good ? 0 : 1;
}
