/* Any bytes as what name servers send, to look-ups in the words of the input: told once each, at
 * the latest when the time is over, with addresses that have the port, and nothing is left.
 *
 * A byte of what to do at the end; then answers: two bytes of length, the top bits say what is
 * changed to fit the query (its number, its question), then the bytes. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/resolver.h"
#include "tests/fuzz/fuzz.h"

enum { PORT = 4244, TIMEOUT_MS = 800, ROUNDS = 24, TAGS = 2, QUERY_MAX = 1500 };

struct world {
	struct event_base *base;
	struct bound row, timeout;
	unsigned told[TAGS], failed[TAGS];
};

static uint64_t now_ms = 1000; /* what the system says */

int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE)
		return (int)syscall(SYS_clock_gettime, id, ts);
	ts->tv_sec = (time_t)(now_ms / 1000);
	ts->tv_nsec = (long)(now_ms % 1000 * 1000000);
	return 0;
}

static void on_done(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	struct world *w = ctx;

	must(tag < TAGS && w->told[tag]++ <= w->failed[tag] && count <= RESOLVED_MAX);
	must(count || (why && why[0]));
	must(count || w->failed[tag]++ == 0); /* a late answer may follow, not a second failure */
	for (size_t i = 0; i < count; i++)
		must(found[i].port == PORT);
}

/* The one name server, for all inputs. */
static int server(char at[32])
{
	static struct sockaddr_in in = {.sin_family = AF_INET};
	static socklen_t n = sizeof in;
	static int fd = -1;

	if (fd < 0) {
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		must(fd >= 0 && bind(fd, (struct sockaddr *)&in, sizeof in) == 0);
		must(getsockname(fd, (struct sockaddr *)&in, &n) == 0);
	}
	snprintf(at, 32, "127.0.0.1:%u", ntohs(in.sin_port));
	return fd;
}

/* One query, one answer of the input. */
static bool answer(int fd, struct rd *r)
{
	uint8_t query[QUERY_MAX], reply[QUERY_MAX];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &size);

	if (n < 12)
		return false;
	uint16_t head = rd_be16(r);
	size_t left = head & 0x3FF;
	struct slice body = rd_bytes(r, left < r->left ? left : r->left);
	struct wr w = wr_of(reply, sizeof reply);
	if (head & 0x8000) /* its number */
		wr_bytes(&w, query, 2);
	if (head & 0x4000) { /* its question */
		static const uint8_t good[] = {0x81, 0x80, 0, 1};
		wr_bytes(&w, good, sizeof good);
		wr_be(&w, head >> 10 & 15, 2); /* answers */
		wr_be(&w, 0, 4);
		wr_bytes(&w, query + 12, (size_t)n - 12);
	}
	wr_slice(&w, body);
	sendto(fd, w.p, w.n, MSG_DONTWAIT, (struct sockaddr *)&from, size);
	return true;
}

static void turn(struct world *w, int fd, struct rd *r, uint64_t ms)
{
	now_ms += ms;
	for (int i = 0; i < 4; i++)
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	while (answer(fd, r))
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.row = {.name = "max_lookups", .max = TAGS},
		.timeout = {.name = "lookup_timeout", .max = TIMEOUT_MS}};
	struct rd r = rd_of(slice_of(data, size));
	int stop = rd_u8(&r) % ROUNDS; /* 0 = never */
	bool begun[TAGS];
	char at[32];
	int fd = server(at);

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	w.base = event_base_new();
	struct resolver *names = resolver_start(w.base, &w.row, &w.timeout, at, on_done, &w);
	must(w.base && names);
	begun[0] = resolver_lookup(names, "a.example", PORT, 0);
	begun[1] = resolver_lookup(names, "b.example", PORT, 1);
	for (int i = 0; i < ROUNDS && !(stop && i == stop); i++)
		turn(&w, fd, &r, i < 4 ? 1 : TIMEOUT_MS / 8);
	for (int i = 0; i < TAGS; i++)
		must(stop || (w.told[i] != 0) == begun[i]);
	resolver_free(names);
	while (recv(fd, at, sizeof at, MSG_DONTWAIT) >= 0)
		;
	event_base_free(w.base);
	must(w.row.used == 0 && mem_blocks() == 0);
	return 0;
}
