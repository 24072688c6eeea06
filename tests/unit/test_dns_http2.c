/* DNS by HTTP/2 as bytes, beside a server in memory: what is asked, and which answers
 * count. How a server can break off is in test_dns_http2_ends.c. */
#include "tests/unit/http2_pair_rig.h"

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

/* ---- memory ---- */

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
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
