/* DNS by HTTP/2 as bytes, beside a server in memory: what is asked, which answers count, and every
 * way in which a server can break off, lie, or never end. */
#include "base/mem.h"
#include "dns/http2.h"
#include "dns/message.h"
#include "tests/unit/http2_rig.h"

enum { ROW = 1 << 20, NTH_MAX = 2000 };

struct pair {
	struct bound row;
	struct dns_http2 *h;
	struct h2_server v;
	bool heard;
	const char *why;
	struct dns_http2_reply r;
	uint8_t body[DNS_MESSAGE_MAX];
	int asker;
};

static const uint8_t question[40] = {0, 0, 1, 0, 0, 1};

static struct dns_http2_settings to_example(struct pair *p)
{
	return (struct dns_http2_settings){.authority = slice_str("dns.example:8443"),
		.path = slice_str("/dns-query"),
		.bytes = &p->row};
}

static int begin(void **state)
{
	struct pair *p = calloc(1, sizeof *p);
	const struct dns_http2_settings s = to_example(p);

	p->row.max = ROW;
	p->h = dns_http2_new(&s);
	assert_non_null(p->h);
	h2_begin(&p->v, NULL, 0);
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct pair *p = *state;

	dns_http2_free(p->h);
	h2_end(&p->v);
	assert_int_equal(p->row.used, 0);
	assert_int_equal(mem_blocks(), 0);
	free(p);
	return 0;
}

/* What the client has to say goes to the server. Returns how many bytes. */
static size_t to_server(struct pair *p)
{
	struct slice bytes;
	size_t n = 0;

	while (!(p->why = dns_http2_take(p->h, &bytes)) && bytes.n) {
		n += bytes.n;
		nghttp2_session_mem_recv(p->v.session, bytes.p, bytes.n);
	}
	return n;
}

static size_t to_client(struct pair *p)
{
	const uint8_t *bytes;
	size_t total = 0;
	ssize_t n;

	while (!p->why && (n = nghttp2_session_mem_send(p->v.session, &bytes)) > 0) {
		total += (size_t)n;
		p->why = dns_http2_put(p->h, slice_of(bytes, (size_t)n), &p->heard);
	}
	return total;
}

/* Until nobody has anything to say. */
static void talk(struct pair *p)
{
	while (to_server(p) + to_client(p))
		;
}

static struct h2_stream *ask(struct pair *p)
{
	struct dns_http2_stream *stream;

	assert_int_equal(
		dns_http2_ask(p->h, slice_of(question, sizeof question), &p->asker, &stream),
		ERR_OK);
	talk(p);
	return &p->v.streams[p->v.count - 1];
}

static bool next(struct pair *p)
{
	return dns_http2_next(p->h, &p->r, p->body);
}

/* There is one reply, without a message, for this reason. */
static void expect_bad(struct pair *p, const char *why, unsigned status, size_t size)
{
	assert_true(next(p));
	assert_false(p->r.has_message);
	assert_string_equal(p->r.why, why);
	assert_int_equal(p->r.status, status);
	assert_int_equal(p->r.size, size);
	assert_ptr_equal(p->r.asker, &p->asker);
	assert_false(next(p));
}

/* The session goes on: another question is answered. */
static void expect_good(struct pair *p)
{
	h2_echo(&p->v, ask(p));
	talk(p);
	assert_null(p->why);
	assert_true(next(p));
	assert_true(p->r.has_message);
	assert_int_equal(p->r.size, sizeof question);
	assert_false(next(p));
}

static void what_is_asked(void **state)
{
	struct pair *p = *state;
	struct h2_stream *s = ask(p);

	assert_true(s->whole);
	assert_int_equal(s->size, sizeof question);
	assert_memory_equal(s->question, question, sizeof question);
	assert_string_equal(s->method, "POST");
	assert_string_equal(s->authority, "dns.example:8443");
	assert_string_equal(s->path, "/dns-query");
	assert_string_equal(s->type, "application/dns-message");
	assert_int_equal(p->v.window, DNS_HTTP2_STREAM_WINDOW);
	assert_false(next(p));
	p->heard = false;
	h2_echo(&p->v, s);
	talk(p);
	assert_true(p->heard);
	assert_true(next(p));
	assert_true(p->r.has_message);
	assert_int_equal(p->r.status, 200);
	assert_int_equal(p->r.age_s, 0);
	assert_ptr_equal(p->r.asker, &p->asker);
	assert_memory_equal(p->body, s->question, sizeof question);
}

static void many_in_any_order(void **state)
{
	struct pair *p = *state;

	for (int i = 0; i < 100; i++)
		ask(p);
	assert_int_equal(p->v.count, 100);
	for (size_t i = 100; i-- > 0;)
		h2_echo(&p->v, &p->v.streams[i]);
	talk(p);
	for (int i = 0; i < 100; i++)
		assert_true(next(p) && p->r.has_message);
	assert_false(next(p));
}

static void answers_of_every_size(void **state)
{
	static uint8_t bytes[DNS_MESSAGE_MAX];
	struct pair *p = *state;

	for (size_t size = 1; size <= DNS_MESSAGE_MAX;
		size = size < DNS_MESSAGE_MAX / 3 ? 3 * size : size + 13107)
		for (int i = 0; i < 5; i++) {
			const struct h2_answer a = {.body = bytes, .size = size};
			bytes[size - 1] = (uint8_t)(size + (size_t)i);
			h2_answer(&p->v, ask(p), &a);
			talk(p);
			assert_true(next(p) && p->r.has_message);
			assert_int_equal(p->r.size, size);
			assert_memory_equal(p->body, bytes, size);
		}
}

static void the_age_of_an_answer(void **state)
{
	static const struct {
		const char *text;
		uint32_t age;
	} ages[] = {{"0", 0}, {"300", 300}, {"4294967295", UINT32_MAX},
		{"99999999999999999999", UINT32_MAX}, {"-1", 0}, {"5x", 0}, {"", 0}};
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
		struct h2_answer a = {.age = ages[i].text, .body = question, .size = 40};
		h2_answer(&p->v, ask(p), &a);
		talk(p);
		assert_true(next(p));
		assert_int_equal(p->r.age_s, ages[i].age);
	}
}

static void types(void **state)
{
	static const char *const good[] = {"Application/DNS-Message",
		"application/dns-message; charset=x", "application/dns-message ;a=b"},
				 *const bad[] = {"text/html", "application/dns-messages",
					 "application/dns-json", "application/dns-messag", ""};
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct h2_answer a = {.type = good[i], .body = question, .size = 40};
		h2_answer(&p->v, ask(p), &a);
		talk(p);
		assert_true(next(p) && p->r.has_message);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct h2_answer a = {.type = bad[i], .body = question, .size = 40, .length = "40"};
		h2_answer(&p->v, ask(p), &a);
		talk(p);
		expect_bad(p, "it is not application/dns-message", 200, 40);
	}
	expect_good(p);
}

static void statuses(void **state)
{
	static const char *const all[] = {
		"204", "301", "400", "403", "404", "429", "500", "503", "000", "006", "099", "999"};
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct h2_answer a = {.status = all[i], .body = question, .size = 40, .open = true};
		char why[32];
		snprintf(why, sizeof why, "HTTP status %d", atoi(all[i]));
		struct h2_stream *s = ask(p);
		h2_answer(&p->v, s, &a);
		talk(p);
		expect_bad(p, why, (unsigned)atoi(all[i]), 0);
		assert_true(s->reset); /* nobody waits for its end */
	}
	expect_good(p);
}

/* 103 and the like come before the answer. */
static void early_hints(void **state)
{
	struct pair *p = *state;
	struct h2_stream *s = ask(p);
	const nghttp2_nv hint[] = {h2_field(":status", "103"), h2_field("content-type", "a/b")};

	assert_int_equal(nghttp2_submit_headers(p->v.session, 0, s->id, NULL, hint, 2, NULL), 0);
	talk(p);
	assert_false(next(p));
	h2_echo(&p->v, s);
	talk(p);
	assert_true(next(p) && p->r.has_message);
}

/* What they say is not said of the answer. */
static void hints_of_a_type(void **state)
{
	struct pair *p = *state;
	struct h2_stream *s = ask(p);
	const nghttp2_nv hint[] = {
		h2_field(":status", "103"), h2_field("content-type", "application/dns-message")};
	const nghttp2_nv bare[] = {h2_field(":status", "200")};

	assert_int_equal(nghttp2_submit_headers(p->v.session, 0, s->id, NULL, hint, 2, NULL), 0);
	assert_int_equal(nghttp2_submit_headers(p->v.session, 0, s->id, NULL, bare, 1, NULL), 0);
	talk(p);
	expect_bad(p, "it is not application/dns-message", 200, 0);
	expect_good(p);
}

static void too_large(void **state)
{
	static uint8_t bytes[H2_BODY];
	struct pair *p = *state;
	struct h2_answer a = {.body = bytes, .size = 65536, .length = "65536"};

	h2_answer(&p->v, ask(p), &a);
	talk(p);
	expect_bad(p, "it has more than 65,535 bytes", 200, 65536);
	a.length = NULL; /* such a one does not fit into the window: it never comes */
	struct h2_stream *s = ask(p);
	h2_answer(&p->v, s, &a);
	talk(p);
	assert_false(next(p));
	assert_int_equal(s->sent, DNS_MESSAGE_MAX);
	s = ask(p);
	h2_echo(&p->v, s); /* for which there is no room beside it */
	talk(p);
	assert_true(next(p));
	assert_string_equal(p->r.why, "too many large answers come at once");
	assert_true(next(p) && p->r.has_message);
}

static void an_empty_one(void **state)
{
	struct pair *p = *state;
	const struct h2_answer a = {.body = question, .size = 0};

	h2_answer(&p->v, ask(p), &a);
	talk(p);
	expect_bad(p, "it is empty", 200, 0);
	expect_good(p);
}

static void a_header_without_end(void **state)
{
	struct pair *p = *state;
	const struct h2_answer a = {.body = question, .size = 40, .fields = 1000};

	h2_answer(&p->v, ask(p), &a);
	talk(p);
	expect_bad(p, "its header has no end", 200, 0);
	expect_good(p);
}

/* Several large ones at once: the largest goes, since the others could not go on. */
static void the_window_of_all(void **state)
{
	static uint8_t bytes[H2_BODY];
	struct pair *p = *state;
	struct h2_answer a = {.body = bytes, .size = 40000, .open = true};

	h2_answer(&p->v, ask(p), &a);
	talk(p);
	assert_false(next(p));
	a.size = 30000;
	h2_answer(&p->v, ask(p), &a);
	talk(p);
	expect_bad(p, "too many large answers come at once", 200, 40000);
	assert_true(p->row.used < 200000);
	expect_good(p);
}

static void the_row_of_bytes(void **state)
{
	static uint8_t bytes[H2_BODY];
	struct pair *p = *state;
	struct h2_answer a = {.body = bytes, .size = 60000};
	struct dns_http2_stream *stream;

	struct h2_stream *s = ask(p);
	p->row.max = p->row.used + 16384;
	h2_answer(&p->v, s, &a);
	talk(p);
	assert_true(next(p));
	assert_string_equal(p->r.why, "limits.dns_upstream_bytes has no room for it");
	assert_true(p->row.hits > 0);
	p->row.max = p->row.used;
	assert_int_equal(
		dns_http2_ask(p->h, slice_of(question, 40), &p->asker, &stream), ERR_NOMEM);
	p->row.max = ROW;
	expect_good(p);
}

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

/* ---- memory ---- */

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
		cmocka_unit_test_setup_teardown(what_is_asked, begin, end),
		cmocka_unit_test_setup_teardown(many_in_any_order, begin, end),
		cmocka_unit_test_setup_teardown(answers_of_every_size, begin, end),
		cmocka_unit_test_setup_teardown(the_age_of_an_answer, begin, end),
		cmocka_unit_test_setup_teardown(types, begin, end),
		cmocka_unit_test_setup_teardown(statuses, begin, end),
		cmocka_unit_test_setup_teardown(early_hints, begin, end),
		cmocka_unit_test_setup_teardown(hints_of_a_type, begin, end),
		cmocka_unit_test_setup_teardown(too_large, begin, end),
		cmocka_unit_test_setup_teardown(an_empty_one, begin, end),
		cmocka_unit_test_setup_teardown(a_header_without_end, begin, end),
		cmocka_unit_test_setup_teardown(the_window_of_all, begin, end),
		cmocka_unit_test_setup_teardown(the_row_of_bytes, begin, end),
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
