/* A store in a temporary directory and made-up blocks in it: the store and the view check nothing,
 * so that any history can be written down in a line. Authors are numbers. */
#ifndef TESTS_UNIT_CHAIN_FIXTURE_H
#define TESTS_UNIT_CHAIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/signers.h"
#include "chain/store.h"

struct fixture {
	char dir[200];
	struct bound map, readers, draws;
	struct chain_params params;
	struct store *store;
	struct view view;
	char text[512]; /* of the last open */
};

/* A made-up block and the bytes behind it. */
struct made {
	struct block b;
	uint8_t hash[HASH_SIZE], prev[HASH_SIZE], key[KEY_SIZE], signature[SIGNATURE_SIZE];
	uint8_t identity[8];
};

/* Never all zero, which would be no key. */
static inline void made_key(unsigned author, uint8_t key[KEY_SIZE])
{
	memset(key, 0, KEY_SIZE);
	key[0] = (uint8_t)(author >> 8);
	key[1] = (uint8_t)author;
	key[2] = 0x77;
}

/* Every block has the hash of its index and salt; its tail is what a draw starts from. */
static inline void made_block(
	struct made *m, uint64_t index, unsigned author, bool full, uint64_t tail)
{
	*m = (struct made){0};
	m->b.index = index;
	m->b.timestamp = (int64_t)(1000 + index * 10);
	m->b.full = full;
	for (int i = 0; i < 8; i++) /* the same zeros on every machine */
		m->hash[i] = m->identity[i] = (uint8_t)(index >> 8 * i);
	m->hash[8] = 0xAB;
	made_key(author, m->key);
	for (int i = 0; i < 8; i++)
		m->signature[SIGNATURE_SIZE - 1 - i] = (uint8_t)(tail >> 8 * i);
	m->signature[0] = 1;
	m->b.hash = slice_of(m->hash, HASH_SIZE);
	m->b.pub_key = slice_of(m->key, KEY_SIZE);
	m->b.signature = slice_of(m->signature, SIGNATURE_SIZE);
	m->b.prev_hash = slice_of(m->prev, index > 1 ? HASH_SIZE : 0);
	m->prev[0] = 1;
	if (full) {
		m->b.tx.class_name = slice_str(index == 1 ? "origin" : "domain");
		m->b.tx.identity = slice_of(m->identity, sizeof m->identity);
		m->b.tx.data = slice_str("{}");
	}
}

static inline void fixture_dir(char *dir, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, size, "%s/alfisd-test-XXXXXX", tmp ? tmp : P_tmpdir);
	assert_non_null(mkdtemp(dir));
}

static inline enum err fixture_open_as(struct fixture *f, bool read_only)
{
	struct store_settings set = {.dir = f->dir,
		.params = &f->params,
		.map_bytes = &f->map,
		.readers = &f->readers,
		.read_only = read_only,
		.no_sync = true};
	enum err err = store_open(&set, &f->store, f->text, sizeof f->text);

	f->view = (struct view){.params = &f->params};
	if (f->store)
		f->view.reader = store_own_reader(f->store);
	fifo_init(&f->view.draws, &f->draws, sizeof(struct draw));
	return err;
}

static inline void fixture_open(struct fixture *f)
{
	assert_int_equal(fixture_open_as(f, false), ERR_OK);
}

/* Small numbers: signers from 5 on, healing above 20, bans above 24. */
static inline void fixture_start(struct fixture *f)
{
	assert_true(crypto_init());
	*f = (struct fixture){.map = {.name = "map", .max = 64 << 20},
		.readers = {.name = "readers", .max = 4},
		.draws = {.name = "draws", .max = 4},
		.params = params_mainnet};
	f->params.block_signers_start = 5;
	f->params.low_height = 1000;
	f->params.healing_activation_height = 20;
	f->params.ban_activation_height = 24;
	f->params.healing_window = 30;
	f->params.healing_timeout = 1000;
	f->params.healing_timeout_fast = 500;
	f->params.ban_pool_floor = 2;
	f->params.ban_draw_min = 8;
	f->params.keystore_difficulty = 2;
	fixture_dir(f->dir, sizeof f->dir);
	fixture_open(f);
}

static inline enum err fixture_close(struct fixture *f)
{
	fifo_clear(&f->view.draws);
	enum err err = store_close(f->store);
	f->store = NULL;
	return err;
}

static inline void fixture_path(const struct fixture *f, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", f->dir, name);
}

static inline void fixture_remove(struct fixture *f)
{
	static const char *const files[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	char path[256];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		fixture_path(f, files[i], path);
		unlink(path);
	}
	rmdir(f->dir);
}

static inline void fixture_end(struct fixture *f)
{
	assert_int_equal(fixture_close(f), ERR_OK);
	fixture_remove(f);
	assert_int_equal(mem_blocks(), 0);
}

static inline enum err fixture_append(struct fixture *f, const struct block *b)
{
	struct block_owned *block = block_copy(b);
	enum err err = store_append(f->store, block);

	mem_free(block);
	return err;
}

static inline void fixture_add_at(
	struct fixture *f, unsigned author, bool full, uint64_t tail, int64_t timestamp)
{
	struct made m;

	made_block(&m, store_height(f->store) + 1, author, full, tail);
	m.b.timestamp = timestamp;
	assert_int_equal(fixture_append(f, &m.b), ERR_OK);
}

/* The next block by that author, ten seconds after the one below. */
static inline void fixture_add(struct fixture *f, unsigned author, bool full)
{
	fixture_add_at(f, author, full, 1, (int64_t)(1000 + (store_height(f->store) + 1) * 10));
}

static inline void fixture_head(struct fixture *f, uint64_t index, struct block_summary *h)
{
	assert_true(view_summary(&f->view, index, h));
}

static inline uint64_t fixture_count(struct fixture *f, unsigned author, uint64_t below)
{
	uint8_t key[KEY_SIZE];

	made_key(author, key);
	return view_count(&f->view, key, below);
}

#endif
