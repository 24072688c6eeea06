/* Whom to dial and when, with a clock that is set by hand and connections that are only noted. */
#include "tests/unit/dialer_rig.h"
#include "tests/unit/main.h"

/* ---- how a peer is written ---- */

static void how_peers_are_written(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} good[] = {{"peer-v4.alfis.name:4244", "peer-v4.alfis.name", 4244}, {"a:1", "a", 1},
		{"host", "host", 4244}, {"1.2.3.4:65535", "1.2.3.4", 65535},
		{"1.2.3.4", "1.2.3.4", 4244}, {"[::1]:5", "::1", 5}, {"[::1]", "::1", 4244},
		{"2001:db8::1", "2001:db8::1", 4244}, {"::1", "::1", 4244}};
	static const char *const bad[] = {"", ":", ":4244", "a:", "a:0", "a:65536", "a:x", "a:1x",
		"a: 1", "a:+1", "a:-1", "a:999999999999", "[::1", "[::1]x", "[::1]x:5", "[::1]x5",
		"[::1]:", "[]:5", "a b:1", "a\n:1"};
	char longest[CONFIGURED_PEER_TEXT_MAX + 1];
	struct configured_peer t;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		t = (struct configured_peer){.next = NULL};
		assert_true(configured_peer_parse(&t, good[i].text));
		assert_string_equal(t.text, good[i].text);
		assert_string_equal(t.host, good[i].host);
		assert_int_equal(t.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (configured_peer_parse(&t, bad[i]))
			fail_msg("taken: %s", bad[i]);
	memset(longest, 'a', sizeof longest);
	longest[CONFIGURED_PEER_TEXT_MAX] = 0;
	assert_false(configured_peer_parse(&t, longest));
	longest[CONFIGURED_PEER_TEXT_MAX - 1] = 0;
	assert_true(configured_peer_parse(&t, longest));
}

static void the_list_of_configured_peers(void **state)
{
	struct rig *r = *state;
	char text[32];

	assert_int_equal(dialer_add(r->d, "bad:port"), ERR_MALFORMED);
	assert_int_equal(dialer_remove(r->d, "bad:port"), ERR_MALFORMED);
	assert_int_equal(dialer_add(r->d, "Host.example"), ERR_OK);
	assert_int_equal(dialer_add(r->d, "host.example:4244"), ERR_EXISTS);
	assert_int_equal(dialer_remove(r->d, "other.example"), ERR_NOT_FOUND);
	assert_int_equal(dialer_remove(r->d, "host.EXAMPLE:4244"), ERR_OK);
	for (int i = 0; i < 64; i++) {
		snprintf(text, sizeof text, "8.8.8.%d", i);
		assert_int_equal(dialer_add(r->d, text), ERR_OK);
	}
	assert_int_equal(dialer_add(r->d, "9.9.9.9"), ERR_FULL);
	assert_int_equal(r->l.max_configured_peers.used, 64);
	mem_fail_nth(1);
	dialer_remove(r->d, "8.8.8.0");
	assert_int_equal(dialer_add(r->d, "9.9.9.9"), ERR_NOMEM);
	mem_fail_nth(0);
	assert_int_equal(dialer_add(r->d, "9.9.9.9"), ERR_OK);
}

/* ---- configured peers ---- */

static void no_more_dials_at_a_time_than_allowed(void **state)
{
	struct rig *r = *state;
	char text[32];

	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "8.8.8.%d", i);
		dialer_add(r->d, text);
	}
	run(r, 0);
	assert_int_equal(r->dials, 4);
	for (size_t i = 0; i < 20; i++) { /* configured ones even beyond max_outbound */
		ready(r, r->dialled[i]);
		run(r, 1);
	}
	assert_int_equal(r->dials, 20);
	assert_int_equal(r->outbound, 20);
}

static void refused_ones_wait(void **state)
{
	struct rig *r = *state;

	r->refused = addr("8.8.8.8:4244");
	r->refused_to_all = true;
	dialer_add(r->d, "8.8.8.8");
	assert_true(run(r, 600000) < 200);
	assert_int_equal(r->dials, 0);
	r->refused.port = 0;
	run(r, 60000);
	assert_int_equal(r->dials, 1);
}

/* What is refused to our own choice, such as a host whose address a stranger shares, is no reason
 * not to dial a configured peer. */
static void a_configured_one_is_dialled_all_the_same(void **state)
{
	struct rig *r = *state;

	r->refused = addr("8.8.8.8:4244");
	heard(r, r->refused);
	run(r, 60000);
	assert_int_equal(r->dials, 0);
	dialer_add(r->d, "8.8.8.8");
	run(r, 1000);
	assert_int_equal(r->dials, 1);
	assert_true(r->configured[0]);
}

static void two_names_of_one_address(void **state)
{
	struct rig *r = *state;

	dialer_add(r->d, "8.8.8.8:4244");
	dialer_add(r->d, "::ffff:8.8.8.8");
	heard(r, addr("8.8.8.8:4244"));
	named(r, addr("8.8.8.8:4244"));
	run(r, 300000);
	assert_int_equal(r->dials, 1);
	dialer_add(r->d, "8.8.8.8:4245"); /* another port is another node */
	run(r, 1000);
	assert_int_equal(r->dials, 2);
}

static void removed_by_hand(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244"), out;

	dialer_add(r->d, "8.8.8.8");
	assert_false(dialer_address(r->d, "8.8.8.8", &out));
	run(r, 0);
	assert_true(dialer_address(r->d, "8.8.8.8:4244", &out) && netaddr_eq(&a, &out));
	ready(r, a);
	assert_true(dialer_address(r->d, "8.8.8.8:4244", &out));
	assert_int_equal(dialer_remove(r->d, "8.8.8.8"), ERR_OK);
	assert_false(dialer_address(r->d, "8.8.8.8:4244", &out));
	addrbook_remove(&r->book, &a);
	closed(r, a);
	run(r, 1000000);
	assert_int_equal(r->dials, 1);
}

static void yggdrasil_alone(void **state)
{
	struct rig *r = *state;

	r->x.yggdrasil_only = true;
	dialer_add(r->d, "8.8.8.8");
	dialer_add(r->d, "[200::8]");
	heard(r, addr("9.9.9.9:4001"));
	heard(r, addr("[201::9]:4001"));
	run(r, 600000);
	assert_int_equal(r->dials, 2);
	assert_true(netaddr_is_yggdrasil(&r->dialled[0]) && netaddr_is_yggdrasil(&r->dialled[1]));
	assert_true(r->unresolved > 0);
}

/* Turns of the real loop until the name is found and dialled. */
static void by_name(void **state)
{
	struct rig *r = *state;
	uint64_t end_ms = clock_mono(&clock_system) + 60000;

	dialer_add(r->d, "localhost:5555");
	while (r->dials == 0 && clock_mono(&clock_system) < end_ms)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_int_equal(r->dials, 1);
	assert_true(netaddr_is_loopback(&r->dialled[0]) && r->configured[0]);
	assert_int_equal(r->dialled[0].port, 5555);
	dialer_add(r->d, "localhost:5556");
	dialer_tick(r->d); /* looked up, removed before the answer */
	dialer_remove(r->d, "localhost:5556");
	while (r->l.max_lookups.used)
		event_base_loop(r->base, EVLOOP_ONCE);
	run(r, 60000);
	assert_int_equal(r->dials, 1);
}

static void stopped_while_looking_up(void **state)
{
	struct rig *r = *state;

	dialer_add(r->d, "localhost:5555");
	run(r, 0);
	assert_int_equal(r->l.max_lookups.used, 1);
	dialer_quiesce(r->d);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	assert_int_equal(r->dials + r->l.max_lookups.used, 0);
}

/* ---- our own choice ---- */

static void up_to_max_outbound_and_spaced(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 100; i++)
		heard(r, ipv4(i << 16, 4244));
	for (int i = 0; i < 1000; i++) {
		run(r, 50);
		if (r->dialling)
			ready(r, r->dialled[r->dials - 1]);
		dialer_wake(r->d); /* nobody can hurry it */
	}
	assert_int_equal(r->dials, 8);
	for (size_t i = 1; i < r->dials; i++) {
		assert_true(r->when[i] - r->when[i - 1] >= 200);
		assert_true(r->when[i] - r->when[i - 1] <= 400);
		assert_false(r->configured[i]);
	}
}

static void named_ones_before_the_book(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("9.9.9.9:4001");

	for (uint32_t i = 0; i < 100; i++)
		heard(r, ipv4(i << 16, 4244));
	named(r, a);
	run(r, 300);
	assert_int_equal(r->dials, 2);
	assert_true(netaddr_eq(&r->dialled[0], &a));
	assert_int_equal(exchange_waiting(&r->x), 0);
}

/* Who was connected when the book was kept is dialled before all others, once; who is connected, in
 * whichever way, not at all. */
static void the_last_session_first(void **state)
{
	struct rig *r = *state;
	uint8_t kept[ADDRBOOK_HEAD_BYTES + 100 * ADDRBOOK_ENTRY_BYTES];
	struct wr w = wr_of(kept, sizeof kept);
	struct netaddr a = addr("9.9.9.9:4001"), b = addr("8.8.8.8:4001"),
		       here = addr("7.9.9.9:4001");

	for (uint32_t i = 0; i < 98; i++)
		heard(r, ipv4(i << 16, 4244));
	addrbook_met(&r->book, &a);
	addrbook_met(&r->book, &b);
	addrbook_save(&r->book, &w);
	addrbook_clear(&r->book);
	assert_true(addrbook_load(&r->book, wr_done(&w)));
	addrbook_met(&r->book, &here);
	named(r, addr("7.7.9.9:4001"));
	named(r, here);
	run(r, 200);
	assert_int_equal(r->dials, 2);
	assert_true(netaddr_eq(&r->dialled[0], &a) || netaddr_eq(&r->dialled[0], &b));
	assert_true(netaddr_eq(&r->dialled[1], &a) || netaddr_eq(&r->dialled[1], &b));
	for (int i = 0; i < 100; i++) {
		while (r->dialling)
			failed(r, r->dialled[r->dials - r->dialling], DIAL_FAILED);
		run(r, 5000);
	}
	for (size_t i = 0; i < r->dials; i++)
		assert_false(netaddr_eq(&r->dialled[i], &here));
}

static void other_networks_first(void **state)
{
	struct rig *r = *state;
	struct netaddr near = addr("9.9.1.1:4001"), far = addr("8.8.8.8:4001");

	r->crowded = addr("9.9.9.9:4001");
	named(r, near);
	named(r, far);
	run(r, 0);
	assert_true(r->dials == 1 && netaddr_eq(&r->dialled[0], &far));
	ready(r, far);
	addrbook_remove(&r->book, &far);
	run(r, 300); /* nobody else is known: better one of the same network than none */
	assert_true(r->dials == 2 && netaddr_eq(&r->dialled[1], &near));
}

/* Not even one that was connected in the last session. */
static void other_networks_before_the_last_session(void **state)
{
	struct rig *r = *state;
	struct netaddr near = addr("9.9.1.1:4001"), far = addr("8.8.8.8:4001");
	uint8_t bytes[ADDRBOOK_HEAD_BYTES + ADDRBOOK_ENTRY_BYTES];
	struct wr w = wr_of(bytes, sizeof bytes);

	addrbook_met(&r->book, &near);
	addrbook_save(&r->book, &w);
	addrbook_clear(&r->book);
	assert_true(addrbook_load(&r->book, wr_done(&w)));
	heard(r, far);
	r->crowded = addr("9.9.9.9:4001");
	run(r, 0);
	assert_true(r->dials == 1 && netaddr_eq(&r->dialled[0], &far));
	ready(r, far);
	run(r, 300);
	assert_true(r->dials == 2 && netaddr_eq(&r->dialled[1], &near));
}

static void never_a_stranger_that_may_not_be_dialled(void **state)
{
	struct rig *r = *state;

	heard(r, addr("127.0.0.1:4001")); /* as if it came from an older book */
	heard(r, addr("10.0.0.1:4001"));
	run(r, 100000);
	assert_int_equal(r->dials, 0);
	r->x.allow_local = true;
	run(r, 100000);
	assert_int_equal(r->dials, 2);
}

/* Whoever has closed is not dialled again at once, though others name it. */
static void strangers_rest_too(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");
	uint64_t since;

	r->company = true;
	for (int how = DIAL_DROPPED; how <= DIAL_REFUSED; how++) {
		size_t before = r->dials;
		named(r, a);
		run(r, 5000);
		assert_int_equal(r->dials, before + 1);
		failed(r, a, (enum dial_end)how);
		since = r->h.mono;
		while (r->dials == before + 1 && r->h.mono < since + 100000000) {
			named(r, a);
			run(r, 1000);
		}
		assert_int_equal(r->dials, before + 2);
		bool long_rest = how == DIAL_SHUT || how == DIAL_REFUSED;
		assert_true(r->when[before + 1] - since >= (long_rest ? 600000u : 59000u));
		ready(r, a);
		closed(r, a);
		run(r, 100000);
		while (r->dialling)
			failed(r, a, DIAL_CLOSED);
		addrbook_remove(&r->book, &a);
	}
}

/* Without a network every dial fails at once: known addresses are neither hammered nor lost. */
static void our_own_network_is_down(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 50; i++)
		heard(r, ipv4(i << 16, 4244));
	r->fail = true;
	assert_true(run(r, 600000) <= 700);
	assert_true(r->dials <= 600);
	assert_int_equal(addrbook_count(&r->book), 50);
	r->fail = false;
	size_t before = r->dials;
	run(r, 70000);
	assert_int_equal(r->dials, before + 4); /* max_dials */
	while (r->dialling) {
		r->dialling--;
		dialer_ready(r->d, &r->dialled[r->dials - r->dialling - 1]);
	}
	r->fail = true; /* now it is the addresses' own fault */
	run(r, 2000000);
	assert_int_equal(addrbook_count(&r->book), 4);
}

static void idle_it_hardly_wakes(void **state)
{
	struct rig *r = *state;

	assert_true(run(r, 3600000) <= 3600 / 5 + 1);
	assert_int_equal(r->dials, 0);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_peers_are_written),
		T(the_list_of_configured_peers),
		T(no_more_dials_at_a_time_than_allowed),
		T(refused_ones_wait),
		T(a_configured_one_is_dialled_all_the_same),
		T(two_names_of_one_address),
		T(removed_by_hand),
		T(yggdrasil_alone),
		T(by_name),
		T(stopped_while_looking_up),
		T(up_to_max_outbound_and_spaced),
		T(named_ones_before_the_book),
		T(the_last_session_first),
		T(other_networks_first),
		T(other_networks_before_the_last_session),
		T(never_a_stranger_that_may_not_be_dialled),
		T(strangers_rest_too),
		T(our_own_network_is_down),
		T(idle_it_hardly_wakes),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
