#include <unistd.h>

#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "tests/fuzz/sync_world.h"
#include "tools/mkchain/maker.h"

enum { AUTHORS = 16, STEP_S = 200, FIRST_S = 1600000000 };

static struct chains made;
static uint8_t digests[BRANCHES * BLOCKS][DIGEST];
static size_t digest_count;

static const char *folder(void)
{
	static char dir[64];

	if (dir[0])
		return dir;
	snprintf(dir, sizeof dir, "%s/alfisd-fuzz-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	must(mkdtemp(dir));
	atexit(chains_remove);
	return dir;
}

static void empty_folder(void)
{
	static const char *const names[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	char file[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", folder(), names[i]);
		unlink(file);
	}
}

void chains_remove(void)
{
	empty_folder();
	rmdir(folder());
}

struct chain *chains_open(const struct chain_params *p, struct limits *l, bool keep)
{
	struct chain_settings s = {.dir = folder(), .params = p, .limits = l, .no_sync = true};
	struct chain_error e;

	if (!keep)
		empty_folder();
	return chain_open(&s, &e);
}

void chains_digest(const struct block *b, uint8_t digest[DIGEST])
{
	static uint8_t space[BLOCK_MAX_ENCODED];
	struct wr w = wr_of(space, sizeof space);

	block_encode(b, &w);
	crypto_digest(wr_done(&w), digest);
}

bool chains_know(const uint8_t digest[DIGEST])
{
	for (size_t i = 0; i < digest_count; i++)
		if (memcmp(digests[i], digest, DIGEST) == 0)
			return true;
	return false;
}

/* Into memory that nobody counts and that no script can make fail. */
static void keep_block(struct branch *to, uint64_t at, const struct block *b)
{
	static uint8_t space[BLOCK_MAX_ENCODED];
	struct wr w = wr_of(space, sizeof space);

	block_encode(b, &w);
	uint8_t *bytes = malloc(2 * w.n);
	must(!w.bad && bytes);
	memcpy(bytes, w.p, w.n);
	to->block[at] = slice_of(bytes, w.n);
	must(block_decode(to->block[at], &to->says[at], bytes + w.n, w.n) == ERR_OK);
	crypto_digest(to->block[at], digests[digest_count++]);
}

/* The maker's store holds the first blocks of a branch. */
static void load(struct maker *m, const struct branch *from, uint64_t count)
{
	m->full_count = 0;
	for (uint64_t i = 1; i <= count; i++) {
		must(maker_append(m, &from->says[i]));
		m->full_count += from->says[i].full;
		m->time = from->says[i].timestamp + STEP_S;
	}
}

static void grow(struct maker *m, struct branch *out, const struct branch *from, uint64_t at,
	uint64_t number, uint64_t more)
{
	static struct limits l;
	struct block b;

	*out = *from;
	limits_default(&l);
	l.store_map_bytes.max = 16777216;
	m->branch = number;
	m->limits = &l;
	m->chain = chains_open(&m->params, &l, false);
	must(m->chain);
	load(m, from, at);
	for (uint64_t i = at + 1; i <= at + more; i++) {
		must(maker_next(m, &b));
		keep_block(out, i, &b);
	}
	out->height = at + more;
	must(chain_close(m->chain) == ERR_OK);
	m->chain = NULL;
}

static struct chain_params small_params(void)
{
	struct chain_params p = params_mainnet;

	p.origin_difficulty = p.domain_difficulty = p.signer_difficulty = 1;
	p.keystore_difficulty = 1;
	p.block_signers_start = 12;
	p.healing_activation_height = 16;
	p.ban_activation_height = 20;
	p.new_domains_interval = 600;
	p.has_origin = false;
	return p;
}

static void make(struct chains *c, struct maker *m)
{
	static struct branch first;
	struct block origin;

	m->time = FIRST_S;
	first.height = 1;
	must(maker_genesis(m, &origin));
	keep_block(&first, 1, &origin);
	c->params = m->params;
	grow(m, &c->branch[0], &first, 1, 1, 33);
	grow(m, &c->branch[1], &c->branch[0], 20, 2, 9);
	grow(m, &c->branch[2], &c->branch[0], 17, 3, 8);
	grow(m, &c->branch[3], &c->branch[0], 8, 4, 6);
}

const struct chains *chains_made(void)
{
	struct rng_seeded seed;
	struct maker *m;

	if (digest_count)
		return &made;
	must(crypto_init());
	m = mem_alloc(sizeof *m);
	uint8_t *scratch = mem_alloc(MINING_SCRATCH + 64);
	must(m && scratch);
	m->scratch = scratch + (64 - (uintptr_t)scratch % 64);
	m->rng = rng_from_seed(&seed, 1);
	m->params = small_params();
	m->made_up_hashes = true;
	authors_make(&m->authors, 5, AUTHORS, 1, m->scratch);
	make(&made, m);
	mem_free(m);
	mem_free(scratch);
	return &made;
}
