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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_number_of_peers),
		cmocka_unit_test(test_witness),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
