/* A whole DNS server with a thread of its own, on a port of this machine, and clients of it. */
#ifndef TESTS_UNIT_DNS_SERVER_RIG_H
#define TESTS_UNIT_DNS_SERVER_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <sys/socket.h>

#include "config/limits.h"
#include "dns/hosts.h"
#include "dns/server.h"
#include "dns/setup.h"
#include "dns/trace.h"
#include "tests/unit/dns_names_rig.h"
#include "tests/unit/unused.h"

enum { ANSWER_WAIT_MS = 60000, MOST_ALLOCATIONS = 5000 };

struct server_rig {
	struct fixture f;
	struct limits limits;
	struct dns_server *server;
	struct netaddr at;
	char why[512];
	const char *forwarder; /* NULL = none */
};

/* ---- the chain ---- */

static inline void put_domain(struct server_rig *r, const char *name, unsigned number)
{
	char records[256];

	snprintf(records, sizeof records,
		"{\"type\":\"AAAA\",\"domain\":\"@\",\"addr\":\"200::%x\",\"ttl\":300},"
		"{\"type\":\"CNAME\",\"domain\":\"out\",\"host\":\"www.example.com\",\"ttl\":"
		"300}",
		number);
	put_records(&r->f, name, records);
}

/* ---- the server ---- */

/* NULL when memory runs out. */
static inline struct dns_setup *setup_of(const struct server_rig *r)
{
	static const char *const allow[] = {"loopback"};
	struct dns_setup *d = mem_alloc(sizeof *d);
	size_t wrong;

	if (!d)
		return NULL;
	assert_true(dns_access_read(&d->access, allow, 1, &wrong));
	d->cleanup_ms = 1000;
	d->delegate_port = 53;
	if (!r->forwarder)
		return d;
	struct dns_forwarder_settings *f = &d->forwarders[d->forwarder_count++];
	snprintf(d->text[0], sizeof d->text[0], "%s", r->forwarder);
	f->text = d->text[0];
	f->transport = DNS_OVER_UDP;
	assert_true(netaddr_parse(slice_str(r->forwarder), &f->addr));
	return d;
}

static inline bool server_try(struct server_rig *r, struct dns_hosts *hosts)
{
	static const char *const listen[] = {"127.0.0.1:0"};
	const struct dns_server_settings s = {.limits = &r->limits,
		.store = r->f.store,
		.params = &r->f.params,
		.clock = &clock_system,
		.rng = &rng_system,
		.listen = listen,
		.listen_count = 1};
	struct dns_setup *setup = setup_of(r);

	r->why[0] = 0;
	r->server = setup ? dns_server_start(&s, setup, hosts, r->why, sizeof r->why) : NULL;
	return r->server != NULL;
}

/* The port that the system gives for UDP may be another program's by TCP: then it gives another. */
static inline bool server_begin(struct server_rig *r, struct dns_hosts *hosts)
{
	for (int i = 0; i < (hosts ? 1 : 8) && !server_try(r, hosts); i++)
		if (!strstr(r->why, strerror(EADDRINUSE)))
			return false;
	if (!r->server)
		return false;
	assert_int_equal(dns_server_addresses(r->server, &r->at, 1), 1);
	dns_server_set_current(r->server, true);
	return true;
}

static inline void rig_start(struct server_rig *r)
{
	memset(r, 0, sizeof *r);
	limits_default(&r->limits);
	fixture_start(&r->f);
	fixture_add_at(&r->f, 1, false, 1, clock_wall(&clock_system));
	put_domain(r, "home.ygg", 1);
}

/* All rows of the server are as empty as before it began. */
static inline void rig_end(struct server_rig *r)
{
	dns_server_stop(r->server);
	r->server = NULL;
	assert_unused(&r->limits);
	fixture_end(&r->f);
}

/* ---- clients ---- */

static inline int connect_to(const struct server_rig *r, int type)
{
	struct sockaddr_storage ss;
	socklen_t n = netaddr_to_sockaddr(&r->at, &ss);
	int fd = socket(AF_INET, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, n), 0);
	return fd;
}

/* Bytes of what comes; -1 when the other side has closed. */
static inline ssize_t take_bytes(int fd, uint8_t *to, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&p, 1, ANSWER_WAIT_MS), 1);
	ssize_t n = recv(fd, to, size, 0);
	return n > 0 ? n : -1;
}

/* The whole message, which stands behind a length when the socket is one of TCP. */
static inline size_t take_message(int fd, bool tcp, uint8_t to[PACKET])
{
	size_t have = 0, want = tcp ? 2 : 1;

	while (have < want) {
		ssize_t n = take_bytes(fd, to + have, tcp ? want - have : PACKET);
		if (n < 0)
			return 0;
		have += (size_t)n;
		if (tcp && want == 2 && have == 2)
			want = 2 + (size_t)(to[0] << 8 | to[1]);
		if (!tcp)
			return have;
	}
	memmove(to, to + 2, have - 2);
	return have - 2;
}

static inline unsigned rcode_in(const uint8_t *message, size_t n)
{
	assert_true(n >= 12);
	return message[3] & 0xf;
}

/* Asks and waits for the answer: its rcode. */
static inline unsigned ask_on(int fd, bool tcp, const char *name, uint16_t type)
{
	static _Thread_local uint16_t id;
	uint8_t packet[PACKET];
	size_t n = question_bytes(name, type, ++id, packet);
	const uint8_t *from = tcp ? packet : packet + 2;

	n = tcp ? n : n - 2;
	assert_int_equal(send(fd, from, n, MSG_NOSIGNAL), n);
	n = take_message(fd, tcp, packet);
	assert_int_equal(packet[0] << 8 | packet[1], id);
	return rcode_in(packet, n);
}

#endif
