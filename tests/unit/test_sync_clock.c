/* Blocks ahead of the clock at the sync engine: made to hold everybody up, or honest ones under a
 * clock that is behind. */
#include "base/log.h"
#include "base/mem.h"
#include "chain/chain_internal.h"
#include "sync/wrong_clock.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum { TIP = 9, YEAR = 365 * 86400, HOUR = 3600 };

/* A peer at 10.network.0.1. */
static struct node_peer *peer_at(
	struct rig *r, peer_id id, uint8_t network, bool outbound, uint64_t height)
{
	struct node_peer *np = sync_peers_add(&r->peers, id);

	r->model[id] = (struct model_peer){.there = true,
		.info = {.id = id,
			.own_kind = true,
			.height = height,
			.ready = true,
			.outbound = outbound,
			.addr = {
				.ip = {[10] = 255, [11] = 255, [12] = 10, [13] = network, [15] = 1},
				.port = 4244}}};
	sync_peer_ready(r->sync, np);
	return np;
}

/* The node has blocks 1 … TIP of `good`, which goes on; `bad` leaves it there with a block that is
 * `later` seconds behind the clock's time. */
static void begin(struct rig *r, struct branch *good, struct branch *bad, int64_t later)
{
	rig_begin_with(r, good, TIP + 3);
	r->wall = 1600000000 + 200 * (TIP + 10);
	rig_fill(r, good, TIP);
	r->later = later;
	rig_branch(r, bad, good, TIP, 7, 1);
	r->later = 0;
}

static void finish(struct rig *r, struct branch *good, struct branch *bad)
{
	branch_free(bad, TIP + 1);
	rig_end_with(r, good);
}

static bool behind(struct rig *r)
{
	struct ahead_claims c;

	return sync_clock_is_behind(r->sync, &c);
}

/* Others are asked at once; the sender is not asked again for a minute, nor over a new connection.
 */
static void test_others_are_asked_at_once(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	peer_at(&r, 1, 1, false, TIP + 1);
	assert_int_equal(rig_serves(&r, 1, &bad), 1);
	assert_int_equal(rig_height(&r), TIP);
	assert_false(r.model[1].banned);
	assert_true(r.model[1].closed); /* so far ahead, and it dialled in */
	peer_at(&r, 2, 2, false, TIP + 3);
	rig_serves(&r, 2, &good);
	assert_true(rig_on(&r, &good));
	rig_leave(&r, 1);
	finish(&r, &good, &bad);
}

static void test_a_new_connection_changes_nothing(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	peer_at(&r, 1, 1, false, TIP + 1);
	rig_serves(&r, 1, &bad);
	rig_leave(&r, 1);
	peer_at(&r, 2, 1, false, TIP + 1);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	rig_tells(&r, 2, &bad, TIP + 1);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	peer_at(&r, 3, 1, true, TIP + 1); /* whom we dialled at that address is not charged */
	assert_int_equal(rig_count(&r, 3, MSG_GET_BLOCK), 1);
	rig_leave(&r, 3);
	r.mono += AHEAD_HOLD_MS; /* a minute later it is asked, and refused without a check */
	rig_tells(&r, 2, &bad, TIP + 1);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 1);
	uint64_t repeated = r.sync->blocks_repeated;
	rig_serves(&r, 2, &bad);
	assert_int_equal(r.sync->blocks_repeated, repeated);
	assert_int_equal(r.sync->ahead.blocks.count, 1);
	assert_int_equal(rig_height(&r), TIP);
	finish(&r, &good, &bad);
}

/* Within two hours it may be a clock that is a little off: nobody is closed, and it is taken when
 * its time has come. */
static void test_its_time_comes(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, HOUR);
	peer_at(&r, 1, 1, false, TIP + 1);
	rig_serves(&r, 1, &bad);
	assert_false(r.model[1].closed || r.model[1].banned);
	assert_int_equal(rig_height(&r), TIP);
	assert_false(behind(&r)); /* one network's word, and it came to us */
	r.wall += HOUR;
	rig_pass(&r, 100);
	rig_serves(&r, 1, &bad);
	assert_true(rig_on(&r, &bad));
	assert_int_equal(r.limits.max_ahead_blocks.used, 0);
	finish(&r, &good, &bad);
}

/* What would be refused at any time is no matter of the clock. */
static void test_no_such_block(void **state)
{
	struct branch good, bad;
	struct rig r;
	struct block_owned *b;
	uint8_t *bytes = malloc(BLOCK_MAX_ENCODED);
	struct wr w = wr_of(bytes, BLOCK_MAX_ENCODED);
	(void)state;

	begin(&r, &good, &bad, YEAR);
	peer_at(&r, 1, 1, false, TIP + 1);
	assert_int_equal(block_decode_owned(bad.block[TIP + 1], &b), ERR_OK);
	b->b.timestamp += 1; /* its hash is another's now */
	block_encode(&b->b, &w);
	mem_free(b);
	rig_gives(&r, 1, TIP + 1, wr_done(&w));
	assert_true(r.model[1].banned);
	assert_int_equal(r.limits.max_ahead_blocks.used, 0);
	free(bytes);
	finish(&r, &good, &bad);
}

static void test_refused_by_another_rule(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	r.chain->params.block_signers_start = 2;   /* now its author should have been drawn, */
	r.chain->params.keystore_difficulty = 255; /* or, of a full one, have such a key */
	peer_at(&r, 1, 1, true, TIP + 1);
	rig_serves(&r, 1, &bad);
	assert_true(r.model[1].banned);
	assert_int_equal(r.limits.max_ahead_blocks.used, 0);
	finish(&r, &good, &bad);
}

/* The clock is set back to 1970 in the middle of it, and right again. */
static void test_clock_goes_back_meanwhile(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	peer_at(&r, 1, 1, false, TIP + 3);
	rig_gives(&r, 1, TIP + 2,
		good.block[TIP + 2]); /* waits for the one below, as good as it is */
	r.wall = 60;
	rig_gives(&r, 1, TIP + 1, good.block[TIP + 1]);
	assert_int_equal(rig_height(&r), TIP);
	assert_false(r.model[1].banned || r.model[1].closed);
	r.wall = 1700000000;
	rig_pass(&r, 100);
	for (int i = 0; i < 3; i++)
		rig_serves(&r, 1, &good);
	assert_true(rig_on(&r, &good));
	finish(&r, &good, &bad);
}

/* Our clock is a day behind: all peers send such blocks. None is banned; after the second network
 * none is closed either, and the clock is doubted until it is right. */
static void test_our_clock_is_behind(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, 0);
	r.wall -= 86400;
	for (peer_id id = 1; id <= 4; id++) {
		peer_at(&r, id, (uint8_t)id, id == 4, TIP + 3);
		for (int again = 0; again < 9; again++) {
			rig_serves(&r, id, &good);
			rig_tells(&r, id, &good, TIP + 3);
			r.mono += AHEAD_HOLD_MS / 30;
		}
		assert_false(r.model[id].banned);
		assert_int_equal(r.model[id].closed, false);
		assert_int_equal(behind(&r), id > 1);
	}
	assert_int_equal(rig_height(&r), TIP);
	r.wall += 86400;
	rig_pass(&r, 100);
	assert_false(behind(&r));
	rig_serves(&r, 4, &good);
	rig_pass(&r, 6000);
	for (peer_id id = 1; id <= 4; id++)
		rig_serves(&r, id, &good);
	assert_true(rig_on(&r, &good));
	finish(&r, &good, &bad);
}

/* Without a chain nothing proves the clock wrong: the word of networks does, when no more of them
 * are silent, and it expires. */
static void test_who_says_that_the_clock_is_behind(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	peer_at(&r, 1, 1, false, TIP + 1);
	rig_serves(&r, 1, &bad);
	assert_false(behind(&r));
	peer_at(&r, 2, 1, false, TIP + 1); /* the same network again, by hand */
	assert_false(behind(&r));
	peer_at(&r, 3, 3, true, TIP + 1);
	rig_serves(&r, 3, &bad);
	assert_true(behind(&r)); /* two of two */
	assert_false(r.model[3].closed);
	rig_leave(&r, 2);
	rig_leave(&r, 1);
	assert_true(behind(&r)); /* who has gone has said it */
	peer_at(&r, 4, 4, false, TIP);
	peer_at(&r, 2, 5, false, TIP);
	assert_true(behind(&r)); /* two of four */
	peer_at(&r, 1, 6, false, TIP);
	assert_false(behind(&r)); /* of five */
	rig_leave(&r, 1);
	r.mono += AHEAD_VOICE_MS;
	assert_false(behind(&r));
	finish(&r, &good, &bad);
}

/* Once the clock is doubted whoever is far ahead of it keeps its place. */
static void test_nobody_is_closed_for_our_clock(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	for (peer_id id = 1; id <= 3; id++) {
		peer_at(&r, id, (uint8_t)id, false, TIP + 1);
		rig_serves(&r, id, &bad);
		assert_int_equal(r.model[id].closed, id == 1);
	}
	finish(&r, &good, &bad);
}

static void test_the_only_peer_of_ours(void **state)
{
	struct branch good, bad;
	struct rig r;
	(void)state;

	begin(&r, &good, &bad, YEAR);
	peer_at(&r, 1, 1, true, TIP + 1);
	rig_serves(&r, 1, &bad);
	assert_true(behind(&r));
	assert_false(r.model[1].closed);
	rig_leave(&r, 1);
	finish(&r, &good, &bad);
}

/* Both tables stay at their rows. */
static void test_bounds(void **state)
{
	struct ahead a;
	struct limits l;
	struct peer_info who = {.addr = {.ip = {[10] = 255, [11] = 255, [12] = 10}}};
	uint8_t hash[32] = {0};
	int64_t time;
	(void)state;

	limits_default(&l);
	struct bound *blocks = &l.max_ahead_blocks, *hosts = &l.max_ahead_hosts;
	blocks->max = 4;
	hosts->max = 3;
	ahead_init(&a, blocks, hosts, 1);
	for (uint8_t i = 1; i <= 9; i++) {
		hash[0] = who.addr.ip[13] = i;
		ahead_note_block(&a, hash, 1000 - i);
		assert_true(ahead_note_host(&a, &who, 5, 1000, 100U + i));
	}
	assert_int_equal(blocks->used, 4);
	assert_int_equal(hosts->used, 3);
	assert_true(blocks->hits == 5 && hosts->hits == 6);
	assert_true(ahead_has(&a, hash, 990, &time)); /* the least ahead stays */
	assert_int_equal(time, 991);
	hash[0] = 1;
	assert_false(ahead_has(&a, hash, 0, &time));
	assert_int_equal(ahead_held(&a, &who, 200), 5);
	assert_false(ahead_note_host(&a, &who, 7, 1000, 200)); /* the lowest counts */
	assert_int_equal(ahead_held(&a, &who, 200), 5);
	who.addr.ip[13] = 1;
	assert_int_equal(ahead_held(&a, &who, 200), 0); /* the first went first */
	assert_true(ahead_expire(&a, 1000, 300));
	assert_int_equal(blocks->used + hosts->used, 0);
	assert_false(ahead_expire(&a, 1000, 300));
	ahead_clear(&a);
	assert_int_equal(mem_blocks(), 0);
}

struct told {
	unsigned warnings, right_again;
};

static void count(void *ctx, enum log_level level, const char *text)
{
	struct told *t = ctx;

	t->warnings += level == LOG_WARN && strstr(text, "the clock is wrong");
	t->right_again += level == LOG_INFO && strstr(text, "the clock is right again");
}

/* However often it is looked at: one warning, one line when it is right, and the same next time. */
static void test_told_once(void **state)
{
	struct told t = {0, 0};
	bool wrong = false;
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 3);
	rig_fill(&r, &b, 3);
	log_tap(count, &t);
	for (unsigned times = 1; times <= 2; times++) {
		for (int i = 0; i < 3; i++)
			wrong_clock_tick(&wrong, r.chain, 60);
		assert_true(wrong);
		assert_int_equal(t.warnings, times);
		assert_int_equal(t.right_again, times - 1);
		for (int i = 0; i < 3; i++)
			wrong_clock_tick(&wrong, r.chain, r.wall);
		assert_false(wrong);
		assert_int_equal(t.right_again, times);
	}
	assert_int_equal(t.warnings, 2);
	log_tap(NULL, NULL);
	rig_end_with(&r, &b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_once),
		cmocka_unit_test(test_others_are_asked_at_once),
		cmocka_unit_test(test_a_new_connection_changes_nothing),
		cmocka_unit_test(test_its_time_comes),
		cmocka_unit_test(test_no_such_block),
		cmocka_unit_test(test_refused_by_another_rule),
		cmocka_unit_test(test_clock_goes_back_meanwhile),
		cmocka_unit_test(test_our_clock_is_behind),
		cmocka_unit_test(test_who_says_that_the_clock_is_behind),
		cmocka_unit_test(test_nobody_is_closed_for_our_clock),
		cmocka_unit_test(test_the_only_peer_of_ours),
		cmocka_unit_test(test_bounds),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
