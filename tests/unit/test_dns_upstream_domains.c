/* Questions to the servers that a domain names, and to bootstraps: what is asked, whose answer
 * counts, and that silent ones take nothing from the forwarders. */
#include "dns/upstream_internal.h"
#include "tests/unit/dns_upstream_rig.h"

/* A forwarder (0), and so many servers of a domain (1 …) on one port. */
static void start_domain(struct rig *r, size_t servers)
{
	start(r, 1);
	for (size_t i = 0; i < servers; i++) {
		char host[16];
		snprintf(host, sizeof host, "127.0.1.%zu", i + 1);
		stub_open(r, &r->stubs[1 + i], host, i ? r->stubs[1].at.port : 0);
	}
	r->set.delegate_port = r->stubs[1].at.port;
	assert_true(dns_upstream_reload(r->u, &r->set));
}

static enum err ask_domain(struct rig *r, size_t asker, const char *name, size_t servers)
{
	struct netaddr at[STUBS];
	struct dns_ask a = {.where = DNS_ASK_SERVERS, .servers = at, .server_count = servers};

	for (size_t i = 0; i < servers; i++) {
		at[i] = r->stubs[1 + i].at;
		at[i].port = 9; /* the settings' counts */
	}
	assert_true(dns_name_from_text(slice_str("a.ygg"), &a.top));
	return ask_as(r, &r->askers[asker], &a, name);
}

static void a_server_of_a_domain_answers(void **state)
{
	struct rig *r = *state;

	r->set.use_0x20 = true;
	start_domain(r, 1);
	assert_int_equal(ask_domain(r, 0, "ABCDEFGHIJ.a.ygg", 1), ERR_OK);
	assert_int_equal(r->limits.dns_delegation_questions.used, 1);
	expect_answer(r, 0);
	struct stub *s = &r->stubs[1];
	assert_int_equal(s->with_rd, 0);
	assert_int_equal(s->plain, 0);
	assert_memory_equal(s->last + DNS_HEADER_SIZE + 1, "abcdefghij", 10);
	assert_int_equal(r->stubs[0].asked, 0);
	assert_int_equal(r->limits.dns_delegation_sockets.used, 1);
	s->tc = true;
	assert_int_equal(ask_domain(r, 0, "b.a.ygg", 1), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(s->asked_tcp, 1);
	pass(r, 30000);
	assert_int_equal(r->limits.dns_delegation_sockets.used, 0);
}

static void the_next_server_is_asked(void **state)
{
	struct rig *r = *state;

	start_domain(r, 4);
	r->stubs[1].rcode = DNS_RCODE_SERVFAIL;
	r->stubs[2].rcode = DNS_RCODE_REFUSED;
	r->stubs[3].no_aa = true;
	for (int i = 0; i < 12; i++) {
		assert_int_equal(ask_domain(r, 0, "a.ygg", 4), ERR_OK);
		expect_answer(r, 0);
		assert_int_equal(r->askers[0].rcode, 0);
	}
	assert_int_equal(r->stubs[4].asked, 12);
	assert_true(r->stubs[1].asked && r->stubs[2].asked && r->stubs[3].asked);
	r->stubs[4].silent = true;
	assert_int_equal(ask_domain(r, 1, "a.ygg", 4), ERR_OK);
	for (int i = 0; i < 60 && !r->askers[1].told; i++)
		pass(r, 100);
	assert_int_equal(r->askers[1].got, 1);
	assert_int_equal(r->askers[1].rcode, DNS_RCODE_SERVFAIL);
}

/* Only records at or below the domain count. */
static void foreign_records_are_dropped(void **state)
{
	struct rig *r = *state;

	start_domain(r, 1);
	assert_int_equal(ask_domain(r, 0, "www.other.ygg", 1), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->askers[0].records, 0);
	assert_int_equal(ask_domain(r, 0, "www.a.ygg", 1), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->askers[0].records, 1);
}

/* A forwarder may not send us to this machine; a domain of the chain may. */
static void a_domain_may_name_local_addresses(void **state)
{
	struct rig *r = *state;

	r->set.rebind_protection = true;
	start_domain(r, 1);
	r->stubs[0].local = r->stubs[1].local = true;
	assert_int_equal(ask_domain(r, 0, "www.a.ygg", 1), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->askers[0].records, 1);
	assert_int_equal(ask(r, 0, "www.example.com"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->askers[0].records, 0);
}

/* None is responsible for the name, whatever it says. */
static void none_is_responsible(void **state)
{
	struct rig *r = *state;

	start_domain(r, 2);
	r->stubs[1].no_aa = r->stubs[2].no_aa = true;
	r->stubs[2].rcode = DNS_RCODE_NXDOMAIN;
	assert_int_equal(ask_domain(r, 0, "a.ygg", 2), ERR_OK);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(r->askers[0].records, 0);
}

static void a_silent_server_and_one_that_answers(void **state)
{
	struct rig *r = *state;

	start_domain(r, 2);
	r->stubs[1].silent = true;
	for (size_t i = 0; i < 8; i++) {
		char name[16];
		snprintf(name, sizeof name, "n%zu.a.ygg", i);
		assert_int_equal(ask_domain(r, i, name, 2), ERR_OK);
	}
	settle(r);
	pass(r, 376);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(r->askers[i].told, 1);
		assert_int_equal(r->askers[i].got, 1);
	}
	assert_int_equal(facts(r, 0).asked, 0);
}

/* Each address once; at most DNS_SERVERS_MAX of them. */
static void servers_are_asked_once_each(void **state)
{
	struct rig *r = *state;
	struct netaddr at[40];
	struct dns_ask a = {.where = DNS_ASK_SERVERS, .servers = at, .server_count = 40};

	start_domain(r, 1);
	r->stubs[1].rcode = DNS_RCODE_REFUSED;
	for (size_t i = 0; i < 40; i++)
		at[i] = r->stubs[1].at;
	assert_int_equal(ask_as(r, &r->askers[0], &a, "a.ygg"), ERR_OK);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->stubs[1].asked, 1);
	assert_int_equal(r->askers[0].rcode, DNS_RCODE_REFUSED);
}

static void equal_ones_are_joined(void **state)
{
	struct rig *r = *state;

	start_domain(r, 2);
	assert_int_equal(ask_domain(r, 0, "b.a.ygg", 2), ERR_OK);
	assert_int_equal(ask_domain(r, 1, "B.a.ygg", 2), ERR_OK);
	assert_int_equal(ask_domain(r, 2, "b.a.ygg", 1), ERR_OK); /* other servers */
	assert_int_equal(ask(r, 3, "b.a.ygg"), ERR_OK);           /* and a forwarder */
	assert_int_equal(r->limits.dns_outstanding.used, 3);
	assert_int_equal(r->limits.dns_delegation_questions.used, 2);
	UNTIL(r, r->limits.dns_outstanding.used == 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(r->askers[i].got, 1);
}

/* Silent servers of domains fill their quota and their sockets. Forwarders do not notice. */
static void silent_ones_take_nothing_from_forwarders(void **state)
{
	struct rig *r = *state;
	char name[16];
	size_t full = 0;

	r->limits.dns_delegation_questions.max = 40;
	r->limits.dns_delegation_sockets.max = 8;
	r->limits.dns_outstanding.max = 48;
	start_domain(r, 4);
	for (size_t i = 1; i <= 4; i++)
		r->stubs[i].silent = true;
	for (size_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "n%zu.a.ygg", i);
		full += ask_domain(r, 1, name, 1 + i % 4) == ERR_FULL;
		dns_upstream_forget(r->u, &r->askers[1].w);
		if (i % 50 == 0)
			pass(r, 40);
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
	}
	assert_true(full > 0);
	assert_int_equal(r->limits.dns_delegation_questions.peak, 40);
	assert_int_equal(r->limits.dns_delegation_sockets.peak, 8);
	assert_true(r->limits.dns_outstanding.peak <= 41);
	assert_int_equal(facts(r, 0).timed_out, 0);
	pass(r, 200); /* old ones give way to a new one that is answered */
	r->stubs[1].silent = false;
	assert_int_equal(ask_domain(r, 2, "good.a.ygg", 1), ERR_OK);
	for (int i = 0; i < 40 && !r->askers[2].told; i++)
		pass(r, 100);
	assert_int_equal(r->askers[2].got, 1);
}

/* A question that waits for a socket gets that of one which has waited for 200 ms. */
static void silent_servers_give_their_sockets(void **state)
{
	struct rig *r = *state;
	struct dns_ask other = {.where = DNS_ASK_SERVERS, .server_count = 1};
	char name[16];

	r->limits.dns_delegation_sockets.max = 4;
	start_domain(r, 2);
	r->stubs[1].silent = true;
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "n%zu.a.ygg", i);
		assert_int_equal(ask_domain(r, i, name, 1), ERR_OK);
	}
	other.servers = &r->stubs[2].at;
	assert_int_equal(ask_as(r, &r->askers[5], &other, "b.ygg"), ERR_OK);
	settle(r);
	assert_int_equal(r->stubs[2].asked, 0);
	assert_int_equal(r->limits.dns_delegation_sockets.used, 4);
	pass(r, 200);
	UNTIL(r, r->askers[5].told);
	assert_int_equal(r->askers[5].got, 1);
}

/* When domains have all of their places, one of theirs gives way, not an older one of others. */
static void a_domain_takes_the_place_of_a_domain(void **state)
{
	struct rig *r = *state;
	char name[16];

	r->limits.dns_delegation_questions.max = 4;
	start_domain(r, 1);
	r->stubs[0].silent = r->stubs[1].silent = true;
	assert_int_equal(ask(r, 0, "old.example"), ERR_OK);
	for (size_t i = 1; i <= 4; i++) {
		snprintf(name, sizeof name, "n%zu.a.ygg", i);
		assert_int_equal(ask_domain(r, i, name, 1), ERR_OK);
	}
	assert_int_equal(ask_domain(r, 5, "new.a.ygg", 1), ERR_FULL);
	r->now += 200;
	assert_int_equal(ask_domain(r, 5, "new.a.ygg", 1), ERR_OK);
	settle(r);
	assert_int_equal(r->askers[0].told, 0);
	assert_int_equal(r->askers[1].told, 1);
	assert_int_equal(r->askers[2].told, 0);
}

static void bootstraps_are_asked(void **state)
{
	struct rig *r = *state;
	struct dns_ask a = {.where = DNS_ASK_BOOTSTRAPS};
	struct netaddr at[2];

	start(r, 1);
	stub_open(r, &r->stubs[1], "127.0.0.1", 0);
	stub_open(r, &r->stubs[2], "127.0.0.1", 0);
	at[0] = r->stubs[1].at, at[1] = r->stubs[2].at;
	r->set.bootstraps = at;
	r->set.bootstrap_count = 2;
	assert_true(dns_upstream_reload(r->u, &r->set));
	r->stubs[1].rcode = DNS_RCODE_SERVFAIL;
	r->stubs[2].no_aa = true; /* it is a resolver */
	assert_int_equal(ask_as(r, &r->askers[0], &a, "dns.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->askers[0].rcode, 0);
	assert_int_equal(r->stubs[2].with_rd, 1);
	assert_int_equal(r->stubs[0].asked, 0);
}

/* Of 40 questions 10 have room for a second try. The others ask the second server, too, but no
 * longer wait for the first one; all of them end. */
static void few_wait_for_several(void **state)
{
	enum { ALL = 40, SOME = ALL / 4 };
	struct rig *r = *state;
	char name[16];

	start_domain(r, 2);
	r->limits.dns_outstanding.max = ALL;
	r->stubs[1].silent = r->stubs[2].silent = true;
	for (size_t i = 0; i < ALL; i++) {
		snprintf(name, sizeof name, "n%zu.a.ygg", i);
		assert_int_equal(ask_domain(r, i, name, 2), ERR_OK);
	}
	UNTIL(r, r->stubs[1].asked + r->stubs[2].asked == ALL);
	size_t blocks = mem_blocks();
	pass(r, 376);
	UNTIL(r, r->stubs[1].asked == ALL && r->stubs[2].asked == ALL);
	assert_int_equal(mem_blocks() - blocks, SOME);
	for (int i = 0; i < 50; i++)
		pass(r, 100);
	for (size_t i = 0; i < ALL; i++)
		assert_int_equal(r->askers[i].told, 1);
	assert_int_equal(r->limits.dns_outstanding.used, 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_server_of_a_domain_answers, begin, end),
		cmocka_unit_test_setup_teardown(the_next_server_is_asked, begin, end),
		cmocka_unit_test_setup_teardown(foreign_records_are_dropped, begin, end),
		cmocka_unit_test_setup_teardown(a_domain_may_name_local_addresses, begin, end),
		cmocka_unit_test_setup_teardown(none_is_responsible, begin, end),
		cmocka_unit_test_setup_teardown(a_silent_server_and_one_that_answers, begin, end),
		cmocka_unit_test_setup_teardown(servers_are_asked_once_each, begin, end),
		cmocka_unit_test_setup_teardown(equal_ones_are_joined, begin, end),
		cmocka_unit_test_setup_teardown(
			silent_ones_take_nothing_from_forwarders, begin, end),
		cmocka_unit_test_setup_teardown(a_domain_takes_the_place_of_a_domain, begin, end),
		cmocka_unit_test_setup_teardown(silent_servers_give_their_sockets, begin, end),
		cmocka_unit_test_setup_teardown(bootstraps_are_asked, begin, end),
		cmocka_unit_test_setup_teardown(few_wait_for_several, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
