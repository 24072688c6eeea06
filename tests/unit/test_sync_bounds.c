/* The sync engine and serving at the edges of their bounds. */
#include "base/mem.h"
#include "chain/chain_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum { FAR = 1000 }; /* a height that nobody here has */

/* ---- the window ---- */

/* How many blocks a new peer is asked for at once. */
static unsigned asked(struct rig *r, peer_id id, bool own_kind)
{
	r->sent_count = 0;
	rig_peer(r, id, own_kind, FAR);
	unsigned n = rig_count(r, id, MSG_GET_BLOCK);
	rig_leave(r, id);
	return n;
}

static void test_window(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	assert_int_equal(asked(&r, 1, true), 64);
	assert_int_equal(asked(&r, 1, false), 4); /* no round trip is known */
	r.limits.max_requests_per_peer.max = 7;
	assert_int_equal(asked(&r, 1, true), 7);
	r.limits.max_requests_per_peer.max = 3;
	assert_int_equal(asked(&r, 1, false), 3);
	r.limits.max_requests_per_peer.max = 64;
	struct bound *const rows[] = {
		&r.limits.max_window, &r.limits.max_future_blocks, &r.limits.max_verify_queue};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t old = rows[i]->max;
		rows[i]->max = 10 + i;
		assert_int_equal(asked(&r, 1, true), 10 + i);
		rows[i]->max = old;
	}
	rig_end(&r);
}

/* What waits takes most of its room: only the next ones are asked for. */
static void test_window_is_shallow(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	struct bound *const rows[] = {&r.limits.max_future_bytes, &r.limits.max_verify_bytes};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rows[i]->used = rows[i]->max / 4 * 3;
		assert_int_equal(asked(&r, 1, true), 64);
		rows[i]->used++;
		assert_int_equal(asked(&r, 1, true), 16);
		rows[i]->used = 0;
	}
	rig_end(&r);
}

static void test_window_of_the_old_release(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	struct node_peer *np = rig_peer(&r, 1, false, 0);
	np->host->rtt_ms = 10;
	sync_height(r.sync, np, FAR, slice_of(NULL, 0));
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 8);
	np->host->rtt_ms = 10000;
	sync_pump(r.sync);
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 16);
	rig_end(&r);
}

static void test_slots(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	assert_null(sync_slot(r.sync, 0));
	assert_non_null(sync_slot(r.sync, 1));
	assert_non_null(sync_slot(r.sync, r.sync->ring_size));
	assert_null(sync_slot(r.sync, r.sync->ring_size + 1));
	rig_end(&r);
}

/* ---- late ones ---- */

static void test_late_to_the_tick(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_peer(&r, 1, true, 2);
	rig_peer(&r, 2, true, 2);
	rig_pass(&r, 450);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	rig_pass(&r, 50); /* nobody delivers: one question is enough, */
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 1);
	r.model[2].info.frame_here = 1000;
	rig_pass(&r, 50); /* until somebody does */
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 2);
	rig_end(&r);
}

/* Four kicks, each answered without a block: each is a proof that the block is not there. */
static void test_strikes(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	struct node_peer *np = rig_peer(&r, 1, true, 0);
	for (int i = 1; i <= 4; i++) {
		sync_height(r.sync, np, 3, slice_of(NULL, 0));
		rig_pass(&r, 5000);
		assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), i);
		rig_sends_peers(&r, 1);
		assert_int_equal(np->host->score, i < 4 ? 25 * i : 50 /* banned */);
	}
	assert_true(r.model[1].banned);
	rig_end(&r);
}

/* A Peers that answers the peer exchange, whose GetPeers stood before the requests, proves nothing
 * about them, whether or not there was room for ours. */
static void test_another_kick(void **state)
{
	struct rig r;
	(void)state;

	for (int full = 0; full < 2; full++) {
		rig_begin(&r);
		struct node_peer *np = rig_peer(&r, 1, true, 0);
		r.model[1].info.get_peers_sent++;
		sync_height(r.sync, np, 3, slice_of(NULL, 0));
		r.model[1].full = full;
		rig_pass(&r, 5000);
		rig_sends_peers(&r, 1);
		assert_int_equal(np->sync.height, 3);
		r.model[1].info.get_peers_sent += full; /* somebody else's, later */
		rig_sends_peers(&r, 1);
		assert_int_equal(np->sync.height, 0);
		rig_end(&r);
	}
}

/* ---- who is asked ---- */

/* Two peers with so many requests in flight and such round trips: the one that is asked next. */
static peer_id asked_next(size_t own, uint64_t own_rtt, unsigned own_score, size_t old)
{
	struct request req = {.fork = true};
	struct rig r;
	peer_id to;

	rig_begin(&r);
	struct node_peer *a = rig_peer(&r, 1, true, 0), *b = rig_peer(&r, 2, false, 0);
	for (size_t i = 0; i < own; i++)
		fifo_push(&a->sync.requests, &req);
	for (size_t i = 0; i < old; i++)
		fifo_push(&b->sync.requests, &req);
	a->host->in_flight = own;
	b->host->in_flight = old;
	a->host->rtt_ms = own_rtt + 1;
	b->host->rtt_ms = 1;
	a->host->score = own_score;
	a->sync.height = b->sync.height = 1;
	sync_tick(r.sync);
	assert_int_equal(r.sent_count, 1);
	to = r.sent[0].to;
	rig_end(&r);
	return to;
}

/* One of ours answers in 0.5 ms, one of release 0.10 in 2.3 (protocol.md 5.14), beside the way. */
static void test_cost(void **state)
{
	(void)state;
	assert_int_equal(asked_next(4, 0, 0, 1), 1);  /* 20 : 23 */
	assert_int_equal(asked_next(5, 0, 0, 1), 2);  /* 25 : 23 */
	assert_int_equal(asked_next(13, 0, 0, 3), 1); /* 65 : 69 */
	assert_int_equal(asked_next(14, 0, 0, 3), 2); /* 70 : 69 */
	assert_int_equal(asked_next(2, 1, 0, 1), 1);  /* 20 : 23 */
	assert_int_equal(asked_next(3, 1, 0, 1), 2);  /* 25 : 23 */
	assert_int_equal(asked_next(2, 0, 1, 1), 1);
	assert_int_equal(asked_next(3, 0, 1, 1), 2);
}

/* ---- blocks ---- */

/* The index of the first full block behind the origin. */
static uint64_t first_full(const struct branch *b)
{
	struct block_owned *o;
	bool full = false;
	uint64_t i = 1;

	while (!full && i < b->height) {
		assert_int_equal(block_decode_owned(b->block[++i], &o), ERR_OK);
		full = o->b.full;
		mem_free(o);
	}
	assert_true(full);
	return i;
}

/* `forever`: its author's key is weak; else only this chain refuses it. */
static void refused(struct rig *r, const struct branch *b, bool forever)
{
	uint64_t at = first_full(b);

	rig_fill(r, b, at - 1);
	if (forever)
		r->params.keystore_difficulty = r->chain->params.keystore_difficulty = 100;
	else /* a full block upon a full one, which nobody has locked yet */
		r->chain->params = (struct chain_params){.block_signers_start = 1};
	for (peer_id id = 1; id <= 2; id++) {
		rig_peer(r, id, true, at);
		rig_serves(r, id, b);
		assert_true(r->model[id].banned);
		assert_int_equal(r->limits.max_bad_blocks.used, forever);
		rig_leave(r, id);
	}
	/* the second copy got no further than the list, where there is one */
	assert_int_equal(r->sync->blocks_repeated, !forever);
	assert_int_equal(rig_height(r), at - 1);
	r->params.keystore_difficulty = 1;
}

static void test_bad_blocks(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 9);
	refused(&r, &b, true);
	rig_restart(&r);
	refused(&r, &b, false);
	rig_end_with(&r, &b);
}

/* A signature is looked at, also when the same forgery comes again; what can never be good is
 * refused before anything is computed. */
static void test_forged_blocks(void **state)
{
	struct block_owned *o;
	struct branch b, forged;
	struct rig r;
	uint8_t bytes[4096];
	(void)state;

	rig_begin_with(&r, &b, 2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(block_decode_owned(b.block[1], &o), ERR_OK);
		struct wr w = wr_of(bytes, sizeof bytes);
		if (i == 2)
			o->b.version = 9;
		else
			((uint8_t *)(uintptr_t)o->b.signature.p)[0] ^= 1;
		block_encode(&o->b, &w);
		mem_free(o);
		forged = (struct branch){.height = 1, .block[1] = wr_done(&w)};
		rig_peer(&r, 1, true, 1);
		r.limits.max_verify_queue.peak = 0;
		rig_serves(&r, 1, &forged);
		assert_true(r.model[1].banned);
		assert_int_equal(r.limits.max_verify_queue.peak, i < 2);
		rig_leave(&r, 1);
	}
	assert_int_equal(rig_height(&r), 0);
	rig_end_with(&r, &b);
}

/* No room for the bytes of one more: it is asked for again later, and nobody is blamed. */
static void test_bytes_being_checked(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 4);
	rig_peer(&r, 1, true, 4);
	r.limits.max_verify_bytes.max = 10;
	rig_gives(&r, 1, 1, b.block[1]);
	assert_int_equal(rig_height(&r), 0);
	assert_int_equal(r.limits.max_verify_bytes.hits, 1);
	assert_int_equal(r.limits.max_verify_bytes.peak, 0);
	assert_false(r.model[1].banned);
	r.limits.max_verify_bytes.max = 2097152;
	while (rig_serves(&r, 1, &b))
		;
	assert_true(rig_on(&r, &b));
	assert_int_equal(r.limits.max_verify_bytes.used, 0);
	rig_end_with(&r, &b);
}

/* With others on their way a group waits for its time, and no longer: a second near the tip,
 * twenty times commit_interval far behind it. What it is then is durable with the next commit, or
 * when there is none. */
static void commits_after(uint64_t best, uint64_t ms)
{
	struct branch b;
	struct rig r;
	struct chain_tip t;

	rig_begin_with(&r, &b, 3);
	r.limits.commit_interval.max = 1500;
	r.limits.request_timeout.max = 100 * ms; /* what is on its way stays so */
	struct node_peer *np = rig_peer(&r, 1, true, best);
	rig_gives(&r, 1, 1, b.block[1]);
	rig_gives(&r, 1, 2, b.block[2]);
	assert_int_equal(chain_uncommitted(r.chain), 2);
	rig_pass(&r, ms - 50);
	assert_int_equal(chain_uncommitted(r.chain), 2);
	rig_pass(&r, 50);
	assert_int_equal(chain_uncommitted(r.chain), 0);
	chain_get_tip(r.chain, &t);
	assert_int_equal(t.height, 2);
	assert_int_equal(t.committed, 0);
	sync_peer_gone(r.sync, np);
	rig_pass(&r, 50);
	chain_get_tip(r.chain, &t);
	assert_int_equal(t.committed, 2);
	assert_false(chain_unsettled(r.chain));
	rig_end_with(&r, &b);
}

static uint64_t slow_disk(void *ctx)
{
	return ((struct rig *)ctx)->mono += 200;
}

/* Behind a long wait for the disk the second one is left to a later turn, though no block comes. */
static void test_two_waits_are_two_turns(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 3);
	struct node_peer *np = rig_peer(&r, 1, true, 12);
	rig_gives(&r, 1, 1, b.block[1]);
	sync_peer_gone(r.sync, np);
	assert_int_equal(chain_uncommitted(r.chain), 1);
	uint64_t (*quick)(void *ctx) = r.clock.mono;
	r.clock.mono = slow_disk;
	sync_commit(r.sync);
	r.clock.mono = quick;
	assert_int_equal(chain_uncommitted(r.chain), 0);
	assert_true(chain_unsettled(r.chain));
	rig_pass(&r, 5000);
	assert_false(chain_unsettled(r.chain));
	rig_end_with(&r, &b);
}

static void test_commit_interval(void **state)
{
	(void)state;
	commits_after(12, 1000);
	commits_after(FAR, 30000); /* two blocks would write little that is new */
}

/* The address book does not wait for the end of a slow sync. */
static void test_commit_asked(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 3);
	rig_peer(&r, 1, true, FAR);
	rig_gives(&r, 1, 1, b.block[1]);
	assert_int_equal(chain_uncommitted(r.chain), 1);
	sync_commit_soon(r.sync);
	rig_pass(&r, 50);
	assert_int_equal(chain_uncommitted(r.chain), 0);
	rig_gives(&r, 1, 2, b.block[2]);
	rig_pass(&r, 50);
	assert_int_equal(chain_uncommitted(r.chain), 1); /* that was once */
	rig_end_with(&r, &b);
}

static void test_seen_blocks_age(void **state)
{
	uint8_t digest[32] = {1};
	struct rig r;
	(void)state;

	rig_begin(&r);
	recent_set_add(&r.sync->seen, digest);
	rig_pass(&r, 60000);
	assert_true(recent_set_has(&r.sync->seen, digest));
	rig_pass(&r, 60000);
	assert_false(recent_set_has(&r.sync->seen, digest));
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_window_is_shallow),
		cmocka_unit_test(test_window_of_the_old_release),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_late_to_the_tick),
		cmocka_unit_test(test_strikes),
		cmocka_unit_test(test_another_kick),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_seen_blocks_age),
		cmocka_unit_test(test_bytes_being_checked),
		cmocka_unit_test(test_commit_interval),
		cmocka_unit_test(test_commit_asked),
		cmocka_unit_test(test_two_waits_are_two_turns),
		cmocka_unit_test(test_forged_blocks),
		cmocka_unit_test(test_bad_blocks),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
