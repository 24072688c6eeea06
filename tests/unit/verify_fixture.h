/* Blocks for the checkers, right or broken in one way, and the facts about them. */
#ifndef TESTS_UNIT_VERIFY_FIXTURE_H
#define TESTS_UNIT_VERIFY_FIXTURE_H

#include "tests/unit/unhex.h"

#include <stdlib.h>

#include "chain/crypto.h"
#include "chain/verify.h"
#include "domain/domain.h"
#include "tests/blakeout_scalar.h"
#include "tests/unit/real_blocks.h"

enum { STRENGTH_1 = 26 }; /* of the key of block 1 */

/* What a thread must have at least. */
static inline size_t least(void)
{
	return blakeout_scratch_size(BLAKEOUT_LANES, 0) + 64;
}

/* ---- blocks ---- */

struct fixture {
	struct block real[2]; /* blocks 1 and 36 of the main network */
	uint8_t space[2][4096];
	struct block large; /* of 60,000 bytes */
	uint8_t large_bytes[60000], hash[HASH_SIZE], key[KEY_SIZE], signature[SIGNATURE_SIZE];
};

static inline int make_large(struct fixture *f)
{
	static uint8_t text[PREIMAGE_MAX];
	static const uint8_t seed[32] = {7};
	uint8_t(*words)[32] = malloc((size_t)65536 * 32);
	struct block *b = &f->large;

	if (!words)
		return -1;
	crypto_public(seed, f->key);
	memset(f->large_bytes, 'x', sizeof f->large_bytes);
	*b = (struct block){.index = 5, .full = true, .pub_key = slice_of(f->key, KEY_SIZE)};
	b->tx.class_name = slice_str("domain");
	b->tx.data = slice_of(f->large_bytes, sizeof f->large_bytes);
	struct wr w = wr_of(text, sizeof text);
	block_preimage(b, PREIMAGE_HASH, &w);
	blakeout_scalar(wr_done(&w), f->hash, words);
	b->hash = slice_of(f->hash, HASH_SIZE);
	w = wr_of(text, sizeof text);
	block_preimage(b, PREIMAGE_SIGNATURE, &w);
	crypto_sign_with(seed, wr_done(&w), f->signature);
	b->signature = slice_of(f->signature, SIGNATURE_SIZE);
	free(words);
	return 0;
}

static inline int begin(void **state)
{
	static const char *const encodings[] = {block_1, block_36};
	static struct fixture f;

	if (!crypto_init())
		return -1;
	for (int i = 0; i < 2; i++)
		if (block_decode(unhex(encodings[i]), &f.real[i], f.space[i], sizeof f.space[i]))
			return -1;
	*state = &f;
	return make_large(&f);
}

/* One block with its facts, right or broken in one way. */
struct sample {
	struct block block;
	bool want_strength;
	struct block_facts right;
	uint8_t bytes[SIGNATURE_SIZE];                    /* what the broken field points to */
	uint8_t key[KEY_SIZE], signature[SIGNATURE_SIZE]; /* of SIGNED_WRONG_HASH */
};

enum {
	GOOD,
	GOOD_UNASKED,
	WRONG_NONCE,
	WRONG_SIGNATURE,
	SHORT_HASH,
	LONG_HASH,
	SHORT_KEY,
	SIGNED_WRONG_HASH, /* its signature alone would be good */
	SAMPLES
};

static inline void flip(struct sample *s, struct slice *field)
{
	memcpy(s->bytes, field->p, field->n);
	s->bytes[3] ^= 1;
	*field = slice_of(s->bytes, field->n);
}

/* By another key, so that the hash is wrong. */
static inline void sign_as_it_is(struct sample *s)
{
	static const uint8_t seed[32] = {8};
	uint8_t text[1024];
	struct wr w = wr_of(text, sizeof text);
	struct block *b = &s->block;

	crypto_public(seed, s->key);
	b->pub_key = slice_of(s->key, KEY_SIZE);
	block_preimage(b, PREIMAGE_SIGNATURE, &w);
	crypto_sign_with(seed, wr_done(&w), s->signature);
	b->signature = slice_of(s->signature, SIGNATURE_SIZE);
}

static inline void make_sample(const struct fixture *f, int kind, struct sample *s)
{
	*s = (struct sample){.block = f->real[0],
		.want_strength = kind != GOOD_UNASKED && kind != SIGNED_WRONG_HASH,
		.right = {kind < WRONG_NONCE || kind == WRONG_SIGNATURE, kind < WRONG_NONCE,
			kind == GOOD_UNASKED || kind == SIGNED_WRONG_HASH ? -1
			: kind == SHORT_KEY                               ? 0
									  : STRENGTH_1,
			DOMAIN_OK}};
	struct block *b = &s->block;
	if (kind == WRONG_NONCE)
		b->nonce ^= 1;
	if (kind == WRONG_SIGNATURE)
		flip(s, &b->signature);
	if (kind == SHORT_HASH)
		b->hash.n--;
	if (kind == LONG_HASH) {
		memcpy(s->bytes, b->hash.p, b->hash.n);
		b->hash = slice_of(s->bytes, HASH_SIZE + 1);
	}
	if (kind == SHORT_KEY)
		b->pub_key.n--;
	if (kind == SIGNED_WRONG_HASH)
		sign_as_it_is(s);
}

static inline void assert_facts(const struct block_facts *got, const struct block_facts *right)
{
	assert_int_equal(got->hash_ok, right->hash_ok);
	assert_int_equal(got->signature_ok, right->signature_ok);
	assert_int_equal(got->key_strength, right->key_strength);
	assert_int_equal(got->domain, right->domain);
}

#endif
