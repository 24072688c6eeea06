/* How often the engine wants to be called: what a claim costs that no block follows. */
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum {
	TIP = 20,
	HEIGHT = 30,
	TO_THE_END = 10250, /* ms, until a silent peer is closed */
	BUSY_MS = 250,
	FEW = 20 /* ticks, in that time */
};

/* Calls the engine when it wants to be called, and at no other time; returns how often that was. */
static unsigned ticks(struct rig *r, uint64_t ms)
{
	uint64_t end = r->mono + ms, next;
	unsigned n = 0;

	for (;;) {
		next = sync_tick(r->sync);
		rig_settle(r);
		n++;
		if (r->mono + next >= end)
			break;
		r->mono += next;
	}
	r->mono = end;
	return n;
}

static void begin(struct rig *r, struct branch *b)
{
	rig_begin_with(r, b, HEIGHT);
	rig_fill(r, b, TIP);
	assert_int_equal(ticks(r, TO_THE_END), 1);
}

/* From the claim to the end of the peer, and then until nothing is left of it. */
static unsigned cost_of_claim(struct rig *r, peer_id id, uint64_t height)
{
	rig_peer(r, id, false, height);
	unsigned n = ticks(r, TO_THE_END);
	assert_true(r->model[id].closed);
	rig_leave(r, id);
	assert_int_equal(ticks(r, TO_THE_END), 1);
	return n;
}

static void test_a_height_that_nobody_has(void **state)
{
	struct rig r;
	struct branch b;
	(void)state;

	begin(&r, &b);
	unsigned one = cost_of_claim(&r, 1, TIP + 1), most = cost_of_claim(&r, 2, UINT64_MAX);
	assert_in_range(one, 1, FEW);
	assert_in_range(most, 1, one);
	assert_in_range(cost_of_claim(&r, 2, UINT64_MAX), 1, one); /* it comes again */
	rig_end_with(&r, &b);
}

static void test_an_honest_claim(void **state)
{
	struct rig r;
	struct branch b;
	(void)state;

	begin(&r, &b);
	rig_peer(&r, 1, false, TIP + 1);
	rig_serves(&r, 1, &b);
	assert_in_range(ticks(&r, TO_THE_END), 1, 3);
	assert_int_equal(rig_height(&r), TIP + 1);
	rig_end_with(&r, &b);
}

/* A block on its way is looked at all the time, also when nothing more of it has come for a while.
 */
static void test_bytes_on_their_way(void **state)
{
	struct rig r;
	struct branch b;
	(void)state;

	begin(&r, &b);
	rig_peer(&r, 1, false, TIP + 1);
	ticks(&r, 3000);
	r.model[1].info.frame_here = 100;
	r.model[1].info.frame_size = 40000;
	assert_in_range(ticks(&r, 1000), 1000 / BUSY_MS, 1000 / BUSY_MS + 1);
	ticks(&r, 2000);
	assert_false(r.model[1].closed);
	assert_in_range(ticks(&r, 1000), 1000 / BUSY_MS, 1000 / BUSY_MS + 1);
	rig_end_with(&r, &b);
}

/* The next peer is asked as soon as the silent one is late, whatever the engine slept before. */
static void test_nobody_waits_longer(void **state)
{
	struct rig r;
	struct branch b;
	(void)state;

	begin(&r, &b);
	uint64_t begun = r.mono;
	struct node_peer *np = rig_peer(&r, 1, false, 0);
	np->host->rtt_ms = 1000;
	sync_height(r.sync, np, TIP + 1, slice_of(NULL, 0));
	uint64_t patience = sync_slot(r.sync, TIP + 1)->patience;
	assert_in_range(patience, 1750, 5000);
	ticks(&r, 1600);
	rig_peer(&r, 2, false, TIP + 1);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	ticks(&r, begun + patience + 1 - r.mono);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 1);
	rig_end_with(&r, &b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_height_that_nobody_has),
		cmocka_unit_test(test_an_honest_claim),
		cmocka_unit_test(test_bytes_on_their_way),
		cmocka_unit_test(test_nobody_waits_longer),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
