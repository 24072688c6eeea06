/* Names with real identities on a made-up chain, for the tests of owner/. */
#ifndef TESTS_UNIT_OWNER_RIG_H
#define TESTS_UNIT_OWNER_RIG_H

#include "chain/crypto.h"
#include "chain/ecies.h"
#include "tests/unit/chain_fixture.h"

enum { OWNER_DAY = 86400, OWNER_YEAR = 365 * OWNER_DAY, OWNER_START = 1600000000 };

/* A chain with a first block by author 1; no block needs signers. */
static inline void owner_start(struct fixture *f)
{
	fixture_start(f);
	f->params.block_signers_start = 1000;
	f->params.blocks_without_discount = 0;
	fixture_add_at(f, 1, true, 1, OWNER_START);
}

/* An empty block of author 1, so that the one below is no tip. */
static inline void owner_cover(struct fixture *f, int64_t when)
{
	fixture_add_at(f, 1, false, 1, when);
}

struct owner_row {
	const char *name, *data; /* data NULL = records of zone ygg, none */
	unsigned author, owner;  /* numbers */
	int64_t when;            /* seconds */
	uint32_t difficulty;
	bool lies; /* its confirmation is for another name */
};

/* Mines a name. */
static inline void owner_mine(struct fixture *f, const struct owner_row *row)
{
	uint8_t key[KEY_SIZE], identity[32], confirmation[32];
	struct made m;

	made_block(&m, store_height(f->store) + 1, row->author, true, 1);
	made_key(row->owner, key);
	crypto_identity(slice_str(row->name), slice_of(key, KEY_SIZE), identity, confirmation);
	confirmation[0] ^= row->lies;
	m.b.timestamp = row->when;
	m.b.difficulty = row->difficulty;
	m.b.tx.identity = slice_of(identity, sizeof identity);
	m.b.tx.confirmation = slice_of(confirmation, sizeof confirmation);
	m.b.tx.signing = m.b.tx.encryption = slice_of(key, KEY_SIZE);
	m.b.tx.data = slice_str(row->data ? row->data : "{\"encrypted\":\"\",\"zone\":\"ygg\"}");
	assert_int_equal(fixture_append(f, &m.b), ERR_OK);
}

#endif
