/* Which forwarder is asked when: time-outs, the second one, refusals, one that is down and its
 * probes, all down. */
#include "base/log.h"
#include "dns/forwarders.h"
#include "tests/unit/dns_upstream_rig.h"

/* ---- what is known of a server: pure ---- */

static void round_trips_are_smoothed(void **state)
{
	struct dns_server s = {.measured = false};

	(void)state;
	assert_int_equal(dns_server_timeout(&s), 376);
	dns_server_measured(&s, 80);
	assert_int_equal(dns_server_timeout(&s), 80 + 160);
	for (int i = 0; i < 60; i++)
		dns_server_measured(&s, 80);
	assert_in_range(dns_server_timeout(&s), 100, 100); /* never less */
	assert_int_equal(s.smooth8 / 8, 80);
	dns_server_measured(&s, 160); /* an eighth, and a quarter */
	assert_int_equal(s.smooth8 / 8, 90);
	assert_in_range(s.var4, 80, 84);
	s.losses = 1;
	assert_in_range(dns_server_timeout(&s), 2 * 170, 2 * 174);
	for (int i = 0; i < 60; i++)
		dns_server_measured(&s, 5000);
	assert_int_equal(dns_server_timeout(&s), 1500); /* never more */
	dns_server_reset(&s);
	assert_int_equal(dns_server_timeout(&s), 376);
}

static void one_of_the_fastest_is_picked(void **state)
{
	struct dns_forwarder f[3] = {{.text = "a"}, {.text = "b"}, {.text = "c"}},
			     *all[] = {&f[0], &f[1], &f[2]};
	struct dns_tried tried = {0, 0, 0};
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 1);
	int picked[3] = {0};

	(void)state;
	dns_forwarder_answered(&f[0], 100, 1000);
	dns_forwarder_answered(&f[1], 20, 1000);
	dns_forwarder_answered(&f[2], 24, 1000);
	for (int i = 0; i < 100; i++)
		picked[dns_forwarders_pick(all, 3, &tried, true, 2000, &rng)]++;
	assert_int_equal(picked[0], 0);
	assert_true(picked[1] > 20 && picked[2] > 20);
	tried.asked = 6;
	assert_int_equal(dns_forwarders_pick(all, 3, &tried, true, 2000, &rng), 0);
	tried.asked = 7, tried.failed = 5;
	assert_int_equal(dns_forwarders_pick(all, 3, &tried, true, 2000, &rng), 1);
	assert_int_equal(dns_forwarders_pick(all, 3, &tried, false, 2000, &rng), -1);
	tried = (struct dns_tried){0, 0, 0};
	f[1].measured_ms = f[2].measured_ms = 1000 + DNS_MEASURED_MS; /* the slow one is old */
	for (int i = 0; i < 20; i++)
		assert_int_equal(
			dns_forwarders_pick(all, 3, &tried, true, 1001 + DNS_MEASURED_MS, &rng), 0);
}

static void probes_pause_longer(void **state)
{
	static const uint64_t pauses[] = {500, 1000, 2000, 4000, 5000, 5000, 5000};
	struct dns_forwarder f = {.text = "a"};

	(void)state;
	for (int i = 0; i < DNS_LOSSES_DOWN - 1; i++)
		assert_false(dns_forwarder_lost(&f, "lost", 1000));
	assert_false(dns_forwarder_answered(&f, 10, 1000)); /* in a row */
	for (int i = 0; i < DNS_LOSSES_DOWN - 1; i++)
		assert_false(dns_forwarder_lost(&f, "lost", 1000));
	assert_true(dns_forwarder_lost(&f, "lost", 1000));
	assert_false(dns_forwarder_lost(&f, "lost", 1000));
	for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
		assert_int_equal(dns_forwarder_probe_pause(&f), pauses[i]);
	assert_true(dns_forwarder_answered(&f, 10, 2000));
	assert_false(f.down);
}

/* ---- the second one ---- */

/* Asks both until it is known which one is asked first. */
static void make_fast(struct rig *r, size_t fast, size_t slow)
{
	r->stubs[slow].silent = true;
	for (int i = 0; !facts(r, fast).rtt_ms; i++) {
		assert_true(i < 50);
		assert_int_equal(ask(r, 60, "warm.example"), ERR_OK);
		settle(r);
		if (!r->askers[60].told)
			pass(r, 376);
		UNTIL(r, r->askers[60].told);
		r->askers[60].told = 0;
	}
	r->stubs[slow].silent = false;
}

/* One is silent to everything: the other one is asked when the time is over. */
static void the_second_at_the_first_time_out(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	r->stubs[0].silent = r->stubs[1].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	pass(r, 375);
	assert_int_equal(r->stubs[0].asked + r->stubs[1].asked, 1);
	r->stubs[0].silent = r->stubs[1].silent = false;
	pass(r, 1);
	assert_int_equal(r->stubs[0].asked, 1);
	assert_int_equal(r->stubs[1].asked, 1);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 1);
	assert_int_equal(facts(r, 0).timed_out + facts(r, 1).timed_out, 1);
}

/* The first one's answer counts when it comes late. */
static void a_late_answer_counts(void **state)
{
	struct rig *r = *state;
	uint8_t to[REPLY];

	start(r, 2);
	r->stubs[0].silent = r->stubs[1].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	settle(r);
	struct stub *first = &r->stubs[r->stubs[0].asked ? 0 : 1];
	pass(r, 376);
	assert_int_equal(r->stubs[0].asked + r->stubs[1].asked, 2);
	size_t n = reply_to(first, first->last, first->last_size, to, false);
	sendto(first->udp, to, n, 0, (struct sockaddr *)&first->from, sizeof first->from);
	expect_answer(r, 0);
	assert_int_equal(facts(r, (size_t)(first - r->stubs)).rtt_ms, 376);
}

/* First try, second server, two more tries; then what is out is waited for until the end. */
static void four_tries(struct rig *r, uint64_t seed)
{
	r->rng = rng_from_seed(&r->seed, seed);
	start(r, 2);
	r->stubs[0].silent = r->stubs[1].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	for (int i = 0; i < 499; i++)
		pass(r, 10);
	assert_int_equal(r->stubs[0].asked, 2);
	assert_int_equal(r->stubs[1].asked, 2);
	assert_int_equal(r->askers[0].told, 0);
	pass(r, 10);
	assert_int_equal(r->askers[0].told, 1);
}

/* Whatever is drawn, one question does not lose three in a row at one of two servers. */
static void four_tries_at_most(void **state)
{
	four_tries(*state, 0);
	for (uint64_t seed = 1; seed < 16; seed++) {
		end(state);
		begin(state);
		four_tries(*state, seed);
	}
}

/* ---- refusals ---- */

static void a_refusal_asks_the_next(void **state)
{
	static const unsigned codes[] = {
		DNS_RCODE_SERVFAIL, DNS_RCODE_REFUSED, DNS_RCODE_NOTIMP, DNS_RCODE_FORMERR};
	struct rig *r = *state;

	start(r, 2);
	make_fast(r, 0, 1);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		r->stubs[0].rcode = codes[i];
		r->stubs[1].rcode = 0;
		for (int k = 0; k < 4; k++) {
			assert_int_equal(ask(r, i, "a.example"), ERR_OK);
			UNTIL(r, r->askers[i].told == (size_t)k + 1);
			assert_int_equal(r->askers[i].rcode, 0);
		}
	}
}

static void the_best_code_wins(void **state)
{
	static const unsigned codes[][3] = {
		{DNS_RCODE_REFUSED, DNS_RCODE_SERVFAIL, DNS_RCODE_SERVFAIL},
		{DNS_RCODE_SERVFAIL, DNS_RCODE_REFUSED, DNS_RCODE_SERVFAIL},
		{DNS_RCODE_NOTIMP, DNS_RCODE_REFUSED, DNS_RCODE_REFUSED},
		{DNS_RCODE_FORMERR, DNS_RCODE_NOTIMP, DNS_RCODE_NOTIMP},
		{DNS_RCODE_NXDOMAIN, DNS_RCODE_NXDOMAIN, DNS_RCODE_NXDOMAIN},
	};
	struct rig *r = *state;

	start(r, 2);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		r->stubs[0].rcode = codes[i][0];
		r->stubs[1].rcode = codes[i][1];
		assert_int_equal(ask(r, i, "a.example"), ERR_OK);
		for (int k = 0; k < 10 && !r->askers[i].told; k++)
			pass(r, 0);
		assert_int_equal(r->askers[i].got, 1);
		assert_int_equal(r->askers[i].rcode, codes[i][2]);
		assert_int_equal(r->askers[i].records, 0);
	}
}

/* One refuses, the other is silent: the refusal is told when the silent one had its time. */
static void a_refusal_and_silence(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	r->stubs[0].rcode = DNS_RCODE_SERVFAIL;
	r->stubs[1].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	for (int i = 0; i < 490 && !r->askers[0].told; i++)
		pass(r, 10);
	assert_int_equal(r->askers[0].got, 1);
	assert_int_equal(r->askers[0].rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(r->stubs[0].asked, 1); /* who refused is not asked again */
}

/* ---- down ---- */

static void go_down(struct rig *r, size_t i)
{
	r->stubs[i].silent = true;
	for (int k = 0; facts(r, i).up; k++) {
		assert_true(k < 100);
		if (!r->askers[50].w.question)
			assert_int_equal(ask(r, 50, "down.example"), ERR_OK);
		pass(r, 100);
	}
	if (r->askers[50].w.question)
		dns_upstream_forget(r->u, &r->askers[50].w);
}

static size_t said_down, said_back;

static void count_lines(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	said_down += level == LOG_WARN && strstr(text, "is down: 3 questions") != NULL;
	said_back += level == LOG_INFO && strstr(text, "answers again, after 22 s") != NULL;
}

static void count_changes(void *ctx)
{
	++*(size_t *)ctx;
}

static void one_that_is_down_is_probed(void **state)
{
	struct rig *r = *state;
	size_t changes = 0;

	r->set.changed = count_changes;
	r->set.ctx = &changes;
	start(r, 1);
	said_down = said_back = 0;
	log_tap(count_lines, NULL);
	go_down(r, 0);
	assert_int_equal(facts(r, 0).timed_out, 3);
	assert_string_equal(facts(r, 0).last_error, "no answer in time");
	assert_int_equal(changes, 1);
	pass(r, 0);
	size_t asked = r->stubs[0].asked;
	static const uint64_t pauses[] = {500, 1000, 2000, 4000, 5000, 5000};
	for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		pass(r, pauses[i] - 1);
		assert_int_equal(r->stubs[0].asked, asked + i);
		pass(r, 1);
		assert_int_equal(r->stubs[0].asked, asked + i + 1);
	}
	const uint8_t question[] = {0, 0, 2, 0, 1}; /* . NS IN */
	assert_memory_equal(r->stubs[0].last + DNS_HEADER_SIZE, question, sizeof question);
	r->stubs[0].silent = false;
	r->stubs[0].rcode = DNS_RCODE_REFUSED; /* any answer shows that it is back */
	pass(r, 5000);
	UNTIL(r, facts(r, 0).up);
	log_tap(NULL, NULL);
	assert_int_equal(said_down, 1);
	assert_int_equal(said_back, 1);
	assert_int_equal(changes, 2);
	asked = r->stubs[0].asked;
	pass(r, 60000);
	assert_int_equal(r->stubs[0].asked, asked);
}

/* While another one is up, one that is down gets no questions but when that one is late, and of
 * these one a second. */
static void few_questions_while_down(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	go_down(r, 1);
	size_t asked = facts(r, 1).asked;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
	}
	assert_int_equal(facts(r, 1).asked, asked);
	r->now += 1000;
	r->stubs[0].silent = true;
	char name[16];
	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "n%u.example", i);
		assert_int_equal(ask(r, 1 + i, name), ERR_OK);
	}
	for (int i = 0; i < 9; i++)
		pass(r, 50);
	assert_int_equal(facts(r, 1).asked, asked + 1);
}

static void all_down_is_quick(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	go_down(r, 0);
	go_down(r, 1);
	size_t asked = facts(r, 0).asked, too = facts(r, 1).asked;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	assert_int_equal(facts(r, 0).asked, asked + 1);
	assert_int_equal(facts(r, 1).asked, too + 1);
	pass(r, 999);
	assert_int_equal(r->askers[0].told, 0);
	pass(r, 1);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
	r->stubs[0].silent = r->stubs[1].silent = false; /* they refuse: nothing is waited for */
	r->stubs[0].rcode = r->stubs[1].rcode = DNS_RCODE_REFUSED;
	assert_int_equal(ask(r, 1, "b.example"), ERR_OK);
	UNTIL(r, r->askers[1].told);
	assert_int_equal(r->askers[1].rcode, DNS_RCODE_REFUSED);
}

/* It was the only one, and went down while the question waited. */
static void down_while_it_waits(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].silent = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	for (int i = 0; facts(r, 0).up; i++) {
		assert_true(i < 40);
		pass(r, 100);
	}
	pass(r, 999);
	assert_int_equal(r->askers[0].told, 0);
	pass(r, 1);
	assert_int_equal(r->askers[0].told, 1);
}

static void one_of_two_is_back(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	go_down(r, 0);
	go_down(r, 1);
	r->stubs[0].silent = false; /* it is tried, so it is seen to be back */
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 1);
	assert_true(facts(r, 0).up);
	assert_false(facts(r, 1).up);
}

/* A closed port is known at once; the answer is waited for all the same. */
static void nobody_at_the_address(void **state)
{
	struct rig *r = *state;

	start(r, 2);
	stub_close(&r->stubs[1]);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
	}
	assert_false(facts(r, 1).up);
	assert_int_equal(facts(r, 1).timed_out, 3);
	assert_string_equal(facts(r, 1).last_error, "nobody answers at this address");
}

static void another_address_forgets(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	go_down(r, 0);
	dns_upstream_reset(r->u);
	assert_true(facts(r, 0).up);
	assert_int_equal(facts(r, 0).rtt_ms, 0);
	settle(r); /* what is still in the table is asked anew */
	size_t asked = r->stubs[0].asked;
	r->stubs[0].silent = false;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked, asked + 1);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips_are_smoothed),
		cmocka_unit_test(one_of_the_fastest_is_picked),
		cmocka_unit_test(probes_pause_longer),
		cmocka_unit_test_setup_teardown(the_second_at_the_first_time_out, begin, end),
		cmocka_unit_test_setup_teardown(a_late_answer_counts, begin, end),
		cmocka_unit_test_setup_teardown(four_tries_at_most, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_asks_the_next, begin, end),
		cmocka_unit_test_setup_teardown(the_best_code_wins, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_and_silence, begin, end),
		cmocka_unit_test_setup_teardown(one_that_is_down_is_probed, begin, end),
		cmocka_unit_test_setup_teardown(few_questions_while_down, begin, end),
		cmocka_unit_test_setup_teardown(all_down_is_quick, begin, end),
		cmocka_unit_test_setup_teardown(down_while_it_waits, begin, end),
		cmocka_unit_test_setup_teardown(one_of_two_is_back, begin, end),
		cmocka_unit_test_setup_teardown(nobody_at_the_address, begin, end),
		cmocka_unit_test_setup_teardown(another_address_forgets, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
