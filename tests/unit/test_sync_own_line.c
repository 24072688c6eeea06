/* What our own line carries, which all peers share: how much is asked for, of how many peers, and
 * whose silence says nothing about a peer. */
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum { BLOCKS = 60, PEERS = 6 };

/* A line of that rate; 0 = nothing came over it yet. */
static void line_of(struct rig *r, double bytes_a_second, double block_bytes)
{
	r->sync->block_bytes = block_bytes;
	r->sync->line.rate =
		(struct rate){.per_second = bytes_a_second, .known = bytes_a_second > 0};
}

static void peers_come(struct rig *r)
{
	for (peer_id id = 1; id <= PEERS; id++)
		rig_peer(r, id, true, BLOCKS);
}

static unsigned asked_in_all(const struct rig *r, unsigned *of_peers)
{
	unsigned n = 0;

	*of_peers = 0;
	for (peer_id id = 1; id <= PEERS; id++) {
		unsigned one = rig_count(r, id, MSG_GET_BLOCK);
		n += one;
		*of_peers += one > 0;
	}
	return n;
}

/* No more is asked for than comes in seven and a half seconds, but four blocks at least. */
static void test_room(void **state)
{
	static const struct {
		double rate;
		unsigned least, most;
	} rows[] = {{100, 4, 4}, {3000, 20, 23}, {6000, 40, 46}};
	struct branch b;
	struct rig r;
	unsigned peers;
	(void)state;

	rig_begin_with(&r, &b, BLOCKS);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rig_restart(&r);
		unsigned before = asked_in_all(&r, &peers);
		line_of(&r, rows[i].rate, 1000);
		peers_come(&r);
		assert_in_range(asked_in_all(&r, &peers) - before, rows[i].least, rows[i].most);
		for (peer_id id = 1; id <= PEERS; id++)
			rig_leave(&r, id);
	}
	rig_end_with(&r, &b);
}

/* A slow line is not divided among many: two peers, and one more for each kB a second. */
static void test_number_of_peers(void **state)
{
	struct branch b;
	struct rig r;
	unsigned peers;
	(void)state;

	rig_begin_with(&r, &b, BLOCKS);
	line_of(&r, 900, 100);
	peers_come(&r);
	asked_in_all(&r, &peers);
	assert_int_equal(peers, 2);
	rig_end_with(&r, &b);
}

/* While a peer of another group owes an answer, too, a silence may be that of the line. */
static void test_witness(void **state)
{
	struct node_peer *np[4] = {NULL};
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, BLOCKS);
	line_of(&r, 3000, 1000);
	peers_come(&r);
	for (peer_id id = 1; id <= 3; id++)
		np[id] = sync_peers_get(&r.peers, id);
	struct sync *s = r.sync;
	assert_true(np[1]->sync.requests.count && np[2]->sync.requests.count);
	for (peer_id id = 1; id <= PEERS; id++)
		sync_peers_get(&r.peers, id)->sync.progress_ms = r.mono;
	assert_true(sync_has_witness(s, np[1], r.mono));
	for (peer_id id = 2; id <= PEERS; id++) /* now all of one group */
		sync_peers_get(&r.peers, id)->host->group_id = np[1]->host->group_id;
	assert_false(sync_has_witness(s, np[1], r.mono));
	np[2]->host->group_id++;
	assert_true(sync_has_witness(s, np[1], r.mono));
	np[2]->sync.progress_ms = 0; /* it never answered anything */
	assert_false(sync_has_witness(s, np[1], r.mono));
	rig_end_with(&r, &b);
}

/* ---- whom nobody measured ---- */

enum { TICK = 250, MANY = 30 };

/* Peer 1 was asked for everything; peer 2 came afterwards, and nobody knows how fast it is. */
static void one_beside_a_stranger(struct rig *r, struct branch *b)
{
	rig_begin_with(r, b, MANY);
	r->limits.max_requests_per_peer.max = MANY;
	rig_peer(r, 1, true, MANY);
	rig_peer(r, 2, true, MANY);
	assert_int_equal(rig_count(r, 1, MSG_GET_BLOCK), MANY);
}

static void whole(struct rig *r, const struct branch *b, uint64_t index, size_t size)
{
	struct peer_info *info = &r->model[1].info;

	rig_pass(r, TICK);
	info->frame_here = info->frame_size = 0;
	info->frame_last = size;
	rig_gives(r, 1, index, b->block[index]);
}

static void bytes_come(struct rig *r, size_t bytes_a_second, uint64_t ms)
{
	for (uint64_t at = 0; at < ms; at += TICK) {
		r->model[1].info.frame_here += bytes_a_second * TICK / 1000;
		rig_pass(r, TICK);
	}
}

/* It waits for long, but only behind what we asked the same peer for. */
static void test_a_block_that_is_here_soon(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	one_beside_a_stranger(&r, &b);
	r.limits.request_timeout.max = 1000;
	for (uint64_t i = 1; i <= MANY; i++)
		whole(&r, &b, i, 1300);
	assert_true(rig_on(&r, &b));
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	rig_end_with(&r, &b);
}

/* Its rate of the past promises the block in a moment, again and again. */
static void test_a_promise_that_is_not_kept(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	one_beside_a_stranger(&r, &b);
	r.limits.request_timeout.max = 1000;
	for (uint64_t i = 1; i <= 8; i++)
		whole(&r, &b, i, 250000);
	r.model[1].info.frame_size = 65537;
	bytes_come(&r, 600, 1750);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	bytes_come(&r, 600, 500);
	assert_in_range(rig_count(&r, 2, MSG_GET_BLOCK), 1, 4);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 0);
	rig_end_with(&r, &b);
}

/* Silences of our line are no time for which a slow block was waited for; but who delivers when it
 * likes may pass for such a line ten seconds long. */
static void test_a_slow_block_in_a_silence(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	one_beside_a_stranger(&r, &b);
	struct node_peer *np = sync_peers_get(&r.peers, 1);
	for (uint64_t i = 1; i <= 8; i++)
		whole(&r, &b, i, 250);
	np->sync.rtt_ms = np->host->rtt_ms = 3000;
	sync_slot(r.sync, 9)->patience = LATE_MOST_MS;
	r.model[1].info.frame_size = 16000;
	bytes_come(&r, 1000, 1000);
	rig_pass(&r, 4000);
	bytes_come(&r, 1000, 1000);
	rig_pass(&r, 1250);
	bytes_come(&r, 1000, 500);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	bytes_come(&r, 1000, 500);
	assert_in_range(rig_count(&r, 2, MSG_GET_BLOCK), 1, 4);
	rig_end_with(&r, &b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_number_of_peers),
		cmocka_unit_test(test_witness),
		cmocka_unit_test(test_a_block_that_is_here_soon),
		cmocka_unit_test(test_a_promise_that_is_not_kept),
		cmocka_unit_test(test_a_slow_block_in_a_silence),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
