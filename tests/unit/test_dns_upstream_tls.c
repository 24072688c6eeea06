/* Questions to forwarders by TLS: what one answers, who is not trusted and what is said of him,
 * what becomes of questions when the connection dies in any of its states, and the clock. */
#include <event2/bufferevent_ssl.h>
#include <signal.h>
#include <sys/socket.h>

#include "dns/upstream_internal.h"
#include "tests/unit/dns_upstream_rig.h"
#include "tests/unit/tls_rig.h"

enum { DAY = 86400, NOW = 1500 * DAY };

/* Of the rig: one authority for all tests, since making keys takes time. */
static struct tls_rig authority;
static struct tls_wish good = {.name = "dns.example", .begins = 1000 * DAY, .ends = 2000 * DAY};
static int64_t tip;

static int64_t tip_of(void *ctx)
{
	(void)ctx;
	return tip;
}

static struct bufferevent *speak_tls(struct stub *s, evutil_socket_t fd)
{
	return bufferevent_openssl_socket_new(
		s->r->base, fd, SSL_new(s->ctx), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

/* It is there and says nothing. */
static struct bufferevent *say_nothing(struct stub *s, evutil_socket_t fd)
{
	return bufferevent_socket_new(s->r->base, fd, BEV_OPT_CLOSE_ON_FREE);
}

static struct bufferevent *reset(struct stub *s, evutil_socket_t fd)
{
	static const struct linger at_once = {.l_onoff = 1};

	(void)s;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
	return NULL;
}

/* Says something that is no TLS. */
static struct bufferevent *greet(struct stub *s, evutil_socket_t fd)
{
	struct bufferevent *bev = say_nothing(s, fd);

	bufferevent_write(bev, "220 mail.example ready\r\n", 24);
	return bev;
}

/* Half a record, then the end. */
static struct bufferevent *cut_record(struct stub *s, evutil_socket_t fd)
{
	static const uint8_t half[] = {22, 3, 3, 0, 100, 2, 0, 0};

	(void)s;
	assert_int_equal(send(fd, half, sizeof half, 0), sizeof half);
	shutdown(fd, SHUT_WR);
	return say_nothing(s, fd);
}

static int begin_tls(void **state)
{
	begin(state);
	struct rig *r = *state;
	tip = 0;
	r->now = (uint64_t)NOW * 1000;
	r->set.ca_file = authority.ca_file;
	r->set.tip_time = tip_of;
	return 0;
}

static int end_tls(void **state)
{
	struct rig *r = *state;
	void *contexts[STUBS];

	for (size_t i = 0; i < STUBS; i++)
		contexts[i] = r->stubs[i].ctx;
	end(state);
	for (size_t i = 0; i < STUBS; i++)
		SSL_CTX_free(contexts[i]);
	return 0;
}

static void speak(struct stub *s, const struct tls_wish *w)
{
	SSL_CTX_free(s->ctx);
	s->ctx = tls_server(&authority, w);
	s->make = speak_tls;
}

static void by_tls(struct rig *r, size_t i)
{
	r->forwarders[i].transport = DNS_OVER_TLS;
	r->forwarders[i].name = "dns.example";
}

/* The first of `count` forwarders is reached by TLS, the others are not. */
static struct stub *start_tls(struct rig *r, size_t count, const struct tls_wish *w)
{
	for (size_t i = 0; i < count; i++)
		stub_open(r, &r->stubs[i], "127.0.0.1", 0);
	speak(&r->stubs[0], w);
	set_forwarders(r, 0, count);
	by_tls(r, 0);
	r->u = dns_upstream_new(&r->set);
	assert_non_null(r->u);
	return &r->stubs[0];
}

static void ask_name(struct rig *r, size_t i)
{
	char name[16];

	snprintf(name, sizeof name, "n%zu.example", i);
	assert_int_equal(ask(r, i, name), ERR_OK);
}

/* ---- a good one ---- */

static void answers_come_by_one_connection(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);

	r->set.use_0x20 = true;
	assert_true(dns_upstream_reload(r->u, &r->set));
	for (size_t i = 0; i < 3; i++) {
		ask_name(r, i);
		expect_answer(r, i);
		assert_int_equal(r->askers[i].records, 1);
		assert_memory_equal(s->last + DNS_HEADER_SIZE + 1, "n", 1); /* no capitals */
	}
	assert_int_equal(s->asked_tcp, 3);
	assert_int_equal(s->asked, 0);
	assert_int_equal(s->accepted, 1);
	assert_int_equal(facts(r, 0).answered, 3);
	assert_string_equal(facts(r, 0).last_error, "");
	assert_in_range(r->limits.dns_tls_context_bytes.used, 1, 1572864);
	assert_int_equal(r->limits.dns_upstream_connections.used, 1);
	pass(r, 9999);
	assert_int_equal(r->limits.dns_upstream_connections.used, 1);
	pass(r, 1); /* idle for ten seconds */
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
	assert_int_equal(r->limits.dns_upstream_bytes.used, 0);
	ask_name(r, 3);
	expect_answer(r, 3);
	assert_int_equal(s->accepted, 2);
}

/* The time of the handshakes is not the server's. */
static void the_server_is_measured_alone(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);

	s->silent_tcp = true;
	ask_name(r, 0);
	r->now += 700; /* before it is there */
	UNTIL(r, s->asked_tcp == 1);
	r->now += 20;
	s->silent_tcp = false;
	answer_by_tcp(s, s->conns[0], s->last, s->last_size);
	expect_answer(r, 0);
	assert_int_equal(facts(r, 0).rtt_ms, 20);
	assert_int_equal(facts(r, 0).timed_out, 0);
}

static void many_in_any_order(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);
	uint8_t questions[40][QUESTION];
	size_t sizes[40];

	s->silent_tcp = true;
	for (size_t i = 0; i < 40; i++) {
		ask_name(r, i);
		UNTIL(r, s->asked_tcp == i + 1);
		sizes[i] = s->last_size;
		memcpy(questions[i], s->last, s->last_size);
	}
	assert_int_equal(s->accepted, 1);
	for (size_t i = 40; i-- > 0;)
		answer_by_tcp(s, s->conns[0], questions[i], sizes[i]);
	for (size_t i = 0; i < 40; i++)
		UNTIL(r, r->askers[i].got == 1);
	assert_int_equal(r->limits.dns_upstream_streams.peak, 40);
}

/* ---- who is not trusted ---- */

/* Its question is lost, three of them: it is down with this reason, and the other one answers. */
static void expect_down(struct rig *r, const char *why)
{
	for (size_t i = 0; i < 12 && facts(r, 0).up; i++) {
		ask_name(r, i);
		expect_answer(r, i);
	}
	assert_false(facts(r, 0).up);
	assert_string_equal(facts(r, 0).last_error, why);
	assert_int_equal(facts(r, 0).answered, 0);
	assert_int_equal(r->stubs[0].asked_tcp, 0);
	assert_int_equal(r->stubs[0].asked, 0); /* nor is it asked without TLS */
}

static void expect_error(struct rig *r, const char *why)
{
	UNTIL(r, facts(r, 0).last_error[0]);
	assert_string_equal(facts(r, 0).last_error, why);
}

static void another_name(void **state)
{
	struct tls_wish w = good;

	w.name = "dns.other";
	start_tls(*state, 2, &w);
	expect_down(*state, "its certificate is for dns.other, not for dns.example");
}

static void an_expired_certificate(void **state)
{
	struct tls_wish w = good;

	w.ends = NOW - DAY;
	start_tls(*state, 2, &w);
	expect_down(*state, "the certificate of dns.example expired on 1974-02-08");
}

static void an_unknown_authority(void **state)
{
	struct tls_wish w = good;

	w.self_signed = true;
	start_tls(*state, 2, &w);
	expect_down(*state, "the certificate of dns.example is not signed by a known authority");
}

static void no_tls_at_all(void **state)
{
	struct rig *r = *state;

	start_tls(r, 2, &good)->make = greet;
	expect_down(r, "it does not speak TLS");
}

static void a_reset_in_the_handshake(void **state)
{
	struct rig *r = *state;

	start_tls(r, 2, &good)->make = reset;
	expect_down(r, "no connection");
}

static void a_record_that_is_cut(void **state)
{
	struct rig *r = *state;

	start_tls(r, 2, &good)->make = cut_record;
	expect_down(r, "no connection");
}

static void silence_in_the_handshake(void **state)
{
	struct rig *r = *state;

	start_tls(r, 1, &good)->make = say_nothing;
	ask_name(r, 0);
	UNTIL(r, r->stubs[0].accepted == 1);
	pass(r, 2999);
	assert_int_equal(r->limits.dns_upstream_connections.used, 1);
	pass(r, 1);
	assert_string_equal(facts(r, 0).last_error, "no connection in time");
	pass(r, 2000);
	assert_int_equal(r->askers[0].told, 1);
	assert_int_equal(r->askers[0].got, 0);
}

/* ---- the context ---- */

static void the_row_is_too_small(void **state)
{
	struct rig *r = *state;
	char why[2 * TLS_PATH + 64];

	r->limits.dns_tls_context_bytes.max = 4096;
	start_tls(r, 2, &good);
	snprintf(why, sizeof why, "limits.dns_tls_context_bytes is too small for it: %s",
		authority.ca_file);
	expect_down(r, why);
	assert_true(r->limits.dns_tls_context_bytes.hits > 0);
	r->limits.dns_tls_context_bytes.max = 1572864;
	pass(r, DNS_TLS_AGAIN_MS);
	pass(r, DNS_TLS_AGAIN_MS); /* then a probe finds it */
	UNTIL(r, facts(r, 0).up);
}

/* The file comes later: without a restart it is found. */
static void no_file(void **state)
{
	struct rig *r = *state;

	r->set.ca_file = "/nowhere/ca.pem";
	start_tls(r, 2, &good);
	expect_down(r, "it cannot be opened: /nowhere/ca.pem");
	r->set.ca_file = authority.ca_file;
	assert_true(dns_upstream_reload(r->u, &r->set));
	pass(r, 5000); /* a probe */
	UNTIL(r, facts(r, 0).up);
}

/* A reload reads the certificates anew; what is on its way is asked anew, once. */
static void a_reload_with_others(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);
	char file[3 * TLS_PATH];
	EVP_PKEY *key = tls_key();
	struct tls_wish w = good;

	w.self_signed = true;
	X509 *other = tls_certificate(&authority, key, &w, true);
	snprintf(file, sizeof file, "%s/other.pem", authority.folder);
	tls_write(file, other, 1);
	s->silent_tcp = true;
	ask_name(r, 0);
	UNTIL(r, s->asked_tcp == 1);
	s->silent_tcp = false;
	assert_true(dns_upstream_reload(r->u, &r->set));
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
	pass(r, 0);
	pass(r, DNS_PARKED_MS);
	UNTIL(r, r->askers[0].got == 1);
	assert_int_equal(s->asked_tcp, 2);
	uint64_t bytes = r->limits.dns_tls_context_bytes.used;
	r->set.ca_file = file;
	assert_true(dns_upstream_reload(r->u, &r->set));
	pass(r, 1);
	ask_name(r, 1);
	expect_error(r, "the certificate of dns.example is not signed by a known authority");
	assert_in_range(r->limits.dns_tls_context_bytes.used, bytes - 4096, bytes + 4096);
	X509_free(other);
	EVP_PKEY_free(key);
	unlink(file);
}

/* ---- the clock ---- */

static void a_clock_that_is_behind(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 2, &good);

	tip = NOW;
	r->now = 100000; /* 1970 */
	for (size_t i = 0; i < 8; i++) {
		ask_name(r, i);
		expect_answer(r, i);
	}
	assert_int_equal(s->asked_tcp, 0);
	assert_int_equal(r->stubs[1].asked, 8);
	r->stubs[1].rcode = DNS_RCODE_SERVFAIL; /* now it is asked, by the time of the tip */
	ask_name(r, 8);
	expect_answer(r, 8);
	assert_int_equal(r->askers[8].rcode, 0);
	assert_int_equal(s->asked_tcp, 1);
	r->stubs[1].rcode = 0;
	r->now = (uint64_t)NOW * 1000;
	for (size_t i = 9; i < 40; i++) {
		ask_name(r, i);
		expect_answer(r, i);
	}
	assert_true(s->asked_tcp > 1);
}

/* ---- the end of a connection ---- */

static void one_that_died_idle(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);

	ask_name(r, 0);
	expect_answer(r, 0);
	int fd = bufferevent_getfd(s->conns[0]);
	s->silent_after = 1;
	ask_name(r, 1);
	UNTIL(r, s->asked_tcp == 2);
	s->silent_after = 0;
	shutdown(fd, SHUT_RDWR); /* without a word of TLS */
	UNTIL(r, r->askers[1].told);
	assert_int_equal(r->askers[1].got, 1);
	assert_int_equal(s->accepted, 2);
	assert_int_equal(s->asked_tcp, 3);
	assert_int_equal(facts(r, 0).timed_out, 0);
	s->close_tcp = true; /* from now on each question ends the connection */
	ask_name(r, 2);
	UNTIL(r, r->askers[2].told);
	assert_int_equal(r->askers[2].got, 0);
	assert_int_equal(s->asked_tcp, 5);
}

/* Bytes that are no record of this connection. */
static void garbage_after_the_handshake(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);
	static const uint8_t record[] = {23, 3, 3, 0, 32, 1, 2, 3, [36] = 9};

	s->silent_tcp = true;
	ask_name(r, 0);
	UNTIL(r, s->asked_tcp == 1);
	assert_int_equal(
		send(bufferevent_getfd(s->conns[0]), record, sizeof record, 0), sizeof record);
	expect_error(r, "TLS: decryption failed or bad record mac");
}

static void bad_lengths_end_the_connection(void **state)
{
	struct rig *r = *state;
	struct stub *s = start_tls(r, 1, &good);

	s->no_length = true;
	ask_name(r, 0);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 0);
	assert_string_equal(facts(r, 0).last_error, "a message of less than a header");
	assert_int_equal(r->limits.dns_upstream_connections.used, 0);
}

static int begin_all(void **state)
{
	(void)state;
	tls_rig_begin(&authority);
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	tls_rig_end(&authority);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin_tls, end_tls)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(answers_come_by_one_connection),
		TEST(the_server_is_measured_alone),
		TEST(many_in_any_order),
		TEST(another_name),
		TEST(an_expired_certificate),
		TEST(an_unknown_authority),
		TEST(no_tls_at_all),
		TEST(a_reset_in_the_handshake),
		TEST(a_record_that_is_cut),
		TEST(silence_in_the_handshake),
		TEST(the_row_is_too_small),
		TEST(no_file),
		TEST(a_reload_with_others),
		TEST(a_clock_that_is_behind),
		TEST(one_that_died_idle),
		TEST(garbage_after_the_handshake),
		TEST(bad_lengths_end_the_connection),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	signal(SIGPIPE, SIG_IGN);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
