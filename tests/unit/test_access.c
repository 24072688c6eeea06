/* Who may ask: networks, the token's file, what a browser says, and who may do what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/access.h"
#include "http/request.h"
#include "net/addr.h"
#include "tests/unit/main.h"

/* ---- networks ---- */

static void address(const char *text, uint8_t ip[16])
{
	struct netaddr a;

	assert_true(netaddr_parse_loose(slice_str(text), 1, &a));
	memcpy(ip, a.ip, 16);
}

static void test_networks(void **state)
{
	static const struct {
		const char *network, *inside, *outside;
	} rows[] = {
		{"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
		{"192.0.2.7", "192.0.2.7", "192.0.2.6"},
		{"192.0.2.6/31", "192.0.2.7", "192.0.2.8"},
		{"0.0.0.0/0", "255.255.255.255", "::1"},
		{"::/0", "10.0.0.1", NULL},
		{"::ffff:0:0/96", "10.0.0.1", "::1"},
		{"fd00::/8", "fdff::1", "fe00::"},
		{"2001:db8::/127", "2001:db8::1", "2001:db8::2"},
		{"::1", "::1", "127.0.0.1"},
	};
	struct cidr c;
	uint8_t ip[16];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(cidr_parse(rows[i].network, &c));
		address(rows[i].inside, ip);
		assert_true(cidr_has(&c, ip));
		if (!rows[i].outside)
			continue;
		address(rows[i].outside, ip);
		assert_false(cidr_has(&c, ip));
	}
}

/* Of every length: the last bit that counts, and the first one that does not. */
static void test_network_lengths(void **state)
{
	struct cidr c = {.ip = {[0] = 0}};
	(void)state;

	for (c.bits = 0; c.bits <= 128; c.bits++) {
		uint8_t ip[17] = {[16] = 0xff}; /* what stands behind an address does not count */
		assert_true(cidr_has(&c, ip));
		if (c.bits < 128) {
			ip[c.bits / 8] = (uint8_t)(0x80 >> c.bits % 8);
			assert_true(cidr_has(&c, ip));
			ip[c.bits / 8] = 0;
		}
		if (c.bits > 0) {
			ip[(c.bits - 1) / 8] = (uint8_t)(0x80 >> (c.bits - 1) % 8);
			assert_false(cidr_has(&c, ip));
		}
	}
}

static void test_no_networks(void **state)
{
	static const char *const rows[] = {"", "/8", "x", "10.0.0.0/", "10.0.0.0/33", "10.1.0.0/8",
		"10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/4294967304", "::/129",
		"::1/64", "10.0.0/8", "1111:1111:1111:1111:1111:1111:111.111.111.1111/128"};
	struct cidr c;
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (cidr_parse(rows[i], &c))
			fail_msg("%s", rows[i]);
}

/* ---- settings ---- */

static struct config config;
static struct http_access access_;
static char folder[] = "/tmp/alfaccessXXXXXX", file[64];

static bool load(const char *allow, const char *token, char why[ACCESS_WHY_MAX])
{
	FILE *f = token ? fopen(file, "w") : NULL;

	if (f) {
		fputs(token, f);
		fclose(f);
		chmod(file, 0600);
	}
	memset(&config, 0, sizeof config);
	config.admin_allow.item = config.room.admin_allow;
	snprintf(config.data_dir, sizeof config.data_dir, "%s", folder);
	snprintf(config.admin_token_file, sizeof config.admin_token_file, "%s",
		token ? "token" : "");
	config.admin_allow.count = allow != NULL;
	snprintf(config.admin_allow.item[0], CONFIG_TEXT_MAX, "%s", allow ? allow : "");
	return http_access_load(&access_, &config, why);
}

static void must_load(const char *allow, const char *token)
{
	char why[ACCESS_WHY_MAX] = "";

	if (!load(allow, token, why))
		fail_msg("%s", why);
}

static void test_token_files(void **state)
{
	char why[ACCESS_WHY_MAX], text[TOKEN_MAX + 8];
	(void)state;

	must_load(NULL, "0123456789abcdef");
	must_load(NULL, "0123456789abcdef\r\n\n");
	assert_string_equal(access_.token, "0123456789abcdef");
	memset(text, 'x', sizeof text);
	text[TOKEN_MAX] = 0;
	must_load(NULL, text);
	text[TOKEN_MAX] = 'x';
	text[TOKEN_MAX + 1] = 0;
	assert_false(load(NULL, text, why));
	assert_false(load(NULL, "0123456789abcde", why));
	assert_non_null(strstr(why, "is not one word of 16 to 256 printable characters"));
	assert_false(load(NULL, "0123456789 abcdef", why));
	assert_false(load(NULL, "", why));
	unlink(file);
	assert_false(http_access_load(&access_, &config, why));
	assert_non_null(strstr(why, "/token: No such file or directory"));
	assert_int_equal(mkfifo(file, 0600), 0); /* nobody waits for it */
	assert_false(http_access_load(&access_, &config, why));
	assert_non_null(strstr(why, "/token: it is no regular file"));
	unlink(file);
	must_load(NULL, NULL);
	assert_string_equal(access_.token, "");
}

static bool lets_in(const char *text)
{
	struct sockaddr_storage ss;
	struct netaddr a;

	assert_true(netaddr_parse_loose(slice_str(text), 1, &a));
	netaddr_to_sockaddr(&a, &ss);
	return http_access_lets_in(&access_, (struct sockaddr *)&ss);
}

static void test_who_is_let_in(void **state)
{
	struct sockaddr local = {.sa_family = AF_UNIX};
	(void)state;

	must_load(NULL, NULL);
	assert_true(lets_in("192.0.2.1") && lets_in("2001:db8::1"));
	must_load("192.0.2.0/24", NULL);
	assert_true(lets_in("192.0.2.1") && lets_in("127.0.0.1") && lets_in("127.9.9.9"));
	assert_true(lets_in("::1") && lets_in("[::ffff:192.0.2.1]:1"));
	assert_false(lets_in("192.0.3.1") || lets_in("2001:db8::1"));
	assert_false(http_access_lets_in(&access_, &local));
}

/* ---- requests ---- */

static int judge(enum http_door door, const char *headers)
{
	char text[1024];
	struct http_request q;
	const char *error;

	snprintf(text, sizeof text, "GET /status HTTP/1.1\r\n%s\r\n", headers);
	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	int status = http_access_judge(&access_, door, &q, &error);
	assert_int_equal(status != 200, error != NULL);
	return status;
}

static void test_without_a_token(void **state)
{
	static const char *const evil[] = {"Host: evil.example\r\n",
		"Host: 127.0.0.1.evil.example\r\n", "Host: localhost.evil.example\r\n",
		"Host: localhostx\r\n", "Host: 10.0.0.1\r\n", "Host: localhost\r\nOrigin: null\r\n",
		"Origin:\r\n", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"};
	(void)state;

	must_load(NULL, NULL);
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		assert_int_equal(judge(DOOR_READ, evil[i]), 403);
		assert_int_equal(judge(DOOR_LOCAL, evil[i]), 200);
	}
	assert_int_equal(judge(DOOR_READ, ""), 200);
	assert_int_equal(judge(DOOR_READ, "Host: localhost:1\r\n"), 200);
	assert_int_equal(judge(DOOR_READ, "Host: [::1]:4245\r\n"), 200);
	assert_int_equal(judge(DOOR_METRICS, "Host: node.lan:4246\r\n"), 200);
	assert_int_equal(judge(DOOR_METRICS, "Origin: http://a\r\n"), 403);
}

static void test_with_a_token(void **state)
{
	static const char *const wrong[] = {"", "Authorization: Bearer 0123456789abcdeF\r\n",
		"Authorization: Bearer 0123456789abcde\r\n",
		"Authorization: Bearer 0123456789abcdef0\r\n",
		"Authorization: Digest 0123456789abcdef\r\n", "Authorization: Bearer\r\n",
		"Authorization: Basic 0123456789abcdef\r\n",
		"Authorization: Basic MDEyMzQ1Njc4OWFiY2RlZg==\r\n", /* no user before it */
		"Authorization: Basic !\r\n", "Authorization: Basic bWU6MDEy=zQ1\r\n"};
	(void)state;

	must_load(NULL, "0123456789abcdef");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(judge(DOOR_READ, wrong[i]), 401);
	assert_int_equal(judge(DOOR_READ, "Authorization: Bearer 0123456789abcdef\r\n"), 200);
	assert_int_equal(
		judge(DOOR_READ, "Authorization: Basic bWU6MDEyMzQ1Njc4OWFiY2RlZg==\r\n"), 200);
	assert_int_equal(judge(DOOR_READ, "Authorization: Basic OjAxMjM0NTY3ODlhYmNkZWY\r\n"), 200);
	assert_int_equal(judge(DOOR_READ, "Host: node.lan\r\nAuthorization: Bearer "
					  "0123456789abcdef\r\n"),
		200);
	assert_int_equal(judge(DOOR_READ, "Origin: http://a\r\nAuthorization: Bearer "
					  "0123456789abcdef\r\n"),
		403);
	assert_int_equal(judge(DOOR_METRICS, ""), 200);
	assert_int_equal(judge(DOOR_LOCAL, ""), 200);
}

/* The longest that a header takes is decoded into its place and no further. */
static void test_long_credentials(void **state)
{
	char headers[600] = "Authorization: Basic ";
	size_t n = strlen(headers);
	(void)state;

	must_load(NULL, "0123456789abcdef");
	memset(headers + n, 'Q', 511);
	memcpy(headers + n + 511, "\r\n", 3);
	assert_int_equal(judge(DOOR_READ, headers), 401);
}

static int judge_post(const char *headers)
{
	char text[1024];
	struct http_request q;
	const char *error;

	snprintf(text, sizeof text, "POST /x HTTP/1.1\r\n%s\r\n", headers);
	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	return http_access_judge(&access_, DOOR_WEB, &q, &error);
}

/* Whose pages may ask at webui.listen, and by which names. */
static void test_the_owners_page(void **state)
{
	static const char *const good[] = {"Host: 127.0.0.1:8082\r\n", "Host: localhost:8082\r\n",
		"Host: [::1]:8082\r\n", "Host: 192.0.2.7:8082\r\n",
		"Host: localhost:8082\r\nOrigin: http://localhost:8082\r\n",
		"Host: localhost\r\nOrigin: https://LOCALHOST\r\n",
		"Host: 127.0.0.1:8082\r\nSec-Fetch-Site: same-origin\r\n",
		"Host: 127.0.0.1:8082\r\nSec-Fetch-Site: none\r\n"};
	static const char *const evil[] = {"", "Host: evil.example\r\n", "Host: 192.0.2.8:8082\r\n",
		"Host: localhost.evil.example:8082\r\n", "Host: localhost:8082\r\nOrigin: null\r\n",
		"Host: localhost:8082\r\nOrigin: http://evil.example\r\n",
		"Host: localhost:8082\r\nOrigin: http://localhost\r\n",
		"Host: localhost:8082\r\nOrigin: http://localhost:8083\r\n",
		"Host: localhost:8082\r\nOrigin: ftp://localhost:8082\r\n",
		"Host: localhost:8082\r\nOrigin: localhost:8082\r\n",
		"Host: localhost:8082\r\nOrigin: http://localhost:8082\r\nOrigin: "
		"http://localhost:8082\r\n",
		"Host: localhost:8082\r\nSec-Fetch-Site: cross-site\r\n",
		"Host: localhost:8082\r\nSec-Fetch-Site: same-site\r\n"};
	static const char link[] =
		"Host: localhost:8082\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document\r\n";
	(void)state;

	must_load(NULL, NULL);
	snprintf(access_.web_listen, sizeof access_.web_listen, "192.0.2.7:8082");
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(judge(DOOR_WEB, good[i]), 200);
		assert_int_equal(judge_post(good[i]), 200);
	}
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		assert_int_equal(judge(DOOR_WEB, evil[i]), 403);
		assert_int_equal(judge_post(evil[i]), 403);
	}
	assert_int_equal(judge(DOOR_WEB, link), 200);
	assert_int_equal(judge_post(link), 403);
	access_.web_public = true;
	assert_int_equal(judge_post("Host: node.lan\r\nOrigin: https://node.lan\r\n"), 200);
	assert_int_equal(judge_post("Host: node.lan\r\nOrigin: https://evil.lan\r\n"), 403);
}

static void test_proxies(void **state)
{
	static const char head[] = "GET / HTTP/1.1\nHost: a\nX-Forwarded-Proto: http, https\n"
				   "X-Forwarded-For: 203.0.113.9, 198.51.100.4\n\n";
	struct http_request q;
	struct netaddr a;
	(void)state;

	must_load(NULL, NULL);
	netaddr_parse_loose(slice_str("192.0.2.5"), 1, &a);
	assert_false(http_access_is_proxy(&access_, &a));
	assert_true(cidr_parse("192.0.2.0/29", &access_.proxies[access_.proxy_count++]));
	assert_true(http_access_is_proxy(&access_, &a));
	netaddr_parse_loose(slice_str("192.0.2.9"), 1, &a);
	assert_false(http_access_is_proxy(&access_, &a));
	assert_int_equal(http_parse(slice_str(head), &q), HTTP_DONE);
	assert_true(q.forwarded_https);
	assert_string_equal(q.forwarded_for, "198.51.100.4");
}

static void test_rights_and_places(void **state)
{
	(void)state;

	assert_int_equal(http_access_right(DOOR_LOCAL), RIGHT_STEER);
	assert_int_equal(http_access_right(DOOR_READ), RIGHT_READ);
	assert_int_equal(http_access_right(DOOR_METRICS), RIGHT_OPEN);
	assert_int_equal(http_access_right(DOOR_WEB), RIGHT_NONE);
	assert_int_equal(http_places_kept(0), 0);
	assert_int_equal(http_places_kept(1), 0);
	assert_int_equal(http_places_kept(2), 1);
	assert_int_equal(http_places_kept(8), 2);
	assert_int_equal(http_places_kept(256), 64);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof file, "%s/token", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_network_lengths),
		cmocka_unit_test(test_no_networks),
		cmocka_unit_test(test_token_files),
		cmocka_unit_test(test_who_is_let_in),
		cmocka_unit_test(test_without_a_token),
		cmocka_unit_test(test_with_a_token),
		cmocka_unit_test(test_long_credentials),
		cmocka_unit_test(test_the_owners_page),
		cmocka_unit_test(test_proxies),
		cmocka_unit_test(test_rights_and_places),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
