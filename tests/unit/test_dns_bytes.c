/* What the rows of the DNS server say that they hold, against what is set aside: each thing is made
 * many times, and the difference is one of them. */
#include "dns/name.h"
#include "dns/serve_query.h"
#include "dns/server_internal.h"
#include "dns/tcp_listener.h"
#include "net/listen_sockets.h"
#include "tests/unit/dns_server_rig.h"

enum {
	BLOCK = 16 + 8, /* bytes before each block: our account, and the C library */
	ROUND = 16,     /* it gives out blocks of so many */
	MANY = 64,
	SHORT = 32,                /* bytes of a name that is usual */
	SHORT_MAX = 512,           /* for a question with such a name and its client, which wait */
	SUM_MAX = 16777216,        /* all rows of DNS at their defaults, and */
	TLS_CONTEXT = 1572864 + 1, /* a context of TLS, where the program has none of its own */
};

/* Bytes as they are set aside. */
static size_t held(void)
{
	return mem_bytes() + BLOCK * mem_blocks();
}

/* What one of the MANY things that were made takes. */
static size_t one_of(size_t bytes)
{
	return (bytes / MANY + ROUND - 1) / ROUND * ROUND;
}

/* What a row holds for `count` things. */
static uint64_t worst_of(size_t row, uint64_t count)
{
	struct limits l;

	limits_default(&l);
	l.dns = true;
	limits_bound(&l, row)->max = count;
	return limits_worst_bytes(&l, row);
}

/* ---- the parts, in one loop ---- */

struct parts {
	struct server_rig r;
	struct event_base *base;
	struct dns_setup *setup;
	struct dns_chain *chain;
	struct dns_upstream *upstream;
	struct dns_serve *serve;
	struct dns_tcp_listener *tcp;
	struct dns_figures figures;
	atomic_bool current;
};

static void on_reply(void *ctx, const struct dns_client *c, struct slice answer)
{
	(void)ctx;
	(void)c;
	(void)answer;
}

static void on_question(void *ctx, struct slice packet, const struct dns_client *c)
{
	(void)ctx;
	(void)packet;
	(void)c;
}

/* A forwarder that nobody is: questions to it stay in the table. */
static void parts_begin(struct parts *p)
{
	struct dns_upstream_settings u = {.clock = &clock_system,
		.rng = &rng_system,
		.limits = &p->r.limits,
		.delegate_port = 53};
	struct dns_serve_settings set = {.clock = &clock_system,
		.rng = &rng_system,
		.limits = &p->r.limits,
		.figures = &p->figures,
		.chain_is_current = &p->current,
		.reply = on_reply,
		.ctx = p};

	rig_start(&p->r);
	p->r.forwarder = "192.0.2.1:53";
	p->r.limits.dns_waiters_per_client.max = 10 * MANY;
	p->base = u.base = event_base_new();
	p->setup = setup_of(&p->r);
	p->chain = dns_chain_open(p->r.f.store, &p->r.f.params, p->r.why, sizeof p->r.why);
	u.forwarders = p->setup->forwarders;
	u.forwarder_count = p->setup->forwarder_count;
	p->upstream = dns_upstream_new(&u);
	set.access = &p->setup->access;
	set.chain = p->chain;
	set.upstream = p->upstream;
	set.step = dns_upstream_answer(p->upstream);
	set.wire = dns_upstream_message(p->upstream);
	p->serve = dns_serve_new(&set);
	assert_non_null(p->serve);
}

static void parts_end(struct parts *p)
{
	dns_upstream_free(p->upstream);
	dns_tcp_listener_close(p->tcp);
	dns_serve_free(p->serve);
	dns_chain_close(p->chain);
	mem_free(p->setup);
	event_base_free(p->base);
	rig_end(&p->r);
}

/* A name of 255 bytes that begins with the number. */
static struct dns_name long_name(unsigned number)
{
	char text[DNS_NAME_MAX + 1], label[DNS_LABEL_MAX + 1];

	memset(label, 'L', DNS_LABEL_MAX);
	label[DNS_LABEL_MAX] = 0;
	snprintf(text, sizeof text, "%.63s.%.63s.%.63s.N%059u", label, label, label, number);
	struct dns_name n = name_of(text);
	assert_int_equal(n.size, DNS_NAME_MAX - 1);
	return n;
}

/* ---- questions ---- */

static void ask(struct parts *p, struct dns_waiter *w, unsigned number, struct netaddr *servers)
{
	struct dns_ask a = {.where = servers ? DNS_ASK_SERVERS : DNS_ASK_FORWARDERS,
		.servers = servers,
		.server_count = servers ? DNS_SERVERS_MAX : 0};

	a.q.name = a.top = long_name(number);
	a.q.type = DNS_TYPE_AAAA;
	a.q.klass = DNS_CLASS_IN;
	assert_int_equal(dns_upstream_ask(p->upstream, &a, w), ERR_OK);
}

static void ignore(struct dns_waiter *w, const struct dns_answer *a)
{
	(void)w;
	(void)a;
}

/* The first ones open the sockets. */
static size_t of_one_question(struct parts *p, struct netaddr *servers)
{
	static struct dns_waiter w[2 * MANY];
	size_t before = 0;

	for (unsigned i = 0; i < 2 * MANY; i++) {
		w[i] = (struct dns_waiter){.done = ignore};
		if (i == MANY)
			before = held();
		ask(p, &w[i], i, servers);
	}
	size_t one = one_of(held() - before);
	dns_upstream_free(p->upstream);
	p->upstream = NULL;
	return one;
}

static void question(void **state)
{
	static struct parts p;
	(void)state;

	parts_begin(&p);
	size_t one = of_one_question(&p, NULL);
	uint64_t all = worst_of(LIMIT_ROW_dns_outstanding, 1000),
		 more = worst_of(LIMIT_ROW_dns_outstanding, 1001);
	print_message("a question: %zu bytes\n", one);
	assert_in_range(one, 1, more - all);
	assert_true(all >= (1000 + 64) * one); /* those that gave way in this turn */
	parts_end(&p);
}

static void question_to_a_domain(void **state)
{
	static struct parts p;
	struct netaddr servers[DNS_SERVERS_MAX];
	(void)state;

	for (int i = 0; i < DNS_SERVERS_MAX; i++) {
		assert_true(netaddr_parse(slice_str("192.0.2.1:53"), &servers[i]));
		servers[i].ip[15] = (uint8_t)(i + 1);
	}
	parts_begin(&p);
	p.r.limits.dns_delegation_questions.max = 2 * MANY;
	p.r.limits.dns_delegation_sockets.max = 4; /* they are open before the second half */
	size_t one = of_one_question(&p, servers);
	print_message("a question to a domain's servers: %zu bytes\n", one);
	assert_in_range(one, 1,
		worst_of(LIMIT_ROW_dns_outstanding, 1001) -
			worst_of(LIMIT_ROW_dns_outstanding, 1000) +
			worst_of(LIMIT_ROW_dns_delegation_questions, 1));
	parts_end(&p);
}

/* Many that wait for one answer. */
static void waiter(void **state)
{
	static struct parts p;
	struct dns_client c = {.kind = DNS_CLIENT_TCP};
	uint8_t packet[PACKET];
	struct dns_name name = long_name(1);
	char text[DNS_NAME_TEXT_MAX];
	size_t before = 0;
	(void)state;

	parts_begin(&p);
	assert_true(netaddr_parse(slice_str("127.0.0.1:9"), &c.from));
	dns_name_text(&name, text);
	size_t n = question_bytes(text, DNS_TYPE_A, 1, packet);
	for (unsigned i = 0; i <= MANY; i++) {
		c.number = i;
		dns_serve_packet(p.serve, slice_of(packet + 2, n - 2), &c);
		if (i == 0)
			before = held();
	}
	size_t one = one_of(held() - before);
	print_message("one who waits: %zu bytes\n", one);
	assert_int_equal(p.r.limits.dns_waiters.used, MANY + 1);
	assert_in_range(one, 1, worst_of(LIMIT_ROW_dns_waiters, 1));
	dns_upstream_free(p.upstream);
	p.upstream = NULL;
	parts_end(&p);
}

/* Most names are short, and their questions too: each has a name of its own, and one client. */
static void question_with_a_short_name(void **state)
{
	static struct parts p;
	struct dns_client c = {.kind = DNS_CLIENT_TCP};
	uint8_t packet[PACKET];
	char text[SHORT];
	size_t before = 0;
	(void)state;

	parts_begin(&p);
	assert_true(netaddr_parse(slice_str("127.0.0.1:9"), &c.from));
	for (unsigned i = 0; i < 2 * MANY; i++) {
		snprintf(text, sizeof text, "a.usual.Name-%05u.example", i);
		size_t n = question_bytes(text, DNS_TYPE_A, 1, packet);
		if (i == MANY)
			before = held();
		dns_serve_packet(p.serve, slice_of(packet + 2, n - 2), &c);
	}
	assert_int_equal(p.r.limits.dns_outstanding.used, 2 * MANY);
	size_t one = one_of(held() - before);
	print_message("a question with a short name, and who waits: %zu bytes\n", one);
	assert_in_range(one, 1, SHORT_MAX);
	dns_upstream_free(p.upstream);
	p.upstream = NULL;
	parts_end(&p);
}

/* The first eight questions open a socket each; the very first makes more than that. */
static void upstream_socket(void **state)
{
	static struct parts p;
	static struct dns_waiter w[16];
	size_t at[3];
	(void)state;

	parts_begin(&p);
	for (unsigned i = 0; i < 15; i++) {
		w[i] = (struct dns_waiter){.done = ignore};
		if (i % 7 == 1)
			at[i / 7] = held();
		ask(&p, &w[i], i, NULL);
	}
	at[2] = held();
	size_t one = ((at[1] - at[0]) - (at[2] - at[1])) / 7;
	print_message("a socket: %zu bytes\n", one);
	assert_in_range(one, 1, worst_of(LIMIT_ROW_dns_delegation_sockets, 1));
	assert_in_range(32 * one, 1, worst_of(LIMIT_ROW_dns_sockets_per_forwarder, 1));
	dns_upstream_free(p.upstream);
	p.upstream = NULL;
	parts_end(&p);
}

/* ---- clients by TCP ---- */

/* At a port of its own: one that is free by UDP, and may be another program's by TCP. */
static bool tcp_open(struct parts *p)
{
	static const char *const at[] = {"127.0.0.1:0"};
	struct listen_wish wish = {"dns.listen", SOCK_DGRAM, at, 1, NULL};
	const struct dns_tcp_listener_owner tcp = {.question = on_question,
		.ctx = p,
		.figures = &p->figures,
		.clock = &clock_system,
		.limits = &p->r.limits};
	char text[NETADDR_TEXT_MAX];
	const char *const same[] = {text};

	struct listen_sockets *s = listen_sockets_open(&wish, p->r.why, sizeof p->r.why);
	assert_non_null(s);
	assert_true(listen_socket_address(s->fd[0], &p->r.at));
	listen_sockets_close(s);
	netaddr_text(&p->r.at, text);
	wish = (struct listen_wish){"dns.listen", SOCK_STREAM, same, 1, NULL};
	p->tcp = dns_tcp_listener_open(p->base, &wish, &tcp, p->r.why, sizeof p->r.why);
	return p->tcp != NULL;
}

/* Each sends the longest question but for its last byte, and the first one, which makes more than
 * its own, one byte. */
static void tcp_client(void **state)
{
	static struct parts p;
	static const uint8_t packet[2 + 4096] = {0x10, 0};
	int fd[MANY];
	size_t before = 0;
	(void)state;

	parts_begin(&p);
	p.r.limits.dns_tcp_per_address.max = MANY;
	int tries = 1;
	while (!tcp_open(&p) && tries < 100)
		tries++;
	assert_non_null(p.tcp);
	for (int i = 0; i < MANY; i++) {
		ssize_t n = i ? (ssize_t)sizeof packet - 1 : 1;
		fd[i] = connect_to(&p.r, SOCK_STREAM);
		assert_int_equal(send(fd[i], packet, (size_t)n, MSG_NOSIGNAL), n);
		for (int turn = 0; turn < 16; turn++)
			event_base_loop(p.base, EVLOOP_NONBLOCK);
		if (i == 0)
			before = held();
	}
	assert_int_equal(p.r.limits.dns_tcp_clients.used, MANY);
	size_t all = held() - before;
	print_message("%d clients by TCP: %zu bytes\n", MANY - 1, all);
	assert_in_range(all, 16 * 4096, worst_of(LIMIT_ROW_dns_tcp_clients, MANY - 1));
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	parts_end(&p);
}

/* ---- what is there from the start, and the queues ---- */

/* A server that does nothing holds the buffers of dns_udp_turn, its counters and its queues, and
 * what the settings take, which docs/memory.md calls fixed. */
static void at_the_start(void **state)
{
	static struct server_rig r;
	(void)state;

	rig_start(&r);
	size_t before = held();
	/* the port that is free for UDP may be taken for TCP */
	for (int i = 0; i < 8 && !r.server; i++)
		(void)server_begin(&r, NULL);
	assert_non_null(r.server);
	size_t fixed = sizeof(struct dns_server) + sizeof(struct dns_setup), here = held() - before;
	print_message("at the start: %zu bytes, %zu of them settings\n", here, fixed);
	assert_in_range(here, 100000,
		fixed + worst_of(LIMIT_ROW_dns_udp_turn, 64) +
			worst_of(LIMIT_ROW_dns_rate_slots, 8192) +
			(uint64_t)r.limits.dns_cache_bytes.used);
	rig_end(&r);
}

static void queues(void **state)
{
	(void)state;
	assert_true(worst_of(LIMIT_ROW_dns_commands, 1) >=
		    sizeof(struct dns_command) + sizeof(struct dns_query) +
			    sizeof(struct dns_trace) + 3 * BLOCK);
	assert_true(
		worst_of(LIMIT_ROW_dns_replies, 1) >=
		sizeof(struct dns_reply) + sizeof(struct dns_trace) + 2 * BLOCK + DNS_REPLY_BYTES);
}

/* ---- all of them ---- */

static void rows_hold_what_they_are_named_for(void **state)
{
	static const size_t bytes[] = {LIMIT_ROW_dns_cache_bytes, LIMIT_ROW_dns_chase_bytes,
		LIMIT_ROW_dns_upstream_bytes, LIMIT_ROW_dns_hosts_bytes};
	(void)state;

	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
		assert_true(worst_of(bytes[i], 5000000) >= 5000000);
	assert_true(worst_of(LIMIT_ROW_dns_tcp_send_total_bytes, 5000000) >= 5000000);
	assert_true(worst_of(LIMIT_ROW_dns_rate_slots, 8192) >= 65536);
}

static void the_sum(void **state)
{
	struct limits l;
	uint64_t sum = 0, off = 0, context = 0;
	(void)state;

	limits_default(&l);
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		if (limits_part(i) != PART_DNS)
			continue;
		l.dns = false;
		off += limits_worst_bytes(&l, i);
		l.dns = true;
		sum += limits_worst_bytes(&l, i);
		if (strcmp(limit_rows[i].name, "dns_tls_context_bytes") == 0)
			context = limits_worst_bytes(&l, i);
	}
	print_message("all rows of DNS: %llu bytes\n", (unsigned long long)sum);
	assert_int_equal(off, 0);
	assert_in_range(sum, 1000000, context ? SUM_MAX : SUM_MAX - TLS_CONTEXT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question),
		cmocka_unit_test(question_to_a_domain),
		cmocka_unit_test(waiter),
		cmocka_unit_test(question_with_a_short_name),
		cmocka_unit_test(upstream_socket),
		cmocka_unit_test(tcp_client),
		cmocka_unit_test(at_the_start),
		cmocka_unit_test(queues),
		cmocka_unit_test(rows_hold_what_they_are_named_for),
		cmocka_unit_test(the_sum),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
