/* The token of a session: which requests carry it, and which may come without. */
#include "http/call.h"
#include "tests/unit/main.h"
#include "web/token.h"

static const char TOKEN[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* Is this request taken? `headers`: lines, each with its line end. */
static bool taken(const char *headers, const char *body, bool script)
{
	static struct http_request q;
	struct http_call c = {.request = &q, .token = TOKEN};
	char text[1400];

	snprintf(text, sizeof text,
		"POST /x HTTP/1.1\nHost: localhost\nContent-Length: %zu\n%s\n%s", strlen(body),
		headers, body);
	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	assert_true(http_take_body(&q, slice_of(text + q.head, (size_t)q.length)));
	return token_is_right(&c, script);
}

static void test_with_a_token(void **state)
{
	char text[128];
	(void)state;

	snprintf(text, sizeof text, "a=1&token=%s", TOKEN);
	assert_true(taken("", text, false));
	assert_true(taken("Origin: http://localhost\n", text, false));
	snprintf(text, sizeof text, "X-Token: %s\n", TOKEN);
	assert_true(taken(text, "", false));
	snprintf(text, sizeof text, "X-Token: %s\nContent-Type: application/json\n", TOKEN);
	assert_true(taken(text, "{}", true));
	snprintf(text, sizeof text, "token=%.63s", TOKEN);
	assert_false(taken("", text, false));
	snprintf(text, sizeof text, "token=%.63sg", TOKEN);
	assert_false(taken("", text, false));
	assert_false(taken("", "token=", false));
	assert_false(taken("", "", false));
}

/* A form of another site's page has no JSON, and a browser says for whom it asks. */
static void test_a_script_without(void **state)
{
	static const char json[] = "Content-Type: application/json\n";
	(void)state;

	assert_true(taken(json, "{}", true));
	assert_true(taken("", "", true));
	assert_false(taken(json, "{}", false));
	assert_false(taken("", "a=1", true));
	assert_false(taken("Content-Type: text/plain\n", "", true));
	assert_false(taken("Content-Type: application/json\nOrigin: null\n", "{}", true));
	assert_false(taken("Content-Type: application/json\nSec-Fetch-Site: none\n", "{}", true));
	assert_false(taken("Content-Type: application/json\nX-Token: x\n", "{}", true));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_a_token),
		cmocka_unit_test(test_a_script_without),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
