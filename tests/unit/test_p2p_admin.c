/* What the operator does by hand, with two nodes in one loop. */
#include "p2p/addrbook.h"
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

static void connect_by_name(struct rig *r, char text[NETADDR_TEXT_MAX])
{
	side_start(r, &r->a);
	side_start(r, &r->b);
	snprintf(text, NETADDR_TEXT_MAX, "localhost:%u", r->b.at.port);
	assert_int_equal(p2p_peer_add(r->a.p, text), ERR_OK);
	UNTIL(r, r->a.ready == 1 && r->b.ready == 1);
}

/* A name is removed together with the connection that it led to. */
static void test_remove_by_name(void **state)
{
	struct rig r;
	char text[NETADDR_TEXT_MAX];

	(void)state;
	rig_begin(&r);
	connect_by_name(&r, text);
	assert_int_equal(p2p_peer_add(r.a.p, text), ERR_EXISTS);
	assert_int_equal(p2p_peer_remove(r.a.p, text), ERR_OK);
	UNTIL(&r, r.a.gone == 1 && r.b.gone == 1);
	assert_int_equal(r.a.why, CLOSE_OPERATOR);
	assert_int_equal(p2p_peer_remove(r.a.p, text), ERR_NOT_FOUND);
	turns(&r, 100);
	assert_int_equal(r.a.ready, 1); /* and is not dialled again */
	rig_end(&r);
}

/* The same by the address of a peer that was configured by name: closed, but dialled again. */
static void test_remove_by_address(void **state)
{
	struct rig r;
	char text[NETADDR_TEXT_MAX];

	(void)state;
	rig_begin(&r);
	connect_by_name(&r, text);
	assert_int_equal(p2p_peer_remove(r.a.p, netaddr_text(&r.b.at, text)), ERR_OK);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.why, CLOSE_OPERATOR);
	rig_end(&r);
}

static void test_ban_closes(void **state)
{
	struct rig r;
	char text[NETADDR_TEXT_MAX];

	(void)state;
	rig_begin(&r);
	connect_by_name(&r, text);
	assert_int_equal(p2p_ban(r.a.p, "127.0.0.1:", 60), ERR_MALFORMED);
	assert_int_equal(p2p_ban(r.a.p, "localhost", 60), ERR_MALFORMED);
	assert_int_equal(p2p_ban(r.a.p, "10.0.0.0/64", 60), ERR_MALFORMED);
	assert_int_equal(p2p_ban(r.a.p, "2001:db8::/32", 60), ERR_MALFORMED);
	assert_int_equal(p2p_ban(r.a.p, "2001:db8::/64", 60), ERR_OK);
	assert_int_equal(p2p_unban(r.a.p, "2001:db8::77"), ERR_OK);
	assert_int_equal(p2p_unban(r.a.p, "127.0.0.1"), ERR_NOT_FOUND);
	assert_int_equal(p2p_ban(r.a.p, "127.0.0.1", 60), ERR_OK);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.why, CLOSE_BANNED);
	assert_int_equal(p2p_unban(r.a.p, "127.0.0.1:9"), ERR_OK); /* a host, whatever the port */
	assert_int_equal(p2p_unban(r.a.p, "127.0.0.1"), ERR_NOT_FOUND);
	rig_end(&r);
}

/* Nobody said for how long: the time of a setting, and no other. */
static void test_ban_time(void **state)
{
	struct p2p_ban b;
	struct rig r;
	char text[NETADDR_TEXT_MAX];
	size_t at = 0;

	(void)state;
	rig_begin(&r);
	connect_by_name(&r, text);
	assert_int_equal(p2p_ban(r.a.p, "9.9.9.9", 0), ERR_OK);
	assert_true(p2p_ban_next(r.a.p, &at, &b));
	uint64_t whole = r.a.limits.ban_time.max / 1000;
	assert_in_range(b.left, whole - 10, whole);
	rig_end(&r);
}

/* Texts that a name could be, and that nobody means. */
static void test_no_address(void **state)
{
	static const char *const bad[] = {"foo", "999.1.1.1", "999.1.1.1:4244", "10.1.2:4244",
		"10.0.0.0/8", "http://a.b", "a.b/c", ".example.org", "1:2:3:4244", "42"};
	static const char *const good[] = {"node1:4244", "example.org", "example.org.", "10.1.2.3",
		"10.1.2.3:1", "[::1]:5", "200:1::2", "xn--a.b-c:7"};
	struct rig r;

	(void)state;
	rig_begin(&r);
	side_start(&r, &r.a);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (p2p_peer_add(r.a.p, bad[i]) != ERR_MALFORMED)
			fail_msg("%s was taken", bad[i]);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (p2p_peer_add(r.a.p, good[i]) != ERR_OK)
			fail_msg("%s was refused", good[i]);
	rig_end(&r);
}

/* Configured peers with what became of them, and the reasons of bans. */
static void test_lists(void **state)
{
	struct p2p_configured c;
	struct p2p_known k;
	struct p2p_ban b;
	struct rig r;
	char text[NETADDR_TEXT_MAX];
	size_t at = 0;

	(void)state;
	rig_begin(&r);
	connect_by_name(&r, text);
	assert_int_equal(p2p_peer_add(r.a.p, "127.0.0.1:9"), ERR_OK); /* nobody listens there */
	UNTIL(&r, p2p_configured(r.a.p, 1, &c) && c.error[0]);
	assert_string_equal(c.text, "127.0.0.1:9");
	assert_string_equal(c.state, "waiting");
	assert_string_equal(c.error, "Connection refused");
	assert_int_equal(c.failures, 1);
	assert_true(c.wait_ms > 0 && c.id == 0);
	assert_true(p2p_configured(r.a.p, 0, &c));
	assert_string_equal(c.text, text);
	assert_string_equal(c.state, "connected");
	assert_string_equal(c.error, "");
	assert_int_not_equal(c.id, 0);
	assert_false(p2p_configured(r.a.p, 2, &c));

	assert_true(p2p_known_next(r.a.p, &at, &k));
	assert_int_equal(k.addr.port, r.b.at.port);
	assert_string_equal(k.state, "connected");

	/* One that is configured is only left alone for a while, */
	p2p_ban_peer(r.a.p, c.id, 60, "a block that breaks a rule");
	at = 0;
	assert_false(p2p_ban_next(r.a.p, &at, &b));
	UNTIL(&r, r.a.gone == 1 && p2p_configured(r.a.p, 0, &c) && c.wait_ms > 5000);
	UNTIL(&r, r.b.gone == 1);

	/* and one that dialled us is banned, though it is the same host. */
	p2p_ban_peer(r.b.p, r.b.ids[0], 60, "late"); /* nobody any more */
	assert_int_equal(p2p_peer_add(r.b.p, netaddr_text(&r.a.at, text)), ERR_OK);
	UNTIL(&r, r.a.ready == 2);
	p2p_ban_peer(r.a.p, r.a.ids[1], 60, "a block that breaks a rule");
	at = 0;
	assert_true(p2p_ban_next(r.a.p, &at, &b));
	assert_string_equal(netaddr_ip_text(&b.host, text), "127.0.0.1");
	assert_string_equal(b.why, "a block that breaks a rule");
	assert_true(b.left > 0 && b.left <= 60);
	assert_false(p2p_ban_next(r.a.p, &at, &b));
	rig_end(&r);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
		"", ":", "host:", "host:0", "host:65536", "[::1", "a b:1"};
	struct rig r;

	(void)state;
	rig_begin(&r);
	side_start(&r, &r.a);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(p2p_peer_add(r.a.p, bad[i]), ERR_MALFORMED);
		assert_int_equal(p2p_peer_remove(r.a.p, bad[i]), ERR_MALFORMED);
	}
	assert_int_equal(p2p_peer_remove(r.a.p, "host:1"), ERR_NOT_FOUND);
	rig_end(&r);
}

/* Both encodings fit the announced bound, and go round. */
static void test_kept(void **state)
{
	struct rig r;
	char text[NETADDR_TEXT_MAX];

	(void)state;
	rig_begin(&r);
	connect_by_name(&r, text);
	size_t size = p2p_book_bound(r.a.p);
	uint8_t *space = test_malloc(size);
	struct wr book = wr_of(space, size);
	p2p_save_book(r.a.p, &book);
	assert_int_equal(
		book.n, ADDRBOOK_HEAD_BYTES + ADDRBOOK_ENTRY_BYTES); /* the one that answered */
	assert_true(p2p_load_book(r.b.p, wr_done(&book)));
	assert_false(p2p_load_book(r.b.p, slice_of(space, book.n - 1)));
	assert_int_equal(p2p_ban(r.a.p, "9.9.9.9", 60), ERR_OK);
	struct wr bans = wr_of(space, size);
	p2p_save_bans(r.a.p, &bans);
	assert_true(p2p_load_bans(r.b.p, wr_done(&bans)));
	assert_int_equal(p2p_unban(r.b.p, "9.9.9.9"), ERR_OK);
	test_free(space);
	rig_end(&r);
}

static int setup(void **state)
{
	(void)state;
	return rig_setup();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remove_by_name),
		cmocka_unit_test(test_remove_by_address),
		cmocka_unit_test(test_ban_closes),
		cmocka_unit_test(test_ban_time),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_kept),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, setup, NULL);
}
