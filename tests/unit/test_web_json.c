/* Members of a JSON body: what is taken, and that nothing else is. */
#include "tests/unit/main.h"
#include "web/api_body.h"

static struct http_request q;
static uint8_t said[256];
static struct wr answer;
static struct http_call c;

static bool begin(const char *body, struct body_field *fields, size_t n)
{
	q.json_body = slice_str(body);
	answer = wr_of(said, sizeof said - 1);
	c = (struct http_call){.request = &q, .answer = &answer, .token = ""};
	return body_read(&c, fields, n);
}

static void test_objects(void **state)
{
	static const char *const good[] = {"", "{}", " { } ", "{\"a\":1}",
		"{\"a\":{\"b\":[1,2]} , \"c\":\"}\"}\n", "{\"c\":1,\"c\":2}"};
	static const char *const wrong[] = {"[]", "1", "{", "}", "{]", "{\"a\"}", "{\"a\":1,}",
		"{\"a\":1}{", "{,}", "{\"a\":1 \"b\":2}", "null", "{1:2}", "{\"a\":1,\"a\":1}",
		"{\"a\":1,\"\\u0061\":1}", "\xEF\xBB\xBF{}", "{\"c\":\"\xFF\"}", "{\"a\":01}",
		"{\"c\":NaN}"};
	struct body_field f = {.name = "a"};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!begin(good[i], &f, 1))
			fail_msg("%s is an object", good[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (begin(wrong[i], &f, 1) || !answer.n)
			fail_msg("%s is no object", wrong[i]);
}

static void test_fields(void **state)
{
	struct body_field f[] = {{.name = "t"}, {.name = "n"}, {.name = "b"}, {.name = "z"}};
	uint64_t n = 7;
	char text[8];
	bool yes = false;
	(void)state;

	assert_true(begin("{\"\\u0074\":\"a\\u0041\\n\",\"b\":true,\"z\":null}", f, 4));
	assert_true(body_need(&c, &f[0], text, sizeof text));
	assert_string_equal(text, "aA\n");
	assert_true(body_text(&c, &f[3], text, sizeof text));
	assert_string_equal(text, "");
	assert_true(body_number(&c, &f[1], 0, 9, &n));
	assert_int_equal(n, 7);
	assert_true(body_bool(&c, &f[2], &yes));
	assert_true(yes);
	assert_true(begin("{\"n\":12}", f, 4));
	assert_true(body_number(&c, &f[1], 12, 12, &n));
	assert_int_equal(n, 12);
	assert_int_equal(answer.n, 0);
}

static void expect_error(const char *text)
{
	said[answer.n] = 0;
	assert_non_null(strstr((const char *)said, text));
	answer.n = 0;
}

static void test_faults(void **state)
{
	struct body_field f[] = {{.name = "t"}, {.name = "n"}, {.name = "zero"}, {.name = "none"}};
	uint64_t n = 7;
	char text[4];
	bool yes = true;
	(void)state;

	assert_true(begin("{\"t\":\"abcd\",\"n\":12,\"zero\":\"a\\u0000\"}", f, 4));
	assert_false(body_text(&c, &f[0], text, sizeof text));
	expect_error("t: this is too long");
	assert_string_equal(text, "");
	assert_false(body_text(&c, &f[1], text, sizeof text));
	expect_error("n: this is no text");
	assert_false(body_text(&c, &f[2], text, sizeof text));
	expect_error("zero: a zero byte is in it");
	assert_false(body_need(&c, &f[3], text, sizeof text));
	expect_error("none: it is missing");
	assert_false(body_number(&c, &f[1], 0, 11, &n));
	expect_error("n: this is no number from 0 to 11");
	assert_false(body_number(&c, &f[0], 0, 11, &n));
	expect_error("t: this is no number");
	assert_false(body_bool(&c, &f[1], &yes));
	expect_error("n: this is neither true nor false");
	assert_int_equal(n, 7);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_faults),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
