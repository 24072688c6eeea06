/* Two connections with one node: which one stays. The peer plays release 0.10, which compares no
 * ids and looks on. */
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

static struct raw dialled_us, dialled_it; /* large */

/* Below and above every id of ours. */
static const char *const ids[] = {"      ", "~~~~~~"};

static void begin(struct rig *r, struct server *s)
{
	server_open(s);
	rig_begin(r);
	side_start(r, &r->a);
}

static void end(struct rig *r, struct server *s)
{
	raw_close(&dialled_us);
	raw_close(&dialled_it);
	close(s->listening);
	rig_end(r);
}

static void it_dials(struct rig *r, const char *id)
{
	raw_connect(&dialled_us, &r->a.at);
	raw_greet(r, &dialled_us, id);
}

static void we_dial(struct rig *r, struct server *s, const char *id)
{
	struct message m = shake(id);

	side_dial(&r->a, &s->at);
	server_meet(r, s, &dialled_it);
	raw_message(&dialled_it, &m);
}

static bool is_ready(struct rig *r, bool outbound)
{
	struct peer_info i;
	peer_id id;

	return p2p_list(r->a.p, true, &id, 1) == 1 && p2p_info(r->a.p, id, &i) &&
	       i.outbound == outbound;
}

/* It has answers to wait for on the connection that was first. */
static void assert_serves(struct rig *r, struct raw *w)
{
	raw_message(w, &(struct message){.type = MSG_GET_BLOCK, .index = 7});
	UNTIL(r, r->a.counts[MSG_GET_BLOCK] == 1);
	assert_false(raw_is_closed(w));
	r->a.counts[MSG_GET_BLOCK] = 0;
}

static void assert_both_stay(struct rig *r)
{
	UNTIL(r, r->a.ready == 2);
	assert_serves(r, &dialled_us);
	assert_serves(r, &dialled_it);
	assert_int_equal(r->a.gone, 0);
	assert_int_equal(closed_for(&r->a, CLOSE_DUPLICATE), 0);
}

/* Who came may be a stranger who repeats its id: it does not keep us from whom we dial, and may be
 * the one in question, whose connection is in use. */
static void test_it_was_first(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		begin(&r, &s);
		it_dials(&r, ids[i]);
		assert_serves(&r, &dialled_us);
		we_dial(&r, &s, ids[i]);
		assert_both_stay(&r);
		end(&r, &s);
	}
}

static void test_we_were_first(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		begin(&r, &s);
		we_dial(&r, &s, ids[i]);
		UNTIL(&r, is_ready(&r, true));
		it_dials(&r, ids[i]);
		UNTIL(&r, raw_is_closed(&dialled_us));
		assert_serves(&r, &dialled_it);
		assert_true(is_ready(&r, true));
		end(&r, &s);
	}
}

/* A connection can be dead without a word: who comes again is let in. */
static void test_the_first_is_silent(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (uint64_t silent = 40000; silent <= 50000; silent += 10000) {
		begin(&r, &s);
		we_dial(&r, &s, "abc");
		UNTIL(&r, is_ready(&r, true));
		rig_ahead = silent;
		it_dials(&r, "abc");
		if (silent < 45000)
			UNTIL(&r, raw_is_closed(&dialled_us));
		else
			assert_both_stay(&r);
		end(&r, &s);
	}
}

/* Of two that came, the first has to have proven itself. */
static void test_both_came(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (int proven = 0; proven < 2; proven++) {
		begin(&r, &s);
		raw_connect(&dialled_it, &r.a.at);
		raw_greet(&r, &dialled_it, "abc");
		if (proven)
			p2p_credit(r.a.p, r.a.ids[0]);
		it_dials(&r, "abc");
		if (proven)
			UNTIL(&r, raw_is_closed(&dialled_us));
		else
			assert_both_stay(&r);
		assert_serves(&r, &dialled_it);
		end(&r, &s);
	}
}

/* An id says nothing of who shows it. From another host it is nobody's business. */
static void test_borrowed_by_one_that_we_dialled(void **state)
{
	struct rig r;
	struct server s, other;
	struct message m = shake("abc");
	(void)state;

	begin(&r, &s);
	server_open_at(&other, "127.0.0.2");
	side_dial(&r.a, &other.at);
	server_meet(&r, &other, &dialled_us);
	raw_message(&dialled_us, &m);
	UNTIL(&r, r.a.ready == 1);
	we_dial(&r, &s, "abc");
	assert_both_stay(&r);
	close(other.listening);
	end(&r, &s);
}

/* ---- two nodes of our own kind ---- */

static void own_kind_says(struct raw *w, enum message_type type, const char *id)
{
	struct message m = hand(id);

	m.type = type;
	m.app_version = slice_str("0.10.0+alfisd.0.1");
	raw_message(w, &m);
}

static void own_kind_dials(struct rig *r, const char *id)
{
	struct message m;

	raw_connect(&dialled_us, &r->a.at);
	raw_hello(r, &dialled_us);
	own_kind_says(&dialled_us, MSG_HAND, id);
	raw_expect(r, &dialled_us, MSG_SHAKE, &m);
}

static void we_dial_our_own_kind(struct rig *r, struct server *s, const char *id)
{
	side_dial(&r->a, &s->at);
	server_meet(r, s, &dialled_it);
	own_kind_says(&dialled_it, MSG_SHAKE, id);
}

/* With the greater id we end what the other one has dialled, and say why. */
static void test_ours_is_greater(void **state)
{
	struct rig r;
	struct server s;
	struct message m;
	(void)state;

	for (int it_is_first = 0; it_is_first < 2; it_is_first++) {
		begin(&r, &s);
		if (it_is_first)
			own_kind_dials(&r, ids[0]);
		we_dial_our_own_kind(&r, &s, ids[0]);
		UNTIL(&r, r.a.ready == 1u + (it_is_first != 0));
		if (!it_is_first)
			own_kind_dials(&r, ids[0]);
		do
			UNTIL(&r, raw_next(&dialled_us, &m));
		while (m.type != MSG_TWIN);
		UNTIL(&r, raw_is_closed(&dialled_us));
		assert_serves(&r, &dialled_it);
		assert_true(is_ready(&r, true));
		end(&r, &s);
	}
}

/* With the lesser id we wait for its word on the connection that we dialled; then it is not dialled
 * again while the other connection lasts. */
static void test_ours_is_lesser(void **state)
{
	struct rig r;
	struct server s;
	struct p2p_configured c;
	(void)state;

	begin(&r, &s);
	own_kind_dials(&r, ids[1]);
	we_dial_our_own_kind(&r, &s, ids[1]);
	assert_both_stay(&r);
	raw_message(&dialled_it, &(struct message){.type = MSG_TWIN});
	UNTIL(&r, raw_is_closed(&dialled_it));
	assert_int_equal(closed_for(&r.a, CLOSE_DUPLICATE), 1);
	rig_ahead = 6000;
	UNTIL(&r, p2p_configured(r.a.p, 0, &c) && c.error[0]);
	assert_string_equal(c.error, "banned here, or connected already");
	assert_serves(&r, &dialled_us);
	raw_close(&dialled_us);
	UNTIL(&r, p2p_connections(r.a.p) == 0);
	raw_close(&dialled_it);
	rig_ahead += 60000;
	server_meet(&r, &s, &dialled_it);
	raw_connect(&dialled_us, &r.a.at);
	end(&r, &s);
}

/* Whoever was first: who came is not the one to end what we dialled. */
static void test_ours_is_lesser_and_was_first(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	begin(&r, &s);
	we_dial_our_own_kind(&r, &s, ids[1]);
	UNTIL(&r, is_ready(&r, true));
	own_kind_dials(&r, ids[1]);
	assert_both_stay(&r);
	end(&r, &s);
}

/* A stranger beside a node of release 0.10 says that it is of our kind: only both can be. */
static void test_one_of_our_kind(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	begin(&r, &s);
	own_kind_dials(&r, ids[0]);
	we_dial(&r, &s, ids[0]);
	assert_both_stay(&r);
	raw_message(
		&dialled_it, &(struct message){.type = MSG_TWIN}); /* its own word, for itself */
	UNTIL(&r, raw_is_closed(&dialled_it));
	raw_close(&dialled_it);
	rig_ahead = 6000;
	server_meet(&r, &s, &dialled_it); /* and nobody else's: it is dialled */
	end(&r, &s);

	begin(&r, &s);
	we_dial(&r, &s, ids[1]);
	UNTIL(&r, is_ready(&r, true));
	own_kind_dials(&r, ids[1]); /* superfluous, as from any */
	UNTIL(&r, raw_is_closed(&dialled_us));
	assert_serves(&r, &dialled_it);
	end(&r, &s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_was_first),
		cmocka_unit_test(test_we_were_first),
		cmocka_unit_test(test_the_first_is_silent),
		cmocka_unit_test(test_both_came),
		cmocka_unit_test(test_borrowed_by_one_that_we_dialled),
		cmocka_unit_test(test_ours_is_greater),
		cmocka_unit_test(test_ours_is_lesser),
		cmocka_unit_test(test_ours_is_lesser_and_was_first),
		cmocka_unit_test(test_one_of_our_kind),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
