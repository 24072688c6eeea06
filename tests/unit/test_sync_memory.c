/* The n-th allocation fails while a store is made, blocks are synced, the store is opened again, a
 * branch is left for a better one, and all stops. The node may give up, but nothing leaks, no
 * honest peer is banned, and the next start goes on to the end.
 *
 * A few n; LONG=1 in the environment: every n, with 200 blocks; LONG=20: every 20th; FROM=N: from N
 * on. */
#include "base/log.h"
#include "base/mem.h"
#include "chain/chain_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum {
	COMMON = 20,
	COMMON_LONG = 190,
	WORSE = 3,
	BETTER = 9,
	SAMPLES = 12,
	PATIENCE_MS = 60000, /* of the model's time */
	STEP_MS = 250,
};

/* What the peers have. */
struct story {
	struct branch common, worse, better;
	uint8_t tip[2][HASH_SIZE]; /* of the worse, the better */
};

static uint64_t number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* 0: the short form, else the distance from one n to the next. */
static uint64_t long_form(void)
{
	return number_of("LONG");
}

static void take_tip(const struct branch *b, uint8_t hash[HASH_SIZE])
{
	struct block_owned *block;

	assert_int_equal(block_decode_owned(b->block[b->height], &block), ERR_OK);
	memcpy(hash, block->b.hash.p, HASH_SIZE);
	mem_free(block);
}

static void story_make(struct rig *r, struct story *t)
{
	uint64_t common = long_form() ? COMMON_LONG : COMMON;

	rig_branch(r, &t->common, rig_origin(), 1, 1, common - 1);
	rig_branch(r, &t->worse, &t->common, common, 2, WORSE);
	rig_branch(r, &t->better, &t->common, common, 3, BETTER);
	take_tip(&t->worse, t->tip[0]);
	take_tip(&t->better, t->tip[1]);
}

static void story_free(struct story *t)
{
	branch_free(&t->better, t->common.height + 1);
	branch_free(&t->worse, t->common.height + 1);
	branch_free(&t->common, 2);
}

/* Answers what it was asked for, all at once: sixteen hashes take little more time than one. */
static bool answer(struct rig *r, peer_id id, const struct branch *b)
{
	size_t asked = r->sent_count;
	bool any = false;

	for (size_t i = 0; i < asked; i++) {
		struct sent *s = &r->sent[i];
		struct node_peer *np = sync_peers_get(&r->peers, id);
		if (s->to != id || s->type != MSG_GET_BLOCK || s->index > b->height || !np)
			continue;
		struct message m = {
			.type = MSG_BLOCK, .index = s->index, .block = b->block[s->index]};
		s->type = MSG_COUNT; /* dealt with */
		sync_block(r->sync, np, &m);
		any = true;
	}
	rig_settle(r);
	return any;
}

/* A peer that comes again when it was closed, and serves until we have what it has. */
static bool sync_to(struct rig *r, peer_id id, const struct branch *b, const uint8_t *tip)
{
	for (uint64_t ms = 0; ms < PATIENCE_MS && !r->fatal; ms += STEP_MS) {
		if (r->model[id].there && r->model[id].closed)
			rig_leave(r, id);
		if (!r->model[id].there && rig_peer(r, id, true, b->height))
			sync_height(r->sync, sync_peers_get(&r->peers, id), b->height,
				slice_of(tip, HASH_SIZE));
		while (answer(r, id, b))
			;
		if (rig_height(r) == b->height &&
			chain_has(r->chain, b->height, slice_of(tip, HASH_SIZE)))
			return true;
		rig_pass(r, STEP_MS);
		assert_false(r->model[id].banned);
	}
	return false;
}

/* One life of the node. True when it came to the end of that branch; it may give up at the start,
 * or because its store fails, and then says so, but it never stays behind. */
static bool live(struct rig *r, peer_id id, const struct branch *b, const uint8_t *tip)
{
	uint64_t height;
	bool there = false;

	if (!rig_start(r))
		return false;
	bool good = chain_startup_check(r->chain, 8, r->wall, NULL, &height) == ERR_OK;
	if (good)
		there = sync_to(r, id, b, tip);
	if (!there && !(r->failing && (!good || r->fatal)))
		fail_msg("without allocation %llu: stays at block %llu of %llu",
			(unsigned long long)r->failing, (unsigned long long)rig_height(r),
			(unsigned long long)b->height);
	rig_stop(r);
	return there;
}

/* Two lives with the n-th allocation failing, and one in which all is well. Returns how many
 * allocations were left until the failing one. */
static uint64_t tell(struct rig *r, const struct story *t, uint64_t n)
{
	size_t blocks = mem_blocks();

	r->failing = n;
	mem_fail_nth(n);
	live(r, 1, &t->worse, t->tip[0]);
	live(r, 2, &t->better, t->tip[1]);
	uint64_t left = mem_fail_nth(0);
	assert_int_equal(mem_blocks(), blocks);
	r->failing = 0;
	assert_true(live(r, 2, &t->better, t->tip[1]));
	rig_forget(r);
	return left;
}

static void test_every_allocation(void **state)
{
	const uint64_t never = 1 << 30;
	struct story t;
	struct rig r;
	(void)state;

	rig_begin(&r);
	story_make(&r, &t);
	rig_stop(&r);
	rig_forget(&r);
	uint64_t all = never - tell(&r, &t, never);
	uint64_t step = long_form() ? long_form() : all / SAMPLES;
	assert_true(all > SAMPLES);
	log_setup(&(struct log_settings){.level = LOG_ERROR, .file = "/dev/null"});
	uint64_t from = number_of("FROM");
	for (uint64_t n = from ? from : 1; n <= all; n += step)
		tell(&r, &t, n);
	log_setup(&(struct log_settings){.level = LOG_ERROR});
	print_message("every %llu. of %llu allocations failed\n", (unsigned long long)step,
		(unsigned long long)all);
	rig_start(&r);
	rig_end(&r);
	story_free(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
