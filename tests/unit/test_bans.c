/* Bans: whom they hit, when they end, that they are bounded and survive a restart and odd clocks.
 */
#include "config/limits.h"
#include "p2p/bans.h"
#include "tests/unit/book_rig.h"
#include "tests/unit/main.h"

struct rig {
	struct hands h;
	struct bound row;
	struct bans b;
};

static int begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	hands_init(&r->h);
	r->row = (struct bound){.name = "max_bans", .max = 100};
	bans_init(&r->b, &r->row, &r->h.clock, 5);
	*state = r;
	return 0;
}

static int end(void **state)
{
	struct rig *r = *state;

	bans_clear(&r->b);
	assert_int_equal(r->row.used, 0);
	assert_int_equal(mem_blocks(), 0);
	free(r);
	return 0;
}

static bool has(struct rig *r, const char *text)
{
	struct netaddr a = addr(text);

	return bans_has(&r->b, &a, BAN_HOST);
}

static void ban(struct rig *r, const char *text, uint64_t seconds)
{
	struct netaddr a = addr(text);

	bans_add(&r->b, &a, seconds, BAN_HOST);
}

static void a_host_until_its_time(void **state)
{
	struct rig *r = *state;

	ban(r, "1.2.3.4:5", 600);
	ban(r, "[2001:db8::1]:5", 10);
	assert_true(has(r, "1.2.3.4:9999") && has(r, "[2001:db8::77]:1"));
	assert_false(has(r, "1.2.3.5:5") || has(r, "[2001:db8:0:1::1]:5"));
	r->h.wall += 10;
	assert_false(has(r, "[2001:db8::1]:5"));
	assert_int_equal(bans_count(&r->b), 1); /* found over, gone */
	r->h.wall += 589;
	assert_true(has(r, "1.2.3.4:5"));
	r->h.wall += 1;
	assert_false(has(r, "1.2.3.4:5"));
}

static void the_longer_one_stays(void **state)
{
	struct rig *r = *state;

	ban(r, "1.2.3.4:5", 1000);
	ban(r, "1.2.3.4:5", 10);
	r->h.wall += 500;
	assert_true(has(r, "1.2.3.4:5"));
	ban(r, "1.2.3.4:5", 1000);
	r->h.wall += 900;
	assert_true(has(r, "1.2.3.4:5"));
	assert_int_equal(bans_count(&r->b), 1);
}

static bool shuts(struct rig *r, enum ban_scope scope)
{
	struct netaddr a = addr("1.2.3.4:5");

	return bans_has(&r->b, &a, scope);
}

static void ban_as(struct rig *r, uint64_t seconds, enum ban_scope scope)
{
	struct netaddr a = addr("1.2.3.4:5");

	bans_add(&r->b, &a, seconds, scope);
}

/* Each scope shuts what the ones before it shut, and a narrow ban takes nothing from a wide one. */
static void scopes(void **state)
{
	struct rig *r = *state;

	ban_as(r, 600, BAN_INBOUND);
	assert_true(shuts(r, BAN_INBOUND));
	assert_false(shuts(r, BAN_HOST) || shuts(r, BAN_BY_HAND));
	ban_as(r, 10, BAN_HOST); /* wider, though shorter */
	assert_true(shuts(r, BAN_INBOUND) && shuts(r, BAN_HOST));
	assert_false(shuts(r, BAN_BY_HAND));
	ban_as(r, 100, BAN_BY_HAND);
	ban_as(r, 6000, BAN_INBOUND);
	assert_true(shuts(r, BAN_BY_HAND));
	r->h.wall += 100;
	assert_false(shuts(r, BAN_INBOUND));
	ban_as(r, 10, BAN_BY_HAND);
	r->h.wall += 10;
	ban_as(r, 10, BAN_INBOUND); /* what is over is not wider */
	assert_true(shuts(r, BAN_INBOUND) && !shuts(r, BAN_HOST));
}

/* The scope survives a restart; a ban of before there were scopes shuts the host. */
static void scopes_are_kept(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[BANS_HEAD_BYTES + BANS_ENTRY_BYTES], *scope = bytes + sizeof bytes - 1;

	for (int i = 0; i < BAN_SCOPES; i++) {
		struct wr w = wr_of(bytes, sizeof bytes);
		ban_as(r, 600, (enum ban_scope)i);
		bans_save(&r->b, &w);
		bans_clear(&r->b);
		assert_true(bans_load(&r->b, wr_done(&w)));
		assert_true(shuts(r, (enum ban_scope)i));
		assert_true(i == BAN_BY_HAND || !shuts(r, (enum ban_scope)(i + 1)));
		bans_clear(&r->b);
	}
	*scope = BAN_SCOPES;
	assert_false(bans_load(&r->b, slice_of(bytes, sizeof bytes)));
	bytes[0] = 1;
	assert_false(bans_load(&r->b, slice_of(bytes, sizeof bytes)));
	assert_true(bans_load(&r->b, slice_of(bytes, sizeof bytes - 1)));
	assert_true(shuts(r, BAN_HOST) && !shuts(r, BAN_BY_HAND));
}

static void by_hand_off_again(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("1.2.3.4:5"), other = addr("1.2.3.4:6");

	ban(r, "1.2.3.4:5", 1000);
	assert_true(bans_remove(&r->b, &other));
	assert_false(bans_remove(&r->b, &a));
	assert_false(has(r, "1.2.3.4:5"));
}

/* The clock goes back by a year: the ban still ends when its own length is over. */
static void no_clock_makes_it_eternal(void **state)
{
	struct rig *r = *state;

	ban(r, "1.2.3.4:5", 600);
	ban(r, "1.2.3.5:5", 600);
	r->h.wall -= 365 * 86400;
	assert_true(has(r, "1.2.3.4:5"));
	bans_expire(&r->b); /* notices it for the one that nobody asks for */
	r->h.wall += 599;
	assert_true(has(r, "1.2.3.4:5"));
	r->h.wall += 1;
	assert_false(has(r, "1.2.3.4:5") || has(r, "1.2.3.5:5"));
	ban(r, "1.2.3.4:5", UINT64_MAX);
	assert_true(has(r, "1.2.3.4:5"));
}

/* A ban given after the clock went back is as long as it was meant to be. */
static void a_new_one_after_the_clock_went_back(void **state)
{
	struct rig *r = *state;

	ban(r, "1.2.3.4:5", 100);
	r->h.wall -= 10000;
	ban(r, "1.2.3.4:5", 600);
	r->h.wall += 599;
	assert_true(has(r, "1.2.3.4:5"));
	r->h.wall += 1;
	assert_false(has(r, "1.2.3.4:5"));
}

static void bounded_and_the_first_to_end_goes(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 1000; i++) {
		struct netaddr a = ipv4(i << 16, 1);
		bans_add(&r->b, &a, 5000 - i % 500, BAN_HOST); /* those of 4999 - 4501 s go */
		assert_true(r->row.used <= 100);
	}
	assert_int_equal(bans_count(&r->b), 100);
	assert_int_equal(r->row.hits, 900);
	size_t longest = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		struct netaddr a = ipv4(i << 16, 1);
		longest += bans_has(&r->b, &a, BAN_HOST) && i % 500 < 99;
	}
	assert_int_equal(longest, 99);
	struct netaddr last = ipv4(999u << 16, 1);
	assert_true(bans_has(&r->b, &last, BAN_HOST)); /* whoever comes has a place */
}

static void many_end_at_once(void **state)
{
	struct rig *r = *state;

	r->row.max = 100000;
	for (uint32_t i = 0; i < 50000; i++) {
		struct netaddr a = ipv4(i, 1);
		bans_add(&r->b, &a, i % 10 == 0 ? 500 : 50, BAN_HOST);
	}
	r->h.wall += 100;
	bans_expire(&r->b);
	assert_int_equal(bans_count(&r->b), 5000);
}

static void kept_over_a_restart(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[BANS_HEAD_BYTES + 100 * BANS_ENTRY_BYTES];
	struct wr w = wr_of(bytes, sizeof bytes);

	for (uint32_t i = 0; i < 100; i++) {
		struct netaddr a = ipv4(i << 16, 1);
		bans_add(&r->b, &a, 100 + i, BAN_HOST);
	}
	bans_save(&r->b, &w);
	assert_int_equal(w.n, sizeof bytes);
	bans_clear(&r->b);
	r->h.wall += 110;
	assert_true(bans_load(&r->b, wr_done(&w)));
	assert_int_equal(bans_count(&r->b), 89);
	r->h.wall += 80;
	for (uint32_t i = 0; i < 100; i++) {
		struct netaddr a = ipv4(i << 16, 1);
		assert_int_equal(bans_has(&r->b, &a, BAN_HOST), 100 + i > 190);
	}
}

static void part_of_it_is_not_loaded(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[BANS_HEAD_BYTES + 3 * BANS_ENTRY_BYTES + 1];
	struct wr w = wr_of(bytes, sizeof bytes);

	for (uint32_t i = 0; i < 3; i++) {
		struct netaddr a = ipv4(i, 1);
		bans_add(&r->b, &a, 100, BAN_HOST);
	}
	bans_save(&r->b, &w);
	bans_clear(&r->b);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		uint8_t *part = mem_alloc(n);
		memcpy(part, bytes, n);
		assert_int_equal(bans_load(&r->b, slice_of(part, n)), n == w.n);
		assert_int_equal(bans_count(&r->b), n >= w.n ? 3 : 0);
		mem_free(part);
	}
}

/* Saved by a clock that was ahead, or by somebody else. */
static void odd_bytes(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[BANS_HEAD_BYTES + BANS_ENTRY_BYTES];
	struct wr w = wr_of(bytes, sizeof bytes);

	ban(r, "1.2.3.4:5", 100);
	bans_save(&r->b, &w);
	bans_clear(&r->b);
	memset(bytes + BANS_HEAD_BYTES + 16, 0xFF, 8); /* until the end of days */
	assert_true(bans_load(&r->b, wr_done(&w)));
	r->h.wall += 100;
	assert_false(has(r, "1.2.3.4:5"));
	memset(bytes + BANS_HEAD_BYTES + 24, 0xFF, 8); /* a length that nobody can give */
	assert_false(bans_load(&r->b, wr_done(&w)));
	memset(bytes + BANS_HEAD_BYTES + 24, 0, 8);
	assert_true(bans_load(&r->b, wr_done(&w)));
	bytes[0]++;
	assert_false(bans_load(&r->b, wr_done(&w)));
	memset(bytes + BANS_HEAD_BYTES + 24, 0xFF, 4); /* the same, just below 2^64 */
	bytes[0]--;
	assert_false(bans_load(&r->b, wr_done(&w)));
	assert_int_equal(bans_count(&r->b), 0);
}

/* Counts that come to the right number of bytes only when they wrap around, and a clock before
 * 1970. */
static void counts_that_are_none(void **state)
{
	static const uint32_t counts[] = {0, 2, 0x08000001, 0x10000001, 0x80000001, UINT32_MAX};
	struct rig *r = *state;
	uint8_t bytes[BANS_HEAD_BYTES + BANS_ENTRY_BYTES];
	struct wr w = wr_of(bytes, sizeof bytes);

	ban(r, "1.2.3.4:5", 100);
	bans_save(&r->b, &w);
	bans_clear(&r->b);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct wr head = wr_of(bytes + 1, 4);
		wr_be(&head, counts[i], 4);
		assert_false(bans_load(&r->b, wr_done(&w)));
	}
	struct wr head = wr_of(bytes + 1, 4);
	wr_be(&head, 1, 4);
	r->h.wall = -1;
	assert_false(bans_load(&r->b, wr_done(&w)));
	assert_int_equal(bans_count(&r->b), 0);
}

static void memory_runs_out(void **state)
{
	struct rig *r = *state;

	mem_fail_nth(1);
	ban(r, "1.2.3.4:5", 100);
	mem_fail_nth(0);
	assert_false(has(r, "1.2.3.4:5"));
	ban(r, "1.2.3.4:5", 100);
	assert_true(has(r, "1.2.3.4:5"));
}

/* More reasons than there are places: the last one stands for the rest. */
static void reasons_are_bounded(void **state)
{
	struct rig *r = *state;
	struct ban_info info;
	char text[80];
	size_t at = 0, other = 0;

	for (unsigned i = 1; i <= 60; i++) {
		snprintf(text, sizeof text, "10.0.0.%u:1", i);
		struct netaddr a = addr(text);
		bans_add(&r->b, &a, 600, BAN_HOST);
		snprintf(text, sizeof text, "reason %u, which is longer than it may be told here",
			i);
		bans_explain(&r->b, &a, text);
	}
	while (bans_next(&r->b, &at, &info)) {
		assert_int_equal(strlen(info.why), BAN_WHY_MAX - 1);
		other += strncmp(info.why, "reason 23, ", 11) == 0;
	}
	assert_int_equal(other, 60 - (BAN_WHYS - 2));
}

/* A shorter ban changes neither the end nor the reason; a longer one changes both. */
static void the_reason_of_the_longest(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *why, *told;
	} rows[] = {{600, "first", "first"}, {10, "shorter", "first"}, {6000, "longer", "longer"}};
	struct rig *r = *state;
	struct netaddr a = addr("1.2.3.4:5");
	struct ban_info info;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t at = 0;
		bans_add(&r->b, &a, rows[i].seconds, BAN_HOST);
		bans_explain(&r->b, &a, rows[i].why);
		assert_true(bans_next(&r->b, &at, &info));
		assert_string_equal(info.why, rows[i].told);
	}
}

/* A ban that is over is not listed; one that was loaded has no reason any more. */
static void the_list(void **state)
{
	struct rig *r = *state;
	struct ban_info info;
	uint8_t bytes[256];
	struct wr w = wr_of(bytes, sizeof bytes);
	size_t at = 0;

	ban(r, "1.2.3.4:5", 10);
	ban(r, "[2001:db8::1]:5", 600);
	r->h.wall += 10;
	bans_save(&r->b, &w);
	assert_true(bans_load(&r->b, wr_done(&w)));
	assert_true(bans_next(&r->b, &at, &info));
	assert_int_equal(info.left, 590);
	assert_int_equal(info.until, r->h.wall + 590);
	assert_int_equal(info.host.port, 0);
	assert_string_equal(info.why, "from before the last start");
	assert_false(bans_next(&r->b, &at, &info));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reasons_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(the_list, begin, end),
		cmocka_unit_test_setup_teardown(the_reason_of_the_longest, begin, end),
		cmocka_unit_test_setup_teardown(a_host_until_its_time, begin, end),
		cmocka_unit_test_setup_teardown(the_longer_one_stays, begin, end),
		cmocka_unit_test_setup_teardown(scopes, begin, end),
		cmocka_unit_test_setup_teardown(scopes_are_kept, begin, end),
		cmocka_unit_test_setup_teardown(by_hand_off_again, begin, end),
		cmocka_unit_test_setup_teardown(no_clock_makes_it_eternal, begin, end),
		cmocka_unit_test_setup_teardown(a_new_one_after_the_clock_went_back, begin, end),
		cmocka_unit_test_setup_teardown(bounded_and_the_first_to_end_goes, begin, end),
		cmocka_unit_test_setup_teardown(many_end_at_once, begin, end),
		cmocka_unit_test_setup_teardown(kept_over_a_restart, begin, end),
		cmocka_unit_test_setup_teardown(part_of_it_is_not_loaded, begin, end),
		cmocka_unit_test_setup_teardown(odd_bytes, begin, end),
		cmocka_unit_test_setup_teardown(counts_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(memory_runs_out, begin, end),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
