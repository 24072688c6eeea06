/* TLS to other servers, without DNS: the context and its row, whom a connection speaks with, and
 * what is said when it is somebody else. */
#include "dns/tls.h"

#include <event2/bufferevent_ssl.h>
#include <signal.h>

#include "tests/unit/dns_upstream_rig.h"
#include "tests/unit/tls_rig.h"

enum { DAY = 86400, BEGINS = 1000 * DAY, ENDS = 2000 * DAY, NOW = 1500 * DAY };

struct side {
	struct bufferevent *bev;
	short event; /* the last one */
};

struct tls_test {
	struct rig *r;
	struct tls_rig authority;
	struct tls_wish wish;
	int64_t tip;
	struct dns_tls tls;
	struct dns_tls_server server;
	SSL_CTX *context; /* of the other side; NULL = it speaks plain text */
	const char *alpn; /* which it chooses */
	struct evconnlistener *listener;
	struct netaddr at;
	struct side ours, theirs;
};

static int64_t tip_time(void *ctx)
{
	return ((struct tls_test *)ctx)->tip;
}

static int begin_tls(void **state)
{
	struct tls_test *t = calloc(1, sizeof *t);

	begin((void **)&t->r);
	tls_rig_begin(&t->authority);
	t->r->now = (uint64_t)NOW * 1000;
	t->tls = (struct dns_tls){.clock = &t->r->clock,
		.bytes = &t->r->limits.dns_tls_context_bytes,
		.ca_file = t->authority.ca_file,
		.tip_time = tip_time,
		.ctx = t};
	t->server = (struct dns_tls_server){.tls = &t->tls, .name = "dns.example"};
	t->wish = (struct tls_wish){.name = "dns.example", .begins = BEGINS, .ends = ENDS};
	*state = t;
	return 0;
}

static void hang_up(struct side *s)
{
	if (s->bev)
		bufferevent_free(s->bev);
	s->bev = NULL;
	s->event = 0;
}

static int end_tls(void **state)
{
	struct tls_test *t = *state;

	hang_up(&t->ours);
	hang_up(&t->theirs);
	if (t->listener)
		evconnlistener_free(t->listener);
	dns_tls_free(&t->tls);
	SSL_CTX_free(t->context);
	turns(t->r, 4);
	tls_rig_end(&t->authority);
	bound_note(t->tls.bytes, 0);
	end((void **)&t->r);
	free(t);
	return 0;
}

static void on_side_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	((struct side *)ctx)->event = what;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *size,
	const unsigned char *in, unsigned n, void *ctx)
{
	struct tls_test *t = ctx;

	(void)ssl;
	if (!t->alpn || !memmem(in, n, t->alpn, strlen(t->alpn)))
		return SSL_TLSEXT_ERR_NOACK;
	*out = (const unsigned char *)t->alpn;
	*size = (unsigned char)strlen(t->alpn);
	return SSL_TLSEXT_ERR_OK;
}

static void on_tls_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int n, void *ctx)
{
	struct tls_test *t = ctx;

	(void)l, (void)from, (void)n;
	hang_up(&t->theirs);
	if (t->context)
		SSL_CTX_set_alpn_select_cb(t->context, choose_alpn, t);
	t->theirs.bev =
		t->context ? bufferevent_openssl_socket_new(t->r->base, fd, SSL_new(t->context),
				     BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
			   : bufferevent_socket_new(t->r->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(t->theirs.bev, NULL, NULL, on_side_event, &t->theirs);
	bufferevent_enable(t->theirs.bev, EV_READ | EV_WRITE);
	if (!t->context)
		bufferevent_write(t->theirs.bev, "220 mail.example\r\n", 18);
}

static void listen_here(struct tls_test *t)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof in;

	t->listener = evconnlistener_new_bind(t->r->base, on_tls_accept, t, LEV_OPT_CLOSE_ON_FREE,
		8, (struct sockaddr *)&in, sizeof in);
	assert_non_null(t->listener);
	getsockname(evconnlistener_get_fd(t->listener), (struct sockaddr *)&in, &size);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&in, &t->at));
}

static int dial(const struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(to, &ss);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	connect(fd, (struct sockaddr *)&ss, size);
	return fd;
}

/* Connects to a server with the wished certificate, until something becomes of it. */
static void meet(struct tls_test *t)
{
	hang_up(&t->ours);
	if (!t->context)
		t->context = tls_server(&t->authority, &t->wish);
	if (!t->listener)
		listen_here(t);
	t->ours.bev = dns_tls_make(&t->server, t->r->base, dial(&t->at));
	assert_non_null(t->ours.bev);
	bufferevent_setcb(t->ours.bev, NULL, NULL, on_side_event, &t->ours);
	bufferevent_enable(t->ours.bev, EV_READ | EV_WRITE);
	UNTIL(t->r, t->ours.event);
}

static void expect_refused(struct tls_test *t, const char *why)
{
	meet(t);
	assert_true(t->ours.event & BEV_EVENT_ERROR);
	const char *said = dns_tls_why(&t->server, t->ours.bev);
	assert_non_null(said);
	assert_string_equal(said, why);
}

static void expect_good(struct tls_test *t)
{
	meet(t);
	if (!(t->ours.event & BEV_EVENT_CONNECTED))
		fail_msg("refused: %s", dns_tls_why(&t->server, t->ours.bev));
}

/* ---- whom it speaks with ---- */

static void the_right_name(void **state)
{
	struct tls_test *t = *state;

	t->server.alpn = "h2";
	t->alpn = "h2";
	expect_good(t);
	assert_true(dns_tls_speaks(t->ours.bev, "h2"));
	assert_string_equal(SSL_get_version(bufferevent_openssl_get_ssl(t->ours.bev)), "TLSv1.3");
	UNTIL(t->r, t->theirs.event & BEV_EVENT_CONNECTED);
	assert_string_equal(SSL_get_servername(bufferevent_openssl_get_ssl(t->theirs.bev),
				    TLSEXT_NAMETYPE_host_name),
		"dns.example");
	t->alpn = NULL;
	expect_good(t);
	assert_false(dns_tls_speaks(t->ours.bev, "h2"));
}

static void another_name(void **state)
{
	struct tls_test *t = *state;

	t->wish.name = "dns.other";
	expect_refused(t, "its certificate is for dns.other, not for dns.example");
	t->server.name = "dns.other";
	expect_good(t);
}

static void the_right_address(void **state)
{
	struct tls_test *t = *state;

	t->server.name = t->wish.name = NULL;
	t->wish.ip = "192.0.2.1";
	assert_true(netaddr_parse_loose(slice_str("192.0.2.1"), 853, &t->server.addr));
	expect_good(t);
	assert_true(netaddr_parse_loose(slice_str("192.0.2.2"), 853, &t->server.addr));
	expect_refused(t, "its certificate is for 192.0.2.1, not for its address");
}

/* ---- when ---- */

static void before_and_after_its_time(void **state)
{
	struct tls_test *t = *state;

	t->r->now = (uint64_t)(ENDS + DAY) * 1000;
	expect_refused(t, "the certificate of dns.example expired on 1975-06-24");
	t->r->now = (uint64_t)(BEGINS - DAY) * 1000;
	expect_refused(
		t, "the certificate of dns.example begins on 1972-09-27: is the clock right?");
	t->tip = NOW; /* no clock that is right is before the tip */
	assert_true(dns_tls_clock_is_behind(&t->tls));
	expect_good(t);
	t->r->now = (uint64_t)(NOW - 60) * 1000;
	assert_false(dns_tls_clock_is_behind(&t->tls));
	t->r->now -= 1000;
	assert_true(dns_tls_clock_is_behind(&t->tls));
}

/* ---- by whom ---- */

static void an_unknown_authority(void **state)
{
	struct tls_test *t = *state;

	t->wish.self_signed = true;
	expect_refused(t, "the certificate of dns.example is not signed by a known authority");
}

/* ---- what is no TLS ---- */

static void plain_text(void **state)
{
	struct tls_test *t = *state;

	listen_here(t);
	t->ours.bev = dns_tls_make(&t->server, t->r->base, dial(&t->at));
	bufferevent_setcb(t->ours.bev, NULL, NULL, on_side_event, &t->ours);
	bufferevent_enable(t->ours.bev, EV_READ | EV_WRITE);
	UNTIL(t->r, t->ours.event);
	assert_true(t->ours.event & BEV_EVENT_ERROR);
	assert_string_equal(dns_tls_why(&t->server, t->ours.bev), "it does not speak TLS");
}

static void nobody_is_there(void **state)
{
	struct tls_test *t = *state;

	listen_here(t);
	evconnlistener_free(t->listener);
	t->listener = NULL;
	t->ours.bev = dns_tls_make(&t->server, t->r->base, dial(&t->at));
	bufferevent_setcb(t->ours.bev, NULL, NULL, on_side_event, &t->ours);
	bufferevent_enable(t->ours.bev, EV_READ | EV_WRITE);
	UNTIL(t->r, t->ours.event);
	assert_true(t->ours.event & (BEV_EVENT_ERROR | BEV_EVENT_EOF));
	assert_null(dns_tls_why(&t->server, t->ours.bev));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_right_name, begin_tls, end_tls),
		cmocka_unit_test_setup_teardown(another_name, begin_tls, end_tls),
		cmocka_unit_test_setup_teardown(the_right_address, begin_tls, end_tls),
		cmocka_unit_test_setup_teardown(before_and_after_its_time, begin_tls, end_tls),
		cmocka_unit_test_setup_teardown(an_unknown_authority, begin_tls, end_tls),
		cmocka_unit_test_setup_teardown(plain_text, begin_tls, end_tls),
		cmocka_unit_test_setup_teardown(nobody_is_there, begin_tls, end_tls),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	signal(SIGPIPE, SIG_IGN);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
