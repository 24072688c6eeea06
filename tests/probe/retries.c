/* Role: what fails, again and again: connects, handshakes both ways, names, admin requests. */
#include "tests/probe/probe.h"

enum { HOUR_MS = 3600 * 1000, ROUND = 64 };

static struct raw w, first; /* large */

/* A configured peer's rest is over after an hour whatever befell it. */
static void dial_again(struct station *s)
{
	station_later(s, HOUR_MS);
	dialer_wake(s->n.p2p->dialer);
}

static uint64_t failures(struct station *s)
{
	struct p2p_stats st;

	p2p_stats(s->n.p2p, &st);
	return st.dial_failures;
}

static void fail_once_more(struct station *s)
{
	uint64_t before = failures(s);

	dial_again(s);
	UNTIL(&s->r, failures(s) > before && p2p_connections(s->n.p2p) == 0);
}

/* ---- connects to a port that nobody listens on ---- */

static const char nobody[] = "127.0.0.1:1";

static void connect_begin(struct station *s)
{
	assert_int_equal(p2p_peer_add(s->n.p2p, nobody), ERR_OK);
}

static void connect_once(struct station *s, uint64_t i)
{
	(void)i;
	fail_once_more(s);
}

static void connect_end(struct station *s)
{
	assert_int_equal(p2p_peer_remove(s->n.p2p, nobody), ERR_OK);
}

/* ---- handshakes that are refused ---- */

static const char other_origin[] =
	"AA00001D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E";

/* What the node calls itself on a connection that is there. */
static const char *own_id(const struct station *s)
{
	for (struct conn *c = s->n.p2p->pool.all; c; c = c->next)
		if (peer_of(c)->our_id[0])
			return peer_of(c)->our_id;
	fail_msg("it has told nobody an id");
	return "";
}

/* Of another network, too old, or the node itself. */
static struct message misfit(const struct station *s, uint64_t i)
{
	struct message m = hand(i % 3 == 2 ? own_id(s) : "probe0");

	if (i % 3 == 0)
		m.origin = slice_str(other_origin);
	if (i % 3 == 1)
		m.app_version = slice_str("0.6.3");
	return m;
}

static void inbound_once(struct station *s, uint64_t i)
{
	char source[INET_ADDRSTRLEN];

	if (i % 3 == 2) {
		raw_from(
			&first, &s->at, "127.0.0.1"); /* one host: what is known of it is one row */
		raw_greet(&s->r, &first, "first");
	}
	struct message m = misfit(s, i);
	raw_from(&w, &s->at, station_source(i, source));
	raw_hello(&s->r, &w);
	raw_message(&w, &m);
	if (i % 3 == 2)
		raw_expect(&s->r, &w, MSG_LOOP, &m);
	else
		UNTIL(&s->r, raw_is_closed(&w));
	raw_close(&w);
	if (i % 3 == 2)
		raw_close(&first);
	UNTIL(&s->r, p2p_connections(s->n.p2p) == 0);
	if (i % ROUND == ROUND - 1) { /* its bans end */
		station_later(s, HOUR_MS);
		station_expire(s);
	}
}

static void inbound_end(struct station *s)
{
	station_later(s, HOUR_MS);
	station_expire(s);
	assert_int_equal(s->config.limits.max_bans.used, 0);
}

static int listener;
static char listening[NETADDR_TEXT_MAX];

static void outbound_begin(struct station *s)
{
	struct netaddr at;

	listener = station_listen(&at);
	assert_int_equal(p2p_peer_add(s->n.p2p, netaddr_text(&at, listening)), ERR_OK);
}

static void outbound_once(struct station *s, uint64_t i)
{
	struct message m, answer;

	dial_again(s);
	station_accept(s, listener, &w);
	raw_expect(&s->r, &w, MSG_HAND, &m);
	answer = misfit(s, i);
	answer.type = i % 3 == 2 ? MSG_LOOP : MSG_SHAKE;
	raw_message(&w, &answer);
	UNTIL(&s->r, raw_is_closed(&w));
	raw_close(&w);
	UNTIL(&s->r, p2p_connections(s->n.p2p) == 0);
}

static void outbound_end(struct station *s)
{
	assert_int_equal(p2p_peer_remove(s->n.p2p, listening), ERR_OK);
	close(listener);
}

/* ---- names ---- */

static const char onion[] = "nobody.onion:4244"; /* refused by the resolver itself (RFC 7686) */

static void peer_name_begin(struct station *s)
{
	assert_int_equal(p2p_peer_add(s->n.p2p, onion), ERR_OK);
}

static void peer_name_end(struct station *s)
{
	assert_int_equal(p2p_peer_remove(s->n.p2p, onion), ERR_OK);
}

static struct name_server server;
static struct resolver *resolver;
static struct bound lookup_time = {.name = "lookup_timeout", .max = 2000};
static uint64_t told;

static void on_resolved(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	(void)ctx, (void)tag, (void)found, (void)why;
	assert_int_equal(count, 0);
	told++;
}

static void name_begin(struct station *s)
{
	server = (struct name_server){.answer = NAME_ABSENT};
	name_server_open(&server, s->r.base);
	resolver = resolver_start(s->r.base, &s->config.limits.max_lookups, &lookup_time, server.at,
		on_resolved, NULL);
	assert_non_null(resolver);
}

static void name_once(struct station *s, uint64_t i)
{
	uint64_t before = told;

	server.answer = i % 2 ? NAME_ABSENT : NAME_GARBAGE;
	assert_true(resolver_lookup(resolver, "absent.example", 4244, i));
	UNTIL(&s->r, told > before);
}

static void name_end(struct station *s)
{
	(void)s;
	resolver_free(resolver);
	name_server_close(&server);
}

/* ---- admin requests ---- */

static void admin_once(struct station *s, uint64_t i)
{
	static const struct {
		const char *request;
		int status;
	} bad[] = {
		{"GET /nothing HTTP/1.0\r\n\r\n", 404},
		{"POST /status HTTP/1.0\r\n\r\n", 405},
		{"nonsense\r\n\r\n", 400},
		{"POST /bans/add?address=nowhere HTTP/1.0\r\n\r\n", 400},
		{"POST /peers/remove?address=127.0.0.9:9 HTTP/1.0\r\n\r\n", 404},
	};
	enum { BAD = sizeof bad / sizeof bad[0] };

	if (i % (BAD + 1) < BAD) {
		assert_int_equal(
			admin_ask(s, bad[i % (BAD + 1)].request), bad[i % (BAD + 1)].status);
	} else { /* leaves in the middle of its request */
		int fd = admin_connect(s);
		assert_int_equal(send(fd, "GET /sta", 8, MSG_NOSIGNAL), 8);
		UNTIL(&s->r, s->config.limits.max_admin_clients.used == 1);
		close(fd);
	}
	UNTIL(&s->r, s->config.limits.max_admin_clients.used == 0);
}

const struct work retries[] = {
	{"connect", connect_begin, connect_once, connect_end, 8, 0, {NULL}},
	{"handshake-in", NULL, inbound_once, inbound_end, 2 * ROUND, 0, {NULL}},
	{"handshake-out", outbound_begin, outbound_once, outbound_end, 9, 0, {NULL}},
	{"peer-name", peer_name_begin, connect_once, peer_name_end, 8, 0, {NULL}},
	{"name", name_begin, name_once, name_end, 8, 0, {NULL}},
	{"admin", NULL, admin_once, NULL, 12, 0, {"limits.admin_timeout=60 s"}},
	{.name = NULL},
};
