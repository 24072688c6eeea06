/* Every path that is read over HTTP, without a node; and what is no path, no method, no argument,
 * or not for who asks. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/figures.h"
#include "base/hex.h"
#include "tests/unit/api_rig.h"

static struct told t; /* large */

static void fill(void)
{
	rig_fill(&t.r, &t.b, API_BLOCKS);
}

/* ---- the node and its parts ---- */

static void test_status(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	fill();
	rig_peer(&t.r, 1, true, API_BLOCKS);
	t.r.mono += 61000;
	t.state.lag = (struct api_lag){100, 1, 50, 3000, 4};
	assert_int_equal(ask(&t, "GET", "/status"), 200);
	expect_text(&t, "version", "1.2.3");
	expect_text(&t, "chain", "devnet");
	expect_bool(&t, "syncing", false);
	expect_number(&t, "height", API_BLOCKS);
	expect_number(&t, "peers", 1);
	expect_number(&t, "uptime_seconds", 61);
	expect_number(&t, "loop.loop_samples_total", 100);
	expect_number(&t, "loop.loop_lag_max_seconds", 3);
	expect_number(&t, "sync.future_blocks", 0);
	expect_number(&t, "network.inbound", 0);
	expect_text(&t, "network.last_dial_error", "");
	assert_int_equal(field(&t, "store").n > 2, true);
	told_end(&t);
}

/* The value that a line of /metrics gives; what follows the name is `with` and a space. */
static double metric(const char *name, const char *with)
{
	char start[128];
	const char *at;

	snprintf(start, sizeof start, "\n%s%s ", name, with);
	at = strstr(body(&t), start);
	if (!at)
		fail_msg("there is no line %s%s", name, with);
	return at ? strtod(at + strlen(start), NULL) : 0;
}

/* Each number of /status is a metric of the same value. */
static void test_metrics(void **state)
{
	static double told[FIGURES];
	char name[96];
	(void)state;

	told_begin(&t, NULL);
	fill();
	rig_peer(&t.r, 1, true, API_BLOCKS);
	t.state.lag = (struct api_lag){100, 1, 50, 3000, 4};
	ask(&t, "GET", "/status");
	for (int i = 0; i < FIGURES; i++) {
		const struct figure_row *f = &figure_rows[i];
		snprintf(name, sizeof name, "%s%s%s", f->part, f->part[0] ? "." : "", f->name);
		struct slice v = field(&t, name);
		snprintf(name, sizeof name, "%.*s", (int)v.n, (const char *)v.p);
		told[i] = strtod(name, NULL);
	}
	assert_int_equal(ask(&t, "GET", "/metrics"), 200);
	assert_string_equal(t.call.type, "text/plain; version=0.0.4; charset=utf-8");
	for (int i = 0; i < FIGURES; i++) {
		snprintf(name, sizeof name, "alfisd_%s", figure_rows[i].name);
		assert_true(metric(name, "") == told[i]);
	}
	assert_true(metric("alfisd_height", "") == API_BLOCKS);
	assert_true(metric("alfisd_syncing", "") == 0);
	assert_true(metric("alfisd_info", "{version=\"1.2.3\",network=\"devnet\"}") == 1);
	assert_true(metric("alfisd_limit_max", "{row=\"max_window\"}") ==
		    (double)t.config.limits.max_window.max);
	assert_true(metric("alfisd_connections_closed_total", "{reason=\"timeout\"}") == 0);
	assert_true(metric("alfisd_messages_total", "{type=\"Ping\",direction=\"in\"}") == 0);
	assert_true(metric("process_threads", "") >= 1);
	told_end(&t);
}

static void test_limits(void **state)
{
	struct bound *b = &t.r.limits.max_bans;
	(void)state;

	told_begin(&t, NULL);
	p2p_ban(t.api.p2p, "192.0.2.1", 60);
	assert_int_equal(ask(&t, "GET", "/limits"), 200);
	assert_int_equal(length_of(&t, "limits"), LIMIT_ROWS);
	look_into(&t, "limits", LIMIT_ROW_max_bans);
	expect_text(&t, "row", "max_bans");
	expect_text(&t, "unit", "count");
	expect_number(&t, "used", 1);
	expect_number(&t, "peak", 1);
	expect_number(&t, "max", b->max);
	expect_number(&t, "hits_total", 0);
	expect_bool(&t, "at_bound", false);
	expect_bool(&t, "current", true);
	told_end(&t);
}

static void test_config(void **state)
{
	const char *const sets[] = {"node.drain=7 s", NULL};
	(void)state;

	told_begin(&t, sets);
	assert_int_equal(ask(&t, "GET", "/config"), 200);
	look_into(&t, "settings", KEY_drain);
	expect_text(&t, "key", "node.drain");
	expect_number(&t, "value", 7);
	expect_text(&t, "unit", "seconds");
	expect_text(&t, "source", "command line");
	told_end(&t);
}

/* A connection that has not greeted; of another peer's number the engine knows more. */
static void test_peers(void **state)
{
	struct netaddr at;
	struct sockaddr_storage ss;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)state;

	told_begin(&t, NULL);
	assert_int_equal(p2p_listening(t.api.p2p, &at, 1), 1);
	socklen_t n = netaddr_to_sockaddr(&at, &ss);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, n), 0);
	while (!p2p_connections(t.api.p2p))
		told_turn(&t);
	rig_peer(&t.r, 1, true, API_BLOCKS); /* the connection's number, too */
	assert_int_equal(ask(&t, "GET", "/peers"), 200);
	assert_null(strstr(body(&t), "known"));
	look_into(&t, "peers", 0);
	expect_number(&t, "id", 1);
	expect_text(&t, "direction", "inbound");
	expect_bool(&t, "ready", false);
	expect_number(&t, "requests_in_flight", API_BLOCKS);
	expect_number(&t, "good_blocks_total", 0);
	assert_int_equal(p2p_peer_add(t.api.p2p, "192.0.2.9:4244"), ERR_OK);
	assert_int_equal(ask(&t, "GET", "/peers?all"), 200);
	expect_number(&t, "known_total", 0);
	assert_int_equal(length_of(&t, "known"), 0);
	look_into(&t, "configured", 0);
	expect_text(&t, "address", "192.0.2.9:4244");
	close(fd);
	told_end(&t);
}

static void test_bans(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/bans"), 200);
	expect_number(&t, "bans_total", 0);
	assert_int_equal(length_of(&t, "bans"), 0);
	p2p_ban(t.api.p2p, "2001:db8::1", 90);
	p2p_ban(t.api.p2p, "192.0.2.1", 60);
	assert_int_equal(ask(&t, "GET", "/bans"), 200);
	expect_number(&t, "bans_total", 2);
	assert_int_equal(length_of(&t, "bans"), 2);
	bool first = strstr(body(&t), "192.0.2.1") < strstr(body(&t), "2001:db8::");
	look_into(&t, "bans", first ? 0 : 1);
	expect_text(&t, "address", "192.0.2.1");
	expect_number(&t, "prefix_bits", 32);
	expect_number(&t, "left_seconds", 60);
	expect_text(&t, "reason", "by hand");
	told_end(&t);
}

/* ---- health ---- */

static void test_health(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/health"), 200);
	expect_text(&t, "status", "ok");
	expect_bool(&t, "ready", false);
	expect_number(&t, "height", 0);
	assert_int_equal(ask(&t, "GET", "/health?ready"), 503);
	expect_text(&t, "status", "not ready");
	fill();
	rig_peer(&t.r, 1, true, API_BLOCKS);
	assert_int_equal(ask(&t, "GET", "/health?ready"), 200);
	expect_text(&t, "status", "ok");
	expect_number(&t, "height", API_BLOCKS);
	expect_number(&t, "best_height", API_BLOCKS);
	expect_number(&t, "peers", 1);
	expect_text(&t, "store", "ok");
	t.r.wall += 365 * 86400;
	rig_peer(&t.r, 2, true, API_BLOCKS + 1); /* one of two says that it is behind */
	assert_int_equal(ask(&t, "GET", "/health?ready"), 200);
	rig_peer(&t.r, 3, true, API_BLOCKS + 1);
	assert_int_equal(ask(&t, "GET", "/health?ready"), 503);
	expect_text(&t, "status", "not ready");
	expect_number(&t, "best_height", API_BLOCKS + 1);
	t.state.store_error = "no space left";
	assert_int_equal(ask(&t, "GET", "/health"), 503);
	expect_text(&t, "status", "failing");
	expect_text(&t, "store", "no space left");
	t.state = (struct api_state){.stopping = true};
	assert_int_equal(ask(&t, "GET", "/health"), 503);
	expect_text(&t, "reason", "stopping");
	t.r.limits.max_subscribers.used = 2;
	t.r.limits.max_admin_clients.used = 3;
	ask(&t, "GET", "/health");
	expect_number(&t, "subscribers", 2);
	expect_number(&t, "admin_clients", 3);
	t.r.limits.max_subscribers.used = t.r.limits.max_admin_clients.used = 0;
	told_end(&t);
}

/* ---- the chain ---- */

static void test_chain(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/chain"), 200);
	expect_number(&t, "height", 0);
	expect_text(&t, "tip", "");
	fill();
	assert_int_equal(ask(&t, "GET", "/chain"), 200);
	expect_number(&t, "height", API_BLOCKS);
	assert_int_equal(field(&t, "tip").n, 64 + 2);
	told_end(&t);
}

static void test_zones(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/zones"), 200);
	assert_non_null(strstr(body(&t), "{\"name\":\"ygg\",\"yggdrasil\":true}"));
	told_end(&t);
}

static void test_names(void **state)
{
	char identity[2 * HASH_SIZE + 1];
	struct block_owned *b;
	uint64_t newest;

	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/names"), 200);
	assert_int_equal(length_of(&t, "latest"), 0);
	fill();
	assert_int_equal(ask(&t, "GET", "/names"), 200);
	look_into(&t, "latest", 0);
	assert_true(json_get_u64(field(&t, "block"), &newest));
	assert_int_equal(chain_block(t.api.chain, newest, &b), ERR_OK);
	assert_true(b->b.full);
	hex_upper(b->b.tx.identity, identity);
	expect_text(&t, "identity", identity);
	expect_text(&t, "zone", "mob");
	expect_text(&t, "event", "registered");
	expect_number(&t, "timestamp", b->b.timestamp);
	mem_free(b);
	assert_int_equal(ask(&t, "GET", "/names"), 200);
	assert_int_equal(length_of(&t, "falling_free"), 0);
	told_end(&t);
}

static void test_blocks(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	fill();
	assert_int_equal(ask(&t, "GET", "/blocks"), 200);
	assert_int_equal(length_of(&t, "blocks"), 20);
	assert_int_equal(ask(&t, "GET", "/blocks?from=3&count=2"), 200);
	assert_int_equal(length_of(&t, "blocks"), 2);
	look_into(&t, "blocks", 0);
	expect_number(&t, "index", 3);
	assert_int_equal(ask(&t, "GET", "/blocks?from=29&count=100"), 200);
	assert_int_equal(length_of(&t, "blocks"), 2);
	ask(&t, "GET", "/blocks?count=101");
	expect_error(&t, 400, "the argument count is no number from 1 to 100");
	ask(&t, "GET", "/blocks?count=2x");
	expect_error(&t, 400, "the argument count is no number from 1 to 100");
	ask(&t, "GET", "/blocks?from=0");
	expect_error(&t, 400, "the argument from is no number from 1 to 18446744073709551615");
	told_end(&t);
}

/* The text field of the answer, or of one of its objects. */
static const char *text_of(const char *path, char to[512])
{
	size_t n;

	assert_true(json_get_text(field(&t, path), (uint8_t *)to, 511, &n));
	to[n] = 0;
	return to;
}

static void test_block_key_and_domain(void **state)
{
	char hash[512], key[512], identity[512], target[1100];
	uint64_t full = 0;
	(void)state;

	told_begin(&t, NULL);
	fill();
	ask(&t, "GET", "/chain");
	json_get_u64(field(&t, "last_full_block"), &full);
	snprintf(target, sizeof target, "/block/%llu", (unsigned long long)full);
	assert_int_equal(ask(&t, "GET", target), 200);
	expect_number(&t, "index", full);
	text_of("hash", hash);
	text_of("pub_key", key);
	text_of("transaction.identity", identity);
	snprintf(target, sizeof target, "/block/%s", hash);
	assert_int_equal(ask(&t, "GET", target), 200);
	expect_number(&t, "index", full);
	snprintf(target, sizeof target, "/key/%s", key);
	assert_int_equal(ask(&t, "GET", target), 200);
	expect_text(&t, "pub_key", key);
	expect_bool(&t, "banned", false);
	snprintf(target, sizeof target, "/domain/%s", identity);
	assert_int_equal(ask(&t, "GET", target), 200);
	expect_text(&t, "identity", identity);
	assert_int_equal(ask(&t, "GET", "/domain/nobody%2Eygg"), 200);
	expect_text(&t, "state", "free");
	ask(&t, "GET", "/block/31");
	expect_error(&t, 404, "there is no such block");
	ask(&t, "GET", "/key/00");
	expect_error(&t, 404, "there is no such key");
	ask(&t, "GET", "/block/%zz");
	expect_error(&t, 400, "the path is malformed");
	told_end(&t);
}

/* ---- events ---- */

static void test_events_stay(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/events"), 200);
	assert_true(t.call.stays);
	assert_string_equal(t.call.type, "text/event-stream");
	assert_int_equal(t.answer.n, 0);
	told_end(&t);
}

/* ---- what is refused ---- */

static void test_refused(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	ask(&t, "GET", "/nothing");
	expect_error(&t, 404,
		"there is no such path: docs/api.md has the list, and what follows /block/, "
		"/domain/ and /key/");
	ask(&t, "GET", "/block/");
	assert_int_equal(t.status, 404);
	ask(&t, "GET", "/statusx");
	assert_int_equal(t.status, 404);
	ask(&t, "POST", "/status");
	expect_error(&t, 405, "this path is read with GET");
	assert_string_equal(t.call.more, "Allow: GET, HEAD\r\n");
	ask(&t, "GET", "/stop");
	expect_error(&t, 405, "this path takes a POST");
	assert_string_equal(t.call.more, "Allow: POST\r\n");
	assert_null(t.called);
	ask(&t, "GET", "/status?x=1");
	assert_int_equal(t.status, 400);
	ask(&t, "GET", "/blocks?count=1&count=2");
	assert_int_equal(t.status, 400);
	assert_int_equal(ask(&t, "GET", "/status/"), 200);
	assert_int_equal(ask(&t, "HEAD", "/status"), 200);
	told_end(&t);
}

/* Each path is for those who have its right, and for no others. */
static void test_rights(void **state)
{
	static const struct {
		const char *method, *path;
		enum http_right right;
	} rows[] = {
#define ROUTE(method, path, arguments, right, function, help) {method, path, right},
#include "api/routes.def"
	};
	char text[256];
	(void)state;

	told_begin(&t, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool below = rows[i].path[1] && rows[i].path[strlen(rows[i].path) - 1] == '/';
		snprintf(text, sizeof text, "%s %s%s HTTP/1.0\r\n\r\n", rows[i].method,
			rows[i].path, below ? "1" : "");
		for (enum http_right r = RIGHT_OPEN; r < rows[i].right; r++) {
			ask_text(&t, r, text);
			expect_error(&t, 403,
				r == RIGHT_OPEN ? "only /metrics and /health are here"
				: r == RIGHT_READ
					? "only reading here: changes, and the owner's keys, are asked for at the "
					  "Unix socket admin.socket, or with a session at webui.listen"
					: "this is asked for at the Unix socket admin.socket alone");
			assert_null(t.called);
		}
		assert_int_not_equal(ask_text(&t, rows[i].right, text), 403);
	}
	told_end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_bans),
		cmocka_unit_test(test_health),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_block_key_and_domain),
		cmocka_unit_test(test_events_stay),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_rights),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
