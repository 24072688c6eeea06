/* Strangers behind the address of an honest peer, as behind one router: what they do costs it
 * nothing. Everybody here comes from 127.0.0.1. */
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

static struct raw stranger, honest; /* large */

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
		cmocka_unit_test(test_a_ban_by_hand),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
