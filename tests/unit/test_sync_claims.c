/* What peers only say, against the sync engine: heights and forks, and whose word counts. */
#include "tests/unit/sync_rig.h"

#include "tests/unit/main.h"

enum { NEAR = 512, HOUR = 3600000 }; /* max_window */

static struct node_peer *comes(
	struct rig *r, peer_id id, unsigned network, uint64_t height, bool dialled, bool named)
{
	struct peer_info info = {.id = id,
		.own_kind = true,
		.height = height,
		.addr = rig_address(network, (unsigned)id),
		.outbound = dialled,
		.configured = named};

	return rig_peer_as(r, &info);
}

static void test_one_stranger(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	assert_int_equal(sync_best_height(r.sync), 0);
	struct node_peer *np = comes(&r, 1, 1, 30, false, false);
	assert_int_equal(sync_best_height(r.sync), 30);
	np->sync.height = 25000;
	assert_int_equal(sync_best_height(r.sync), NEAR);
	np->sync.height = UINT64_MAX;
	assert_int_equal(sync_best_height(r.sync), NEAR);
	for (peer_id id = 2; id <= 20; id++) /* as many of its network as there are */
		comes(&r, id, 1, UINT64_MAX, false, false);
	assert_int_equal(sync_best_height(r.sync), NEAR);
	rig_end(&r);
}

/* A node with one peer, which it dialled, has nobody else to believe. */
static void test_one_that_we_dialled(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	struct node_peer *np = comes(&r, 1, 1, 25000, true, false);
	assert_int_equal(sync_best_height(r.sync), 25000);
	np->sync.height = UINT64_MAX; /* but not that */
	assert_int_equal(sync_best_height(r.sync), NEAR);
	np->sync.height = 25000;
	comes(&r, 2, 2, 1 << 20, false, false); /* a stranger beside it changes nothing */
	assert_int_equal(sync_best_height(r.sync), 25000);
	comes(&r, 3, 3, 700, true, false); /* nor does one that is behind hide the window */
	assert_int_equal(sync_best_height(r.sync), 700);
	rig_end(&r);
}

static void test_three_networks(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	comes(&r, 1, 1, 1 << 20, false, false);
	comes(&r, 2, 1, 1 << 20, false, false);
	comes(&r, 3, 2, 1 << 20, false, false);
	assert_int_equal(sync_best_height(r.sync), NEAR);
	comes(&r, 4, 3, 900, false, false);
	assert_int_equal(sync_best_height(r.sync), 900);
	for (peer_id id = 11; id <= 20; id++) { /* the best of each network, in whatever order */
		comes(&r, id, 3, 980 + id, false, false);
		assert_int_equal(sync_best_height(r.sync), 980 + id);
	}
	comes(&r, 6, 4, 2000, false, false); /* the third best */
	assert_int_equal(sync_best_height(r.sync), 2000);
	comes(&r, 7, 5, 1500, false, false);
	assert_int_equal(sync_best_height(r.sync), 2000);
	comes(&r, 8, 6, 0, false, false); /* has told nothing yet */
	assert_int_equal(sync_best_height(r.sync), 2000);
	rig_end(&r);
}

/* Whom the operator named is believed among strangers who are all behind. */
static void test_the_named_one(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 5; id++)
		comes(&r, id, (unsigned)id, 10, false, false);
	assert_int_equal(sync_best_height(r.sync), 10);
	comes(&r, 6, 6, 25000, true, true);
	assert_int_equal(sync_best_height(r.sync), 25000);
	rig_end(&r);
}

static void test_forks(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	struct node_peer *a = comes(&r, 1, 1, 1, false, false);
	struct node_peer *again = comes(&r, 2, 1, 1, false, false);
	struct node_peer *other = comes(&r, 3, 2, 1, false, false);
	sync_fork_shown(r.sync, a, 60);
	sync_fork_shown(r.sync, again, 61); /* of the same network */
	assert_int_equal(sync_fork_at(r.sync), 0);
	r.mono += HOUR - 1;
	sync_fork_shown(r.sync, other, 62);
	assert_int_equal(sync_fork_at(r.sync), 62);
	r.mono += 1; /* the first network's is an hour old */
	assert_int_equal(sync_fork_at(r.sync), 0);
	sync_fork_shown(r.sync, a, 63);
	assert_int_equal(sync_fork_at(r.sync), 63);
	sync_appended(r.sync, NULL); /* our branch goes on */
	assert_int_equal(sync_fork_at(r.sync), 0);
	sync_fork_shown(r.sync, comes(&r, 4, 3, 1, true, true), 64);
	assert_int_equal(sync_fork_at(r.sync), 64); /* the operator named it */
	rig_end(&r);
}

/* Many networks one after the other: the marks are few, and the last ones count. */
static void test_many_forks(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 20; id++) {
		r.mono += 10;
		sync_fork_shown(r.sync, comes(&r, id, (unsigned)id, 1, false, false), 100 + id);
		assert_int_equal(sync_fork_at(r.sync), id > 1 ? 100 + id : 0);
	}
	rig_end(&r);
}

/* The last peer of a host leaves, and another host may have its row. */
static void test_who_left(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	struct host *row = comes(&r, 1, 1, 1, false, false)->host;
	assert_int_equal(row->peers, 1);
	r.mono += 1000;
	rig_leave(&r, 1);
	assert_int_equal(row->peers, 0);
	assert_int_equal(row->seen_ms, r.mono);
	rig_end(&r);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_stranger),
		cmocka_unit_test(test_one_that_we_dialled),
		cmocka_unit_test(test_three_networks),
		cmocka_unit_test(test_the_named_one),
		cmocka_unit_test(test_forks),
		cmocka_unit_test(test_many_forks),
		cmocka_unit_test(test_who_left),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
