/* Fields of a JSON body: what is taken, and that nothing else is. */
#include "tests/unit/main.h"
#include "web/json_body.h"

static struct http_request q;
static uint8_t said[256];
static struct wr answer;
static struct http_call c;

static bool begin(const char *body, struct slice *object)
{
	q.json_body = slice_str(body);
	answer = wr_of(said, sizeof said - 1);
	c = (struct http_call){.request = &q, .answer = &answer, .token = ""};
	return json_body(&c, object);
}

static void test_objects(void **state)
{
	static const char *const good[] = {
		"", "{}", " { } ", "{\"a\":1}", "{\"a\":{\"b\":[1,2]} , \"c\":\"}\"}\n"};
	static const char *const wrong[] = {"[]", "1", "{", "}", "{]", "{\"a\"}", "{\"a\":1,}",
		"{\"a\":1}{", "{,}", "{\"a\":1 \"b\":2}", "null", "{1:2}"};
	struct slice object;
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!begin(good[i], &object))
			fail_msg("%s is an object", good[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (begin(wrong[i], &object))
			fail_msg("%s is no object", wrong[i]);
}

static void test_fields(void **state)
{
	struct slice object, inside;
	uint64_t n = 7;
	char text[8];
	bool yes = false;
	(void)state;

	assert_true(begin(
		"{\"t\":\"a\\u0041\\n\",\"n\":12,\"b\":true,\"o\":{\"x\":1},\"z\":null}", &object));
	assert_true(json_body_text(&c, object, "t", true, text, sizeof text));
	assert_string_equal(text, "aA\n");
	assert_true(json_body_text(&c, object, "z", false, text, sizeof text));
	assert_string_equal(text, "");
	assert_true(json_body_number(&c, object, "none", 9, &n));
	assert_int_equal(n, 7);
	assert_true(json_body_number(&c, object, "n", 12, &n));
	assert_int_equal(n, 12);
	assert_true(json_body_bool(&c, object, "b", &yes));
	assert_true(yes);
	assert_true(json_body_object(&c, object, "o", &inside));
	assert_int_equal(inside.n, 7);
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
	struct slice object, inside;
	uint64_t n = 7;
	char text[4];
	bool yes = true;
	(void)state;

	assert_true(begin("{\"t\":\"abcd\",\"n\":12,\"zero\":\"a\\u0000\"}", &object));
	assert_false(json_body_text(&c, object, "t", true, text, sizeof text));
	expect_error("the field t is no text, or too long");
	assert_string_equal(text, "");
	assert_false(json_body_text(&c, object, "n", true, text, sizeof text));
	expect_error("the field n is no text");
	assert_false(json_body_text(&c, object, "zero", true, text, sizeof text));
	expect_error("the field zero is no text");
	assert_false(json_body_text(&c, object, "none", true, text, sizeof text));
	expect_error("the field none is missing");
	assert_false(json_body_number(&c, object, "n", 11, &n));
	expect_error("the field n is no number, or too large");
	assert_false(json_body_bool(&c, object, "n", &yes));
	expect_error("neither true nor false");
	assert_false(json_body_object(&c, object, "n", &inside));
	expect_error("the field n is no object");
	assert_int_equal(n, 7);
	assert_true(yes);
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
