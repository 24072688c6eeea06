/* Any bytes as what other servers send, by UDP and TCP, to questions whose times, ends and settings
 * the input chooses: who waits is told once, never within the call, at the latest when the time is
 * over; no row is exceeded, and nothing is left.
 *
 * A byte of settings; then steps of one byte, the low three bits say which: ask, reply by UDP,
 * reply by TCP, time, forget, reload, another address, an end of the connections. A reply has two
 * bytes: its length, and in the top bits what is changed to fit the question (its number, the
 * question). */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <unistd.h>

#include "dns/name.h"
#include "dns/upstream.h"
#include "tests/fuzz/fuzz.h"

enum { WAITERS = 6, STEPS = 40, QUESTION_MAX = 512, REPLY_MAX = 5000, TIME_MS = 5000, CONNS = 8 };

struct waiter {
	struct dns_waiter w;
	bool asked, inside;
};

struct world {
	struct event_base *base;
	struct limits limits;
	struct dns_upstream *u;
	struct dns_upstream_settings set;
	struct dns_forwarder_settings forwarders[2];
	struct waiter waiters[WAITERS];
	int conns[CONNS];
	uint8_t last[QUESTION_MAX]; /* by UDP or TCP */
	size_t last_size;
	struct sockaddr_in from;
};

static struct world *world;
static uint64_t now_ms;
static int udp = -1, tcp = -1;
static struct netaddr at;

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock a_clock = {.mono = mono};

static void on_done(struct dns_waiter *w, const struct dns_answer *a)
{
	struct waiter *k = (struct waiter *)(void *)((char *)w - offsetof(struct waiter, w));

	must(k->asked && !k->inside && !w->question);
	must(!a || (w->last && w->last->size && a->count <= DNS_ANSWER_RECORDS && !a->aa));
	k->asked = false;
}

/* One server for all inputs. */
static void open_server(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof in;

	if (udp >= 0)
		return;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(tcp >= 0 && bind(tcp, (struct sockaddr *)&in, n) == 0 && listen(tcp, 64) == 0);
	must(getsockname(tcp, (struct sockaddr *)&in, &n) == 0);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(udp >= 0 && bind(udp, (struct sockaddr *)&in, n) == 0);
	must(netaddr_from_sockaddr((struct sockaddr *)&in, &at));
}

static void close_conns(struct world *w)
{
	struct linger at_once = {1, 0}; /* else the machine's ports would be used up */

	for (size_t i = 0; i < CONNS; i++)
		if (w->conns[i] >= 0) {
			setsockopt(w->conns[i], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
			close(w->conns[i]);
			w->conns[i] = -1;
		}
}

static void keep(struct world *w, const uint8_t *bytes, size_t n)
{
	if (n < DNS_HEADER_SIZE + 5 || n > QUESTION_MAX)
		return;
	memcpy(w->last, bytes, n);
	w->last_size = n;
}

/* Accepts, and takes what was asked. */
static void hear(struct world *w)
{
	uint8_t bytes[QUESTION_MAX];
	socklen_t size = sizeof w->from;
	ssize_t n;

	for (size_t i = 0; i < CONNS; i++) {
		if (w->conns[i] < 0)
			w->conns[i] = accept4(tcp, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (w->conns[i] < 0)
			continue;
		n = recv(w->conns[i], bytes, sizeof bytes, MSG_DONTWAIT);
		if (n > 2)
			keep(w, bytes + 2, (size_t)n - 2);
	}
	while ((n = recvfrom(udp, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&w->from,
			&size)) >= 0)
		keep(w, bytes, (size_t)n);
}

static void turn(struct world *w)
{
	for (int i = 0; i < 3; i++) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		hear(w);
	}
	must_be_within(&w->limits);
}

/* ---- the steps ---- */

static void ask(struct world *w, struct rd *r)
{
	static const char *const names[] = {"a.example", "www.B.example", "x.y.ygg", ""};
	uint8_t how = rd_u8(r);
	struct waiter *k = &w->waiters[how % WAITERS];
	struct netaddr servers[2] = {at, at};
	struct dns_ask a = {.q = {.type = how & 8 ? DNS_TYPE_AAAA : DNS_TYPE_A, .klass = 1},
		.where = (enum dns_upstream_where)(how >> 4 & 3) % 3,
		.servers = servers,
		.server_count = 2};

	if (k->asked)
		return;
	a.q.dnssec_ok = how >> 6 & 1;
	must(dns_name_from_text(slice_str(names[how >> 6 & 3]), &a.q.name));
	must(dns_name_from_text(slice_str("y.ygg"), &a.top));
	k->w.done = on_done;
	k->asked = k->inside = true;
	enum err e = dns_upstream_ask(w->u, &a, &k->w);
	k->inside = false;
	k->asked = e == ERR_OK;
	must(k->asked == (k->w.question != NULL));
	must(e == ERR_OK || e == ERR_FULL || e == ERR_NOT_FOUND);
}

static size_t question_end(const struct world *w)
{
	size_t n = DNS_HEADER_SIZE;

	while (n < w->last_size && w->last[n])
		n += w->last[n] + 1u;
	return n + 5 <= w->last_size ? n + 5 : w->last_size;
}

/* The bytes of the input, made to fit. Returns its bytes. */
static size_t make_reply(const struct world *w, struct rd *r, uint8_t to[REPLY_MAX])
{
	uint16_t head = rd_be16(r);
	size_t n = head & 0x3FF, end = question_end(w);
	struct slice body = rd_bytes(r, n < r->left ? n : r->left);
	struct wr out = wr_of(to, REPLY_MAX);

	if (head &
		0x8000) { /* its number and its question; the body begins with flags and counts */
		wr_bytes(&out, w->last, 2);
		wr_bytes(&out, body.p, body.n < 10 ? body.n : 10);
		if (body.n >= 10) {
			wr_bytes(&out, w->last + DNS_HEADER_SIZE, end - DNS_HEADER_SIZE);
			wr_bytes(&out, body.p + 10, body.n - 10);
		}
	} else {
		wr_slice(&out, body);
	}
	if (head & 0x4000 && out.n > 5) { /* flags of an answer, and one question */
		out.p[2] |= 0x80;
		out.p[2] &= 0x87;
		out.p[4] = 0, out.p[5] = 1;
	}
	return out.n;
}

static void reply_by_udp(struct world *w, struct rd *r)
{
	uint8_t to[REPLY_MAX];
	size_t n = w->last_size ? make_reply(w, r, to) : 0;

	if (w->last_size && w->from.sin_port)
		sendto(udp, to, n, MSG_DONTWAIT, (struct sockaddr *)&w->from, sizeof w->from);
}

/* With its length before it, unless the input says that the bytes are as they are. */
static void reply_by_tcp(struct world *w, struct rd *r, bool raw)
{
	uint8_t to[2 + REPLY_MAX];
	size_t n = w->last_size ? make_reply(w, r, to + 2) : 0;

	to[0] = (uint8_t)(n >> 8);
	to[1] = (uint8_t)n;
	for (size_t i = 0; i < CONNS; i++)
		if (w->conns[i] >= 0)
			send(w->conns[i], raw ? to + 2 : to, raw ? n : n + 2,
				MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void forget(struct world *w, uint8_t which)
{
	struct waiter *k = &w->waiters[which % WAITERS];

	if (k->asked)
		dns_upstream_forget(w->u, &k->w);
	must(!k->w.question);
	k->asked = false;
}

static void step(struct world *w, struct rd *r)
{
	uint8_t op = rd_u8(r);

	switch (op & 7) {
	case 0:
		ask(w, r);
		break;
	case 1:
		reply_by_udp(w, r);
		break;
	case 2:
		reply_by_tcp(w, r, op & 8);
		break;
	case 3:
		now_ms += (uint64_t)(op >> 3) * 40;
		dns_upstream_run(w->u);
		break;
	case 4:
		forget(w, op >> 3);
		break;
	case 5:
		w->set.forwarder_count = (op >> 3) % 3;
		must(dns_upstream_reload(w->u, &w->set));
		break;
	case 6:
		dns_upstream_reset(w->u);
		break;
	default:
		close_conns(w);
	}
	turn(w);
}

/* ---- beginning and end ---- */

static void begin(struct world *w, const struct rng *rng, uint8_t how)
{
	limits_default(&w->limits);
	if (how & 4)
		w->limits.dns_outstanding.max = w->limits.dns_delegation_questions.max = 2;
	if (how & 8)
		w->limits.dns_upstream_streams.max = w->limits.dns_delegation_sockets.max = 1;
	for (size_t i = 0; i < 2; i++)
		w->forwarders[i] = (struct dns_forwarder_settings){
			.text = i ? "b" : "a", .transport = DNS_OVER_UDP, .addr = at};
	for (size_t i = 0; i < CONNS; i++)
		w->conns[i] = -1;
	w->set = (struct dns_upstream_settings){.base = w->base,
		.clock = &a_clock,
		.rng = rng,
		.limits = &w->limits,
		.forwarders = w->forwarders,
		.forwarder_count = 1 + (how >> 4 & 1),
		.bootstraps = &at,
		.bootstrap_count = 1,
		.use_0x20 = how & 1,
		.trust_ad = how & 2,
		.delegate_port = at.port};
	w->u = dns_upstream_new(&w->set);
	must(w->u);
}

static void finish(struct world *w, bool by_time)
{
	for (int i = 0; by_time && i < 12; i++) {
		now_ms += TIME_MS / 10;
		dns_upstream_run(w->u);
		turn(w);
	}
	for (size_t i = 0; by_time && i < WAITERS; i++)
		must(!w->waiters[i].asked);
	dns_upstream_free(w->u);
	for (size_t i = 0; i < WAITERS; i++)
		must(!w->waiters[i].asked && !w->waiters[i].w.question);
	must_be_unused(&w->limits);
	close_conns(w);
	hear(w);
	close_conns(w);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	event_base_free(w->base);
	must(mem_blocks() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world fresh;
	struct rd r = rd_of(slice_of(data, size));
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 1);
	uint8_t how = rd_u8(&r);

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	open_server();
	memset(&fresh, 0, sizeof fresh);
	world = &fresh;
	now_ms = 100000;
	world->base = event_base_new();
	must(world->base);
	begin(world, &rng, how);
	for (int i = 0; i < STEPS && r.left; i++)
		step(world, &r);
	finish(world, how & 32);
	return 0;
}
