/* Role: every kind of request with every way it can end. However it ended, the node holds what it
 * held before. The number of a work is what is asked, times ENDINGS, plus how it ends. */
#include "cli/block_source.h"
#include "tests/probe/probe.h"

enum ending { SUCCESS, MALFORMED, REFUSAL, TIME_OUT, DISCONNECT, ENDINGS };
enum { GET_BLOCK, GET_PEERS, PING, GREETED, GREETING, DIAL, ADMIN, NAME };
enum { MINUTE_MS = 60 * 1000, MINUTES_MAX = 30, CLAIMED_MORE = 1 };

static struct raw w; /* large */

static enum ending ending_of(const struct station *s)
{
	return s->work % ENDINGS;
}

/* ---- how a connection ends ---- */

/* A sealed frame that holds no message. */
static void send_garbage(struct raw *to)
{
	uint8_t bytes[64];
	struct wr f = wr_of(to->frame, sizeof to->frame);

	memset(bytes, 0xff, sizeof bytes);
	assert_true(secure_seal(&to->session, slice_of(bytes, sizeof bytes), &f));
	raw_send(to, to->frame, f.n);
}

/* Minutes go by in which the other side says nothing, until the node gives up. */
static void run_out(struct station *s)
{
	for (int i = 0; p2p_connections(s->n.p2p); i++) {
		assert_true(i < MINUTES_MAX);
		station_later(s, MINUTE_MS);
		for (struct conn *c = s->n.p2p->pool.all; c; c = c->next)
			event_active(c->timer, EV_TIMEOUT, 0);
		turns(&s->r, 5);
	}
}

static void leave(struct station *s)
{
	raw_close(&w);
	UNTIL(&s->r, p2p_connections(s->n.p2p) == 0);
}

/* Nothing is said of what was remembered for a minute or two: seen blocks, addresses to try. */
static void let_go(struct station *s)
{
	struct netaddr a;

	for (int i = 0; i < 3; i++) {
		station_later(s, 2 * MINUTE_MS);
		sync_tick(s->n.sync);
	}
	while (exchange_next(&s->n.p2p->exchange, &a))
		;
	station_later(s, 30ull * 86400 * 1000);
	station_expire(s);
	sync_tick(s->n.sync);
}

/* ---- what the node asks a peer ---- */

static struct block_source blocks;

static void get_block_begin(struct station *s)
{
	struct block_owned *b;
	struct chain_tip t;

	if (!block_source_open(&blocks, "tests/vectors/chains/devnet-72.jsonl.gz"))
		fail_msg("%s", blocks.error);
	chain_get_tip(s->n.chain, &t);
	for (uint64_t i = 0; i < t.height; i++) {
		assert_int_equal(block_source_next(&blocks, &b), ERR_OK);
		mem_free(b);
	}
}

static void get_block_end(struct station *s)
{
	(void)s;
	block_source_close(&blocks);
}

static void answer_block(struct station *s, uint64_t index)
{
	uint8_t bytes[BLOCK_MAX_ENCODED];
	struct wr to = wr_of(bytes, sizeof bytes);
	struct message m = {.type = MSG_BLOCK, .index = index};
	struct block_owned *b;
	struct chain_tip t;

	assert_int_equal(block_source_next(&blocks, &b), ERR_OK);
	assert_int_equal(b->b.index, index);
	block_encode(&b->b, &to);
	mem_free(b);
	m.block = wr_done(&to);
	raw_message(&w, &m);
	do {
		turn(&s->r);
		chain_get_tip(s->n.chain, &t);
	} while (t.height < index);
}

static void wait_for(struct station *s, enum message_type t, struct message *m)
{
	do
		UNTIL(&s->r, raw_next(&w, m));
	while (m->type != t);
}

/* Until the node has read what was sent: its answer to a request behind it. */
static void wait_until_read(struct station *s)
{
	struct message m = {.type = MSG_GET_PEERS};

	raw_message(&w, &m);
	wait_for(s, MSG_PEERS, &m);
}

static void claim_height(struct station *s, uint64_t more)
{
	static const uint8_t hash[32] = {1};
	struct chain_tip t;

	chain_get_tip(s->n.chain, &t);
	struct message m = {
		.type = MSG_PONG, .height = t.height + more, .hash = slice_of(hash, sizeof hash)};
	raw_message(&w, &m);
}

static void succeed(struct station *s, const struct message *asked)
{
	struct message m = {.type = MSG_PEERS, .peer_count = 1};

	if (asked->type == MSG_GET_BLOCK) {
		answer_block(s, asked->index);
		return;
	}
	m.peers[0] = slice_str("127.0.0.1:1");
	if (asked->type == MSG_PING)
		claim_height(s, 0);
	else
		raw_message(&w, &m);
	wait_until_read(s);
}

static void end_as_told(struct station *s, const struct message *asked)
{
	struct message m = {.type = MSG_ERROR};

	switch (ending_of(s)) {
	case SUCCESS:
		succeed(s, asked);
		break;
	case MALFORMED:
		send_garbage(&w);
		UNTIL(&s->r, raw_is_closed(&w));
		break;
	case REFUSAL:
		raw_message(&w, &m);
		break;
	case TIME_OUT:
		run_out(s);
		break;
	case DISCONNECT:
	case ENDINGS:
		break;
	}
	leave(s);
}

static void asked_once(struct station *s, uint64_t i)
{
	static const enum message_type types[] = {MSG_GET_BLOCK, MSG_GET_PEERS, MSG_PING};
	enum message_type wanted = types[s->work / ENDINGS];
	char source[INET_ADDRSTRLEN];
	struct message m = hand("probe0");

	m.app_version = slice_str("0.10.0+alfisd");
	m.origin = slice_str(s->config.origin);
	raw_from(&w, &s->at, station_source(i, source));
	raw_hello(&s->r, &w);
	raw_message(&w, &m);
	if (wanted == MSG_GET_BLOCK)
		claim_height(s, CLAIMED_MORE);
	wait_for(s, wanted, &m);
	end_as_told(s, &m);
	let_go(s);
}

/* ---- handshakes that come in ---- */

static void greeted_once(struct station *s, uint64_t i)
{
	char source[INET_ADDRSTRLEN];
	struct message m = hand("probe0");

	raw_from(&w, &s->at, station_source(i, source));
	raw_hello(&s->r, &w);
	if (ending_of(s) == REFUSAL)
		m.origin = slice_str(&TEST_ORIGIN[1]);
	if (ending_of(s) == SUCCESS || ending_of(s) == REFUSAL)
		raw_message(&w, &m);
	if (ending_of(s) == SUCCESS)
		raw_expect(&s->r, &w, MSG_SHAKE, &m);
	if (ending_of(s) == MALFORMED)
		send_garbage(&w);
	if (ending_of(s) == MALFORMED || ending_of(s) == REFUSAL)
		UNTIL(&s->r, raw_is_closed(&w));
	if (ending_of(s) == TIME_OUT)
		run_out(s);
	leave(s);
	let_go(s);
}

/* ---- dials, and handshakes of ours ---- */

static int listener;
static char listening[NETADDR_TEXT_MAX];
static int fillers[3]; /* connections that fill the listener's queue */

static void dial_begin(struct station *s)
{
	struct netaddr at;
	struct sockaddr_storage ss;

	listener = station_listen(&at);
	socklen_t size = netaddr_to_sockaddr(&at, &ss);
	bool deaf = s->work == DIAL * ENDINGS + TIME_OUT;
	if (deaf)
		assert_int_equal(listen(listener, 0), 0);
	for (int i = 0; i < 3 && deaf; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&ss, size);
	}
	netaddr_text(&at, listening);
	if (s->work == DIAL * ENDINGS + REFUSAL)
		snprintf(listening, sizeof listening, "127.0.0.1:1");
	assert_int_equal(p2p_peer_add(s->n.p2p, listening), ERR_OK);
}

static void dial_end(struct station *s)
{
	for (int i = 0; i < 3 && s->work == DIAL * ENDINGS + TIME_OUT; i++)
		close(fillers[i]);
	close(listener);
	assert_int_equal(p2p_peer_remove(s->n.p2p, listening), ERR_OK);
}

static void dial_once(struct station *s, uint64_t i)
{
	uint64_t before = s->n.p2p->dialled;
	bool reached = ending_of(s) != REFUSAL && ending_of(s) != TIME_OUT;

	(void)i;
	station_later(s, 60ull * MINUTE_MS);
	dialer_wake(s->n.p2p->dialer);
	UNTIL(&s->r, s->n.p2p->dialled > before);
	if (ending_of(s) == TIME_OUT) {
		assert_int_equal(s->n.p2p->pool.all->phase, PHASE_CONNECTING);
		run_out(s);
		assert_non_null(strstr(s->n.p2p->last_dial_error, "time"));
	}
	if (reached)
		UNTIL(&s->r, station_take(listener, &w));
	if (ending_of(s) == MALFORMED) {
		memset(w.frame, 0, 400); /* a hello with a key of low order */
		raw_send(&w, w.frame, 400);
		UNTIL(&s->r, raw_is_closed(&w));
	}
	if (reached)
		raw_close(&w);
	UNTIL(&s->r, p2p_connections(s->n.p2p) == 0);
}

static void greeting_once(struct station *s, uint64_t i)
{
	struct message m, shake = hand("probe0");

	(void)i;
	shake.type = MSG_SHAKE;
	station_later(s, 60ull * MINUTE_MS);
	dialer_wake(s->n.p2p->dialer);
	station_accept(s, listener, &w);
	raw_expect(&s->r, &w, MSG_HAND, &m);
	if (ending_of(s) == REFUSAL)
		shake.origin = slice_str(&TEST_ORIGIN[1]);
	if (ending_of(s) == SUCCESS || ending_of(s) == REFUSAL)
		raw_message(&w, &shake);
	if (ending_of(s) == SUCCESS)
		UNTIL(&s->r, sync_peers_count(&s->n.peers) == 1);
	if (ending_of(s) == MALFORMED)
		send_garbage(&w);
	if (ending_of(s) == TIME_OUT)
		run_out(s);
	leave(s);
	let_go(s);
}

/* ---- admin requests ---- */

static void admin_once(struct station *s, uint64_t i)
{
	static const struct {
		const char *request;
		int status;
	} requests[ENDINGS] = {
		[SUCCESS] = {"GET /status HTTP/1.0\r\n\r\n", 200},
		[MALFORMED] = {"nonsense\r\n\r\n", 400},
		[REFUSAL] = {"GET /nothing HTTP/1.0\r\n\r\n", 404},
		[TIME_OUT] = {"GET /sta", 0},
	};
	const struct bound *clients = &s->config.limits.max_admin_clients;

	(void)i;
	if (ending_of(s) == DISCONNECT) {
		int fd = admin_connect(s);
		UNTIL(&s->r, clients->used == 1);
		close(fd);
	} else {
		assert_int_equal(admin_ask(s, requests[ending_of(s)].request),
			requests[ending_of(s)].status);
	}
	UNTIL(&s->r, clients->used == 0);
}

/* ---- names ---- */

enum { SERVERS = 4 };

/* All alike. So many that have to be waited for, one after the other, take longer than a look-up
 * may: then it is told to be over before c-ares knows. */
static struct name_server servers[SERVERS];
static char all_servers[SERVERS * sizeof servers[0].at];
static struct resolver *resolver;
static struct bound lookup_time = {.name = "lookup_timeout", .max = 150};
static uint64_t told, told_found;

static void on_resolved(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	(void)ctx, (void)tag, (void)found, (void)why;
	told++;
	told_found += count;
}

static void name_begin(struct station *s)
{
	static const enum name_answer answers[ENDINGS] = {[SUCCESS] = NAME_FOUND,
		[MALFORMED] = NAME_GARBAGE,
		[REFUSAL] = NAME_ABSENT,
		[TIME_OUT] = NAME_SILENCE,
		[DISCONNECT] = NAME_SILENCE};

	all_servers[0] = 0;
	for (int i = 0; i < SERVERS; i++) {
		servers[i] = (struct name_server){.answer = answers[ending_of(s)]};
		name_server_open(&servers[i], s->r.base);
		strcat(strcat(all_servers, i ? "," : ""), servers[i].at);
		if (ending_of(s) == DISCONNECT)
			name_server_close(&servers[i]);
	}
	resolver = resolver_start(s->r.base, &s->config.limits.max_lookups, &lookup_time,
		all_servers, on_resolved, NULL);
	assert_non_null(resolver);
}

static void name_once(struct station *s, uint64_t i)
{
	uint64_t before = told, found = told_found;

	assert_true(resolver_lookup(resolver, "some.example", 4244, i));
	UNTIL(&s->r, told > before && s->config.limits.max_lookups.used == 0);
	assert_int_equal(told_found - found, ending_of(s) == SUCCESS);
}

static void name_end(struct station *s)
{
	resolver_free(resolver);
	for (int i = 0; i < SERVERS && ending_of(s) != DISCONNECT; i++)
		name_server_close(&servers[i]);
}

/* ---- the table ---- */

#define DEVNET                                                                                     \
	"chain.params.origin_difficulty=2", "chain.params.domain_difficulty=2",                    \
		"chain.params.signer_difficulty=1", "chain.params.keystore_difficulty=2",          \
		"chain.params.block_signers_start=35", "chain.params.low_height=855",              \
		"chain.params.new_domains_interval=3600",                                          \
		"origin=42795E4C3AD54E9BA938CB7699050DFCD3AEF9AFC760E96277A51981BB51DC2E"
#define WAYS(name, number, begin, once, end, warm, ...)                                            \
	{name " success", begin, once, end, warm, (number)*ENDINGS + SUCCESS, {__VA_ARGS__}},      \
		{name " malformed", begin, once, end, warm, (number)*ENDINGS + MALFORMED,          \
			{__VA_ARGS__}},                                                            \
		{name " refusal", begin, once, end, warm, (number)*ENDINGS + REFUSAL,              \
			{__VA_ARGS__}},                                                            \
		{name " time-out", begin, once, end, warm, (number)*ENDINGS + TIME_OUT,            \
			{__VA_ARGS__}},                                                            \
	{                                                                                          \
		name " disconnect", begin, once, end, warm, (number)*ENDINGS + DISCONNECT,         \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

const struct work endings[] = {
	WAYS("GetBlock", GET_BLOCK, get_block_begin, asked_once, get_block_end, 4, DEVNET),
	WAYS("GetPeers", GET_PEERS, NULL, asked_once, NULL, 2, NULL),
	WAYS("Ping", PING, NULL, asked_once, NULL, 2, NULL),
	WAYS("handshake-in", GREETED, NULL, greeted_once, NULL, 2, NULL),
	WAYS("handshake-out", GREETING, dial_begin, greeting_once, dial_end, 2, NULL),
	WAYS("dial", DIAL, dial_begin, dial_once, dial_end, 2, NULL),
	WAYS("admin", ADMIN, NULL, admin_once, NULL, 2, "limits.admin_timeout=100 ms"),
	WAYS("name", NAME, name_begin, name_once, name_end, 2, NULL),
	{.name = NULL},
};
