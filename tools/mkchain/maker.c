#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "chain/signers.h"
#include "domain/domain.h"
#include "tools/mkchain/maker.h"

enum { STEP_S = 200, HEAL_DRAWN = 2 };

/* ---- building one block ---- */

/* Bytes that live as long as the block: cut from m->space. */
static struct slice keep(struct wr *w, const void *p, size_t n)
{
	struct slice s = slice_of(w->p + w->n, n);

	wr_bytes(w, p, n);
	return s;
}

static struct slice preimage_of(
	struct maker *m, const struct block *b, enum preimage kind, uint8_t *to, size_t size)
{
	struct wr w = wr_of(to, size);

	(void)m;
	block_preimage(b, kind, &w);
	return wr_done(&w);
}

/* Searches the lowest nonce that is good, several at a time, each lane on its own copy of the
 * preimage. Few at a time where one of the first will do, which costs less and finds the same. */
static void mine(struct maker *m, struct block *b, struct wr *w)
{
	enum { NONCE_AT = 28, EASY = 2, EASY_LANES = 4 };
	const unsigned lanes = b->difficulty <= EASY ? EASY_LANES : BLAKEOUT_LANES;
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
	struct slice in[BLAKEOUT_LANES];
	struct slice first = preimage_of(m, b, PREIMAGE_HASH, m->preimage, sizeof m->preimage);
	uint8_t *copies = w->p + w->n; /* free space behind the fields */

	for (uint64_t nonce = 0;; nonce += lanes) {
		for (unsigned i = 0; i < lanes; i++) {
			struct wr le = wr_of(copies + i * first.n + NONCE_AT, 8);
			memcpy(copies + i * first.n, first.p, first.n);
			wr_le(&le, nonce + i, 8);
			in[i] = slice_of(copies + i * first.n, first.n);
		}
		blakeout_lanes(in, lanes, hash, m->scratch, MINING_SCRATCH);
		for (unsigned i = 0; i < lanes; i++) {
			struct slice h = slice_of(hash[i], BLAKEOUT_SIZE);
			if (hash_difficulty(h) < (int)b->difficulty)
				continue;
			b->nonce = nonce + i;
			b->hash = keep(w, h.p, h.n);
			return;
		}
	}
}

/* For measurements that leave the hash out. */
static void make_up_hash(struct maker *m, struct block *b, struct wr *w)
{
	uint8_t hash[HASH_SIZE];

	crypto_sha256(preimage_of(m, b, PREIMAGE_HASH, m->preimage, sizeof m->preimage), hash);
	memset(hash, 0, (b->difficulty + 7) / 8);
	b->hash = keep(w, hash, sizeof hash);
}

static void sign(struct maker *m, struct block *b, const struct author *a, struct wr *w)
{
	uint8_t signature[SIGNATURE_SIZE];

	crypto_sign_with(a->seed,
		preimage_of(m, b, PREIMAGE_SIGNATURE, m->preimage, sizeof m->preimage), signature);
	b->signature = keep(w, signature, sizeof signature);
}

/* Index, time, link and author; everything but transaction, difficulty, hash and signature. */
static void begin(struct maker *m, struct block *b, const struct author *a, struct wr *w)
{
	struct chain_tip t = {0};
	uint32_t random;

	if (m->chain)
		chain_get_tip(m->chain, &t);
	rng_fill(&m->rng, &random, sizeof random);
	*b = (struct block){.index = t.height + 1, .timestamp = m->time, .version = 1};
	b->random = random ^ (uint32_t)(m->branch * 2654435761u);
	if (t.height)
		b->prev_hash = keep(w, t.hash, sizeof t.hash);
	b->pub_key = keep(w, a->pub_key, KEY_SIZE);
	m->time += STEP_S;
}

static void finish(struct maker *m, struct block *b, const struct author *a, struct wr *w)
{
	if (m->made_up_hashes)
		make_up_hash(m, b, w);
	else
		mine(m, b, w);
	sign(m, b, a, w);
}

/* ---- kinds of blocks ---- */

/* {"encrypted":"…","zone":"…","records":[…]} */
static struct slice domain_data(struct maker *m, struct wr *w, const char *zone, size_t name_size)
{
	uint8_t secret[128];
	char hex[2 * sizeof secret + 1], text[1024];
	size_t n = 60 + name_size;

	rng_fill(&m->rng, secret, n);
	hex_upper(slice_of(secret, n), hex);
	int len = snprintf(text, sizeof text,
		"{\"encrypted\":\"%s\",\"zone\":\"%s\",\"records\":[{\"type\":\"AAAA\","
		"\"domain\":\"@\",\"addr\":\"2%02x:%x::1\",\"ttl\":3600},{\"type\":\"TXT\","
		"\"domain\":\"www\",\"data\":\"number %llu\",\"ttl\":60}]}",
		hex, zone, secret[0], secret[1] + 256u, (unsigned long long)m->full_count);
	return keep(w, text, (size_t)len);
}

/* The domain that the next full block registers; returns its zone. */
static const char *next_domain(struct maker *m, char *to, size_t size)
{
	static const char *const zones[] = {"ygg", "anon", "mob", "srv"};

	if (m->domain)
		snprintf(to, size, "%s", m->domain);
	else
		snprintf(to, size, "name-%llu-%llu.%s", (unsigned long long)m->full_count,
			(unsigned long long)m->branch, zones[m->full_count % 4]);
	m->domain = NULL;
	return strrchr(to, '.') + 1;
}

static void full_block(struct maker *m, struct block *b, const struct author *a, struct wr *w)
{
	uint8_t identity[32], confirmation[32], encryption[32];
	char name[64];
	const char *zone = next_domain(m, name, sizeof name);

	begin(m, b, a, w);
	crypto_identity(slice_str(name), b->pub_key, identity, confirmation);
	rng_fill(&m->rng, encryption, sizeof encryption);
	b->full = true;
	b->tx = (struct transaction){.class_name = keep(w, "domain", 6),
		.identity = keep(w, identity, 32),
		.confirmation = keep(w, confirmation, 32),
		.signing = keep(w, a->pub_key, KEY_SIZE),
		.encryption = keep(w, encryption, 32),
		.data = domain_data(m, w, zone, strlen(name))};
	b->difficulty = (uint32_t)m->params.domain_difficulty;
	finish(m, b, a, w);
	m->full_count++;
}

static void signing_block(struct maker *m, struct block *b, const struct author *a, struct wr *w)
{
	begin(m, b, a, w);
	b->difficulty = (uint32_t)m->params.signer_difficulty;
	finish(m, b, a, w);
}

bool maker_genesis(struct maker *m, struct block *b)
{
	static const char data[] =
		"{\"zones\":\"C995CDCE7000ECC89FB9B942E78CC7C5F0D8B03B35B0E835B510D756356CAD12\"}";
	struct wr w = wr_of(m->space, sizeof m->space);
	const struct author *a = &m->authors.all[0];

	begin(m, b, a, &w);
	b->full = true;
	b->tx = (struct transaction){.class_name = keep(&w, "origin", 6),
		.signing = keep(&w, a->pub_key, KEY_SIZE),
		.encryption = keep(&w, a->pub_key, KEY_SIZE),
		.data = keep(&w, data, sizeof data - 1)};
	b->difficulty = (uint32_t)m->params.origin_difficulty;
	finish(m, b, a, &w);
	memcpy(m->params.origin, b->hash.p, HASH_SIZE);
	m->params.has_origin = true;
	m->full_count = 1;
	return true;
}

/* ---- whose turn it is ---- */

static bool signed_window(struct view *v, const struct block_summary *full, const uint8_t *key)
{
	struct block_summary h;

	for (uint64_t i = full->index; view_summary(v, i, &h); i++)
		if (memcmp(h.key, key, KEY_SIZE) == 0)
			return true;
	return false;
}

/* The first of `n` keys that is ours and may still sign; NULL = none. */
static const struct author *pick(struct maker *m, const struct block_summary *full,
	const uint8_t (*keys)[KEY_SIZE], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct author *a = authors_find(&m->authors, keys[i]);
		if (a && !signed_window(chain_view(m->chain), full, a->pub_key))
			return a;
	}
	return NULL;
}

static bool heals(const struct maker *m, const struct block_summary *full, uint64_t height)
{
	return m->heal_every && full->index > m->params.healing_activation_height &&
	       m->full_count % m->heal_every == 0 && height - full->index >= HEAL_DRAWN;
}

static const struct author *next_signer(
	struct maker *m, const struct block_summary *full, uint64_t height)
{
	struct view *v = chain_view(m->chain);
	const struct author *a = NULL;
	struct draw draw;
	struct pool pool;

	signers_draw(v, full, &draw);
	if (!heals(m, full, height))
		a = pick(m, full, (const uint8_t(*)[KEY_SIZE])draw.keys, draw.n);
	if (a || full->index <= m->params.healing_activation_height)
		return a;
	signers_pool(v, full, true, &pool);
	int64_t open = full->timestamp + (int64_t)signers_timeout(v, full);
	if (m->time < open)
		m->time = open;
	a = pick(m, full, (const uint8_t(*)[KEY_SIZE])pool.anchor, pool.anchors);
	return a ? a : pick(m, full, (const uint8_t(*)[KEY_SIZE])pool.late, pool.recent);
}

bool maker_append_owned(struct maker *m, const struct block_owned *block)
{
	const struct block *b = &block->b;
	const struct author *a = authors_find(&m->authors, b->pub_key.p);
	struct block_facts f = {true, true, (int16_t)(a ? a->strength : 0), DOMAIN_UNREAD};

	facts_read_domain(&f, b);
	struct outcome o = chain_submit(m->chain, block, &f, b->timestamp, 0);

	if (o.err == ERR_OK && o.action == CHAIN_APPENDED)
		return true;
	fprintf(stderr, "mkchain: block %llu is %s: %s\n", (unsigned long long)b->index,
		verdict_name(o.verdict), o.why ? o.why : err_name(o.err));
	return false;
}

bool maker_append(struct maker *m, const struct block *b)
{
	struct block_owned *block = block_copy(b);
	bool good = block && maker_append_owned(m, block);

	mem_free(block);
	return good;
}

void maker_sign_again(struct maker *m, struct block *b, uint64_t number)
{
	struct wr w = wr_of(m->space, sizeof m->space);
	uint8_t signature[SIGNATURE_SIZE];

	author_sign_again(authors_find(&m->authors, b->pub_key.p),
		preimage_of(m, b, PREIMAGE_SIGNATURE, m->preimage, sizeof m->preimage), number,
		signature);
	b->signature = keep(&w, signature, sizeof signature);
}

bool maker_make(struct maker *m, struct block *b)
{
	struct wr w = wr_of(m->space, sizeof m->space);
	struct view *v = chain_view(m->chain);
	const struct author *a = NULL;
	struct chain_tip t;
	struct block_summary full;

	chain_get_tip(m->chain, &t);
	bool must_sign = t.height >= m->params.block_signers_start &&
			 view_last_full(v, t.height + 1, &full) &&
			 !signers_locked(v, &full, UINT64_MAX);
	if (must_sign)
		a = next_signer(m, &full, t.height);
	if (a)
		signing_block(m, b, a, &w);
	else if (must_sign && t.height + 1 > m->params.healing_activation_height) {
		fprintf(stderr, "mkchain: nobody of ours may sign block %llu\n",
			(unsigned long long)t.height + 1);
		return false;
	} else
		full_block(m, b, &m->authors.all[m->full_count % m->authors.count], &w);
	return true;
}

bool maker_next(struct maker *m, struct block *b)
{
	return maker_make(m, b) && maker_append(m, b);
}
