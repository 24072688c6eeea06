/* mkchain: makes chains of a private network for tests and the demonstration, in the alfis-chain
 * format that `alfisd import` reads. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "cli/block_source.h"
#include "tools/mkchain/maker.h"

struct options {
	const char *out, *from, *domain, *key_files;
	uint64_t seed, keys, blocks, at, branch, heal, start, again;
	struct chain_params params;
};

static int usage(void)
{
	fprintf(stderr,
		"usage: mkchain [--seed N] [--keys N] [--blocks N] [--param NAME=VALUE]…\n"
		"               [--heal N] [--start T] [--domain NAME.ZONE]\n"
		"               [--key-files PREFIX]\n"
		"               [--from FILE [--at N] [--branch N] [--again N]] OUT\n"
		"  --blocks N   blocks to add\n"
		"  --heal N     in every N-th window drawn signers stay away and the pool heals\n"
		"  --from FILE  go on from a chain made with the same seed, keys and params,\n"
		"  --at N       from its block N (blocks above are left out);\n"
		"  --branch N   numbers that differ make branches that differ\n"
		"  --again N    block N of FILE is signed a second time, otherwise\n"
		"  --start T    no block that is added is older than T (Unix time)\n"
		"  --domain NAME.ZONE   what the first full block that is added registers\n"
		"  --key-files PREFIX   writes the keys as PREFIX1.toml and so on; full block N is of\n"
		"                       key N, as long as there are keys\n");
	return 2;
}

/* ---- options ---- */

static bool set_param(struct options *o, const char *text)
{
	char name[64];
	const char *equals = strchr(text, '=');
	uint64_t low, high;

	if (!equals || (size_t)(equals - text) >= sizeof name)
		return false;
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = 0;
	return params_set(&o->params, name, strtoull(equals + 1, NULL, 10), &low, &high);
}

static bool parse(struct options *o, int argc, char **argv)
{
	struct {
		const char *name;
		uint64_t *value;
	} numbers[] = {{"--seed", &o->seed}, {"--keys", &o->keys}, {"--blocks", &o->blocks},
		{"--at", &o->at}, {"--branch", &o->branch}, {"--heal", &o->heal},
		{"--start", &o->start}, {"--again", &o->again}};

	for (int i = 1; i < argc; i++) {
		bool taken = false;
		if (strncmp(argv[i], "--", 2) != 0) {
			o->out = argv[i];
			continue;
		}
		if (i + 1 == argc)
			return false;
		for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
			if (strcmp(argv[i], numbers[k].name) == 0) {
				*numbers[k].value = strtoull(argv[i + 1], NULL, 10);
				taken = true;
			}
		if (strcmp(argv[i], "--from") == 0)
			o->from = argv[i + 1];
		else if (strcmp(argv[i], "--domain") == 0)
			o->domain = strchr(argv[i + 1], '.') ? argv[i + 1] : NULL;
		else if (strcmp(argv[i], "--key-files") == 0)
			o->key_files = argv[i + 1];
		else if (strcmp(argv[i], "--param") == 0 ? !set_param(o, argv[i + 1]) : !taken)
			return false;
		i++;
	}
	return o->out && o->keys > SIGNERS_ALL && o->keys <= MADE_KEYS_MAX;
}

/* The numbers of a private network in which a block takes milliseconds. */
static void devnet_params(struct chain_params *p)
{
	*p = params_mainnet;
	p->origin_difficulty = p->domain_difficulty = p->keystore_difficulty = 2;
	p->signer_difficulty = 1;
	p->blocks_without_discount = 500;
	p->healing_activation_height = 1000;
	p->ban_activation_height = 1008;
	p->healing_timeout = 3600;
	p->healing_timeout_fast = 1800;
	p->healing_window = 500;
	p->new_domains_interval = 3600;
	p->has_origin = false;
}

/* ---- the output files ---- */

static bool put_key_files(const struct options *o, const struct authors *a)
{
	char path[4096];
	bool good = true;

	for (size_t i = 0; good && i < a->count; i++) {
		snprintf(path, sizeof path, "%s%zu.toml", o->key_files, i + 1);
		good = author_put_file(&a->all[i], path);
		if (!good)
			fprintf(stderr, "mkchain: %s: %m\n", path);
	}
	return good;
}

static void put_head(FILE *f, const struct options *o, const struct chain_params *p)
{
	char origin[2 * HASH_SIZE + 1];

	hex_upper(slice_of(p->origin, HASH_SIZE), origin);
	fprintf(f,
		"{\"format\":\"alfis-chain\",\"v\":1,\"name\":\"mkchain\",\"seed\":%llu,"
		"\"params\":{",
		(unsigned long long)o->seed);
#define X(name, value, low, high) fprintf(f, "\"" #name "\":%llu,", (unsigned long long)p->name);
	CHAIN_PARAMS(X)
#undef X
	fseek(f, -1, SEEK_CUR); /* the last comma */
	fprintf(f, "},\"origin\":\"%s\"}\n", origin);
}

static bool put_block(FILE *f, const struct block *b)
{
	uint8_t bytes[BLOCK_MAX_ENCODED];
	char hash[2 * HASH_SIZE + 1];
	struct wr w = wr_of(bytes, sizeof bytes);

	block_encode(b, &w);
	hex_upper(b->hash, hash);
	fprintf(f, "{\"index\":%llu,\"hash\":\"%s\",\"cbor\":\"", (unsigned long long)b->index,
		hash);
	for (size_t i = 0; i < w.n; i++)
		fprintf(f, "%02x", bytes[i]);
	return !w.bad && fprintf(f, "\"}\n") > 0;
}

/* ---- work ---- */

static bool open_chain(struct maker *m, const char *dir)
{
	struct chain_settings s = {
		.dir = dir, .params = &m->params, .limits = m->limits, .no_sync = true};
	struct chain_error e;

	m->chain = chain_open(&s, &e);
	if (!m->chain)
		fprintf(stderr, "mkchain: %s\n", e.text);
	return m->chain != NULL;
}

static bool take_old(struct maker *m, const struct options *o, const char *dir, FILE *f)
{
	struct block_source s;
	struct block_owned *b;
	enum err err = ERR_NOT_FOUND;
	bool good = block_source_open(&s, o->from);

	if (good) {
		memcpy(m->params.origin, s.origin, sizeof s.origin);
		m->params.has_origin = true;
		put_head(f, o, &m->params);
		good = open_chain(m, dir);
	}
	while (good && (!o->at || s.read < o->at) && (err = block_source_next(&s, &b)) == ERR_OK) {
		if (o->again && b->b.index == o->again)
			maker_sign_again(m, &b->b, o->branch);
		good = maker_append(m, &b->b) && put_block(f, &b->b);
		m->time = b->b.timestamp + 200;
		m->full_count += b->b.full;
		mem_free(b);
	}
	if (m->time < (int64_t)o->start)
		m->time = (int64_t)o->start;
	if (s.error[0])
		fprintf(stderr, "mkchain: %s\n", s.error);
	block_source_close(&s);
	return good;
}

static bool make(struct maker *m, const struct options *o, const char *dir, FILE *f)
{
	struct block b;
	uint64_t left = o->blocks;

	if (o->from) {
		if (!take_old(m, o, dir, f))
			return false;
	} else {
		maker_genesis(m, &b);
		put_head(f, o, &m->params);
		if (!open_chain(m, dir) || !maker_append(m, &b) || !put_block(f, &b))
			return false;
		left -= left > 0;
	}
	for (; left > 0; left--)
		if (!maker_next(m, &b) || !put_block(f, &b))
			return false;
	return true;
}

static int run(const struct options *o, struct maker *m, struct limits *l)
{
	char dir[] = "/tmp/mkchain-XXXXXX", file[64];
	static const char *const names[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	struct rng_seeded seeded;
	FILE *f = fopen(o->out, "wbe");

	if (!f || !mkdtemp(dir)) {
		fprintf(stderr, "mkchain: %s: %m\n", o->out);
		return 1;
	}
	limits_default(l);
	m->params = o->params;
	m->limits = l;
	m->rng = rng_from_seed(&seeded, o->seed ^ o->branch << 32 ^ o->at << 16);
	m->time = (int64_t)o->start;
	m->heal_every = o->heal;
	m->branch = o->branch;
	m->domain = o->domain;
	authors_make(
		&m->authors, o->seed, (size_t)o->keys, o->params.keystore_difficulty, m->scratch);
	bool good = (!o->key_files || put_key_files(o, &m->authors)) && make(m, o, dir, f);
	if (m->chain)
		chain_close(m->chain);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", dir, names[i]);
		unlink(file);
	}
	rmdir(dir);
	return fclose(f) == 0 && good ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .keys = 24, .blocks = 100, .start = 1600000000};
	size_t size = MINING_SCRATCH;

	log_setup(&(struct log_settings){.level = LOG_ERROR});
	devnet_params(&o.params);
	if (!parse(&o, argc, argv))
		return usage();
	if (!crypto_init())
		return 1;
	struct maker *m = mem_alloc(sizeof *m);
	struct limits *l = mem_alloc(sizeof *l);
	uint8_t *scratch = mem_alloc(size + 64);
	int status = 1;
	if (m && l && scratch) {
		m->scratch = scratch + (64 - (uintptr_t)scratch % 64);
		status = run(&o, m, l);
	}
	mem_free(m);
	mem_free(l);
	mem_free(scratch);
	return status;
}
