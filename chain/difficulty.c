/* Role: properties of a block that are computed from it alone: its class, the zero bits of its
 * hashes (protocol.md 7.4), and which of two blocks of one height is better (7.13).
 * Before: chain/rules.c and chain/chain.c ask. After: nothing. */
#include "chain/block.h"

enum { WORD = 8, WORD_BITS = 64, SCORE_MODULUS = 65535 };

bool block_is_domain(const struct block *b)
{
	return b->full && slice_is(b->tx.class_name, "domain");
}

bool block_is_origin(const struct block *b)
{
	return b->full && slice_is(b->tx.class_name, "origin");
}

static int leading_zeros(uint64_t v)
{
	int n = 0;

	while (n < WORD_BITS && !(v >> (WORD_BITS - 1 - n)))
		n++;
	return n;
}

static int trailing_zeros(uint64_t v)
{
	int n = 0;

	while (n < WORD_BITS && !(v >> n & 1))
		n++;
	return n;
}

static uint64_t word_at(const uint8_t *p)
{
	struct rd r = rd_of(slice_of(p, WORD));

	return rd_be64(&r);
}

uint64_t slice_tail(struct slice x)
{
	return x.n < WORD ? 0 : word_at(x.p + x.n - WORD);
}

int key_difficulty(struct slice x)
{
	return x.n < WORD ? -1 : leading_zeros(word_at(x.p));
}

int hash_difficulty(struct slice x)
{
	return x.n < WORD ? -1 : key_difficulty(x) + trailing_zeros(slice_tail(x));
}

static uint64_t score(struct slice hash)
{
	int zeros = hash_difficulty(hash) + key_difficulty(hash);
	return ((uint64_t)zeros << 16) + slice_tail(hash) % SCORE_MODULUS;
}

bool block_better_than(const struct block *x, const struct block *y)
{
	if (x->full && !y->full)
		return true;
	if (x->hash.n < WORD || y->hash.n < WORD)
		return false;
	uint64_t of_x = score(x->hash), of_y = score(y->hash);
	if (of_x != of_y)
		return of_x > of_y;
	return x->nonce < y->nonce;
}
