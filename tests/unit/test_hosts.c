/* What is known of hosts: whose row is whose, what time does to it, who goes when it is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "config/limits.h"
#include "sync/hosts.h"
#include "tests/unit/main.h"

enum { MINUTE = 60000 };

static struct limits limits;
static struct hosts hosts;

static int begin(void **state)
{
	(void)state;
	limits_default(&limits);
	limits.max_hosts.max = 16;
	return hosts_init(&hosts, &limits.max_hosts, 7) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	hosts_clear(&hosts);
	assert_int_equal(limits.max_hosts.used, 0);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

static struct peer_info at(const char *text)
{
	struct peer_info who = {.id = 1};

	assert_true(netaddr_parse_loose(slice_str(text), 4244, &who.addr));
	return who;
}

static struct host *enter(const char *text, uint64_t now)
{
	struct peer_info who = at(text);

	return hosts_enter(&hosts, &who, now);
}

static void test_one_row_for_a_host(void **state)
{
	(void)state;
	struct host *a = enter("10.1.0.1:1", 0);
	assert_non_null(a);
	assert_ptr_equal(enter("10.1.0.1:2", 0), a);
	assert_ptr_not_equal(enter("10.1.0.2:1", 0), a);
	assert_int_equal(a->peers, 2);
	struct host *six = enter("[2001:db8:1:2::1]:1", 0);
	assert_ptr_equal(enter("[2001:db8:1:2:ffff::2]:1", 0), six);
	assert_ptr_not_equal(enter("[2001:db8:1:3::1]:1", 0), six);
	struct host *ygg = enter("[200:1:2:3::1]:1", 0);
	assert_ptr_equal(enter("[200:1:2:3:4::1]:1", 0), ygg);
	assert_ptr_not_equal(enter("[200:1:2:4::1]:1", 0), ygg);
	hosts_leave(a, 5);
	hosts_leave(a, 5);
	a->doubt = 1;
	assert_ptr_equal(enter("10.1.0.1:9", 10), a); /* it comes again, and is known */
	assert_int_equal(a->doubt, 1);
}

/* What strangers do from the same address is not charged to the one that we dialled, or named. */
static void test_ours_has_its_own(void **state)
{
	struct peer_info who = at("10.1.0.1:1"), other = at("10.1.0.1:2");
	(void)state;

	struct host *stranger = hosts_enter(&hosts, &who, 0);
	who.outbound = other.outbound = true;
	struct host *dialled = hosts_enter(&hosts, &who, 0);
	assert_ptr_not_equal(dialled, stranger);
	assert_true(dialled->ours && !stranger->ours);
	assert_ptr_equal(hosts_enter(&hosts, &other, 0), dialled);
	other.configured = true;
	struct host *named = hosts_enter(&hosts, &other, 0);
	assert_true(named != dialled && named->configured);
	assert_int_not_equal(named->id, dialled->id);
	assert_int_equal(named->group_id, stranger->group_id);
}

static void test_time_heals(void **state)
{
	(void)state;
	struct host *a = enter("10.1.0.1", 1000);
	host_doubt(a, 3);
	a->score = 45;
	host_age(a, 1000 + MINUTE - 1);
	assert_int_equal(a->doubt, 3);
	host_age(a, 1000 + MINUTE + MINUTE / 2);
	assert_int_equal(a->doubt, 2);
	assert_int_equal(a->score, 35);
	host_age(a, 1000 + 2 * MINUTE); /* halves are not lost */
	assert_int_equal(a->score, 25);
	host_age(a, UINT64_MAX);
	assert_int_equal(a->doubt + a->score, 0);
	host_doubt(a, 100);
	assert_int_equal(a->doubt, HOST_DOUBT_MAX);
}

static void test_measured(void **state)
{
	(void)state;
	struct host *a = enter("10.1.0.1", 0);
	host_measured(a, 0); /* on this machine, and yet known */
	assert_int_equal(a->rtt_ms, 1);
	for (int i = 0; i < 30; i++)
		host_measured(a, 100);
	assert_in_range(a->rtt_ms, 90, 100);
	host_paced(a, 10);
	assert_int_equal(a->pace, 100);
	assert_false(host_is_good(a, 5));
	a->good_ms = 5;
	assert_true(host_is_good(a, 5 + HOST_GOOD_MS - 1));
	assert_false(host_is_good(a, 5 + HOST_GOOD_MS));
}

/* Two from each of four networks, and eight of one more: what comes from that one drives out its
 * own. */
static void test_a_crowd_drives_out_its_own(void **state)
{
	char text[32];
	(void)state;

	for (int i = 0; i < 16; i++) {
		snprintf(text, sizeof text, "10.%d.0.%d", i < 8 ? i / 2 : 9, i + 1);
		hosts_leave(enter(text, (uint64_t)i), (uint64_t)i);
	}
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "10.9.1.%d", i + 1);
		hosts_leave(enter(text, 100), 100);
	}
	unsigned others = 0;
	for (size_t i = 0; i < hosts.size; i++)
		others += hosts.rows[i].group[2] != 9;
	assert_int_equal(others, 8);
	assert_int_equal(limits.max_hosts.used, 16);
	assert_true(limits.max_hosts.hits >= 200);
}

/* Of a crowd the one of which nothing bad is known goes, else the one that left first. */
static void test_who_goes(void **state)
{
	char text[32];
	(void)state;

	for (int i = 0; i < 16; i++) {
		snprintf(text, sizeof text, "10.9.0.%d", i + 1);
		struct host *h = enter(text, (uint64_t)i);
		host_doubt(h, i < 3);
		hosts_leave(h, (uint64_t)i);
	}
	struct host *fourth = &hosts.rows[3];
	assert_ptr_equal(enter("10.1.0.1", 50), fourth);
}

/* Who is here keeps its row. */
static void test_all_are_here(void **state)
{
	struct host *first = NULL;
	char text[32];
	(void)state;

	for (int i = 0; i < 16; i++) {
		snprintf(text, sizeof text, "10.9.0.%d", i + 1);
		struct host *h = enter(text, 0);
		first = first ? first : h;
	}
	assert_null(enter("10.1.0.1", 0));
	hosts_leave(first, 0);
	assert_ptr_equal(enter("10.1.0.1", 0), first);
}

static void test_who_stays_away_is_forgotten(void **state)
{
	(void)state;
	hosts_leave(enter("10.1.0.1", 0), 1000);
	enter("10.1.0.2", 0); /* and stays */
	hosts_forget(&hosts, 1000 + HOST_GOOD_MS - 1);
	assert_int_equal(limits.max_hosts.used, 2);
	hosts_forget(&hosts, 1000 + HOST_GOOD_MS);
	assert_int_equal(limits.max_hosts.used, 1);
	assert_int_equal(enter("10.1.0.2", 0)->peers, 2);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_row_for_a_host, begin, end),
		cmocka_unit_test_setup_teardown(test_ours_has_its_own, begin, end),
		cmocka_unit_test_setup_teardown(test_time_heals, begin, end),
		cmocka_unit_test_setup_teardown(test_measured, begin, end),
		cmocka_unit_test_setup_teardown(test_a_crowd_drives_out_its_own, begin, end),
		cmocka_unit_test_setup_teardown(test_who_goes, begin, end),
		cmocka_unit_test_setup_teardown(test_all_are_here, begin, end),
		cmocka_unit_test_setup_teardown(test_who_stays_away_is_forgotten, begin, end),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
