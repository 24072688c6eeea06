/* The parts of the DNS server when memory runs out: whichever allocation fails, each question is
 * ended once, and all counts are what they were before. */
#include "dns/serve_query.h"
#include "dns/tcp_internal.h"
#include "tests/unit/dns_server_rig.h"

/* ---- start and stop ---- */

static void start_and_stop(void **state)
{
	static struct server_rig r;
	bool failed = true;
	(void)state;

	rig_start(&r);
	size_t before = mem_blocks();
	for (uint64_t n = 1; failed; n++) {
		assert_true(n < MOST_ALLOCATIONS);
		mem_fail_nth(n);
		bool good = server_begin(&r, NULL);
		failed = mem_fail_nth(0) == 0;
		if (good)
			assert_int_equal(r.why[0], 0);
		dns_server_stop(r.server);
		r.server = NULL;
		assert_int_equal(mem_blocks(), before);
		assert_int_equal(r.f.readers.used, 0);
	}
	rig_end(&r);
}

static void the_port_is_taken(void **state)
{
	static struct server_rig r;
	static const char *const listen[] = {"127.0.0.1:0", "no address"};
	struct dns_server_settings s = {.limits = &r.limits,
		.params = &r.f.params,
		.clock = &clock_system,
		.rng = &rng_system,
		.listen = listen,
		.listen_count = 2};
	(void)state;

	rig_start(&r);
	s.store = r.f.store;
	assert_null(dns_server_start(&s, setup_of(&r), NULL, r.why, sizeof r.why));
	assert_non_null(strstr(r.why, "no address"));
	rig_end(&r);
}

/* ---- questions ---- */

struct serving {
	struct server_rig r;
	struct event_base *base;
	struct dns_setup *setup;
	struct dns_chain *chain;
	struct dns_upstream *upstream;
	struct dns_serve *serve;
	struct dns_figures figures;
	atomic_bool current;
	unsigned replies;
};

static void on_reply(void *ctx, const struct dns_client *c, struct slice answer)
{
	struct serving *s = ctx;

	(void)answer;
	s->replies++;
	mem_free(c->trace);
}

static bool serving_make(struct serving *s)
{
	struct server_rig *r = &s->r;
	struct dns_upstream_settings u = {
		.clock = &clock_system, .rng = &rng_system, .limits = &r->limits};
	struct dns_serve_settings set = {.clock = &clock_system,
		.rng = &rng_system,
		.limits = &r->limits,
		.figures = &s->figures,
		.chain_is_current = &s->current,
		.reply = on_reply,
		.ctx = s};

	s->base = event_base_new();
	s->setup = s->base ? setup_of(r) : NULL;
	u.base = s->base;
	s->chain =
		s->setup ? dns_chain_open(r->f.store, &r->f.params, r->why, sizeof r->why) : NULL;
	if (!s->chain)
		return false;
	u.forwarders = s->setup->forwarders;
	u.forwarder_count = s->setup->forwarder_count;
	s->upstream = dns_upstream_new(&u);
	set.access = &s->setup->access;
	set.chain = s->chain;
	set.upstream = s->upstream;
	set.step = s->upstream ? dns_upstream_answer(s->upstream) : NULL;
	set.wire = s->upstream ? dns_upstream_message(s->upstream) : NULL;
	s->serve = s->upstream ? dns_serve_new(&set) : NULL;
	return s->serve;
}

static void serving_free(struct serving *s)
{
	dns_upstream_free(s->upstream);
	dns_serve_free(s->serve);
	dns_chain_close(s->chain);
	mem_free(s->setup);
	if (s->base)
		event_base_free(s->base);
	s->base = NULL;
	s->upstream = NULL;
	s->serve = NULL;
	s->chain = NULL;
	s->setup = NULL;
}

/* Names of the chain, of others, and an alias from one to the other; by TCP, so that each is told
 * how it ended. */
static void ask_all(struct serving *s)
{
	static const char *const names[] = {"home.ygg", "www.home.ygg", "out.home.ygg",
		"some.example", "some.example", "home.ygg", "x.v6"};
	enum { NAMES = sizeof names / sizeof *names };
	struct dns_client c = {.kind = DNS_CLIENT_TCP};
	uint8_t packet[PACKET];

	assert_true(netaddr_parse(slice_str("127.0.0.1:9"), &c.from));
	for (uint16_t i = 0; i < NAMES; i++) {
		size_t n = question_bytes(names[i], DNS_TYPE_A, i, packet);
		dns_serve_packet(s->serve, slice_of(packet + 2, n - 2), &c);
		event_base_loop(s->base, EVLOOP_NONBLOCK);
	}
	dns_serve_end_turn(s->serve);
	dns_upstream_free(s->upstream); /* what waits ends */
	s->upstream = NULL;
	assert_int_equal(s->replies, NAMES);
	dns_serve_flush(s->serve, NULL);
	assert_int_equal(s->r.limits.dns_waiters.used, 0);
	assert_int_equal(s->r.limits.dns_chase_bytes.used, 0);
	assert_int_equal(s->r.limits.dns_outstanding.used, 0);
}

static void questions(void **state)
{
	static struct serving s;
	bool failed = true;
	(void)state;

	rig_start(&s.r);
	s.r.forwarder = "127.0.0.1:9"; /* nobody answers there */
	for (uint64_t n = 1; failed; n++) {
		assert_true(n < MOST_ALLOCATIONS);
		size_t before = mem_blocks();
		s.replies = 0;
		mem_fail_nth(n);
		if (serving_make(&s))
			ask_all(&s);
		failed = mem_fail_nth(0) == 0;
		serving_free(&s);
		assert_int_equal(mem_blocks(), before);
	}
	assert_int_equal(s.r.limits.dns_chase_bytes.used, 0);
	assert_true(s.r.limits.dns_chase_bytes.peak > 0);
	rig_end(&s.r);
}

/* An alias that leads to another server has no place for what it said so far. */
static void no_room_for_the_chase(void **state)
{
	static struct serving s;
	(void)state;

	rig_start(&s.r);
	s.r.forwarder = "127.0.0.1:9";
	s.r.limits.dns_chase_bytes.max = 50;
	assert_true(serving_make(&s));
	ask_all(&s);
	assert_true(s.r.limits.dns_chase_bytes.hits > 0);
	assert_int_equal(atomic_load(&s.figures.rcode[2]) >= 1, 1);
	serving_free(&s);
	rig_end(&s.r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_and_stop),
		cmocka_unit_test(the_port_is_taken),
		cmocka_unit_test(questions),
		cmocka_unit_test(no_room_for_the_chase),
	};

	choose_tests(argc, argv);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
