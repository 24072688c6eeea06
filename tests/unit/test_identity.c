/* The ids that a node shows, what it makes of one that it has shown itself, and of the word Loop.
 */
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

static struct raw w, x; /* large */

/* Greets from there; the id that the node shows. */
static void id_told(struct rig *r, struct raw *to, const char *from, char id[RAND_ID_SIZE + 1])
{
	struct message m = hand("client");

	raw_from(to, &r->a.at, from);
	raw_hello(r, to);
	raw_message(to, &m);
	raw_expect(r, to, MSG_SHAKE, &m);
	assert_int_equal(m.rand_id.n, RAND_ID_SIZE);
	memcpy(id, m.rand_id.p, RAND_ID_SIZE);
	id[RAND_ID_SIZE] = 0;
}

/* Nothing that it says joins its addresses, or what it is today and tomorrow. */
static void test_another_for_each(void **state)
{
	struct rig r;
	char first[RAND_ID_SIZE + 1], other[RAND_ID_SIZE + 1];
	(void)state;

	rig_begin(&r);
	assert_true(side_start_at(&r, &r.a, "0.0.0.0:0"));
	inet_pton(AF_INET, "127.0.0.1", r.a.at.ip + 12);
	id_told(&r, &w, "127.0.0.2", first);
	id_told(&r, &x, "127.0.0.3", other);
	assert_string_not_equal(first, other);
	raw_close(&x);
	inet_pton(AF_INET, "127.0.0.9", r.a.at.ip + 12); /* another address of the node */
	id_told(&r, &x, "127.0.0.2", other);
	assert_string_not_equal(first, other);
	raw_close(&x);
	inet_pton(AF_INET, "127.0.0.1", r.a.at.ip + 12);
	id_told(&r, &x, "127.0.0.2", other); /* between the same two hosts: one */
	assert_string_equal(first, other);
	raw_close(&w);
	raw_close(&x);
	UNTIL(&r, p2p_connections(r.a.p) == 0);
	id_told(&r, &x, "127.0.0.2", other); /* while they last */
	assert_string_not_equal(first, other);
	raw_close(&x);
	rig_end(&r);
}

static void test_reached_ourselves(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	side_dial(&r.a, &r.a.at);
	UNTIL(&r, closed_for(&r.a, CLOSE_LOOP) == 2 && p2p_connections(r.a.p) == 0);
	assert_int_equal(r.a.p->exchange.own_count, 1);
	assert_false(exchange_allows(&r.a.p->exchange, &r.a.at));
	rig_end(&r);
}

/* A stranger repeats the id that a peer was just told. It is sent away as the network does, and the
 * dial goes on: only both ends of one session can be ourselves. */
static void test_our_id_from_a_stranger(void **state)
{
	struct rig r;
	struct server s;
	struct message m;
	(void)state;

	server_open(&s);
	rig_begin(&r);
	side_start(&r, &r.a);
	side_dial(&r.a, &s.at);
	server_meet(&r, &s, &w);
	raw_connect(&x, &r.a.at);
	raw_hello(&r, &x);
	m = hand(s.their_id);
	raw_message(&x, &m);
	raw_expect(&r, &x, MSG_LOOP, &m);
	m = shake("server");
	raw_message(&w, &m);
	UNTIL(&r, r.a.ready == 1);
	assert_int_equal(stats_of(&r.a).bans, 0);
	raw_close(&w);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.p->exchange.own_count, 0);
	raw_close(&x);
	close(s.listening);
	rig_end(&r);
}

/* Who says Loop is not dialled for a while, as one that refuses us; its address is not taken for
 * one of ours. */
static void test_loop_is_one_word(void **state)
{
	struct rig r;
	struct server s;
	struct p2p_configured c;
	(void)state;

	server_open(&s);
	rig_begin(&r);
	side_start(&r, &r.a);
	side_dial(&r.a, &s.at);
	server_meet(&r, &s, &w);
	raw_message(&w, &(struct message){.type = MSG_LOOP});
	UNTIL(&r, raw_is_closed(&w));
	UNTIL(&r, p2p_configured(r.a.p, 0, &c) && c.wait_ms > 500000);
	assert_int_equal(r.a.p->exchange.own_count, 0);
	raw_close(&w);
	close(s.listening);
	rig_end(&r);
}

/* What a peer is called is settled when it is ready: further Hands get their Shake, and change
 * nothing, whatever they say. */
static void test_a_second_hand(void **state)
{
	struct rig r;
	struct message m = hand("second");
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "first");
	struct peer *peer = p2p_find(r.a.p, r.a.ids[0]);
	m.origin = slice_str("AB");
	m.app_version = slice_str("0.10.0+alfisd.0.1");
	raw_message(&w, &m);
	raw_expect(&r, &w, MSG_SHAKE, &m);
	assert_true(slice_is(slice_of(peer->rand_id, peer->rand_id_size), "first"));
	assert_false(peer->own_kind);
	raw_connect(&x, &r.a.at); /* who shows that id now is not the same node */
	p2p_credit(r.a.p, r.a.ids[0]);
	raw_greet(&r, &x, "second");
	UNTIL(&r, r.a.ready == 2);
	assert_int_equal(closed_for(&r.a, CLOSE_DUPLICATE), 0);
	raw_close(&w);
	raw_close(&x);
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_for_each),
		cmocka_unit_test(test_reached_ourselves),
		cmocka_unit_test(test_our_id_from_a_stranger),
		cmocka_unit_test(test_loop_is_one_word),
		cmocka_unit_test(test_a_second_hand),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
