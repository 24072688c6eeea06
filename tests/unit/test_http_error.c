/* Errors: a page for who asks with a browser, in the node's words for who may read, JSON for
 * everybody else. */
#include "tests/unit/http_rig.h"

enum { ACCEPT_MAX = 2048 };

static const char browser[] = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

/* The page is its sentence, and what it was made with. */
static void tell(void *ctx, struct http_call *c, int status, const char *why)
{
	(void)ctx;
	c->type = "text/html";
	wr_format(c->answer, "<p>%d, right %d, path %s, %s: %s{}\n", status, (int)c->right,
		c->request->path, c->request->languages, why);
}

/* /wrong is a 405 with its header. */
static int route(void *ctx, struct http_call *c)
{
	if (strcmp(c->request->path, "/wrong") != 0)
		return web_route(ctx, c);
	c->more = "Allow: POST\r\n";
	wr_format(c->answer, "{\"error\":\"this path takes a POST\"}\n");
	return 405;
}

static const char *ask(enum http_door door, const char *line, const char *headers)
{
	static char text[8192];
	struct web_client *c = web_come(web, 0, door);

	snprintf(text, sizeof text, "%s HTTP/1.1\r\nConnection: close\r\n%s\r\n", line, headers);
	web_say(web, c, text);
	WEB_UNTIL(web, c->closed);
	return c->heard;
}

static void begin(void)
{
	web_begin(web);
	web->conns.s.refused = tell;
	web->conns.s.route = route;
}

static void has(const char *heard, const char *wanted)
{
	if (!strstr(heard, wanted))
		fail_msg("%s is not in %s", wanted, heard);
}

/* What a route says as JSON. */
static void test_of_a_route(void **state)
{
	char headers[ACCEPT_MAX];
	(void)state;

	begin();
	snprintf(headers, sizeof headers, "Host: localhost\r\n%sAccept-Language: ru\r\n", browser);
	const char *heard = ask(DOOR_READ, "GET /wrong", headers);
	has(heard, "HTTP/1.1 405 ");
	has(heard, "Content-Type: text/html\r\n");
	has(heard, "Allow: POST\r\n");
	has(heard, "<p>405, right 2, path /wrong, ru: this path takes a POST");
	heard = ask(DOOR_READ, "GET /wrong", "Host: localhost\r\nAccept: */*\r\n");
	has(heard, "HTTP/1.1 405 ");
	has(heard, "Content-Type: application/json\r\n");
	has(heard, "\r\n\r\n{\"error\":\"this path takes a POST\"}\n");
	heard = ask(DOOR_METRICS, "GET /wrong", headers);
	has(heard, "{\"error\":\"this path takes a POST\"}");
	heard = ask(DOOR_READ, "GET /fine", headers); /* no error */
	has(heard, "{\"path\":\"/fine\"");
	snprintf(headers + strlen(headers), 40, "Content-Length: 3\r\n");
	heard = ask(DOOR_READ, "POST /nothing", headers);
	has(heard, "<p>404, right 2, path /nothing, ru: there is no such path");
	web_end(web);
}

/* Who is refused for what he is learns nothing of the node. */
static void test_of_who_may_not_ask(void **state)
{
	char headers[ACCEPT_MAX];
	(void)state;

	begin();
	snprintf(headers, sizeof headers, "Host: evil.test\r\n%s", browser);
	has(ask(DOOR_READ, "GET /", headers), "<p>403, right 0, path /, : by the name of this");
	snprintf(headers, sizeof headers, "Host: evil.test\r\nContent-Length: 3\r\n%s", browser);
	has(ask(DOOR_READ, "POST /", headers), "<p>403, right 0, path /, : by the name of this");
	has(ask(DOOR_READ, "GET /", "Host: evil.test\r\n"), "{\"error\":\"by the name of this");
	strcpy(web->conns.access.token, "0123456789abcdef");
	snprintf(headers, sizeof headers, "Host: evil.test\r\n%s", browser);
	const char *heard = ask(DOOR_READ, "GET /", headers);
	has(heard, "WWW-Authenticate: Basic");
	has(heard, "<p>401, right 0, ");
	web_end(web);
}

/* What is too long for its place is refused when the rest of the head has told who asks; what
 * cannot be read is refused at once. */
static void test_of_a_head(void **state)
{
	char line[4096], headers[ACCEPT_MAX + 2200], long_text[2100];
	(void)state;

	begin();
	memset(long_text, 'a', sizeof long_text);
	snprintf(headers, sizeof headers, "Host: localhost\r\n%sAccept-Language: ru\r\n", browser);
	snprintf(line, sizeof line, "GET /search?q=%.*s", HTTP_QUERY_MAX, long_text);
	has(ask(DOOR_READ, line, headers),
		"<p>414, right 2, path /search, ru: the query is too long");
	has(ask(DOOR_READ, line, "Host: localhost\r\n"), "{\"error\":\"the query is too long\"}");
	snprintf(headers, sizeof headers, "Host: evil.test\r\n%s", browser);
	has(ask(DOOR_READ, line, headers), "<p>414, right 0, ");
	snprintf(line, sizeof line, "GET /%.*s", 256, long_text);
	has(ask(DOOR_READ, line, headers), "<p>414, right 0, path , : the path is too long");
	snprintf(headers, sizeof headers, "Host: localhost\r\nCookie: %.*s\r\n%s", HTTP_COOKIE_MAX,
		long_text, browser);
	has(ask(DOOR_READ, "GET /", headers), "<p>431, right 2, path /, : the Cookie header");
	snprintf(headers, sizeof headers, "%sX : y\r\nHost: evil.test\r\n", browser);
	has(ask(DOOR_READ, "GET /", headers),
		"<p>400, right 0, path /, : a header line is malformed");
	web_end(web);
}

/* The answer and its page are too long for their place: JSON is short. */
static void too_long(void *ctx, struct http_call *c, int status, const char *why)
{
	(void)ctx, (void)status, (void)why;
	c->answer->bad = true;
}

static void test_without_room(void **state)
{
	char headers[ACCEPT_MAX];
	(void)state;

	begin();
	web->limits.admin_response_bytes.max = 16384;
	snprintf(headers, sizeof headers, "Host: localhost\r\n%s", browser);
	has(ask(DOOR_READ, "GET /long", headers),
		"<p>503, right 2, path /long, : the answer is longer");
	web->conns.s.refused = too_long;
	has(ask(DOOR_READ, "GET /long", headers), "{\"error\":\"the answer is longer");
	has(ask(DOOR_READ, "GET /wrong", headers), "{\"error\":\"this path takes a POST\"}");
	web_end(web);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_a_route),
		cmocka_unit_test(test_of_who_may_not_ask),
		cmocka_unit_test(test_of_a_head),
		cmocka_unit_test(test_without_room),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
