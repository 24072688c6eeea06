/* A network that has all its places (limits.max_per_group) keeps itself open to its own newcomers:
 * who has to go for one. The clients come over the loopback network and are then taken for hosts of
 * Yggdrasil, of which one group has any number. */
#include "p2p/p2p_internal.h"
#include "tests/unit/clients_rig.h"
#include "tests/unit/main.h"

enum { PLACES = 8 };

static struct netaddr host(const char *text)
{
	struct netaddr a;

	assert_true(netaddr_parse(slice_str(text), &a));
	return a;
}

static void begin(struct rig *r)
{
	clients_begin(r);
	r->a.limits.max_per_group.max = PLACES;
	side_start(r, &r->a);
}

/* The n-th client, as one of that host. */
static void greet_as(struct rig *r, int n, const char *text)
{
	char from[32];

	snprintf(from, sizeof from, "127.5.0.%d", n + 1);
	greet(r, n, from);
	struct peer *peer = p2p_find(r->a.p, r->a.ids[n]);
	admission_give(&r->a.p->admission, peer);
	peer->conn.addr = host(text);
	assert_true(admission_take(&r->a.p->admission, peer));
	admission_done(&r->a.p->admission, peer);
}

static bool let_in(struct rig *r, const char *text)
{
	struct netaddr a = host(text);

	return admission_ask(&r->a.p->admission, &a);
}

static void expect_gone(struct rig *r, size_t count, int n)
{
	UNTIL(r, r->a.gone == count);
	assert_false(stays(r, n));
}

/* Two keys have all places: a third one need not wait, and the youngest connection goes. */
static void test_two_hosts_cannot_take_all(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	for (int n = 0; n < PLACES; n++)
		greet_as(&r, n, n % 2 ? "[200:ab01::1]:1" : "[203:ab02::1]:1");
	assert_true(let_in(&r, "[300:ab03::1]:1"));
	expect_gone(&r, 1, 7);
	assert_int_equal(closed_for(&r.a, CLOSE_EVICTED), 1);
	greet_as(&r, PLACES, "[300:ab03::1]:1");
	assert_true(let_in(&r, "[200:ab04::1]:1")); /* of the other one: it has four now */
	expect_gone(&r, 2, 6);
	greet_as(&r, PLACES + 1, "[200:ab04::1]:1");
	assert_false(let_in(&r, "[200:ab01::1]:1")); /* three of its own are in */
	assert_int_equal(r.a.limits.max_per_group.hits, 3);
	clients_end(&r);
}

/* A key for each connection costs nothing: then all go in turn, after a minute. Spared are the
 * first of the network and those that are here for longest, four of eight. */
static void test_a_host_each(void **state)
{
	struct rig r;
	char text[40];
	(void)state;

	begin(&r);
	for (int n = 0; n < PLACES; n++) {
		snprintf(text, sizeof text, "[200:ab%02x::1]:1", n);
		greet_as(&r, n, text);
	}
	rig_ahead = 59000;
	assert_false(let_in(&r, "[200:abff::1]:1"));
	assert_int_equal(r.a.gone, 0);
	rig_ahead = 61000;
	assert_true(let_in(&r, "[200:acff::1]:1")); /* another network has places */
	assert_int_equal(r.a.gone, 0);
	assert_true(let_in(&r, "[200:abff::1]:1"));
	expect_gone(&r, 1, 4);
	clients_end(&r);
}

/* Who gave a good block is the last to go. */
static void test_useful_ones(void **state)
{
	struct rig r;
	char text[40];
	(void)state;

	begin(&r);
	for (int n = 0; n < PLACES; n++) {
		snprintf(text, sizeof text, "[200:ab%02x::1]:1", n);
		greet_as(&r, n, text);
	}
	for (int n = PLACES; n < PLACES + 2; n++)
		greet_as(&r, n, "127.9.9.9:1"); /* of no use, but of another network */
	for (int n = 1; n < 7; n++) {
		turns(&r, 3);
		p2p_credit(r.a.p, r.a.ids[n]);
	}
	rig_ahead = 61000;
	assert_true(let_in(&r, "[200:abff::1]:1"));
	expect_gone(&r, 1, 7); /* and 0 is spared, the first of the network */
	greet_as(&r, PLACES + 2, "[200:abfe::1]:1");
	p2p_credit(r.a.p, r.a.ids[PLACES + 2]);
	rig_ahead += 61000;
	assert_true(let_in(&r, "[200:abff::1]:1"));
	UNTIL(&r, r.a.gone == 2);
	assert_true(stays(&r, PLACES) && stays(&r, PLACES + 1));
	clients_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_hosts_cannot_take_all),
		cmocka_unit_test(test_a_host_each),
		cmocka_unit_test(test_useful_ones),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, clients_setup, clients_teardown);
}
