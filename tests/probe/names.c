/* Role: the DNS server of a station: its beginning and end, what it is told, and when it is idle.
 */
#include "tests/probe/names.h"

#include <netinet/tcp.h>
#include <poll.h>

#include "dns/hosts.h"
#include "dns/server.h"
#include "tests/unit/dns_names_rig.h"

enum { HOSTS_MOST = 1 << 20, FILES_SEEN = 24 };

static struct names {
	struct fixture chain;
	struct config config; /* of [dns]; large */
	struct dns_server *server;
	struct netaddr at, asked; /* where it listens; its name server */
	int udp;                  /* of the client, or −1 */
	struct event *readable;
	enum upstream_carrier carrier;
	uint64_t empty_cache; /* bytes */
	unsigned waiting, rcode;
	uint64_t answers, number;
} names = {.udp = -1};

/* ---- the chain ---- */

/* Its answer is about as large as a domain can have. */
static void put_big(void)
{
	char records[3600] = "", one[200];

	for (int i = 0; i < 18; i++) {
		snprintf(one, sizeof one,
			"%s{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"%0100d\",\"ttl\":300}",
			i ? "," : "", i);
		strcat(records, one);
	}
	put_records(&names.chain, "big.ygg", records);
}

static void chain_begin(void)
{
	fixture_start(&names.chain);
	fixture_add_at(&names.chain, 1, false, 1, clock_wall(&clock_system));
	put_records(&names.chain, "home.ygg",
		"{\"type\":\"A\",\"domain\":\"@\",\"addr\":\"192.0.2.1\",\"ttl\":300}");
	put_records(&names.chain, "far.ygg",
		"{\"type\":\"NS\",\"domain\":\"@\",\"host\":\"ns.far.ygg\",\"ttl\":300},"
		"{\"type\":\"A\",\"domain\":\"ns\",\"addr\":\"127.0.0.1\",\"ttl\":300}");
	put_big();
}

/* ---- settings ---- */

static struct dns_setup *setup_of(bool forwarders)
{
	static const char *const no_env[] = {NULL};
	char forwarder[96], port[64], ca_file[160], text[64] = "";
	const char *sets[] = {
		forwarder, port, ca_file, "dns.delegate_private=true", "chain.network=devnet"};
	struct dns_setup_error e;

	if (forwarders)
		upstream_text(names.carrier, text);
	snprintf(forwarder, sizeof forwarder, "dns.forwarders=[%s]", text);
	snprintf(port, sizeof port, "dns.delegate_port=%u", names.asked.port);
	snprintf(ca_file, sizeof ca_file, "dns.ca_file=%s", upstream_ca_file());
	memset(&names.config, 0, sizeof names.config);
	if (config_load("/dev/null", sets, 5, no_env, &names.config) != ERR_OK)
		fail_msg("%s", names.config.errors[0].text);
	struct dns_setup *setup = dns_setup_new(&names.config, &e);
	if (!setup)
		fail_msg("%s", e.text);
	return setup;
}

static void server_begin(struct station *s)
{
	static const char *const listen[] = {"127.0.0.1:0"};
	const struct dns_server_settings set = {.limits = &s->config.limits,
		.store = names.chain.store,
		.params = &names.chain.params,
		.clock = &clock_system,
		.rng = &rng_system,
		.listen = listen,
		.listen_count = 1};
	char why[512];

	/* The port that the system chose for UDP may be taken for TCP. */
	for (int tries = 0; !names.server && tries < 20; tries++)
		names.server = dns_server_start(&set, setup_of(true), NULL, why, sizeof why);
	if (!names.server)
		fail_msg("%s", why);
	assert_int_equal(dns_server_addresses(names.server, &names.at, 1), 1);
	dns_server_set_current(names.server, true);
}

/* The loop of the server keeps 16 bytes for each file number that it ever watched, too. Client and
 * server take turns in getting the next number; with one taken before it is the other way round.
 * (They are less than 32: libevent's room for what is ready at once stays as it is.) */
static void show_files(struct station *s)
{
	uint8_t bytes[512];
	int fd[FILES_SEEN];

	for (int first = 0; first < 2; first++) {
		int taken = first ? dup(STDERR_FILENO) : -1;
		for (unsigned i = 0; i < FILES_SEEN; i++) {
			fd[i] = names_connect(s, i);
			size_t n = names_question("1.2.v6", DNS_TYPE_A, bytes);
			assert_int_equal(send(fd[i], bytes, n, MSG_NOSIGNAL), n);
			assert_true(names_read(s, fd[i], bytes, sizeof bytes) > 0);
		}
		for (unsigned i = 0; i < FILES_SEEN; i++)
			close(fd[i]);
		names_until(s, &s->config.limits.dns_tcp_clients, 0);
		if (first)
			close(taken);
	}
}

static void finish(struct station *s)
{
	names_stop(s);
	upstream_close();
	assert_int_equal(fixture_close(&names.chain), ERR_OK);
	fixture_remove(&names.chain);
}

void names_begin(struct station *s, enum upstream_carrier c)
{
	names.carrier = c;
	if (!s->finish) { /* what another work left when it failed is left */
		names.server = NULL;
		names.udp = -1;
		upstream_open(s->r.base, &names.asked);
		chain_begin();
		s->finish = finish;
	}
	upstream_does(UPSTREAM_ANSWERS, c);
	if (names.server)
		return;
	server_begin(s);
	names.empty_cache = bound_read(&s->config.limits.dns_cache_bytes.used);
	show_files(s);
}

void names_stop(struct station *s)
{
	names_forget(s);
	dns_server_stop(names.server);
	names.server = NULL;
	UNTIL(&s->r, upstream_connections() == 0);
}

/* ---- what it is told ---- */

static bool took_reply(uint64_t number)
{
	struct dns_reply r;

	if (!dns_server_take_reply(names.server, &r))
		return false;
	assert_int_equal(r.number, number);
	mem_free(r.message);
	return true;
}

/* A question of the node's own. The loop of the DNS server may have taken it before what had come
 * at the same time, but not the second one. */
void names_barrier(struct station *s)
{
	struct dns_query q = query_of("1.2.v6");

	for (int i = 0; i < 2; i++) {
		struct pollfd p = {.fd = dns_server_reply_fd(names.server), .events = POLLIN};
		UNTIL(&s->r, dns_server_ask(names.server, &q, false, ++names.number));
		do
			assert_int_equal(poll(&p, 1, NAMES_WAIT_MS), 1);
		while (!took_reply(names.number));
	}
}

void names_until(struct station *s, const struct bound *row, uint64_t n)
{
	uint64_t end = mono() + NAMES_WAIT_MS;

	while (bound_read(&row->used) != n) {
		if (mono() > end)
			fail_msg("%s: never %llu, but %llu", row->name, (unsigned long long)n,
				(unsigned long long)bound_read(&row->used));
		names_barrier(s);
		event_base_loop(s->r.base, EVLOOP_NONBLOCK);
	}
}

/* The server's loop frees what a command was made of after it has replied; not so with a question
 * by UDP, which comes behind that. */
static void last_question(struct station *s)
{
	names_ask(s, "1.2.v6");
	names_wait(s, 0);
	names_forget(s);
	for (int i = 0; i < 8; i++)
		event_base_loop(s->r.base, EVLOOP_NONBLOCK);
}

void names_settle(struct station *s)
{
	struct limits *l = &s->config.limits;

	names_wait(s, 0);
	names_barrier(s); /* connections may wait to be accepted, and their questions to be read */
	names_until(s, &l->dns_tcp_clients, 0);
	names_until(s, &l->dns_waiters, 0);
	names_until(s, &l->dns_outstanding, 0);
	assert_true(dns_server_flush(names.server, NULL));
	assert_true(dns_server_network_changed(names.server));
	names_barrier(s);
	names_until(s, &l->dns_cache_bytes, names.empty_cache);
	names_until(s, &l->dns_delegation_sockets, 0);
	names_until(s, &l->dns_upstream_connections, 0);
	UNTIL(&s->r, upstream_connections() == 0);
	names_forget(s);
	last_question(s);
}

void names_forwarders(struct station *s, bool any)
{
	assert_true(dns_server_reload(names.server, setup_of(any)));
	names_barrier(s);
}

void names_hosts(struct station *s, const char *file)
{
	uint64_t bytes;
	char why[512];
	struct dns_hosts *h = NULL;

	if (file) {
		h = dns_hosts_load(&file, 1, HOSTS_MOST, &bytes, why, sizeof why);
		if (!h)
			fail_msg("%s", why);
	}
	UNTIL(&s->r, dns_server_set_hosts(names.server, h));
	names_barrier(s);
}

/* ---- a client by UDP ---- */

static int socket_from(int type, const char *from)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && inet_pton(AF_INET, from, &own.sin_addr) == 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
	return fd;
}

static void join(int fd)
{
	struct sockaddr_storage to;
	socklen_t size = netaddr_to_sockaddr(&names.at, &to);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, size), 0);
}

static void on_answer(evutil_socket_t fd, short what, void *ctx)
{
	uint8_t bytes[PACKET];

	(void)what, (void)ctx;
	while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
		names.rcode = bytes[3] & 15;
		names.answers++;
		names.waiting--;
	}
}

static void client_open(struct station *s)
{
	names.udp = socket_from(SOCK_DGRAM, "127.0.0.1");
	join(names.udp);
	names.readable = event_new(s->r.base, names.udp, EV_READ | EV_PERSIST, on_answer, NULL);
	event_add(names.readable, NULL);
}

size_t names_question(const char *name, uint16_t type, uint8_t to[512])
{
	uint8_t packet[PACKET];
	size_t n = question_bytes(name, type, (uint16_t)++names.number, packet);

	memcpy(to, packet, n);
	return n;
}

void names_ask(struct station *s, const char *name)
{
	uint8_t bytes[512];
	size_t n = names_question(name, DNS_TYPE_A, bytes) - 2;

	if (names.udp < 0)
		client_open(s);
	assert_int_equal(send(names.udp, bytes + 2, n, MSG_NOSIGNAL), n);
	names.waiting++;
}

void names_wait(struct station *s, unsigned most)
{
	UNTIL(&s->r, names.waiting <= most);
}

unsigned names_rcode(void)
{
	return names.rcode;
}

uint64_t names_answers(void)
{
	return names.answers;
}

void names_forget(struct station *s)
{
	(void)s;
	names.waiting = 0;
	if (names.udp < 0)
		return;
	event_free(names.readable);
	close(names.udp);
	names.udp = -1;
}

/* ---- a client by TCP ---- */

int names_connect(struct station *s, uint64_t i)
{
	return names_connect_small(s, i, 0, 0);
}

int names_connect_small(struct station *s, uint64_t i, int room, int segment)
{
	char source[INET_ADDRSTRLEN];
	int fd = socket_from(SOCK_STREAM, station_source(i, source));

	(void)s;
	if (room) {
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
		assert_int_equal(
			setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment), 0);
	}
	join(fd);
	return fd;
}

ssize_t names_read(struct station *s, int fd, uint8_t *to, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	(void)s;
	assert_int_equal(poll(&p, 1, NAMES_WAIT_MS), 1);
	ssize_t n = recv(fd, to, size, 0);
	return n < 0 ? -1 : n;
}
