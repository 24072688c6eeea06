/* Out of memory at every allocation in turn, and every end of a question: nothing is left,
 * everybody is told once at most, and the next question is answered. */
#include "tests/unit/dns_memory_rig.h"

enum { NTH_MAX = 4000 };

/* A forwarder whose answers are cut, one that fails, and a server of a domain. */
static void open_stubs(struct rig *r)
{
	stub_open(r, &r->stubs[0], "127.0.0.1", 0);
	stub_open(r, &r->stubs[1], "127.0.0.1", 0);
	stub_open(r, &r->stubs[2], "127.0.1.1", 0);
	r->stubs[0].tc = true;
	r->stubs[1].rcode = DNS_RCODE_SERVFAIL;
	set_forwarders(r, 0, 2);
	r->set.delegate_port = r->stubs[2].at.port;
	r->set.use_0x20 = true;
}

static void ask_some(struct rig *r)
{
	struct dns_ask domain = {
		.where = DNS_ASK_SERVERS, .servers = &r->stubs[2].at, .server_count = 1};

	ask(r, 0, "a.example");
	ask(r, 1, "A.example");
	ask_as(r, &r->askers[2], &domain, "b.ygg");
	ask(r, 3, "c.example");
	dns_upstream_forget(r->u, &r->askers[3].w);
}

/* Until all are told; the clock of the test goes on when nothing happens. */
static void play(struct rig *r)
{
	for (int i = 0; i < 80 && r->limits.dns_outstanding.used; i++) {
		settle(r);
		r->now += 100;
		dns_upstream_run(r->u);
	}
	assert_int_equal(r->limits.dns_outstanding.used, 0);
}

static void reload_some(struct rig *r)
{
	set_forwarders(r, 1, 1);
	dns_upstream_reload(r->u, &r->set);
	ask(r, 4, "d.example");
	settle(r);
	set_forwarders(r, 0, 2);
	dns_upstream_reload(r->u, &r->set);
	dns_upstream_reset(r->u);
}

static bool once(struct rig *r, uint64_t nth)
{
	mem_fail_nth(nth);
	r->u = dns_upstream_new(&r->set);
	if (r->u) {
		ask_some(r);
		play(r);
		reload_some(r);
		play(r);
	}
	bool reached = mem_fail_nth(0) == 0;
	if (r->u) {
		set_forwarders(r, 0, 2);
		assert_true(dns_upstream_reload(r->u, &r->set));
		still_answers(r, play);
	}
	dns_upstream_free(r->u);
	r->u = NULL;
	for (size_t i = 0; i < STUBS; i++)
		stub_hang_up(&r->stubs[i]);
	settle(r);
	return reached;
}

static void each_allocation_fails_once(void **state)
{
	open_stubs(*state);
	fail_each(*state, once, NTH_MAX);
}

/* ---- every end, with what is held before and after ---- */

static void ends_by_answer(struct rig *r)
{
	stub_answer_now(&r->stubs[0]);
	play(r);
	assert_int_equal(r->askers[0].got, 1);
}

static void ends_malformed(struct rig *r)
{
	r->stubs[0].cut = true;
	stub_answer_now(&r->stubs[0]);
	settle(r);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
}

static void ends_by_time(struct rig *r)
{
	play(r);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
}

static void ends_in_a_full_table(struct rig *r)
{
	char name[16];

	r->limits.dns_outstanding.max = 16;
	for (size_t i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "n%zu.example", i);
		ask(r, 1 + i % 60, name);
		dns_upstream_forget(r->u, &r->askers[1 + i % 60].w);
		r->now += 20;
	}
	settle(r);
	assert_int_equal(r->askers[0].told, 1);
	play(r);
}

static void ends_forgotten(struct rig *r)
{
	dns_upstream_forget(r->u, &r->askers[0].w);
	stub_answer_now(&r->stubs[0]);
	play(r);
	assert_int_equal(r->askers[0].told, 0);
}

static void ends_without_forwarders(struct rig *r)
{
	set_forwarders(r, 0, 0);
	assert_true(dns_upstream_reload(r->u, &r->set));
	play(r);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
}

static void ends_with_it_removed(struct rig *r)
{
	set_forwarders(r, 1, 1);
	assert_true(dns_upstream_reload(r->u, &r->set));
	stub_answer_now(&r->stubs[0]);
	settle(r);
	assert_int_equal(r->askers[0].got, 1); /* it went on where it was */
	assert_int_equal(r->stubs[1].asked, 0);
}

static void ends_after_a_reset(struct rig *r)
{
	r->stubs[0].silent = r->stubs[0].silent_tcp = false;
	dns_upstream_reset(r->u);
	play(r);
	assert_int_equal(r->askers[0].got, 1);
}

static void ends_with_all(struct rig *r)
{
	dns_upstream_free(r->u);
	r->u = NULL;
	assert_int_equal(r->askers[0].told, 1);
}

static void until_it_is_out(struct rig *r, bool by_tcp)
{
	struct stub *s = &r->stubs[0];

	start(r, 1);
	stub_open(r, &r->stubs[1], "127.0.0.1", 0);
	s->tc = by_tcp;
	s->silent = !by_tcp;
	s->silent_tcp = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, by_tcp ? s->asked_tcp == 1 : s->asked == 1);
}

/* end() sees that nothing is left: memory, places, descriptors. */
static void every_end(void **state)
{
	static void (*const ends[])(struct rig *) = {ends_by_answer, ends_malformed, ends_by_time,
		ends_in_a_full_table, ends_forgotten, ends_without_forwarders, ends_with_it_removed,
		ends_after_a_reset, ends_with_all};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		for (int by_tcp = 0; by_tcp < 2; by_tcp++) {
			begin(state);
			until_it_is_out(*state, by_tcp);
			ends[i](*state);
			end(state);
		}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_allocation_fails_once, begin, end),
		cmocka_unit_test(every_end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
