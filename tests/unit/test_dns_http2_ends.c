/* DNS by HTTP/2 as bytes, beside a server in memory: how a server can break off, take back, flood
 * and hold up, and what the bytes of a connection cost. */
#include "tests/unit/http2_pair_rig.h"

static void taken_back(void **state)
{
	struct pair *p = *state;
	struct dns_http2_stream *stream;

	for (int answered = 0; answered < 2; answered++) {
		assert_int_equal(
			dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream), ERR_OK);
		talk(p);
		if (answered) {
			h2_echo(&p->v, &p->v.streams[p->v.count - 1]);
			talk(p);
		}
		dns_http2_cancel(stream);
		talk(p);
		assert_false(next(p));
		assert_true(answered || p->v.streams[p->v.count - 1].reset);
	}
	/* before it was sent */
	size_t count = p->v.count;
	assert_int_equal(dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream), ERR_OK);
	dns_http2_cancel(stream);
	talk(p);
	assert_int_equal(p->v.count, count);
	expect_good(p);
}

static void reset_by_the_server(void **state)
{
	struct pair *p = *state;

	nghttp2_submit_rst_stream(p->v.session, 0, ask(p)->id, NGHTTP2_INTERNAL_ERROR);
	talk(p);
	expect_bad(p, "it ended without an answer (INTERNAL_ERROR)", 0, 0);
	nghttp2_submit_rst_stream(p->v.session, 0, ask(p)->id, NGHTTP2_REFUSED_STREAM);
	talk(p);
	assert_true(next(p) && p->r.refused);
	expect_good(p);
}

/* Fewer bytes than it announced, or an answer of HTTP without a status. */
static void broken_answers(void **state)
{
	struct pair *p = *state;
	const struct h2_answer a = {.body = question, .size = 40, .length = "41"};
	uint8_t frame[64];
	size_t n;

	h2_answer(&p->v, ask(p), &a);
	talk(p);
	expect_bad(p, "it ended without an answer (PROTOCOL_ERROR)", 200, 41);
	struct h2_stream *s = ask(p);
	n = h2_frame(frame, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, (uint32_t)s->id,
		"\x0f\x10\x03"
		"a/b",
		6); /* content-type alone */
	p->why = dns_http2_put(p->h, slice_of(frame, n), &p->heard);
	talk(p);
	assert_true(next(p) && !p->r.has_message);
}

static void going_away(void **state)
{
	struct pair *p = *state;
	struct h2_stream *first = ask(p);

	ask(p);
	nghttp2_submit_goaway(p->v.session, 0, first->id, NGHTTP2_NO_ERROR, NULL, 0);
	talk(p);
	assert_true(dns_http2_is_leaving(p->h));
	assert_false(dns_http2_has_room(p->h));
	assert_true(next(p) && p->r.refused); /* the second one was not looked at */
	h2_echo(&p->v, first);
	talk(p);
	assert_true(next(p) && p->r.has_message);
	assert_string_equal(p->why, "the server goes away");
}

static void as_many_as_the_server_takes(void **state)
{
	struct pair *p = *state;
	const nghttp2_settings_entry two = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 2},
				     none = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0};

	nghttp2_submit_settings(p->v.session, 0, &two, 1);
	talk(p);
	ask(p);
	assert_true(dns_http2_has_room(p->h));
	ask(p);
	assert_false(dns_http2_has_room(p->h));
	h2_echo(&p->v, &p->v.streams[0]);
	talk(p);
	assert_true(dns_http2_has_room(p->h));
	h2_echo(&p->v, &p->v.streams[1]);
	nghttp2_submit_settings(p->v.session, 0, &none, 1);
	talk(p);
	assert_true(dns_http2_has_room(p->h)); /* its silence will be its end */
}

/* The window of the server is smaller than the question. */
static void a_small_window(void **state)
{
	struct pair *p = *state;
	const nghttp2_settings_entry small = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 7};

	nghttp2_submit_settings(p->v.session, 0, &small, 1);
	talk(p);
	struct h2_stream *s = ask(p);
	for (int i = 0; i < 10 && !s->whole; i++) {
		nghttp2_submit_window_update(p->v.session, 0, s->id, 7);
		talk(p);
	}
	assert_true(s->whole);
	assert_memory_equal(s->question, question, sizeof question);
	h2_echo(&p->v, s);
	talk(p);
	assert_true(next(p) && p->r.has_message);
	ask(p); /* and one of which nothing can be sent is answered all the same */
	s = &p->v.streams[p->v.count - 1];
	assert_false(s->whole);
	h2_echo(&p->v, s);
	talk(p);
	assert_true(next(p));
}

/* What a server makes us say has a bound. */
static void floods(void **state)
{
	struct pair *p = *state;
	uint8_t frame[32];
	size_t n;

	for (int settings = 0; settings < 2; settings++) {
		if (settings) {
			end(state);
			begin(state);
			p = *state;
		}
		talk(p);
		n = settings ? h2_frame(frame, NGHTTP2_SETTINGS, 0, 0, NULL, 0)
			     : h2_frame(frame, NGHTTP2_PING, 0, 0, "01234567", 8);
		p->heard = false;
		for (int i = 0; i < 1000 && !p->why; i++)
			p->why = dns_http2_put(p->h, slice_of(frame, n), &p->heard);
		assert_string_equal(p->why, "the server floods the connection");
		assert_false(p->heard);
	}
}

/* Other protocols, and frames that must not come. */
static void no_http2(void **state)
{
	static const char *const others[] = {"HTTP/1.1 400 Bad Request\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2p1\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"};
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct dns_http2_stream *stream;
		dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream);
		to_server(p);
		p->why = dns_http2_put(p->h, slice_of(others[i], 22), &p->heard);
		if (!p->why)
			to_server(p);
		assert_string_equal(p->why, "the server does not speak HTTP/2");
		end(state);
		begin(state);
		p = *state;
	}
}

static void a_push(void **state)
{
	struct pair *p = *state;
	uint8_t frame[64];
	struct h2_stream *s = ask(p);
	size_t n = h2_frame(frame, NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, (uint32_t)s->id,
		"\0\0\0\2\x82\x87\x84", 7);

	p->why = dns_http2_put(p->h, slice_of(frame, n), &p->heard);
	to_server(p);
	assert_string_equal(p->why, "the server does not speak HTTP/2");
}

/* Any number of answers that nobody waits for any more leaves the window as it was. */
static void the_window_comes_back(void **state)
{
	static uint8_t bytes[H2_BODY];
	struct pair *p = *state;
	const struct h2_answer large = {.body = bytes, .size = 60000, .open = true};

	for (int i = 0; i < 20; i++) {
		struct dns_http2_stream *stream;
		dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream);
		talk(p);
		h2_answer(&p->v, &p->v.streams[p->v.count - 1], &large);
		if (i % 2)
			talk(p);
		dns_http2_cancel(stream);
		talk(p);
	}
	const struct h2_answer a = {.body = bytes, .size = DNS_MESSAGE_MAX};
	h2_answer(&p->v, ask(p), &a);
	talk(p);
	assert_true(next(p) && p->r.has_message);
	assert_int_equal(p->r.size, DNS_MESSAGE_MAX);
}

/* Two questions, of which one is answered and one taken back. */
static void play(struct pair *p)
{
	struct dns_http2_stream *stream;

	if (dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream) == ERR_OK) {
		talk(p);
		dns_http2_cancel(stream);
	}
	if (!p->why && dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream) == ERR_OK)
		talk(p);
	for (size_t i = 0; i < p->v.count && !p->why; i++)
		if (p->v.streams[i].whole && !p->v.streams[i].reset)
			h2_echo(&p->v, &p->v.streams[i]);
	if (!p->why)
		talk(p);
	while (next(p))
		assert_true(p->r.has_message || p->r.why[0]);
}

static void each_allocation_fails_once(void **state)
{
	struct pair *p = *state;
	uint64_t nth = 1;

	for (bool reached = true; reached; nth++) {
		const struct dns_http2_settings s = to_example(p);
		dns_http2_free(p->h);
		h2_end(&p->v);
		h2_begin(&p->v, NULL, 0);
		p->why = NULL;
		assert_int_equal(p->row.used, 0);
		assert_true(nth < NTH_MAX);
		mem_fail_nth(nth);
		p->h = dns_http2_new(&s);
		if (p->h)
			play(p);
		reached = mem_fail_nth(0) == 0;
	}
	assert_true(nth > 20);
	print_message("%llu allocations\n", (unsigned long long)nth - 1);
}

/* A question on its way, beside what the session holds without one. */
static void what_they_cost(void **state)
{
	struct pair *p = *state;

	talk(p);
	uint64_t idle = p->row.used;
	for (int i = 0; i < 100; i++)
		ask(p);
	uint64_t each = (p->row.used - idle) / 100;
	print_message("idle: %llu bytes, each of 100 questions: %llu\n", (unsigned long long)idle,
		(unsigned long long)each);
	assert_true(idle < 40000);
	assert_true(each < 440); /* with the 512 of test_dns_bytes below a thousand */
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(taken_back, begin, end),
		cmocka_unit_test_setup_teardown(reset_by_the_server, begin, end),
		cmocka_unit_test_setup_teardown(broken_answers, begin, end),
		cmocka_unit_test_setup_teardown(going_away, begin, end),
		cmocka_unit_test_setup_teardown(as_many_as_the_server_takes, begin, end),
		cmocka_unit_test_setup_teardown(a_small_window, begin, end),
		cmocka_unit_test_setup_teardown(floods, begin, end),
		cmocka_unit_test_setup_teardown(no_http2, begin, end),
		cmocka_unit_test_setup_teardown(a_push, begin, end),
		cmocka_unit_test_setup_teardown(the_window_comes_back, begin, end),
		cmocka_unit_test_setup_teardown(each_allocation_fails_once, begin, end),
		cmocka_unit_test_setup_teardown(what_they_cost, begin, end),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
