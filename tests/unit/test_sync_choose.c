/* The sync engine with model peers: who is asked for a block, who after that, and what a host keeps
 * of what it did when it comes again. */
#include "tests/unit/sync_rig.h"

#include "tests/unit/main.h"

enum { LATE = 500, KICK = 5000, BLOCKS = 40 };

/* Dialled in from 10.network.0.host; rtt 0: nobody knows it. It claims nothing yet. */
static struct node_peer *comes(
	struct rig *r, peer_id id, unsigned network, unsigned host, uint64_t rtt)
{
	struct peer_info info = {.id = id, .own_kind = true, .addr = rig_address(network, host)};
	struct node_peer *np = rig_peer_as(r, &info);

	if (rtt)
		np->host->rtt_ms = rtt;
	return np;
}

/* All that are here, at once. */
static void claim(struct rig *r, uint64_t height)
{
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(&r->peers, &at));)
		np->sync.height = height;
	sync_tick(r->sync);
}

static unsigned asked(struct rig *r, peer_id id)
{
	return rig_count(r, id, MSG_GET_BLOCK);
}

static unsigned asked_any(struct rig *r, peer_id from, peer_id to)
{
	unsigned n = 0;

	for (peer_id id = from; id <= to; id++)
		n += asked(r, id);
	return n;
}

/* ---- the first choice ---- */

/* Who never answered is none of the best, however near it may be. */
static void test_unknown_is_not_first(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	comes(&r, 1, 1, 1, 0);
	comes(&r, 2, 2, 1, 150);
	claim(&r, 1);
	assert_int_equal(asked(&r, 1), 0);
	assert_int_equal(asked(&r, 2), 1);
	rig_end(&r);
}

/* Of those that nobody knows first the one that we dialled, and none gets much. */
static void test_all_unknown(void **state)
{
	struct peer_info ours = {.id = 2, .own_kind = true, .outbound = true};
	struct rig r;
	(void)state;

	rig_begin(&r);
	comes(&r, 1, 1, 1, 0);
	ours.addr = rig_address(2, 1);
	rig_peer_as(&r, &ours);
	claim(&r, BLOCKS);
	assert_int_equal(asked(&r, 2), 4);
	assert_int_equal(asked(&r, 1), 0); /* there will be room at the other soon */
	rig_pass(&r, 1500);                /* but it is silent */
	assert_int_equal(asked(&r, 1), 4);
	rig_end(&r);
}

/* Connections of one host share what one would get. */
static void test_connections_share(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 8; id++)
		comes(&r, id, 1, 1, 10);
	claim(&r, 500);
	assert_int_equal(asked_any(&r, 1, 8), 64);
	rig_end(&r);
}

/* A host that nobody knows is measured with a block that is asked of another as well. */
static void test_measured_beside(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, BLOCKS);
	comes(&r, 1, 1, 1, 10);
	struct node_peer *unknown = comes(&r, 2, 2, 1, 0);
	claim(&r, BLOCKS);
	assert_int_equal(asked(&r, 1), BLOCKS);
	assert_int_equal(asked(&r, 2), 1);
	r.mono += 7;
	rig_serves(&r, 2, &b);
	assert_int_equal(unknown->host->rtt_ms, 7);
	rig_serves(&r, 1, &b);
	assert_true(rig_on(&r, &b));
	rig_end_with(&r, &b);
}

/* Who is asked anyhow is measured by that: no block is asked for twice. */
static void test_not_measured_beside(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	comes(&r, 1, 1, 1, 10);
	comes(&r, 2, 2, 1, 10);
	claim(&r, 2 * BLOCKS);
	assert_true(asked(&r, 1) > 0 && asked(&r, 2) > 0);
	assert_int_equal(asked_any(&r, 1, 2), 2 * BLOCKS);
	rig_end(&r);
}

/* ---- late ---- */

/* Eight connections of one host are silent: it is asked once. */
static void test_a_host_is_asked_once(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 1);
	for (peer_id id = 1; id <= 8; id++)
		comes(&r, id, 1, 1, 1);
	comes(&r, 9, 2, 1, 100);
	claim(&r, 1);
	assert_int_equal(asked_any(&r, 1, 8), 1);
	rig_pass(&r, LATE);
	assert_int_equal(asked_any(&r, 1, 8), 1);
	assert_int_equal(asked(&r, 9), 1);
	rig_serves(&r, 9, &b);
	assert_true(rig_on(&r, &b));
	rig_end_with(&r, &b);
}

/* Eight hosts of one network, each quicker than the honest one: the second try goes elsewhere. */
static void test_another_network_is_next(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 8; id++)
		comes(&r, id, 1, (unsigned)id, 1);
	comes(&r, 9, 2, 1, 100);
	claim(&r, 1);
	rig_pass(&r, LATE);
	assert_int_equal(asked_any(&r, 1, 8), 1);
	assert_int_equal(asked(&r, 9), 1);
	rig_end(&r);
}

/* Thirty networks: who delivered lately is next, then two are asked, then four, then eight. */
static void test_who_delivered_is_next(void **state)
{
	static const unsigned want[] = {1, 2, 4, 8, 8};
	struct rig r;
	unsigned before;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 29; id++)
		comes(&r, id, (unsigned)id, 1, 1);
	comes(&r, 30, 30, 1, 100)->host->good_ms = 500;
	claim(&r, 1);
	assert_int_equal(asked(&r, 30), 0);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		before = asked_any(&r, 1, 30);
		rig_pass(&r, LATE);
		assert_int_equal(asked_any(&r, 1, 30) - before, want[i]);
		assert_int_equal(asked(&r, 30), 1);
	}
	rig_end(&r);
}

/* Others answer: who lets all wait keeps nothing. When nobody answers it is our line. */
static void silent_beside(bool others_answer)
{
	struct branch b;
	struct rig r;

	rig_begin_with(&r, &b, BLOCKS);
	struct node_peer *silent = comes(&r, 1, 1, 1, 1);
	silent->sync.height = 20;
	sync_tick(r.sync);
	assert_int_equal(asked(&r, 1), 20);
	comes(&r, 2, 2, 1, 1);
	claim(&r, BLOCKS);
	assert_int_equal(asked(&r, 2), 20);
	r.mono += 50;
	if (others_answer)
		rig_serves(&r, 2, &b);
	rig_pass(&r, 2 * LATE);
	if (others_answer)
		while (rig_serves(&r, 2, &b))
			;
	assert_int_equal(rig_height(&r), others_answer ? BLOCKS : 0);
	assert_int_equal(silent->host->doubt, others_answer);
	assert_true(others_answer || asked(&r, 2) <= 24); /* what is needed at once */
	rig_end_with(&r, &b);
}

static void test_silent_beside_others(void **state)
{
	(void)state;
	silent_beside(true);
	silent_beside(false);
}

/* It comes again as often as it likes: the doubt stays, and others are asked first. */
static void test_doubt_outlives_the_connection(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 2);
	comes(&r, 1, 1, 1, 1);
	comes(&r, 2, 2, 1, 100);
	claim(&r, 1);
	rig_pass(&r, LATE);
	rig_serves(&r, 2, &b);
	assert_int_equal(rig_height(&r), 1);
	rig_leave(&r, 1);
	r.sent_count = 0;
	struct node_peer *again = comes(&r, 3, 1, 1, 0);
	assert_true(again->host->rtt_ms == 1 && again->host->doubt > 0);
	claim(&r, 2);
	assert_int_equal(asked(&r, 3), 0);
	assert_int_equal(asked(&r, 2), 1);
	rig_end_with(&r, &b);
}

/* ---- passed over ---- */

/* Answers are in order or not at all: so many times, and it is banned; the block is asked
 * elsewhere.
 */
static void passes_over(bool own_kind, unsigned times)
{
	struct branch b;
	struct rig r;

	rig_begin_with(&r, &b, BLOCKS);
	struct node_peer *np = comes(&r, 1, 1, 1, 1);
	claim(&r, BLOCKS);
	np->own_kind = own_kind;
	comes(&r, 2, 2, 1, 100)->sync.height = BLOCKS;
	for (unsigned i = 1; i <= times; i++) {
		uint64_t index = 2 * i;
		rig_gives(&r, 1, index, b.block[index]);
		assert_int_equal(asked(&r, 1), BLOCKS);
		assert_int_equal(asked(&r, 2), i); /* for what was passed over */
		assert_int_equal(np->host->score, i < times ? 100 / times * i : 50);
		assert_int_equal(r.model[1].banned, i == times);
	}
	rig_end_with(&r, &b);
}

/* One of release 0.10 may find its database locked now and then. */
static void test_passing_over(void **state)
{
	(void)state;
	passes_over(true, 5);
	passes_over(false, 10);
}

/* A lower one after a higher that it turned out not to have: a branch that became shorter. */
static void test_a_higher_one_is_not_withheld(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, BLOCKS);
	rig_fill(&r, &b, 20);
	struct node_peer *np = comes(&r, 1, 1, 1, 1);
	claim(&r, 22);
	assert_true(sync_ask(r.sync, np, 20, true));
	rig_gives(&r, 1, 20, b.block[20]);
	assert_int_equal(np->host->score, 0);
	rig_end_with(&r, &b);
}

/* ---- kicks ---- */

/* A Peers in place of a block is proof, whatever connection it comes by. */
static void test_proofs_outlive_the_connection(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 4; id++) {
		struct node_peer *np = comes(&r, id, 1, 1, 0);
		claim(&r, 1);
		rig_pass(&r, KICK);
		rig_sends_peers(&r, id);
		assert_int_equal(np->sync.height, 0);
		assert_int_equal(r.model[id].banned, id == 4);
		rig_leave(&r, id);
	}
	rig_end(&r);
}

/* Silence is no proof: the line may be down. It is closed, doubted, and never banned. */
static void test_silence_is_no_proof(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (peer_id id = 1; id <= 20; id++) {
		struct node_peer *np = comes(&r, id, 1, 1, 0);
		claim(&r, 1);
		rig_pass(&r, 2 * KICK);
		assert_true(r.model[id].closed && !r.model[id].banned);
		assert_int_equal(np->host->score, 0);
		assert_true(np->host->doubt >= 3);
		rig_leave(&r, id);
	}
	rig_end(&r);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_is_not_first),
		cmocka_unit_test(test_all_unknown),
		cmocka_unit_test(test_connections_share),
		cmocka_unit_test(test_measured_beside),
		cmocka_unit_test(test_not_measured_beside),
		cmocka_unit_test(test_a_host_is_asked_once),
		cmocka_unit_test(test_another_network_is_next),
		cmocka_unit_test(test_who_delivered_is_next),
		cmocka_unit_test(test_silent_beside_others),
		cmocka_unit_test(test_doubt_outlives_the_connection),
		cmocka_unit_test(test_passing_over),
		cmocka_unit_test(test_a_higher_one_is_not_withheld),
		cmocka_unit_test(test_proofs_outlive_the_connection),
		cmocka_unit_test(test_silence_is_no_proof),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
