/* Who may come in, at each cap exactly, and who has to go for a newcomer: over real sockets, from
 * many addresses of the loopback network, each of which counts as a network of its own. */
#include "tests/unit/clients_rig.h"
#include "tests/unit/main.h"

static void begin(struct rig *r)
{
	clients_begin(r);
	r->a.limits.max_per_address.max = 20;
}

/* Refused once `held` are in; accepted again when the first of them has gone. */
static void full_at(struct rig *r, const struct bound *bound, int held, const char *from)
{
	assert_int_equal(bound->peak, held);
	assert_int_equal(bound->hits, 0);
	struct raw *more = come(r, held, from);
	UNTIL(r, raw_is_closed(more));
	assert_int_equal(bound->hits, 1);
	assert_int_equal(stats_of(&r->a).ready, held);
	raw_close(more);
	raw_close(&clients[0]);
	clients[0].fd = -1;
	UNTIL(r, r->a.gone == 1);
	greet(r, held, from);
	assert_int_equal(bound->hits, 1);
}

static void test_address_and_network(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.a.limits.max_per_address.max = 2;
	side_start(&r, &r.a);
	greet(&r, 0, "127.0.0.2");
	greet(&r, 1, "127.0.0.2");
	full_at(&r, &r.a.limits.max_per_address, 2, "127.0.0.2");
	greet(&r, 3, "127.0.0.3");
	clients_end(&r);

	begin(&r);
	r.a.limits.max_per_group.max = 3;
	side_start(&r, &r.a);
	greet(&r, 0, "127.5.0.1");
	greet(&r, 1, "127.5.0.1");
	greet(&r, 2, "127.5.0.1");
	full_at(&r, &r.a.limits.max_per_group, 3, "127.5.0.1");
	greet(&r, 4, "127.6.0.1");
	clients_end(&r);
}

/* The last place: whichever row is short, the youngest of the largest network goes, and never one
 * of a network that is no larger than the newcomer's. */
static void test_last_place(void **state)
{
	struct rig r;
	(void)state;

	for (int round = 0; round < 2; round++) {
		begin(&r);
		struct bound *bound = round ? &r.a.limits.max_connections : &r.a.limits.max_inbound;
		bound->max = 6;
		side_start(&r, &r.a);
		for (int n = 0; n < 6; n++)
			greet(&r, n, "127.5.0.1");
		greet(&r, 6, "127.6.0.1");
		assert_int_equal(bound->hits, 1);
		UNTIL(&r, r.a.gone == 1);
		assert_false(stays(&r, 5));
		greet(&r, 7, "127.6.0.1"); /* two against five: the next youngest goes */
		UNTIL(&r, r.a.gone == 2);
		assert_false(stays(&r, 4));
		struct raw *more = come(&r, 8, "127.5.0.1"); /* four of its own are in, of six */
		UNTIL(&r, raw_is_closed(more));
		assert_int_equal(r.a.gone, 2);
		assert_int_equal(bound->peak, 6);
		clients_end(&r);
	}
}

/* The stranger is younger, but alone in its network. */
static void test_crowd_goes_first(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.a.limits.max_inbound.max = 5;
	side_start(&r, &r.a);
	for (int n = 0; n < 4; n++)
		greet(&r, n, "127.5.0.1");
	greet(&r, 4, "127.6.0.1");
	greet(&r, 5, "127.7.0.1");
	UNTIL(&r, r.a.gone == 1);
	assert_false(stays(&r, 3));
	clients_end(&r);
}

static void test_nearest_are_safe(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.a.limits.max_inbound.max = 10;
	side_start(&r, &r.a);
	for (int n = 0; n < 10; n++)
		greet(&r, n, "127.5.0.1");
	for (int n = 6; n < 10; n++)
		p2p_note_rtt(r.a.p, r.a.ids[n], (uint64_t)n);
	p2p_note_rtt(r.a.p, r.a.ids[5], 100); /* the fifth nearest */
	greet(&r, 10, "127.6.0.1");
	UNTIL(&r, r.a.gone == 1);
	assert_false(stays(&r, 5));
	clients_end(&r);
}

static void test_our_own_choice_is_safe(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.a.limits.max_connections.max = 7;
	side_start(&r, &r.a);
	side_start(&r, &r.b);
	for (int n = 0; n < 6; n++)
		greet(&r, n, "127.0.0.1");
	side_dial(&r.a, &r.b.at); /* of the same network, and the youngest */
	UNTIL(&r, r.a.ready == 7 && r.b.ready == 1);
	greet(&r, 7, "127.6.0.1");
	UNTIL(&r, r.a.gone == 1);
	assert_false(stays(&r, 5));
	assert_true(stays(&r, 6));
	clients_end(&r);
}

/* Of two handshakes that do not get on, the slower one makes room; one that has just begun does
 * not. */
static void test_half_open(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.a.limits.max_half_open.max = 2;
	side_start(&r, &r.a);
	for (int n = 0; n < 2; n++) {
		come(&r, n, "127.0.0.2");
		UNTIL(&r, stats_of(&r.a).half_open == (size_t)n + 1);
		turns(&r, 20);
	}
	struct raw *early = come(&r, 2, "127.0.0.2");
	UNTIL(&r, raw_is_closed(early));
	assert_int_equal(r.a.limits.max_half_open.hits, 1);
	assert_int_equal(closed_for(&r.a, CLOSE_EVICTED), 0);
	turns(&r, 1050);
	greet(&r, 3, "127.0.0.2");
	UNTIL(&r, raw_is_closed(&clients[0]));
	assert_false(raw_is_closed(&clients[1]));
	assert_int_equal(stats_of(&r.a).half_open, 1);
	assert_int_equal(r.a.limits.max_half_open.peak, 2);
	clients_end(&r);
}

static void test_yggdrasil_only(void **state)
{
	struct rig r;
	const char *at = "127.0.0.1:0";
	(void)state;

	begin(&r);
	struct p2p_settings set = side_settings(&r, &r.a);
	set.listen = &at;
	set.listen_count = 1;
	set.yggdrasil_only = true;
	r.a.p = p2p_start(&set);
	assert_non_null(r.a.p);
	assert_int_equal(p2p_listening(r.a.p, &r.a.at, 1), 1);
	struct raw *stranger = come(&r, 0, "127.0.0.1");
	UNTIL(&r, raw_is_closed(stranger));
	assert_int_equal(closed_for(&r.a, CLOSE_LIMIT), 1);
	clients_end(&r);
}

/* What a stranger says of itself is cut and made plain. */
static void test_odd_words(void **state)
{
	struct rig r;
	struct peer_info i;
	char version[100] = "0.10.0+a\x1b[2Jb ";
	static char id[3000];
	(void)state;

	memset(version + strlen(version), 'v', sizeof version - 1 - strlen(version));
	memset(id, 'i', sizeof id - 1);
	begin(&r);
	side_start(&r, &r.a);
	struct message m = hand(id);
	m.app_version = slice_str(version);
	raw_hello(&r, come(&r, 0, "127.0.0.1"));
	raw_message(&clients[0], &m);
	raw_expect(&r, &clients[0], MSG_SHAKE, &m);
	assert_true(p2p_info(r.a.p, r.a.ids[0], &i));
	assert_int_equal(strnlen(i.app_version, sizeof i.app_version), sizeof i.app_version - 1);
	assert_memory_equal(i.app_version, "0.10.0+a?[2Jb?vv", 16);
	clients_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_and_network),
		cmocka_unit_test(test_last_place),
		cmocka_unit_test(test_crowd_goes_first),
		cmocka_unit_test(test_nearest_are_safe),
		cmocka_unit_test(test_our_own_choice_is_safe),
		cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_yggdrasil_only),
		cmocka_unit_test(test_odd_words),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, clients_setup, clients_teardown);
}
