/* The side that dials: what a server may answer to our Hand, and what is believed of it. */
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

static struct raw w; /* large */

struct server {
	struct rig r;
	int listening;
	struct netaddr at;
	char our_id[64];
};

static bool accept_one(struct server *s)
{
	w.fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC);
	return w.fd >= 0;
}

static bool take_client_hello(uint8_t key[HELLO_KEY])
{
	raw_read(&w);
	size_t n = hello_client_parse(slice_of(w.in, w.n), key);
	if (n)
		raw_drop(&w, n);
	return n > 0;
}

/* A node dials us; we have its Hand and owe the Shake. */
static void begin(struct server *s)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof sa;
	uint8_t theirs[HELLO_KEY], ours[HELLO_KEY], hello[HELLO_SENT_MAX];
	struct message m;

	s->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(s->listening, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(listen(s->listening, 5), 0);
	assert_int_equal(getsockname(s->listening, (struct sockaddr *)&sa, &n), 0);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&sa, &s->at));
	rig_begin(&s->r);
	side_start(&s->r, &s->r.a);
	side_dial(&s->r.a, &s->at);
	w.n = w.used = 0;
	w.closed = false;
	UNTIL(&s->r, accept_one(s));
	UNTIL(&s->r, take_client_hello(theirs));
	secure_keypair(&rng_system, w.secret, ours);
	rng_fill(&rng_system, w.session.nonce, sizeof w.session.nonce);
	raw_send(&w, hello, hello_server_build(&rng_system, ours, w.session.nonce, hello));
	assert_true(secure_shared(w.secret, theirs, w.session.key));
	raw_expect(&s->r, &w, MSG_HAND, &m);
	assert_true(slice_is(m.origin, TEST_ORIGIN) && m.rand_id.n < sizeof s->our_id);
	memcpy(s->our_id, m.rand_id.p, m.rand_id.n);
	s->our_id[m.rand_id.n] = 0;
}

static void end(struct server *s)
{
	raw_close(&w);
	close(s->listening);
	rig_end(&s->r);
}

static struct message shake(const char *id)
{
	struct message m = hand(id);

	m.type = MSG_SHAKE;
	m.height = 5;
	return m;
}

static void test_a_good_shake(void **state)
{
	struct server s;
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
	struct server s;

	begin(&s);
	if (own_id)
		m.rand_id = slice_str(s.our_id);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_shake),
		cmocka_unit_test(test_bad_shakes),
		cmocka_unit_test(test_borrowed_id),
		cmocka_unit_test(test_unasked_addresses),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
