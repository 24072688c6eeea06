/* The sync engine on slow and silent lines: bytes are life, nothing is asked for twice that is on
 * its way, and who trickles does not hold up those who deliver. */
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum { FAR = 1000, FRAME = 37000, TICK = 250 };

static unsigned asks(const struct rig *r, peer_id id)
{
	return rig_count(r, id, MSG_GET_BLOCK);
}

/* Bytes of its next frame arrive at this rate for so long, in steps of a tick. */
static void trickles(struct rig *r, peer_id id, size_t bytes_a_second, uint64_t ms)
{
	struct peer_info *info = &r->model[id].info;

	for (uint64_t at = 0; at < ms; at += TICK) {
		info->frame_here += bytes_a_second * TICK / 1000;
		rig_pass(r, TICK);
	}
}

static void frame_begins(struct rig *r, peer_id id, size_t size)
{
	r->model[id].info.frame_here = 0;
	r->model[id].info.frame_size = size;
}

/* Its frame is whole: a block. */
static void answers(struct rig *r, peer_id id, const struct branch *b, uint64_t index, size_t size)
{
	struct peer_info *info = &r->model[id].info;

	info->frame_here = info->frame_size = 0;
	info->frame_last = size;
	rig_gives(r, id, index, b->block[index]);
}

static void test_a_slow_block_is_waited_for(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 4);
	rig_peer(&r, 1, true, 4);
	frame_begins(&r, 1, FRAME);
	trickles(&r, 1, 600, 60000);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 0);
	assert_false(r.model[1].closed);
	answers(&r, 1, &b, 1, FRAME);
	assert_int_equal(rig_height(&r), 1);
	rig_end_with(&r, &b);
}

/* A byte now and then is not the least rate. */
static void test_a_trickle_is_late(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_peer(&r, 1, true, 4);
	frame_begins(&r, 1, 65537);
	trickles(&r, 1, 4, 6000);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	trickles(&r, 1, 4, 6000);
	assert_true(r.model[1].closed);
	rig_end(&r);
}

/* Frames that answer nothing are no progress, however many come. */
static void test_other_frames_are_no_answer(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_peer(&r, 1, true, 4);
	for (int i = 0; i < 20; i++) {
		trickles(&r, 1, 4000, 500);
		r.model[1].info.frame_here = 0;
	}
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	rig_pass(&r, 5000);
	assert_true(r.model[1].closed);
	rig_end(&r);
}

/* After a silence nothing was lost: nothing is asked for again, neither there nor elsewhere. */
static void test_a_silence_of_the_line(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 30);
	r.limits.max_requests_per_peer.max = 10;
	for (peer_id id = 1; id <= 3; id++)
		rig_peer(&r, id, true, 30);
	rig_pass(&r, 7000);
	unsigned kicks = 0, before = 0, after = 0;
	for (peer_id id = 1; id <= 3; id++) {
		kicks += rig_count(&r, id, MSG_GET_PEERS);
		before += asks(&r, id);
	}
	assert_int_equal(kicks, 3);
	assert_int_equal(before, 30);
	while (rig_serves(&r, 1, &b) + rig_serves(&r, 2, &b) + rig_serves(&r, 3, &b))
		after++;
	assert_int_equal(after, 1);
	assert_true(rig_on(&r, &b));
	assert_int_equal(r.sync->blocks_received, 30);
	rig_end_with(&r, &b);
}

/* The same of one peer, while another delivers: what is not given away is taken back. */
static void test_a_silence_of_one_peer(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 30);
	r.limits.max_requests_per_peer.max = 8;
	rig_peer(&r, 1, true, 30); /* 1 … 8 */
	rig_peer(&r, 2, true, 30);
	frame_begins(&r, 2, FRAME);
	trickles(&r, 2, 1000, 5000);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	trickles(&r, 2, 1000, 500);
	assert_int_equal(sync_slot(r.sync, 8)->state, SLOT_EMPTY);
	unsigned before = asks(&r, 1);
	answers(&r, 1, &b, 1, 700);
	assert_int_equal(sync_slot(r.sync, 8)->state, SLOT_ASKED);
	assert_int_equal(sync_slot(r.sync, 8)->from, 1);
	assert_int_equal(sync_slot(r.sync, 8)->asked_ms, r.mono); /* not late at once */
	assert_in_range(asks(&r, 1), before, before + 1);         /* perhaps for a new one */
	rig_end_with(&r, &b);
}

/* Nobody delivers for so long that all would be closed: the line is ours, and nothing is lost. */
static void test_a_long_silence_of_the_line(void **state)
{
	(void)state;
	for (peer_id peers = 1; peers <= 3; peers++) {
		struct branch b;
		struct rig r;
		rig_begin_with(&r, &b, 30);
		r.limits.max_requests_per_peer.max = 10;
		for (peer_id id = 1; id <= peers; id++)
			rig_peer(&r, id, true, 30);
		rig_hears(&r);
		rig_pass(&r, 12000);
		rig_hears(&r); /* one comes back, the others up to as long after */
		answers(&r, 1, &b, 1, 700);
		for (int i = 0; i < 10; i++) {
			rig_pass(&r, 1000);
			rig_hears(&r);
		}
		for (peer_id id = 1; id <= peers; id++)
			assert_false(r.model[id].closed);
		rig_end_with(&r, &b);
	}
}

/* It is not waited for without end. */
static void test_a_silence_without_end(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_peer(&r, 1, true, 4);
	rig_peer(&r, 2, true, 4);
	rig_hears(&r);
	rig_pass(&r, 34500);
	assert_false(r.model[1].closed);
	rig_pass(&r, 1000); /* request_timeout, then three pong_timeouts */
	assert_true(r.model[1].closed);
	rig_end(&r);
}

/* Others deliver, if only signs of life: the silent one is closed as soon as ever. A silence that
 * was over before it was asked is no excuse. */
static void test_one_is_silent_beside_others(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_hears(&r);
	rig_pass(&r, 60000);
	rig_hears(&r);
	rig_peer(&r, 1, true, 4);
	rig_peer(&r, 2, true, 4);
	for (int i = 0; i < 5; i++) {
		assert_false(r.model[1].closed);
		rig_pass(&r, 2000);
		rig_hears(&r);
	}
	rig_pass(&r, 500);
	assert_true(r.model[1].closed);
	rig_end(&r);
}

static void test_a_window_of_what_the_line_carries(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 20);
	struct node_peer *np = rig_peer(&r, 1, true, FAR);
	assert_int_equal(np->sync.requests.count, 64); /* nothing is known of the line */
	for (uint64_t i = 1; i <= 20; i++) {
		trickles(&r, 1, 1300, 1000);
		answers(&r, 1, &b, i, 1300);
	}
	assert_in_range(sync_line_window(r.sync, np), 4, 6); /* five seconds of it */
	assert_int_equal(np->sync.requests.count, 64 - 20);
	rig_end_with(&r, &b);
}

/* With two slow ones everybody waits; when one is fast, the next block comes from it. */
static void test_who_would_be_sooner(void **state)
{
	(void)state;
	for (size_t rate = 600; rate <= 60000; rate *= 10) {
		struct branch b;
		struct rig r;
		rig_begin_with(&r, &b, 20);
		r.limits.max_requests_per_peer.max = 5;
		rig_peer(&r, 1, true, 20); /* 1 … 5 */
		rig_peer(&r, 2, true, 10); /* 6 … 10 */
		frame_begins(&r, 1, FRAME);
		frame_begins(&r, 2, FRAME);
		for (int i = 0; i < 8; i++) { /* both at the same time */
			r.model[1].info.frame_here += 600 * TICK / 1000;
			trickles(&r, 2, rate, TICK);
		}
		answers(&r, 2, &b, 6, rate * 2);
		for (uint64_t i = 7; i <= 9; i++) /* it has room even on a slow line */
			answers(&r, 2, &b, i, 50);
		rig_pass(&r, TICK);
		assert_int_equal(sync_slot(r.sync, 1)->from, rate > 600 ? 2 : 1);
		rig_end_with(&r, &b);
	}
}

/* One answers at once, then both are silent: it is the line, and the other is not asked. */
static void test_both_fall_silent(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 20);
	r.limits.max_requests_per_peer.max = 5;
	rig_peer(&r, 1, true, 20); /* 1 … 5 */
	rig_peer(&r, 2, true, 10); /* 6 … 10 */
	for (uint64_t i = 6; i <= 9; i++)
		answers(&r, 2, &b, i, 700);
	for (int i = 0; i < 16; i++) {
		rig_pass(&r, TICK);
		assert_int_equal(sync_slot(r.sync, 1)->from, 1);
	}
	rig_end_with(&r, &b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_slow_block_is_waited_for),
		cmocka_unit_test(test_a_trickle_is_late),
		cmocka_unit_test(test_other_frames_are_no_answer),
		cmocka_unit_test(test_a_silence_of_the_line),
		cmocka_unit_test(test_a_silence_of_one_peer),
		cmocka_unit_test(test_a_long_silence_of_the_line),
		cmocka_unit_test(test_a_silence_without_end),
		cmocka_unit_test(test_one_is_silent_beside_others),
		cmocka_unit_test(test_a_window_of_what_the_line_carries),
		cmocka_unit_test(test_who_would_be_sooner),
		cmocka_unit_test(test_both_fall_silent),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
