/* Peer exchange: which of the addresses that a peer names are kept (protocol.md 5.8), in which
 * order they are tried, and that nobody can make the queue grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "p2p/exchange.h"
#include "tests/unit/main.h"

enum { BOUND = 20 };

struct fixture {
	struct exchange x;
	struct bound row;
	size_t blocks;
	/* what is known already */
	struct netaddr known;
	bool has_known;
	size_t asked;
};

static void begin_as(struct fixture *f, bool yggdrasil_only, bool allow_local)
{
	struct log_settings quiet = {.level = LOG_ERROR};

	log_setup(&quiet);
	*f = (struct fixture){.row = {.name = "max_new_peers", .max = BOUND}};
	f->blocks = mem_blocks();
	exchange_init(&f->x, &f->row, yggdrasil_only, allow_local);
}

static void finish(struct fixture *f)
{
	exchange_clear(&f->x);
	assert_int_equal(mem_blocks(), f->blocks);
	assert_int_equal(f->row.used, 0);
}

static bool is_known(void *ctx, const struct netaddr *a)
{
	struct fixture *f = ctx;

	f->asked++;
	return f->has_known && netaddr_same_ip(a, &f->known);
}

static bool take(struct fixture *f, const char *text)
{
	uint64_t taken = f->x.taken, refused = f->x.refused;
	size_t waiting = exchange_waiting(&f->x);
	struct netaddr a;
	bool ok = exchange_take(&f->x, slice_str(text), is_known, f, &a);

	/* one of two things happened, and it was counted */
	assert_int_equal(f->x.taken, taken + ok);
	assert_int_equal(f->x.refused, refused + !ok);
	assert_int_equal(
		exchange_waiting(&f->x), ok && waiting < f->row.max ? waiting + 1 : waiting);
	return ok;
}

static void assert_next(struct fixture *f, const char *expected)
{
	char text[NETADDR_TEXT_MAX];
	struct netaddr a;

	assert_true(exchange_next(&f->x, &a));
	assert_string_equal(netaddr_text(&a, text), expected);
}

static struct netaddr at(const char *text)
{
	struct netaddr a;

	assert_true(netaddr_parse(slice_str(text), &a));
	return a;
}

/* ---- rules ---- */

static void test_rules(void **state)
{
	static const char *const refused[] = {"", "example.org:4244", "1.2.3.4", "[1.2.3.4]:1",
		"1.2.3.4:0", "127.0.0.1:4244", "127.9.9.9:4244", "10.0.0.1:4244", "172.16.0.1:4244",
		"172.31.0.1:4244", "192.168.1.1:4244", "[::1]:4244", "[::ffff:192.168.1.1]:4244",
		"[::10.0.0.1]:1", "0.0.0.0:4244", "[::]:4244", "224.0.0.1:1", "[fe80::1]:1",
		"1.2.3.4:65536", "1.2.3.4:1", "1.2.3.4:1023", "[fd00::1]:4244",
		"[64:ff9b::102:304]:4244", "[2002:102:304::1]:4244", "[2001::1]:4244",
		"[200::1]:80"};
	static const char *const taken[] = {
		"1.2.3.4:1024", "172.32.0.1:65535", "[2001:db8::1]:4244", "[200::1]:4244"};
	struct fixture f;

	(void)state;
	begin_as(&f, false, false);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (take(&f, refused[i]))
			fail_msg("taken: \"%s\"", refused[i]);
	assert_int_equal(f.asked, 0); /* what may not be dialled needs no look at the peers */
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (!take(&f, taken[i]))
			fail_msg("refused: %s", taken[i]);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		assert_next(&f, taken[i]);
	finish(&f);
}

/* Peers and waiting ones are told apart by IP, whatever the port. */
static void test_known_and_waiting(void **state)
{
	struct fixture f;

	(void)state;
	begin_as(&f, false, false);
	f.known = at("5.5.5.5:4244");
	f.has_known = true;
	assert_false(take(&f, "5.5.5.5:4244"));
	assert_false(take(&f, "5.5.5.5:4001"));
	assert_true(take(&f, "5.5.5.6:4001"));
	assert_false(take(&f, "5.5.5.6:4001"));
	assert_false(take(&f, "5.5.5.6:4002"));
	assert_false(take(&f, "[::ffff:5.5.5.6]:4003"));
	assert_next(&f, "5.5.5.6:4001");
	assert_true(take(&f, "5.5.5.6:4002")); /* it waits no more */
	finish(&f);
}

static void test_own_addresses(void **state)
{
	struct fixture f;
	struct netaddr own;

	(void)state;
	begin_as(&f, false, false);
	own = at("8.8.8.1:4244");
	exchange_note_own(&f.x, &own);
	assert_false(take(&f, "8.8.8.1:4244"));
	assert_false(exchange_allows(&f.x, &own));
	assert_true(take(&f, "8.8.8.1:4245")); /* another node behind the same address */
	assert_true(take(&f, "8.8.8.2:4244"));
	/* the latest four are remembered */
	for (unsigned i = 0; i < EXCHANGE_OWN_MAX; i++) {
		char text[NETADDR_TEXT_MAX];
		snprintf(text, sizeof text, "9.9.9.%u:4244", i);
		own = at(text);
		exchange_note_own(&f.x, &own);
	}
	for (unsigned i = 0; i < EXCHANGE_OWN_MAX; i++) {
		char text[NETADDR_TEXT_MAX];
		snprintf(text, sizeof text, "9.9.9.%u:4244", i);
		assert_false(take(&f, text));
	}
	own = at("8.8.8.1:4244");
	assert_true(exchange_allows(&f.x, &own));
	finish(&f);
}

static void test_yggdrasil_only(void **state)
{
	struct fixture f;

	(void)state;
	begin_as(&f, true, false);
	assert_false(take(&f, "1.2.3.4:4001"));
	assert_false(take(&f, "[2001:db8::1]:4001"));
	assert_false(take(&f, "[fd00::1]:4001"));
	assert_false(take(&f, "[1ff::1]:4001"));
	assert_false(take(&f, "[400::1]:4001"));
	assert_true(take(&f, "[200::1]:4001"));
	assert_true(take(&f, "[3ff::1]:4001"));
	finish(&f);
}

/* A private network: many nodes on one address. */
static void test_allow_local(void **state)
{
	struct fixture f;

	(void)state;
	begin_as(&f, false, true);
	assert_true(take(&f, "127.0.0.1:1"));
	assert_true(take(&f, "127.0.0.1:2"));
	assert_false(take(&f, "127.0.0.1:1"));
	assert_false(take(&f, "127.0.0.1:0"));
	assert_true(take(&f, "10.0.0.1:1"));
	assert_true(take(&f, "[::1]:1"));
	assert_next(&f, "127.0.0.1:1");
	assert_next(&f, "127.0.0.1:2");
	finish(&f);
}

/* ---- the queue ---- */

static void test_order_and_bound(void **state)
{
	struct fixture f;
	char text[NETADDR_TEXT_MAX];

	(void)state;
	begin_as(&f, false, false);
	for (unsigned i = 0; i < 3 * BOUND; i++) {
		snprintf(text, sizeof text, "1.2.3.%u:4244", i);
		assert_true(take(&f, text));
		assert_int_equal(exchange_waiting(&f.x), i < BOUND ? i + 1 : BOUND);
	}
	assert_int_equal(f.row.peak, BOUND);
	assert_int_equal(f.row.hits, 2 * BOUND);
	for (unsigned i = 2 * BOUND; i < 3 * BOUND; i++) {
		snprintf(text, sizeof text, "1.2.3.%u:4244", i);
		assert_next(&f, text);
	}
	struct netaddr a;
	assert_false(exchange_next(&f.x, &a));
	assert_int_equal(exchange_waiting(&f.x), 0);
	finish(&f);
}

/* A refused one throws nothing out of a full queue. */
static void test_refused_evicts_nothing(void **state)
{
	struct fixture f;
	char text[NETADDR_TEXT_MAX];

	(void)state;
	begin_as(&f, false, false);
	for (unsigned i = 0; i < BOUND; i++) {
		snprintf(text, sizeof text, "1.2.3.%u:4244", i);
		assert_true(take(&f, text));
	}
	assert_false(take(&f, "10.0.0.1:1"));
	assert_false(take(&f, "1.2.3.7:9"));
	assert_false(take(&f, "junk"));
	assert_int_equal(f.row.hits, 0);
	assert_next(&f, "1.2.3.0:4244");
	finish(&f);
}

static void test_no_memory(void **state)
{
	struct fixture f;
	struct netaddr a;

	(void)state;
	begin_as(&f, false, false);
	mem_fail_nth(1);
	bool ok = exchange_take(&f.x, slice_str("1.2.3.4:4001"), is_known, &f, &a);
	mem_fail_nth(0);
	(void)ok; /* heard, but it does not wait */
	assert_int_equal(exchange_waiting(&f.x), 0);
	assert_int_equal(f.row.used, 0);
	assert_true(take(&f, "1.2.3.4:4001"));
	finish(&f);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_known_and_waiting),
		cmocka_unit_test(test_own_addresses),
		cmocka_unit_test(test_yggdrasil_only),
		cmocka_unit_test(test_allow_local),
		cmocka_unit_test(test_order_and_bound),
		cmocka_unit_test(test_refused_evicts_nothing),
		cmocka_unit_test(test_no_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
