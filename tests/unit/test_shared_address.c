/* Strangers behind the address of an honest peer, as behind one router: what they do costs it
 * nothing. Everybody here comes from 127.0.0.1. */
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

static struct raw stranger, honest, teller; /* large */

static void begin(struct rig *r, struct server *s)
{
	struct message m = shake("honest");

	server_open(s);
	rig_begin(r);
	side_start(r, &r->a);
	side_dial(&r->a, &s->at);
	server_meet(r, s, &honest);
	raw_message(&honest, &m);
	UNTIL(r, r->a.ready == 1);
}

static void end(struct rig *r, struct server *s)
{
	raw_close(&honest);
	raw_close(&stranger);
	close(s->listening);
	rig_end(r);
}

static void assert_lives(struct rig *r, struct raw *w)
{
	size_t before = r->a.counts[MSG_GET_BLOCK];

	raw_message(w, &(struct message){.type = MSG_GET_BLOCK, .index = 7});
	UNTIL(r, r->a.counts[MSG_GET_BLOCK] == before + 1);
	assert_false(raw_is_closed(w));
}

/* The stranger is of another network: nobody is let in from there, but the honest one stays, and is
 * dialled again after it was away. */
static void test_a_ban_earned_inbound(void **state)
{
	struct rig r;
	struct server s;
	struct message m = hand("alien");
	(void)state;

	begin(&r, &s);
	m.origin = slice_str("AB");
	raw_connect(&stranger, &r.a.at);
	raw_hello(&r, &stranger);
	raw_message(&stranger, &m);
	UNTIL(&r, raw_is_closed(&stranger));
	assert_int_equal(stats_of(&r.a).bans, 1);
	assert_lives(&r, &honest);
	raw_close(&honest);
	UNTIL(&r, r.a.gone == 1);
	rig_ahead += 6000;
	m = shake("honest");
	server_meet(&r, &s, &honest);
	raw_message(&honest, &m);
	UNTIL(&r, r.a.ready == 2);
	assert_int_equal(stats_of(&r.a).bans, 1); /* still */
	end(&r, &s);
}

/* Somebody names an address, which is dialled by our own choice. */
static void is_named(struct rig *r, struct server *s, struct raw *to)
{
	char text[NETADDR_TEXT_MAX];
	struct message list = {.type = MSG_PEERS, .peer_count = 1};
	size_t before = r->a.ready;

	raw_from(&teller, &r->a.at, "127.0.0.9");
	raw_greet(r, &teller, "teller");
	list.peers[0] = slice_str(netaddr_text(&s->at, text));
	p2p_take_peers(p2p_find(r->a.p, r->a.ids[before]), &list);
	server_meet(r, s, to);
}

static void begin_named(struct rig *r, struct server *s)
{
	struct message m = shake("honest");

	server_open(s);
	rig_begin(r);
	side_start(r, &r->a);
	is_named(r, s, &honest);
	raw_message(&honest, &m);
	UNTIL(r, r->a.ready == 2);
}

/* One that we had chosen breaks a rule. Another one there, which was chosen before, goes on and is
 * dialled again; the one itself, and strangers there, are not. */
static void test_a_ban_earned_outbound(void **state)
{
	struct rig r;
	struct server s, evil;
	struct message m = shake("evil");
	(void)state;

	begin_named(&r, &s);
	raw_close(&teller);
	server_open(&evil);
	is_named(&r, &evil, &stranger);
	raw_message(&stranger, &m);
	UNTIL(&r, r.a.ready == 4);
	p2p_ban_peer(r.a.p, r.a.ids[3], 0, "a bad block");
	UNTIL(&r, raw_is_closed(&stranger));
	assert_lives(&r, &honest);
	assert_true(p2p_is_shut(r.a.p, &evil.at, false));
	assert_false(p2p_is_shut(r.a.p, &evil.at, true) || p2p_is_shut(r.a.p, &s.at, false));
	raw_close(&honest);
	UNTIL(&r, r.a.gone == 3); /* with the first teller */
	rig_ahead += 61000;
	server_meet(&r, &s, &honest);
	assert_int_equal(stats_of(&r.a).bans, 1);
	raw_close(&teller);
	close(evil.listening);
	end(&r, &s);
}

/* It was named by somebody, and says what an honest peer there is called: that one is let in. */
static void test_an_id_of_one_that_was_named(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	begin_named(&r, &s);
	raw_connect(&stranger, &r.a.at);
	raw_greet(&r, &stranger, "honest");
	UNTIL(&r, r.a.ready == 3);
	assert_lives(&r, &stranger);
	assert_lives(&r, &honest);
	raw_close(&teller);
	end(&r, &s);
}

/* One that came is not asked for addresses at once while there are others: it could come again and
 * again, and name some each time. */
static void test_who_comes_is_asked_later(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	begin(&r, &s);
	UNTIL(&r, stats_of(&r.a).messages_out[MSG_GET_PEERS] == 1);
	raw_connect(&stranger, &r.a.at);
	raw_greet(&r, &stranger, "stranger");
	struct peer *peer = p2p_find(r.a.p, r.a.ids[1]);
	assert_true(peer->ask_at > peer->last_in + 50000);
	turns(&r, 50);
	assert_int_equal(stats_of(&r.a).messages_out[MSG_GET_PEERS], 1);
	end(&r, &s);
}

/* The operator's own word shuts out a configured peer, too. */
static void test_a_ban_by_hand(void **state)
{
	struct rig r;
	struct server s;
	struct p2p_configured c;
	(void)state;

	begin(&r, &s);
	raw_connect(&stranger, &r.a.at);
	raw_greet(&r, &stranger, "stranger");
	assert_int_equal(p2p_ban(r.a.p, "127.0.0.1", 600), ERR_OK);
	UNTIL(&r, raw_is_closed(&honest) && raw_is_closed(&stranger));
	assert_int_equal(closed_for(&r.a, CLOSE_BANNED), 2);
	rig_ahead += 6000;
	UNTIL(&r, p2p_configured(r.a.p, 0, &c) && c.error[0]);
	assert_string_equal(c.error, "banned here, or connected already");
	end(&r, &s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_ban_earned_inbound),
		cmocka_unit_test(test_a_ban_earned_outbound),
		cmocka_unit_test(test_an_id_of_one_that_was_named),
		cmocka_unit_test(test_who_comes_is_asked_later),
		cmocka_unit_test(test_a_ban_by_hand),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
