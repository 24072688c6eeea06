/* The listeners of HTTP: doors and rights, the socket file, a reload. What is answered is the
 * test's. */
#include <netinet/tcp.h>

#include "tests/unit/web_rig.h"

#define GET "GET /a HTTP/1.0\r\n\r\n"

static struct web w; /* large */

/* ---- doors ---- */

static void test_each_door_has_its_right(void **state)
{
	(void)state;
	web_begin(&w, NULL);
	w.length = 3;
	assert_int_equal(web_ask(&w, web_local(&w), GET), 200);
	assert_int_equal(w.right, RIGHT_STEER);
	assert_string_equal(w.path, "/a");
	assert_true(web_says(&w, "\r\n\r\nxxx") && web_says(&w, "Content-Type: text/plain\r\n"));
	assert_true(web_says(&w, "Content-Length: 3\r\n"));
	assert_int_equal(web_ask(&w, web_tcp(&w, "127.0.0.1"), GET), 200);
	assert_int_equal(w.right, RIGHT_READ);
	assert_int_equal(web_ask(&w, web_tcp(&w, "127.0.0.2"), GET), 200);
	assert_int_equal(w.right, RIGHT_OPEN);
	assert_int_equal(w.asked, 3);
	web_end(&w);
}

/* The server's end of a connection of ours; -1 when there is none. */
static int end_of(int client)
{
	struct sockaddr_in ours, theirs;
	socklen_t n = sizeof ours;

	assert_int_equal(getsockname(client, (struct sockaddr *)&ours, &n), 0);
	for (int fd = 0; fd < 1024; fd++) {
		n = sizeof theirs;
		if (getpeername(fd, (struct sockaddr *)&theirs, &n) == 0 &&
			theirs.sin_family == AF_INET && theirs.sin_port == ours.sin_port)
			return fd;
	}
	return -1;
}

/* The last bytes of an answer do not wait for the client's word that it has the first (40 ms). */
static void test_answers_are_not_held_back(void **state)
{
	int fd, here, on = 0;
	socklen_t n = sizeof on;
	(void)state;

	web_begin(&w, NULL);
	fd = web_tcp(&w, "127.0.0.1");
	WEB_UNTIL(&w, w.config.limits.max_admin_clients.used == 1);
	here = end_of(fd);
	assert_true(here >= 0);
	assert_int_equal(getsockopt(here, IPPROTO_TCP, TCP_NODELAY, &on, &n), 0);
	assert_true(on);
	close(fd);
	WEB_UNTIL(&w, !w.config.limits.max_admin_clients.used);
	web_end(&w);
}

/* Who may not ask at all does not reach the route. */
static void test_pages_of_others(void **state)
{
	static const char foreign[] = "GET /a HTTP/1.0\r\nOrigin: http://example.org\r\n\r\n";
	(void)state;

	web_begin(&w, NULL);
	assert_int_equal(web_ask(&w, web_tcp(&w, "127.0.0.1"), foreign), 403);
	assert_int_equal(web_ask(&w, web_tcp(&w, "127.0.0.1"),
				 "GET /a HTTP/1.0\r\nHost: example.org\r\n\r\n"),
		403);
	assert_int_equal(w.asked, 0);
	assert_int_equal(web_ask(&w, web_local(&w), foreign), 200);
	assert_int_equal(w.asked, 1);
	web_end(&w);
}

/* ---- answers ---- */

static void test_the_status_of_the_route(void **state)
{
	(void)state;
	web_begin(&w, NULL);
	w.status = 404;
	assert_int_equal(web_ask(&w, web_local(&w), GET), 404);
	w.status = 503;
	assert_int_equal(web_ask(&w, web_local(&w), GET), 503);
	web_end(&w);
}

static void test_head(void **state)
{
	(void)state;
	web_begin(&w, NULL);
	w.length = 5;
	assert_int_equal(web_ask(&w, web_local(&w), "HEAD /a HTTP/1.0\r\n\r\n"), 200);
	assert_true(web_says(&w, "Content-Length: 5\r\n"));
	assert_string_equal(w.reply + w.reply_size - 4, "\r\n\r\n");
	web_end(&w);
}

/* ---- bounds ---- */

static void test_an_answer_that_is_too_long(void **state)
{
	(void)state;
	web_begin(&w, NULL);
	w.length = (size_t)w.config.limits.admin_response_bytes.max;
	assert_int_equal(web_ask(&w, web_local(&w), GET), 200);
	w.length++;
	assert_int_equal(web_ask(&w, web_local(&w), GET), 503);
	assert_true(web_says(&w, "limits.admin_response_bytes"));
	web_end(&w);
}

/* ---- moving ---- */

static void test_reload(void **state)
{
	static struct config fresh; /* large */
	bool new_token;
	char path[96];
	(void)state;

	web_begin(&w, NULL);
	fresh = w.config;
	snprintf(fresh.admin_socket, sizeof fresh.admin_socket, "%s", "chain.mdb");
	assert_false(http_server_reload(w.server, &w.config, &fresh, &new_token));
	assert_non_null(strstr(http_server_why(w.server), "admin.socket: "));
	assert_int_equal(web_ask(&w, web_local(&w), GET), 200); /* where it was */
	snprintf(fresh.admin_socket, sizeof fresh.admin_socket, "%s", "other.sock");
	assert_true(http_server_reload(w.server, &w.config, &fresh, &new_token));
	assert_false(new_token);
	snprintf(path, sizeof path, "%s/admin.sock", w.dir);
	assert_int_not_equal(access(path, F_OK), 0);
	snprintf(path, sizeof path, "%s/other.sock", w.dir);
	assert_int_equal(access(path, F_OK), 0);
	web_end(&w);
}

static void test_a_start_that_fails(void **state)
{
	static struct config bad; /* large */
	int status = 0;
	(void)state;

	web_begin(&w, NULL);
	const struct http_settings s = {.base = w.base,
		.clock = &clock_system,
		.limits = &bad.limits,
		.route = web_route,
		.ctx = &w};
	bad = w.config;
	bad.admin_listen[0] = bad.admin_metrics_listen[0] = 0;
	snprintf(bad.admin_socket, sizeof bad.admin_socket, "lock");
	assert_null(http_server_start(&s, &bad, &status));
	assert_int_equal(status, EXIT_USAGE);
	snprintf(bad.admin_socket, sizeof bad.admin_socket, "%s", w.config.admin_socket);
	assert_null(http_server_start(&s, &bad, &status)); /* somebody answers there */
	assert_int_equal(status, EXIT_TASK_FAILED);
	web_end(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_door_has_its_right),
		cmocka_unit_test(test_answers_are_not_held_back),
		cmocka_unit_test(test_pages_of_others),
		cmocka_unit_test(test_the_status_of_the_route),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_an_answer_that_is_too_long),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_a_start_that_fails),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
