/* Peer exchange: which of the named addresses may wait, and that the queue of them is bounded. */
#include "p2p/exchange.h"
#include "tests/unit/book_rig.h"

struct rig {
	struct bound row;
	struct exchange x;
	struct netaddr peer; /* whom we know already */
};

static int begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	struct log_settings quiet = {.level = LOG_ERROR};

	log_setup(&quiet);
	r->row = (struct bound){.name = "max_new_peers", .max = 1000};
	exchange_init(&r->x, &r->row, false, false);
	r->peer = addr("8.8.8.8:4244");
	*state = r;
	return 0;
}

static int end(void **state)
{
	struct rig *r = *state;

	exchange_clear(&r->x);
	assert_int_equal(r->row.used, 0);
	assert_int_equal(mem_blocks(), 0);
	free(r);
	return 0;
}

static bool known(void *ctx, const struct netaddr *a)
{
	return netaddr_same_ip(ctx, a);
}

static bool take(struct rig *r, const char *text)
{
	struct netaddr a;

	return exchange_take(&r->x, slice_str(text), known, &r->peer, &a);
}

static void only_what_may_be_dialled(void **state)
{
	static const char *const no[] = {"", "1.2.3.4", "host:4244", "1.2.3.4:0", "127.0.0.1:4244",
		"[::1]:4244", "10.1.1.1:4244", "172.20.1.1:1", "192.168.1.1:4244", "[fe80::1]:1",
		"0.0.0.0:1", "[::ffff:127.0.0.1]:1", "8.8.8.8:4244", "8.8.8.8:1"};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (take(r, no[i]))
			fail_msg("taken: %s", no[i]);
	assert_int_equal(exchange_waiting(&r->x), 0);
	assert_true(take(r, "9.9.9.9:1") && take(r, "[2001:db8::1]:4244"));
	assert_int_equal(exchange_waiting(&r->x), 2);
	assert_int_equal(r->x.refused, sizeof no / sizeof *no);
	assert_int_equal(r->x.taken, 2);
}

/* One waiting address an IP, whatever its port; on a private network many nodes share one. */
static void one_an_ip(void **state)
{
	struct rig *r = *state;

	assert_true(take(r, "9.9.9.9:1"));
	assert_false(take(r, "9.9.9.9:1") || take(r, "9.9.9.9:2"));
	r->x.allow_local = true;
	assert_false(take(r, "9.9.9.9:1"));
	assert_true(take(r, "9.9.9.9:2") && take(r, "127.0.0.1:1") && take(r, "127.0.0.1:2") &&
		    take(r, "192.168.1.1:1"));
	assert_false(take(r, "127.0.0.1:0"));
}

static void never_our_own(void **state)
{
	struct rig *r = *state;
	struct netaddr own = addr("9.9.9.9:4244");

	exchange_note_own(&r->x, &own);
	assert_false(take(r, "9.9.9.9:4244"));
	assert_true(take(r, "9.9.9.9:4245"));
	for (uint32_t i = 0; i < 100; i++) { /* no more than a few are remembered */
		own = ipv4(i << 16, 1);
		exchange_note_own(&r->x, &own);
		assert_false(exchange_allows(&r->x, &own));
	}
}

static void yggdrasil_alone(void **state)
{
	struct rig *r = *state;

	r->x.yggdrasil_only = true;
	assert_false(take(r, "9.9.9.9:1") || take(r, "[2001:db8::1]:1"));
	assert_true(take(r, "[200::1]:4244") && take(r, "[3ff::1]:4244"));
}

static void bounded_and_the_oldest_goes(void **state)
{
	struct rig *r = *state;
	char text[NETADDR_TEXT_MAX];
	struct netaddr a, out;

	for (uint32_t i = 0; i < 3000; i++) {
		a = ipv4(i, 4244);
		assert_true(take(r, netaddr_text(&a, text)));
		assert_true(exchange_waiting(&r->x) <= 1000);
	}
	assert_int_equal(r->row.peak, 1000);
	assert_int_equal(r->row.hits, 2000);
	for (uint32_t i = 2000; i < 3000; i++) {
		a = ipv4(i, 4244);
		assert_true(exchange_next(&r->x, &out) && netaddr_eq(&a, &out));
	}
	assert_false(exchange_next(&r->x, &out));
}

static void memory_runs_out(void **state)
{
	struct rig *r = *state;
	struct netaddr out;

	mem_fail_nth(1);
	take(r, "9.9.9.9:1");
	mem_fail_nth(0);
	assert_false(exchange_next(&r->x, &out));
	assert_true(take(r, "9.9.9.9:1"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(only_what_may_be_dialled),
		T(one_an_ip),
		T(never_our_own),
		T(yggdrasil_alone),
		T(bounded_and_the_oldest_goes),
		T(memory_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
