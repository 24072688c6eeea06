/* What a connection by TLS holds, whatever its server sends, against its part of the row
 * dns_upstream_bytes. The server has a thread of its own, so that what it holds is not counted. */
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/crypto.h>
#include <signal.h>

#include "base/thread.h"
#include "dns/tls.h"
#include "tests/unit/dns_upstream_rig.h"
#include "tests/unit/tls_rig.h"

enum { DAY = 86400, NOW = 1500 * DAY, MESSAGE = 65537 };

static _Thread_local size_t peak;

/* As the program's own, and notes the most that this thread held. */
static void *noted(void *p)
{
	if (mem_library_taken() > peak)
		peak = mem_library_taken();
	return p;
}

static void *noted_alloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return noted(mem_library_alloc(size));
}

static void *noted_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return noted(mem_library_realloc(p, size));
}

static void noted_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	mem_library_free(p);
}

/* ---- the server ---- */

struct server {
	SSL_CTX *context;
	int listens;
	pthread_t thread;
	size_t says; /* bytes after the handshake */
};

static void *serve(void *ctx)
{
	struct server *s = ctx;
	static uint8_t bytes[MESSAGE];
	int fd = accept(s->listens, NULL, NULL);
	SSL *ssl = SSL_new(s->context);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		if (s->says)
			SSL_write(ssl, bytes, (int)s->says);
		while (SSL_read(ssl, bytes, sizeof bytes) > 0)
			;
	}
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static void start_server(struct server *s, struct netaddr *at)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof in;

	s->listens = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listens, (struct sockaddr *)&in, size), 0);
	assert_int_equal(listen(s->listens, 1), 0);
	getsockname(s->listens, (struct sockaddr *)&in, &size);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&in, at));
	assert_true(thread_start(&s->thread, serve, s));
}

static void stop_server(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->listens);
	SSL_CTX_free(s->context);
}

/* ---- a connection ---- */

struct held {
	size_t idle, most; /* libssl's and libevent's together */
	short event;
	char why[DNS_TLS_WHY_MAX];
};

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	*(short *)ctx = what;
}

static int dial(const struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(to, &ss);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	connect(fd, (struct sockaddr *)&ss, size);
	return fd;
}

static void take_all(
	struct rig *r, struct bufferevent *bev, struct server *s, size_t before, struct held *h)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	uint64_t end = clock_mono(&clock_system) + 60000;

	while (evbuffer_get_length(in) < s->says && clock_mono(&clock_system) < end) {
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (mem_library_taken() + mem_bytes() - before > h->most)
			h->most = mem_library_taken() + mem_bytes() - before;
	}
	evbuffer_drain(in, evbuffer_get_length(in));
}

static struct held measure(struct rig *r, struct dns_tls_server *to, struct server *s)
{
	struct netaddr at;
	struct held h = {0};

	start_server(s, &at);
	size_t library = mem_library_taken(), ours = mem_bytes();
	peak = library;
	struct bufferevent *bev = dns_tls_make(to, r->base, dial(&at));
	assert_non_null(bev);
	bufferevent_setcb(bev, NULL, NULL, on_event, &h.event);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	UNTIL(r, h.event);
	h.most = peak - library + mem_bytes() - ours;
	if (h.event == BEV_EVENT_CONNECTED)
		take_all(r, bev, s, library + ours, &h);
	else
		snprintf(h.why, sizeof h.why, "%s", dns_tls_why(to, bev));
	turns(r, 20);
	h.idle = mem_library_taken() - library + mem_bytes() - ours;
	bufferevent_free(bev);
	turns(r, 4);
	assert_true(mem_library_taken() - library < 1024);
	assert_true(mem_bytes() - ours < 1024); /* the table of descriptors */
	stop_server(s);
	return h;
}

static void meet(void **state, const struct tls_wish *w, struct server s, struct held *h)
{
	struct rig *r = *state;
	struct tls_rig authority;

	tls_rig_begin(&authority);
	r->now = (uint64_t)NOW * 1000;
	struct dns_tls tls = {.clock = &r->clock,
		.bytes = &r->limits.dns_tls_context_bytes,
		.ca_file = authority.ca_file};
	struct dns_tls_server to = {.tls = &tls, .name = "dns.example"};
	assert_null(dns_tls_prepare(&tls));
	s.context = tls_server(&authority, w);
	/* once before: what is made at the first use stays */
	struct server first = s;
	SSL_CTX_up_ref(first.context);
	measure(r, &to, &first);
	*h = measure(r, &to, &s);
	print_message("%zu bytes idle, %zu at most; %s\n", h->idle, h->most, h->why);
	dns_tls_free(&tls);
	bound_note(tls.bytes, 0);
	tls_rig_end(&authority);
}

static const struct tls_wish good = {
	.name = "dns.example", .begins = 1000 * DAY, .ends = 2000 * DAY};

static void a_good_one(void **state)
{
	struct held h;

	meet(state, &good, (struct server){.says = 0}, &h);
	assert_int_equal(h.event, BEV_EVENT_CONNECTED);
	assert_in_range(h.idle, 1, 65536);
	assert_in_range(h.most, h.idle, DNS_TLS_CONN_BYTES);
}

/* A whole message, which nobody takes yet. */
static void the_largest_message(void **state)
{
	struct held h;

	meet(state, &good, (struct server){.says = MESSAGE}, &h);
	assert_in_range(h.most, MESSAGE, DNS_TLS_CONN_BYTES);
}

/* So many names that the certificate is as large as may be. */
static void the_largest_certificate(void **state)
{
	struct tls_wish w = good;
	struct held h;

	w.filler = 450;
	meet(state, &w, (struct server){.says = MESSAGE}, &h);
	assert_int_equal(h.event, BEV_EVENT_CONNECTED);
	assert_in_range(h.most, MESSAGE, DNS_TLS_CONN_BYTES);
}

static void a_larger_one(void **state)
{
	struct tls_wish w = good;
	struct held h;

	w.filler = 2000;
	meet(state, &w, (struct server){.says = 0}, &h);
	assert_true(h.event & BEV_EVENT_ERROR);
	assert_string_equal(h.why, "its certificates are too large");
	assert_in_range(h.most, 1, DNS_TLS_CONN_BYTES);
}

/* Its names are as many as have room, and each takes a hundred bytes when it is read. */
static void the_worst_certificate(void **state)
{
	struct tls_wish w = good;
	struct held h;

	w.filler = 2550;
	w.tiny = true;
	w.self_signed = true;
	meet(state, &w, (struct server){.says = 0}, &h);
	assert_true(h.event & BEV_EVENT_ERROR);
	assert_in_range(h.idle, 1, DNS_TLS_CONN_BYTES);
	assert_in_range(h.most, h.idle, h.idle + DNS_TLS_LOOK_BYTES);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_one, begin, end),
		cmocka_unit_test_setup_teardown(the_largest_message, begin, end),
		cmocka_unit_test_setup_teardown(the_largest_certificate, begin, end),
		cmocka_unit_test_setup_teardown(a_larger_one, begin, end),
		cmocka_unit_test_setup_teardown(the_worst_certificate, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	signal(SIGPIPE, SIG_IGN);
	choose_tests(argc, argv);
	if (!CRYPTO_set_mem_functions(noted_alloc, noted_realloc, noted_free))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
