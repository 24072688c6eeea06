/* The table of questions to other servers: joined, told once, never within the call; and each end
 * of one leaves nothing. */
#include "tests/unit/dns_upstream_rig.h"

static void an_answer_is_told(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	assert_int_equal(ask(r, 0, "Example.COM"), ERR_OK);
	assert_int_equal(r->limits.dns_outstanding.used, 1);
	expect_answer(r, 0);
	assert_int_equal(r->askers[0].rcode, 0);
	assert_int_equal(r->askers[0].records, 1);
	assert_int_equal(r->limits.dns_outstanding.used, 0);
	assert_int_equal(facts(r, 0).asked, 1);
	assert_int_equal(facts(r, 0).answered, 1);
	assert_int_equal(r->stubs[0].with_rd, 1);
	assert_int_equal(r->stubs[0].plain, 0);
}

static void equal_questions_are_joined(void **state)
{
	struct rig *r = *state;
	struct dns_ask with_do = {.q = {.dnssec_ok = true}},
		       with_cd = {.q = {.cd = true, .ad = true}};

	start(r, 1);
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	assert_int_equal(ask(r, 1, "A.example"), ERR_OK);
	assert_int_equal(ask_as(r, &r->askers[2], &with_do, "a.example"), ERR_OK);
	assert_int_equal(ask_as(r, &r->askers[3], &with_cd, "a.example"), ERR_OK);
	assert_int_equal(r->limits.dns_outstanding.used, 3);
	UNTIL(r, r->askers[0].told && r->askers[1].told && r->askers[2].told && r->askers[3].told);
	assert_int_equal(r->stubs[0].asked, 3);
	assert_int_equal(r->stubs[0].with_do, 1);
	assert_int_equal(r->stubs[0].with_cd, 1);
	assert_int_equal(r->stubs[0].with_ad, 1);
	assert_int_equal(r->askers[1].got, 1);
}

static void silent_to_a(struct stub *s, const uint8_t *question, size_t n)
{
	(void)n;
	s->silent = question[DNS_HEADER_SIZE + 1] == 'a';
}

/* Of a server that answers other questions. */
static void silence_ends_by_the_clock(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].seen = silent_to_a;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	for (int i = 0; i < 49; i++) {
		assert_int_equal(ask(r, 1, "b.example"), ERR_OK);
		pass(r, 100);
	}
	assert_int_equal(r->askers[0].told, 0);
	pass(r, 100);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
	assert_int_equal(r->limits.dns_query_time.hits, 1);
}

/* The time of all tries together is over before that of the second one is. */
static void the_deadline_comes_first(void **state)
{
	struct rig *r = *state;

	r->limits.dns_query_time.max = 500;
	start(r, 1);
	r->stubs[0].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	pass(r, 376);
	pass(r, 123);
	assert_int_equal(r->askers[0].told, 0);
	pass(r, 1);
	assert_int_equal(r->askers[0].told, 1);
}

static void malformed_answers_end_too(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].cut = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 0);
	assert_int_equal(facts(r, 0).bad, 1);
	assert_string_equal(facts(r, 0).last_error, "it cannot be read");
}

/* Fills the table with questions that nobody answers. */
static void fill(struct rig *r, size_t count)
{
	char name[16];

	r->limits.dns_outstanding.max = count;
	r->stubs[0].silent = true;
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "n%zu.example", i);
		assert_int_equal(ask(r, i, name), ERR_OK);
	}
}

static void old_questions_give_way(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	fill(r, 16);
	r->now += 199;
	assert_int_equal(ask(r, 20, "new.example"), ERR_FULL);
	assert_int_equal(ask(r, 21, "n3.example"), ERR_OK); /* joined */
	r->now += 1;
	assert_int_equal(ask(r, 20, "new.example"), ERR_OK);
	assert_int_equal(r->limits.dns_outstanding.used, 16);
	assert_int_equal(r->askers[0].told, 0);
	settle(r);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
	assert_int_equal(r->askers[1].told, 0);
}

static void one_that_gave_way_can_be_forgotten(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	fill(r, 16);
	r->now += 200;
	assert_int_equal(ask(r, 20, "new.example"), ERR_OK);
	dns_upstream_forget(r->u, &r->askers[0].w);
	settle(r);
	assert_int_equal(r->askers[0].told, 0);
}

static void forget_the_next(struct asker *k)
{
	dns_upstream_forget(k->r->u, &k->r->askers[1].w);
	dns_upstream_forget(k->r->u, &k->r->askers[1].w);
}

static void waiters_can_be_forgotten(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	assert_int_equal(ask(r, 1, "a.example"), ERR_OK);
	assert_int_equal(ask(r, 2, "b.example"), ERR_OK);
	dns_upstream_forget(r->u, &r->askers[2].w);
	r->askers[0].then = forget_the_next;
	expect_answer(r, 0);
	UNTIL(r, r->limits.dns_outstanding.used == 0);
	assert_int_equal(r->askers[1].told, 0);
	assert_int_equal(r->askers[2].told, 0);
	assert_int_equal(facts(r, 0).answered, 2);
}

static void ask_again(struct asker *k)
{
	if (k->told < 3)
		assert_int_equal(ask(k->r, 0, "a.example"), ERR_OK);
}

static void it_can_be_asked_from_within(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->askers[0].then = ask_again;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, r->askers[0].told == 3);
	assert_int_equal(r->askers[0].got, 3);
}

static void refused_when_stopping(struct asker *k)
{
	assert_int_equal(ask(k->r, 5, "b.example"), ERR_STOPPING);
}

static void a_stop_tells_everybody(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	fill(r, 16);
	r->now += 200;
	assert_int_equal(ask(r, 20, "new.example"), ERR_OK);
	r->askers[1].then = refused_when_stopping;
	dns_upstream_free(r->u);
	r->u = NULL;
	for (size_t i = 0; i < 16; i++)
		if (i != 5)
			assert_int_equal(r->askers[i].told, 1);
	assert_int_equal(r->askers[20].told, 1);
	assert_int_equal(r->limits.dns_outstanding.used, 0);
}

static void nobody_to_ask(void **state)
{
	struct rig *r = *state;
	struct dns_ask nobody = {.where = DNS_ASK_SERVERS};
	struct dns_ask boot = {.where = DNS_ASK_BOOTSTRAPS};

	start(r, 0);
	assert_int_equal(ask(r, 0, "a.example"), ERR_NOT_FOUND);
	assert_int_equal(ask_as(r, &r->askers[1], &nobody, "a.example"), ERR_NOT_FOUND);
	assert_int_equal(ask_as(r, &r->askers[2], &boot, "a.example"), ERR_NOT_FOUND);
}

/* The one that is removed is still heard, then it is gone; the one that stays is known. */
static void reload_with_one_removed(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	r->stubs[0].silent = true;
	assert_int_equal(ask(r, 1, "b.example"), ERR_OK);
	settle(r);
	stub_open(r, &r->stubs[1], "127.0.0.1", 0);
	set_forwarders(r, 1, 1);
	assert_true(dns_upstream_reload(r->u, &r->set));
	assert_int_equal(facts(r, 0).asked, 0);
	pass(r, 100);
	UNTIL(r, r->askers[1].told);
	assert_int_equal(r->askers[1].got, 1);
	assert_int_equal(r->stubs[1].asked, 1);
	set_forwarders(r, 0, 2);
	assert_true(dns_upstream_reload(r->u, &r->set));
	assert_int_equal(facts(r, 0).asked, 0);
	assert_int_equal(facts(r, 1).asked, 1);
	set_forwarders(r, 0, 0);
	assert_true(dns_upstream_reload(r->u, &r->set));
	assert_int_equal(ask(r, 2, "c.example"), ERR_NOT_FOUND);
}

static void removed_and_still_heard(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	set_forwarders(r, 0, 1);
	assert_true(dns_upstream_reload(r->u, &r->set));
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	set_forwarders(r, 1, 1);
	assert_true(dns_upstream_reload(r->u, &r->set));
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked, 1);
	assert_int_equal(r->stubs[1].asked, 0);
}

static void another_address_asks_anew(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	settle(r);
	assert_int_equal(r->stubs[0].asked, 1);
	r->stubs[0].silent = false;
	dns_upstream_reset(r->u);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked, 2);
}

/* Nothing of a question survives it: far more of them than the table has places, at one that is
 * silent, leave what is held as it was. */
static void a_silent_forwarder_holds_nothing(void **state)
{
	struct rig *r = *state;
	size_t bytes = 0, full = 0;
	char name[32];

	start(r, 1);
	r->stubs[0].silent = true;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(name, sizeof name, "n%u.example", i);
		full += ask(r, i % ASKERS, name) == ERR_FULL;
		dns_upstream_forget(r->u, &r->askers[i % ASKERS].w);
		r->now += 1;
		if (i % 100 == 0)
			settle(r);
		if (i == 20000)
			bytes = mem_bytes();
	}
	assert_int_equal(full, 0);
	assert_in_range(mem_bytes(), 1, bytes + 65536);
	assert_true(r->limits.dns_outstanding.peak <= r->limits.dns_outstanding.max);
	pass(r, 6000);
	assert_int_equal(r->limits.dns_outstanding.used, 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_answer_is_told, begin, end),
		cmocka_unit_test_setup_teardown(equal_questions_are_joined, begin, end),
		cmocka_unit_test_setup_teardown(silence_ends_by_the_clock, begin, end),
		cmocka_unit_test_setup_teardown(the_deadline_comes_first, begin, end),
		cmocka_unit_test_setup_teardown(malformed_answers_end_too, begin, end),
		cmocka_unit_test_setup_teardown(old_questions_give_way, begin, end),
		cmocka_unit_test_setup_teardown(one_that_gave_way_can_be_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(waiters_can_be_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(it_can_be_asked_from_within, begin, end),
		cmocka_unit_test_setup_teardown(a_stop_tells_everybody, begin, end),
		cmocka_unit_test_setup_teardown(nobody_to_ask, begin, end),
		cmocka_unit_test_setup_teardown(reload_with_one_removed, begin, end),
		cmocka_unit_test_setup_teardown(removed_and_still_heard, begin, end),
		cmocka_unit_test_setup_teardown(another_address_asks_anew, begin, end),
		cmocka_unit_test_setup_teardown(a_silent_forwarder_holds_nothing, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
