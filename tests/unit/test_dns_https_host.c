/* The address of a forwarder by HTTPS: from bootstraps or hosts files, kept for its time, one after
 * the other; and every end of a question in every state. */
#include <signal.h>

#include "dns/upstream_internal.h"
#include "tests/unit/https_rig.h"

/* ---- the address ---- */

static void bootstraps_that_are_silent(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	w->r->stubs[1].silent = true;
	ask_name(w, 0);
	settle(w->r);
	for (int i = 0; i < 60 && !w->r->askers[0].told; i++)
		pass(w->r, 100);
	assert_int_equal(w->r->askers[0].got, 0);
	w->r->stubs[1].silent = false;
	for (size_t i = 0; i < 10 && !w->r->askers[1].got; i++) { /* they are asked again */
		pass(w->r, 1000);
		ask_name(w, 1);
		UNTIL(w->r, !w->r->askers[1].w.question || (pass(w->r, 1), false));
	}
	assert_int_equal(w->r->askers[1].got, 1);
}

static void a_host_that_is_not_known(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	w->r->stubs[1].rcode = DNS_RCODE_NXDOMAIN;
	ask_name(w, 0);
	expect_failure(w, 0, "the bootstraps do not know its host");
	w->r->set.bootstrap_count = 0;
	assert_true(dns_upstream_reload(w->r->u, &w->r->set));
	w->r->stubs[1].rcode = 0;
	pass(w->r, 600);
	ask_name(w, 1);
	expect_failure(w, 1, "its host is in no hosts file, and dns.bootstraps is empty");
}

static bool hosts_file(void *ctx, const struct dns_query *q, struct dns_answer *out)
{
	struct world *w = ctx;

	w->r->stubs[5].asked++;
	if (q->type == DNS_TYPE_A)
		dns_answer_add(out, DNS_SECTION_ANSWER, dns_name_slice(&q->name), DNS_TYPE_A, 2,
			slice_of("\x7f\0\2\1", 4));
	return true;
}

static void a_hosts_file_knows_it(void **state)
{
	struct world *w = *state;

	open_all(w, 1, &good);
	w->r->set.host = hosts_file;
	w->r->set.ctx = w;
	w->r->u = dns_upstream_new(&w->r->set);
	ask_and_get(w, 0);
	ask_and_get(w, 1);
	assert_int_equal(w->r->stubs[1].asked, 0);
	assert_int_equal(w->r->stubs[5].asked, 2);
}

/* Past their time the bootstraps are asked anew; the last good address serves when they are dead.
 */
static void the_address_is_renewed(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	ask_and_get(w, 0);
	pass(w->r, 59000);
	ask_and_get(w, 1);
	assert_int_equal(w->r->stubs[1].asked, 2);
	pass(w->r, 60000);
	ask_and_get(w, 2);
	assert_int_equal(w->r->stubs[1].asked, 4);
	w->r->stubs[1].silent = true;
	pass(w->r, 61000);
	ask_name(w, 3);
	settle(w->r);
	assert_int_equal(w->r->askers[3].told, 0);
	pass(w->r, 500);
	UNTIL(w->r, w->r->askers[3].told);
	assert_int_equal(w->r->askers[3].got, 1);
}

/* The first address does not answer: the next one is taken for the same question. */
static bool two_addresses(void *ctx, const struct dns_query *q, struct dns_answer *out)
{
	(void)ctx;
	if (q->type != DNS_TYPE_A)
		return true;
	for (uint8_t i = 2; i-- > 0;) {
		const uint8_t at[] = {127, 0, 2, (uint8_t)(1 + i)};
		dns_answer_add(out, DNS_SECTION_ANSWER, dns_name_slice(&q->name), DNS_TYPE_A, 2,
			slice_of(at, 4));
	}
	return true;
}

static void the_next_address(void **state)
{
	struct world *w = *state;

	open_all(w, 1, &good);
	w->r->set.host = two_addresses;
	w->r->u = dns_upstream_new(&w->r->set);
	ask_and_get(w, 0); /* nobody listens at 127.0.2.2 */
	assert_int_equal(w->h.accepted, 1);
	assert_int_equal(facts(w->r, 0).timed_out, 0);
	h2_stub_stop(&w->h);
	pass(w->r, 10000);
	ask_name(w, 1);
	expect_failure(w, 1, "no connection");
}

/* ---- every end, with what is held before and after ---- */

static void ends_by_answer(struct world *w)
{
	w->h.silent = w->r->stubs[1].silent = false;
	dns_upstream_reset(w->r->u);
	for (int i = 0; i < 60 && !w->r->askers[0].told; i++)
		pass(w->r, 100);
	assert_int_equal(w->r->askers[0].got, 1);
}

static void ends_by_time(struct world *w)
{
	for (int i = 0; i < 60 && !w->r->askers[0].told; i++)
		pass(w->r, 100);
	assert_int_equal(w->r->askers[0].told, 1);
}

static void ends_forgotten(struct world *w)
{
	dns_upstream_forget(w->r->u, &w->r->askers[0].w);
	for (int i = 0; i < 60; i++)
		pass(w->r, 100);
	assert_int_equal(w->r->askers[0].told, 0);
}

static void ends_with_it_removed(struct world *w)
{
	w->r->set.forwarder_count = 0;
	assert_true(dns_upstream_reload(w->r->u, &w->r->set));
	ends_by_time(w);
}

static void ends_by_hanging_up(struct world *w)
{
	h2_stub_stop(&w->h);
	ends_by_time(w);
}

static void ends_with_all(struct world *w)
{
	dns_upstream_free(w->r->u);
	w->r->u = NULL;
	assert_int_equal(w->r->askers[0].told, 1);
}

/* While the address is looked up, while it connects, while an answer is owed on a first connection
 * and on one that has answered. */
enum { AT_BOOTSTRAP, AT_CONNECT, AT_FIRST, AT_LATER, STATES };

static void bring_to(struct world *w, int at)
{
	w->r->stubs[1].silent = at == AT_BOOTSTRAP;
	if (at == AT_LATER)
		ask_and_get(w, 1);
	w->h.silent = true;
	ask_name(w, 0);
	if (at == AT_BOOTSTRAP)
		UNTIL(w->r, w->r->stubs[1].asked == 2);
	else if (at == AT_CONNECT)
		UNTIL(w->r, w->r->limits.dns_upstream_connections.used == 1);
	else
		UNTIL(w->r, w->h.asked == (at == AT_LATER ? 2 : 1));
}

static void every_end(void **state)
{
	static void (*const ends[])(struct world *) = {ends_by_answer, ends_by_time, ends_forgotten,
		ends_with_it_removed, ends_by_hanging_up, ends_with_all};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		for (int at = 0; at < STATES; at++) {
			begin_https(state);
			start_https(*state, 1);
			bring_to(*state, at);
			ends[i](*state);
			end_https(state);
		}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(bootstraps_that_are_silent),
		TEST(a_host_that_is_not_known),
		TEST(a_hosts_file_knows_it),
		TEST(the_address_is_renewed),
		TEST(the_next_address),
		cmocka_unit_test(every_end),
	};

	signal(SIGPIPE, SIG_IGN);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin_group, end_group);
}
