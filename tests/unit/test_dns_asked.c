/* Names that were asked for: only while they are kept, within their bound, for an hour. */
#include "config/limits.h"
#include "dns/asked_names.h"
#include "base/mem.h"
#include "dns/name.h"
#include "tests/unit/main.h"

enum { MINUTE = 60000, START = 100 * MINUTE };

static struct limits limits;
static struct bound *const row = &limits.dns_page_names;
static struct dns_asked *a;
static struct dns_asked_told told[20];

static int begin(void **state)
{
	(void)state;
	limits_default(&limits);
	a = dns_asked_new(row);
	assert_non_null(a);
	return 0;
}

static int end(void **state)
{
	(void)state;
	dns_asked_free(a);
	assert_int_equal(row->used, 0);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

static void ask(const char *text, uint64_t took_ms, uint64_t at_ms)
{
	struct dns_name n;

	assert_true(dns_name_from_text(slice_str(text), &n));
	dns_asked_note(a, &n, took_ms, START + at_ms);
}

static size_t list(enum dns_asked_order order, uint64_t at_ms, size_t max)
{
	return dns_asked_list(a, order, START + at_ms, told, max);
}

static void expect(size_t i, const char *name, uint64_t questions, uint64_t slowest)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_text(&told[i].name, text);
	assert_string_equal(text, name);
	assert_int_equal(told[i].questions, questions);
	assert_int_equal(told[i].slowest_ms, slowest);
}

static void nothing_is_kept_while_it_is_off(void **state)
{
	size_t bytes = mem_bytes();
	(void)state;

	ask("a.example", 1, 0);
	assert_int_equal(list(DNS_ASKED_BUSIEST, 0, 20), 0);
	assert_int_equal(mem_bytes(), bytes);
	assert_int_equal(row->used, 0);
	assert_true(dns_asked_keep(a, true));
	assert_true(dns_asked_is_kept(a));
	ask("a.example", 1, 0);
	assert_int_equal(list(DNS_ASKED_BUSIEST, 0, 20), 1);
	assert_int_equal(row->used, 1);
	assert_true(mem_bytes() - bytes <= limits.dns_page_names.max * 304);
	assert_true(dns_asked_keep(a, true)); /* a reload that leaves it on keeps them */
	assert_int_equal(list(DNS_ASKED_BUSIEST, 0, 20), 1);
	assert_true(dns_asked_keep(a, false));
	assert_int_equal(mem_bytes(), bytes);
	assert_int_equal(row->used, 0);
	assert_int_equal(list(DNS_ASKED_BUSIEST, 0, 20), 0);
	assert_true(dns_asked_keep(a, true)); /* and they do not come back */
	assert_int_equal(list(DNS_ASKED_BUSIEST, 0, 20), 0);
}

static void lists_are_in_order(void **state)
{
	(void)state;
	dns_asked_keep(a, true);
	for (int i = 0; i < 3; i++)
		ask(i % 2 ? "BUSY.example" : "busy.Example", 5, 0);
	ask("slow.example", 900, 0);
	ask("middle.example", 20, 0);
	ask("middle.example", 10, 1000);
	assert_int_equal(list(DNS_ASKED_BUSIEST, 2000, 20), 3);
	expect(0, "busy.example", 3, 5);
	expect(1, "middle.example", 2, 20);
	expect(2, "slow.example", 1, 900);
	assert_int_equal(list(DNS_ASKED_SLOWEST, 2000, 2), 2);
	expect(0, "slow.example", 1, 900);
	expect(1, "middle.example", 2, 20);
	assert_int_equal(list(DNS_ASKED_SLOWEST, 2000, 0), 0);
}

static void an_hour_later_they_are_forgotten(void **state)
{
	(void)state;
	dns_asked_keep(a, true);
	ask("old.example", 100, 0);
	ask("once.example", 1, 0);
	ask("old.example", 1, 30 * MINUTE);
	assert_int_equal(list(DNS_ASKED_BUSIEST, 49 * MINUTE, 20), 2);
	expect(0, "old.example", 2, 100);
	dns_asked_forget(a, START + 60 * MINUTE);
	assert_int_equal(row->used, 1); /* without a question */
	assert_int_equal(list(DNS_ASKED_SLOWEST, 60 * MINUTE, 20), 1);
	expect(0, "old.example", 1, 1);
	dns_asked_forget(a, START + 500 * MINUTE);
	assert_int_equal(row->used, 0);
}

static void the_least_asked_gives_way(void **state)
{
	char name[32];
	(void)state;

	bound_write(&row->max, 16);
	dns_asked_keep(a, true);
	for (int i = 0; i < 15; i++)
		for (int n = 0; n < 2; n++) {
			snprintf(name, sizeof name, "n%d.example", i);
			ask(name, 1, 0);
		}
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "flood%d.example", i);
		ask(name, 1, 0);
	}
	assert_int_equal(row->used, 16);
	assert_int_equal(row->hits, 999);
	assert_int_equal(list(DNS_ASKED_BUSIEST, 0, 20), 16);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(told[i].questions, 2);
	expect(15, "flood999.example", 1, 1);
	bound_write(&row->max, 32); /* another size, by a reload */
	dns_asked_keep(a, true);
	assert_int_equal(row->used, 0);
	ask("a.example", UINT64_MAX, 0);
	list(DNS_ASKED_BUSIEST, 0, 20);
	expect(0, "a.example", 1, UINT32_MAX);
}

static void memory_runs_out(void **state)
{
	(void)state;
	mem_fail_nth(1);
	assert_null(dns_asked_new(row));
	mem_fail_nth(1);
	assert_false(dns_asked_keep(a, true));
	mem_fail_nth(0);
	assert_false(dns_asked_is_kept(a));
	ask("a.example", 1, 0);
	assert_true(dns_asked_keep(a, true));
}

/* A table that nobody keeps costs the budget nothing. */
static void its_row(void **state)
{
	(void)state;
	limits.dns = true;
	assert_int_equal(limits_worst_bytes(&limits, LIMIT_ROW_dns_page_names), 0);
	limits.dns_names = true;
	assert_int_equal(limits_worst_bytes(&limits, LIMIT_ROW_dns_page_names), 128 * 304 + 256);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_kept_while_it_is_off),
		TEST(lists_are_in_order),
		TEST(an_hour_later_they_are_forgotten),
		TEST(the_least_asked_gives_way),
		TEST(memory_runs_out),
		TEST(its_row),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
