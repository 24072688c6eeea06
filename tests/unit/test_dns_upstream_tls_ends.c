/* Questions by TLS when memory runs out anywhere, and every end in every state of the connection:
 * nothing is left, and what can be answered is. */
#include <event2/bufferevent_ssl.h>
#include <signal.h>

#include "dns/upstream_internal.h"
#include "tests/unit/dns_memory_rig.h"
#include "tests/unit/tls_rig.h"

enum { DAY = 86400, NOW = 1500 * DAY, NTH_MAX = 400, QUIET_MS = 5 };

static struct tls_rig authority; /* one for all: making keys takes time */
static SSL_CTX *context;         /* of the server */

/* libevent crashes when memory runs out in here: our failures are for the client. */
static struct bufferevent *speak_tls(struct stub *s, evutil_socket_t fd)
{
	uint64_t waits = mem_fail_nth(0);
	SSL *ssl = SSL_new(context);
	struct bufferevent *bev = bufferevent_openssl_socket_new(
		s->r->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);

	mem_fail_nth(waits);
	assert_non_null(bev);
	return bev;
}

static struct bufferevent *say_nothing(struct stub *s, evutil_socket_t fd)
{
	struct bufferevent *bev = bufferevent_socket_new(s->r->base, fd, BEV_OPT_CLOSE_ON_FREE);

	if (!bev)
		close(fd);
	return bev;
}

/* The first of two forwarders is reached by TLS. */
static void set_up(struct rig *r)
{
	r->now = (uint64_t)NOW * 1000;
	r->set.ca_file = authority.ca_file;
	for (size_t i = 0; i < 2; i++)
		stub_open(r, &r->stubs[i], "127.0.0.1", 0);
	r->stubs[0].make = speak_tls;
	set_forwarders(r, 0, 2);
	r->forwarders[0].transport = DNS_OVER_TLS;
	r->forwarders[0].name = "dns.example";
}

/* Turns of the loop, while something happens: the machine's own time is needed for that. */
static void settle_tls(struct rig *r)
{
	uint64_t end = clock_mono(&clock_system) + QUIET_MS;

	while (clock_mono(&clock_system) < end)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static void play(struct rig *r)
{
	for (int i = 0; i < 80 && r->limits.dns_outstanding.used; i++) {
		settle_tls(r);
		r->now += 100;
		dns_upstream_run(r->u);
	}
	assert_int_equal(r->limits.dns_outstanding.used, 0);
}

static void ask_some(struct rig *r)
{
	static const char *const names[] = {"a.example", "b.example", "c.example", "d.example"};

	for (size_t i = 0; i < 4; i++) {
		ask(r, i, names[i]);
		settle_tls(r);
	}
}

static bool once(struct rig *r, uint64_t nth)
{
	mem_fail_nth(nth);
	r->u = dns_upstream_new(&r->set);
	if (r->u) {
		ask_some(r);
		play(r);
		dns_upstream_reload(r->u, &r->set);
		settle_tls(r);
		ask_some(r);
		play(r);
	}
	bool reached = mem_fail_nth(0) == 0;
	if (r->u) {
		still_answers(r, play);
	}
	dns_upstream_free(r->u);
	r->u = NULL;
	stub_hang_up(&r->stubs[0]);
	settle_tls(r);
	return reached;
}

static void each_allocation_fails_once(void **state)
{
	set_up(*state);
	fail_each(*state, once, NTH_MAX);
}

/* ---- every end in every state ---- */

static void is_new(struct rig *r)
{
	(void)r;
}

static void is_connecting(struct rig *r)
{
	UNTIL(r, r->stubs[0].accepted == 1);
}

static void is_asked(struct rig *r)
{
	UNTIL(r, r->stubs[0].asked_tcp == 1);
}

static void is_idle(struct rig *r)
{
	is_asked(r);
	answer_by_tcp(&r->stubs[0], r->stubs[0].conns[0], r->stubs[0].last, r->stubs[0].last_size);
	UNTIL(r, r->askers[0].told);
}

static void ends_with_all(struct rig *r)
{
	dns_upstream_free(r->u);
	r->u = NULL;
}

static void ends_by_hanging_up(struct rig *r)
{
	stub_hang_up(&r->stubs[0]);
	settle_tls(r);
}

static void ends_by_time(struct rig *r)
{
	for (int i = 0; i < 8; i++)
		pass(r, 2000);
}

static void ends_forgotten(struct rig *r)
{
	dns_upstream_forget(r->u, &r->askers[0].w);
}

static void ends_after_a_reset(struct rig *r)
{
	dns_upstream_reset(r->u);
	settle_tls(r);
}

static void ends_with_a_reload(struct rig *r)
{
	assert_true(dns_upstream_reload(r->u, &r->set));
	settle_tls(r);
}

static void ends_removed(struct rig *r)
{
	set_forwarders(r, 1, 1);
	r->forwarders[0].name = NULL;
	assert_true(dns_upstream_reload(r->u, &r->set));
	settle_tls(r);
}

/* end() sees that nothing is left: memory, places, descriptors. The server speaks TLS, or is silent
 * in the handshake. */
static void every_end(void **state)
{
	static void (*const states[])(struct rig *) = {is_new, is_connecting, is_asked, is_idle};
	static void (*const ends[])(struct rig *) = {ends_with_all, ends_by_hanging_up,
		ends_by_time, ends_forgotten, ends_after_a_reset, ends_with_a_reload, ends_removed};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		for (size_t k = 0; k < sizeof states / sizeof *states; k++) {
			begin(state);
			struct rig *r = *state;
			set_up(r);
			r->set.forwarder_count = 1;
			r->stubs[0].silent_tcp = true;
			if (k < 2)
				r->stubs[0].make = say_nothing;
			r->u = dns_upstream_new(&r->set);
			assert_non_null(r->u);
			assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
			states[k](r);
			ends[i](r);
			end(state);
		}
}

static int begin_all(void **state)
{
	static const struct tls_wish good = {
		.name = "dns.example", .begins = 1000 * DAY, .ends = 2000 * DAY};

	(void)state;
	tls_rig_begin(&authority);
	context = tls_server(&authority, &good);
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	SSL_CTX_free(context);
	tls_rig_end(&authority);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_allocation_fails_once, begin, end),
		cmocka_unit_test(every_end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	signal(SIGPIPE, SIG_IGN);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
