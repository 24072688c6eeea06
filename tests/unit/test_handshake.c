/* The side that dials: what a server may answer to our Hand, and what is believed of it. */
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

static struct raw w; /* large */

struct dialled {
	struct rig r;
	struct server s;
};

/* A node dials us; we have its Hand and owe the Shake. */
static void begin(struct dialled *d)
{
	server_open(&d->s);
	rig_begin(&d->r);
	side_start(&d->r, &d->r.a);
	side_dial(&d->r.a, &d->s.at);
	server_meet(&d->r, &d->s, &w);
}

static void end(struct dialled *d)
{
	raw_close(&w);
	close(d->s.listening);
	rig_end(&d->r);
}

static void test_a_good_shake(void **state)
{
	struct dialled s;
	struct peer_info i;
	struct message m = shake("server");
	(void)state;

	begin(&s);
	/* Before it greets, what it says is without meaning. */
	raw_message(&w, &(struct message){.type = MSG_PING, .height = 9});
	raw_message(&w, &(struct message){.type = MSG_GET_PEERS});
	raw_message(&w, &m);
	UNTIL(&s.r, s.r.a.ready == 1);
	assert_true(p2p_info(s.r.a.p, s.r.a.ids[0], &i));
	assert_int_equal(i.height, 5);
	assert_int_equal(s.r.a.messages, 0);
	assert_int_equal(stats_of(&s.r.a).messages_out[MSG_PEERS], 0);
	end(&s);
}

/* Ends it for that reason. An address is never banned for what could be forged on the way. */
static void refuses(struct message m, bool own_id, enum close_reason why)
{
	struct dialled s;

	begin(&s);
	if (own_id)
		m.rand_id = slice_str(s.s.their_id);
	raw_message(&w, &m);
	UNTIL(&s.r, raw_is_closed(&w));
	assert_int_equal(closed_for(&s.r.a, why), 1);
	assert_int_equal(s.r.a.ready, 0);
	assert_int_equal(stats_of(&s.r.a).bans, 0);
	end(&s);
}

static void test_bad_shakes(void **state)
{
	struct message m = shake("server");
	(void)state;

	m.origin = slice_str("AB");
	refuses(m, false, CLOSE_ORIGIN);
	m = shake("server");
	m.version = 2;
	refuses(m, false, CLOSE_VERSION);
	m = shake("server");
	m.app_version = slice_str("0.9.9");
	refuses(m, false, CLOSE_VERSION);
	refuses(shake(""), false, CLOSE_MALFORMED);
	refuses(shake("server"), true, CLOSE_LOOP);
}

/* Ids are not authenticated: one that is borrowed from another host cuts nobody off, and is not cut
 * off itself. */
static void test_borrowed_id(void **state)
{
	struct rig r;
	static struct raw other;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_from(&w, &r.a.at, "127.0.0.2");
	raw_greet(&r, &w, "same");
	p2p_credit(r.a.p, r.a.ids[0]);
	raw_from(&other, &r.a.at, "127.0.0.3");
	raw_greet(&r, &other, "same");
	UNTIL(&r, r.a.ready == 2);
	turns(&r, 50);
	assert_int_equal(r.a.gone, 0);
	assert_int_equal(closed_for(&r.a, CLOSE_DUPLICATE), 0);
	raw_close(&w);
	raw_close(&other);
	rig_end(&r);
}

/* One list for each that we asked for. */
static void test_unasked_addresses(void **state)
{
	struct rig r;
	struct message m = {.type = MSG_PEERS};
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "pusher");
	raw_expect(&r, &w, MSG_GET_PEERS, &m);
	for (int i = 0; i < 3; i++)
		raw_message(&w, &(struct message){.type = MSG_PEERS});
	raw_message(&w, &(struct message){.type = MSG_PING, .height = 1});
	UNTIL(&r, r.a.counts[MSG_PING]);
	assert_int_equal(r.a.counts[MSG_PEERS], 1);
	assert_int_equal(stats_of(&r.a).messages_in[MSG_PEERS], 3);
	raw_close(&w);
	rig_end(&r);
}

static void answer_with(struct rig *r, const char *address)
{
	struct message m = {.type = MSG_PEERS, .peer_count = 1, .peers = {slice_str(address)}};
	size_t before = r->a.counts[MSG_PEERS];

	raw_message(&w, &m);
	UNTIL(r, r->a.counts[MSG_PEERS] == before + 1);
}

/* The node's own GetPeers, which it sends to hear whether a peer answers, bring no addresses. Each
 * list belongs to the oldest question. */
static void test_lists_that_nobody_wanted(void **state)
{
	struct rig r;
	struct message m;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "teller");
	raw_expect(&r, &w, MSG_GET_PEERS, &m);
	for (int i = 0; i < 2; i++) {
		m = (struct message){.type = MSG_GET_PEERS};
		assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &m), SEND_OK);
	}
	size_t book = stats_of(&r.a).book;
	answer_with(&r, "127.0.0.77:4001");
	assert_int_equal(stats_of(&r.a).book, book + 1);
	answer_with(&r, "127.0.0.78:4001");
	answer_with(&r, "127.0.0.79:4001");
	assert_int_equal(stats_of(&r.a).book, book + 1);
	raw_close(&w);
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_shake),
		cmocka_unit_test(test_bad_shakes),
		cmocka_unit_test(test_borrowed_id),
		cmocka_unit_test(test_unasked_addresses),
		cmocka_unit_test(test_lists_that_nobody_wanted),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
