/* A full block that was signed twice: who is asked, whose copy counts, and that nobody pays. */
#include "sync/twin_count.h"
#include "tests/unit/twins_rig.h"

static void test_network_has_the_other_copy(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	(void)state;

	for (peer_id id = 1; id <= 6; id++) {
		says[id] = &t->b;
		peer_of(t, id, (unsigned)id, &t->b);
	}
	serve(t, says);
	assert_true(rig_on(&t->r, &t->b));
	assert_int_equal(t->r.sync->twin.taken_total, 1);
	assert_int_equal(t->r.sync->twin.seen_total, 1);
	nobody_pays(t);
	rig_pass(&t->r, 1000);
	assert_true(t->r.told_replaced);
}

/* One peer suffices, and what waited above is not fetched again. */
static void test_one_peer(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	(void)state;

	says[1] = &t->b;
	peer_of(t, 1, 1, &t->b);
	serve(t, says);
	assert_true(rig_on(&t->r, &t->b));
	/* Nine above, the other copy, and the first one again. */
	assert_int_equal(t->r.sync->blocks_received, MORE + 2);
	nobody_pays(t);
}

/* Blocks of ours above it go, at most four. */
static void test_depth(void **state)
{
	(void)state;

	for (unsigned above = 1; above <= CONFIDENCE_DEPTH; above++) {
		const struct branch *says[RIG_PEERS + 1] = {NULL};
		struct twins *t = hold(above);
		for (peer_id id = 1; id <= 3; id++) {
			says[id] = &t->b;
			peer_of(t, id, (unsigned)id, &t->b);
		}
		serve(t, says);
		assert_true(rig_on(&t->r, &t->b));
		nobody_pays(t);
	}
}

/* Further down nothing is exchanged, and the operator is told why. */
static void test_too_deep(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(MORE);
	struct twin_counts c;
	(void)state;

	for (peer_id id = 1; id <= 3; id++) {
		says[id] = &t->b;
		peer_of(t, id, (unsigned)id, &t->b);
		rig_tells(&t->r, id, &t->b, t->b.height);
	}
	serve(t, says);
	assert_true(rig_on(&t->r, &t->a));
	assert_true(t->r.sync->twin.sure);
	assert_int_equal(t->r.sync->twin.index, t->root);
	assert_true(sync_fork_at(t->r.sync) > t->root);
	assert_true(twin_below(t->r.sync, sync_fork_at(t->r.sync), &c) && c.more);
	assert_false(twin_below(t->r.sync, t->root, &c));
	for (peer_id id = 4; id <= 6; id++) {
		says[id] = &t->a;
		peer_of(t, id, (unsigned)id, &t->a);
	}
	twin_suspect_below(t->r.sync, sync_peers_get(&t->r.peers, 4), t->root + 1);
	twin_suspect_below(t->r.sync, sync_peers_get(&t->r.peers, 5), t->root + 1);
	twin_suspect_below(t->r.sync, sync_peers_get(&t->r.peers, 6), t->root + 1);
	serve(t, says);
	assert_true(twin_below(t->r.sync, sync_fork_at(t->r.sync), &c) && !c.more);
	assert_int_equal(c.ours, 3);
	nobody_pays(t);
}

/* As many networks show ours as show another, which has blocks above: ours stays until one more
 * shows that. */
static void test_majority(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	struct branch ours = cut(&t->a, 0);
	(void)state;

	for (peer_id id = 1; id <= 4; id++) {
		says[id] = id % 2 ? &ours : &t->b;
		peer_of(t, id, (unsigned)id, says[id]);
	}
	for (unsigned i = 0; i < 4; i++) {
		serve(t, says);
		rig_pass(&t->r, PATIENCE_MS);
	}
	assert_true(rig_on(&t->r, &ours));
	assert_true(twin_stuck(t->r.sync));
	assert_int_equal(t->r.sync->twin.ours, 2);
	assert_int_equal(t->r.sync->twin.theirs, 2);
	says[5] = &t->b;
	peer_of(t, 5, 5, &t->b);
	rig_pass(&t->r, 500);
	serve(t, says);
	assert_true(rig_on(&t->r, &t->b));
	nobody_pays(t);
}

/* As many, but those of the other copy are of our own choice. */
static void test_tie(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	struct branch ours = cut(&t->a, 0);
	(void)state;

	for (peer_id id = 1; id <= 4; id++) {
		says[id] = id % 2 ? &ours : &t->b;
		peer_at(t, id, (unsigned)id, 1, id % 2 == 0, says[id]);
	}
	serve(t, says);
	assert_true(rig_on(&t->r, &t->b));
}

/* Many hosts of one network are one voice. */
static void test_one_network_is_one_voice(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	struct branch ours = cut(&t->a, 0);
	(void)state;

	for (peer_id id = 1; id <= 8; id++) {
		says[id] = id <= 6 ? &t->b : &ours;
		peer_at(t, id, id <= 6 ? 1 : (unsigned)id, (unsigned)id, false, says[id]);
	}
	for (unsigned i = 0; i < 3; i++) {
		serve(t, says);
		rig_pass(&t->r, PATIENCE_MS);
	}
	assert_true(rig_on(&t->r, &ours));
	assert_int_equal(t->r.sync->twin.theirs, 1);
	assert_int_equal(t->r.sync->twin.ours, 2);
}

/* Three connections of one host do not outvote two other hosts of its network. */
static void test_one_host_is_one_voice(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	struct branch ours = cut(&t->a, 0);
	(void)state;

	for (peer_id id = 1; id <= 5; id++) {
		says[id] = id <= 3 ? &t->b : &ours;
		peer_at(t, id, 1, id <= 3 ? 1 : (unsigned)id, false, says[id]);
	}
	for (unsigned i = 0; i < 3; i++) {
		serve(t, says);
		rig_pass(&t->r, PATIENCE_MS);
	}
	assert_true(rig_on(&t->r, &ours));
	assert_int_equal(t->r.sync->twin.theirs, 0);
}

/* A network in which one host shows this and one that has no voice. */
static void test_network_of_two_minds(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	struct branch ours = cut(&t->a, 0);
	(void)state;

	for (peer_id id = 1; id <= 2; id++) {
		says[id] = id == 1 ? &t->b : &ours;
		peer_at(t, id, 1, (unsigned)id, false, says[id]);
	}
	for (unsigned i = 0; i < 3; i++) {
		serve(t, says);
		rig_pass(&t->r, PATIENCE_MS);
	}
	assert_true(rig_on(&t->r, &ours));
	assert_int_equal(t->r.sync->twin.theirs, 0);
	assert_int_equal(t->r.sync->twin.ours, 0);
}

/* A block that fits no copy: another signature alone moves nothing, however many show it. */
static void test_copy_without_a_window(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	struct branch ours = cut(&t->a, 0), copy, odd;
	(void)state;

	rig_sign_again(&t->r, &copy, &t->common, 1000);
	odd = t->b; /* its window is of the second copy, its full block a third */
	odd.block[t->root] = copy.block[t->root];
	for (uint64_t number = 1001; fits(t, &t->b, &odd); number++) {
		free((void *)(uintptr_t)copy.block[t->root].p);
		rig_sign_again(&t->r, &copy, &t->common, number);
		odd.block[t->root] = copy.block[t->root];
	}
	t = hold(0);
	for (peer_id id = 1; id <= 3; id++) {
		says[id] = &odd;
		peer_of(t, id, (unsigned)id, &odd);
	}
	for (unsigned i = 0; i < 3; i++) {
		serve(t, says);
		rig_pass(&t->r, PATIENCE_MS);
		assert_true(rig_on(&t->r, &ours));
	}
	assert_int_equal(t->r.sync->twin.taken_total, 0); /* the hash does not tell */
	nobody_pays(t);
	free((void *)(uintptr_t)copy.block[t->root].p);
}

/* Who shows our own copy and a block that does not fit it is asked once, and then left alone. */
static void test_nothing_behind_it(void **state)
{
	struct twins *t = hold(0);
	struct branch odd = t->b;
	(void)state;

	odd.block[t->root] = t->a.block[t->root];
	peer_of(t, 1, 1, &odd);
	rig_serves(&t->r, 1, &odd);
	for (unsigned i = 0; i < 10; i++) {
		rig_tells(&t->r, 1, &odd, odd.height);
		rig_pass(&t->r, 1000);
		rig_serves(&t->r, 1, &odd);
	}
	assert_false(twin_stuck(t->r.sync));
	assert_int_equal(t->r.sync->twin.seen_total, 0);
	assert_in_range(t->r.sync->blocks_received, 2, MORE + 1);
	nobody_pays(t);
}

/* Nor is it asked for the blocks above, while another was asked for that one: they would wait where
 * those of the network belong. */
static void test_nothing_above_it(void **state)
{
	struct twins *t = hold(0);
	struct branch odd = t->b, low;
	(void)state;

	odd.block[t->root] = t->a.block[t->root];
	low = cut(&odd, 1);
	peer_of(t, 1, 1, &low);
	rig_serves(&t->r, 1, &low);
	peer_of(t, 2, 2, &t->b);
	unsigned before = rig_count(&t->r, 1, MSG_GET_BLOCK);
	rig_tells(&t->r, 1, &odd, odd.height);
	rig_pass(&t->r, 1000);
	assert_int_equal(rig_count(&t->r, 1, MSG_GET_BLOCK), before);
	nobody_pays(t);
}

/* Those who are asked and say nothing hold it up for one request_timeout at most. */
static void test_silence_ends(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	(void)state;

	for (peer_id id = 1; id <= 8; id++) {
		says[id] = id <= 3 ? &t->b : NULL;
		peer_of(t, id, (unsigned)id, &t->b);
	}
	for (unsigned i = 0; i < 12 && !rig_on(&t->r, &t->b); i++) {
		serve(t, says);
		rig_pass(&t->r, 1000);
	}
	assert_true(rig_on(&t->r, &t->b));
}

/* Who moves the majority to and fro moves the node less and less often. */
static void test_no_flapping(void **state)
{
	const struct branch *says[RIG_PEERS + 1] = {NULL};
	struct twins *t = hold(0);
	(void)state;

	for (unsigned round = 0; round < 60; round++) {
		struct branch now = cut(round % 2 ? &t->a : &t->b, CONFIDENCE_DEPTH);
		for (peer_id id = 1; id <= 3; id++) {
			says[id] = &now;
			peer_of(t, id, (unsigned)id, &now);
			rig_tells(&t->r, id, &now, now.height);
		}
		for (unsigned i = 0; i < 10; i++) {
			serve(t, says);
			rig_pass(&t->r, 500);
		}
		for (peer_id id = 1; id <= 3; id++)
			rig_leave(&t->r, id);
		t->r.sent_count = 0;
	}
	assert_in_range(t->r.sync->twin.taken_total, 2, 6); /* 300 s: 10, 20, 40, 80, 160 */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network_has_the_other_copy),
		cmocka_unit_test(test_one_peer),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_majority),
		cmocka_unit_test(test_tie),
		cmocka_unit_test(test_one_network_is_one_voice),
		cmocka_unit_test(test_one_host_is_one_voice),
		cmocka_unit_test(test_network_of_two_minds),
		cmocka_unit_test(test_copy_without_a_window),
		cmocka_unit_test(test_nothing_behind_it),
		cmocka_unit_test(test_nothing_above_it),
		cmocka_unit_test(test_silence_ends),
		cmocka_unit_test(test_no_flapping),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, end);
}
