/* Questions by TCP, after a reply that was cut: many on one connection, what becomes of them when
 * it dies, and a deadline on everything. */
#include "dns/upstream_internal.h"
#include "tests/unit/dns_upstream_rig.h"

/* A forwarder whose answers by UDP are all cut. */
static struct stub *start_cut(struct rig *r)
{
	start(r, 1);
	r->stubs[0].tc = true;
	return &r->stubs[0];
}

static void ask_name(struct rig *r, size_t i)
{
	char name[16];

	snprintf(name, sizeof name, "n%zu.example", i);
	assert_int_equal(ask(r, i, name), ERR_OK);
}

static void a_cut_reply_is_asked_by_tcp(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	for (size_t i = 0; i < 3; i++) {
		ask_name(r, i);
		expect_answer(r, i);
		assert_int_equal(r->askers[i].records, 1);
	}
	assert_int_equal(s->asked_tcp, 3);
	assert_int_equal(s->accepted, 1); /* one connection for all */
	assert_int_equal(r->limits.dns_upstream_connections.used, 1);
	pass(r, 9999);
	assert_int_equal(r->limits.dns_upstream_connections.used, 1);
	pass(r, 1); /* idle for ten seconds */
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
	assert_int_equal(r->limits.dns_upstream_bytes.used, 0);
}

static void cut_by_tcp_too(void **state)
{
	struct rig *r = *state;

	start_cut(r)->tc_tcp = true;
	ask_name(r, 0);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 0);
	assert_string_equal(facts(r, 0).last_error, "it is cut");
}

static void many_are_on_one_connection(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	s->silent_tcp = true;
	for (size_t i = 0; i < 40; i++)
		ask_name(r, i);
	UNTIL(r, s->asked_tcp == 40);
	assert_int_equal(s->accepted, 1);
	assert_int_equal(r->limits.dns_upstream_streams.peak, 40);
}

/* What has no place on a connection waits in the table. */
static void more_than_there_are_places(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	r->limits.dns_upstream_streams.max = 4;
	r->limits.dns_upstream_connections.max = 2;
	s->silent_tcp = true;
	for (size_t i = 0; i < 9; i++)
		ask_name(r, i);
	UNTIL(r, s->asked_tcp == 8);
	settle(r);
	assert_int_equal(s->accepted, 2);
	assert_true(r->limits.dns_upstream_connections.hits > 0);
	dns_upstream_forget(r->u, &r->askers[0].w);
	s->silent_tcp = false;
	for (size_t i = 10; i < 12; i++)
		ask_name(r, i); /* no place for these either */
	settle(r);
	assert_int_equal(s->asked_tcp, 8);
	stub_hang_up(s); /* fresh ones: nothing was answered, so nothing is repeated */
	for (int i = 0; i < 20 && !r->askers[10].told; i++)
		pass(r, 200);
	assert_int_equal(r->askers[8].got, 1);
	assert_int_equal(r->askers[10].got, 1);
	assert_int_equal(r->askers[11].got, 1);
}

/* Each connection has the most that it can come to hold, of the row of bytes. */
static void their_bytes_are_bounded(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	r->limits.dns_upstream_bytes.max = 2 * DNS_TCP_CONN_BYTES - 1;
	r->limits.dns_upstream_streams.max = 1;
	s->silent_tcp = true;
	ask_name(r, 0);
	ask_name(r, 1);
	UNTIL(r, s->asked_tcp == 1);
	settle(r);
	assert_int_equal(s->accepted, 1);
	assert_int_equal(r->limits.dns_upstream_bytes.used, DNS_TCP_CONN_BYTES);
	assert_true(r->limits.dns_upstream_bytes.hits > 0);
	assert_int_equal(r->limits.dns_upstream_connections.hits, 0);
}

/* One that worked and is dead: its questions are sent once more, on a fresh one. */
static void a_dead_connection_is_replaced_once(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	ask_name(r, 0);
	expect_answer(r, 0);
	s->silent_tcp = true;
	ask_name(r, 1);
	ask_name(r, 2);
	UNTIL(r, s->asked_tcp == 3);
	s->silent_tcp = false;
	stub_hang_up(s);
	UNTIL(r, r->askers[1].told && r->askers[2].told);
	assert_int_equal(r->askers[1].got, 1);
	assert_int_equal(r->askers[2].got, 1);
	assert_int_equal(s->accepted, 2);
	assert_int_equal(s->asked_tcp, 5);
	s->close_tcp = true; /* from now on each question ends the connection */
	ask_name(r, 3);
	UNTIL(r, r->askers[3].told);
	assert_int_equal(r->askers[3].got, 0);
	assert_int_equal(s->asked_tcp, 7);
	assert_string_equal(facts(r, 0).last_error, "the server closed the connection");
}

/* The second connection has answered, too, and dies as well: that is the end. */
static void a_question_is_repeated_once(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	ask_name(r, 0);
	expect_answer(r, 0);
	s->silent_tcp = true;
	ask_name(r, 1);
	ask_name(r, 2);
	UNTIL(r, s->asked_tcp == 3);
	s->silent_tcp = false;
	s->silent_after = 4; /* the fourth question is answered, and no other */
	stub_hang_up(s);
	UNTIL(r, s->asked_tcp == 5 && (r->askers[1].told || r->askers[2].told));
	stub_hang_up(s);
	UNTIL(r, r->askers[1].told && r->askers[2].told);
	assert_int_equal(r->askers[1].got + r->askers[2].got, 1);
	assert_int_equal(s->asked_tcp, 5);
	assert_int_equal(s->accepted, 2);
}

/* A connection that died without a word is known by its silence. */
static void a_reused_one_that_is_silent(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	ask_name(r, 0);
	expect_answer(r, 0);
	s->silent_after = 1;
	ask_name(r, 1);
	UNTIL(r, s->asked_tcp == 2);
	s->silent_after = 0;
	pass(r, 999);
	assert_int_equal(s->accepted, 1);
	pass(r, 1);
	UNTIL(r, r->askers[1].told);
	assert_int_equal(r->askers[1].got, 1);
	assert_int_equal(s->accepted, 2);
}

/* Twelve cut replies, then silence: the table and the connections are empty at the end. */
static void cut_and_then_silent(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	s->silent_tcp = true;
	for (size_t i = 0; i < 12; i++)
		ask_name(r, i);
	UNTIL(r, s->asked_tcp == 12);
	for (int i = 0; i < 55; i++)
		pass(r, 100);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(r->askers[i].told, 1);
	assert_int_equal(r->limits.dns_outstanding.used, 0);
	pass(r, 10000);
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
}

static void nobody_listens(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	stub_stop_tcp(s);
	ask_name(r, 0);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 0);
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
}

static void bad_lengths_end_the_connection(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	s->no_length = true;
	ask_name(r, 0);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 0);
	assert_string_equal(facts(r, 0).last_error, "a message of less than a header");
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
}

/* A message that was begun has five seconds, however its bytes come. */
static void a_dribbled_message_ends(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	r->limits.dns_query_time.max = 60000;
	s->dribble = true;
	ask_name(r, 0);
	UNTIL(r, s->asked_tcp == 1);
	settle(r);
	for (int i = 0; i < 8; i++) {
		pass(r, 600);
		bufferevent_write(s->conns[0], "\x00", 1);
		settle(r);
		assert_int_equal(r->u->limits->dns_upstream_connections.used, 1);
	}
	pass(r, 200); /* 5 s since its first byte */
	assert_string_equal(facts(r, 0).last_error, "the connection is silent");
}

static void lie_by_tcp(struct stub *s, const uint8_t *question, size_t n)
{
	(void)question, (void)n;
	s->other_question = s->asked_tcp == 1;
}

static void number_wrongly(struct stub *s, const uint8_t *question, size_t n)
{
	(void)question, (void)n;
	s->wrong_id = s->asked_tcp == 2;
}

/* To another question: the server is wrong. With another id: perhaps to one that was taken back. */
static void wrong_replies_on_a_connection(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);

	s->seen = lie_by_tcp;
	ask_name(r, 0);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 0);
	assert_string_equal(facts(r, 0).last_error, "it is to another question");
	assert_int_equal(facts(r, 0).bad, 1);
	s->other_question = false;
	s->seen = number_wrongly;
	ask_name(r, 1);
	UNTIL(r, dns_upstream_wrong(r->u) == 1);
	assert_int_equal(r->askers[1].told, 0);
}

/* Servers of domains have a quarter of the connections. */
static void domains_have_a_quarter(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_cut(r);
	struct netaddr servers[4];

	for (size_t i = 0; i < 4; i++) {
		char host[16];
		snprintf(host, sizeof host, "127.0.1.%zu", i + 1);
		stub_open(r, &r->stubs[1 + i], host, i ? r->stubs[1].at.port : 0);
		r->stubs[1 + i].tc = r->stubs[1 + i].silent_tcp = true;
		servers[i] = r->stubs[1 + i].at;
	}
	r->set.delegate_port = r->stubs[1].at.port;
	assert_true(dns_upstream_reload(r->u, &r->set));
	for (size_t i = 0; i < 4; i++) {
		struct dns_ask a = {
			.where = DNS_ASK_SERVERS, .servers = &servers[i], .server_count = 1};
		assert_int_equal(ask_as(r, &r->askers[10 + i], &a, "a.ygg"), ERR_OK);
	}
	settle(r);
	assert_int_equal(r->limits.dns_upstream_connections.used, 2);
	for (size_t i = 0; i < 3; i++)
		ask_name(r, i);
	UNTIL(r, r->askers[0].told && r->askers[1].told && r->askers[2].told);
	assert_int_equal(s->asked_tcp, 3);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cut_reply_is_asked_by_tcp, begin, end),
		cmocka_unit_test_setup_teardown(cut_by_tcp_too, begin, end),
		cmocka_unit_test_setup_teardown(many_are_on_one_connection, begin, end),
		cmocka_unit_test_setup_teardown(more_than_there_are_places, begin, end),
		cmocka_unit_test_setup_teardown(their_bytes_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(a_dead_connection_is_replaced_once, begin, end),
		cmocka_unit_test_setup_teardown(a_question_is_repeated_once, begin, end),
		cmocka_unit_test_setup_teardown(a_reused_one_that_is_silent, begin, end),
		cmocka_unit_test_setup_teardown(cut_and_then_silent, begin, end),
		cmocka_unit_test_setup_teardown(nobody_listens, begin, end),
		cmocka_unit_test_setup_teardown(bad_lengths_end_the_connection, begin, end),
		cmocka_unit_test_setup_teardown(a_dribbled_message_ends, begin, end),
		cmocka_unit_test_setup_teardown(wrong_replies_on_a_connection, begin, end),
		cmocka_unit_test_setup_teardown(domains_have_a_quarter, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
