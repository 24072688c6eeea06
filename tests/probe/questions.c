/* Role: every way in which a question that another server was asked can end, by UDP and by TCP. The
 * number of a work is how it is asked, times ENDS, plus how it ends. */
#include "dns/message.h"
#include "tests/probe/names.h"

enum end { ANSWERED, MALFORMED, TIME_OUT, FULL, GONE, RELOADED, REMOVED, STOPPED, ENDS };
enum { MORE_THAN_FULL = 40, NOERROR = 0, SERVFAIL = 2 };

static enum upstream_carrier carrier_of(const struct station *s)
{
	return s->work / ENDS;
}

static void begin(struct station *s)
{
	names_begin(s, carrier_of(s));
}

static void ask_at(struct station *s, enum upstream_way way)
{
	size_t asked = upstream_asked(carrier_of(s));

	upstream_does(way, carrier_of(s));
	names_ask(s, "www.example");
	UNTIL(&s->r, upstream_asked(carrier_of(s)) > asked);
}

static void expect(struct station *s, unsigned rcode)
{
	names_wait(s, 0);
	assert_int_equal(names_rcode(), rcode);
}

/* More questions than have a place; some of them get no answer. */
static void fill(struct station *s)
{
	char name[32];

	upstream_does(UPSTREAM_SILENT, carrier_of(s));
	for (int i = 0; i < MORE_THAN_FULL; i++) {
		snprintf(name, sizeof name, "n%d.example", i);
		names_ask(s, name);
	}
	names_barrier(s);
	names_until(s, &s->config.limits.dns_outstanding, 0);
	names_forget(s);
}

/* The client is gone, by a reset: one that only closed may still read. Its question goes on, and is
 * answered. */
static void leave(struct station *s, uint64_t i)
{
	const struct linger at_once = {1, 0};
	uint8_t bytes[512];
	size_t asked = upstream_asked(carrier_of(s)),
	       n = names_question("www.example", DNS_TYPE_A, bytes);
	int fd = names_connect(s, i);

	upstream_does(UPSTREAM_SILENT, carrier_of(s));
	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), n);
	UNTIL(&s->r, upstream_asked(carrier_of(s)) > asked);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
	close(fd);
	names_until(s, &s->config.limits.dns_tcp_clients, 0);
	upstream_answer_now();
	names_until(s, &s->config.limits.dns_outstanding, 0);
	assert_int_equal(bound_read(&s->config.limits.dns_waiters.used), 0);
}

/* Other settings in the middle; the question goes on where it is. */
static void change(struct station *s, bool any)
{
	ask_at(s, UPSTREAM_SILENT);
	names_forwarders(s, any);
	upstream_answer_now();
	expect(s, NOERROR);
	names_forwarders(s, true);
}

static void once(struct station *s, uint64_t i)
{
	switch ((enum end)(s->work % ENDS)) {
	case ANSWERED:
		ask_at(s, UPSTREAM_ANSWERS);
		expect(s, NOERROR);
		break;
	case MALFORMED:
		ask_at(s, UPSTREAM_LIES);
		expect(s, SERVFAIL);
		break;
	case TIME_OUT:
		ask_at(s, UPSTREAM_SILENT);
		expect(s, SERVFAIL);
		break;
	case FULL:
		fill(s);
		break;
	case GONE:
		leave(s, i);
		break;
	case RELOADED:
	case REMOVED:
		change(s, s->work % ENDS == RELOADED);
		break;
	case STOPPED:
		names_begin(s, carrier_of(s));
		ask_at(s, UPSTREAM_SILENT);
		names_stop(s);
		return;
	case ENDS:
		break;
	}
	names_settle(s);
}

#define SOON "limits.dns_query_time=100 ms"
#define LATE "limits.dns_query_time=10 s"
#define ROW(name, carrier, how, ...)                                                               \
	{                                                                                          \
		name, begin, once, NULL, 3, (carrier)*ENDS + (how),                                \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define ROWS(text, c)                                                                              \
	ROW(text " answer", c, ANSWERED, LATE), ROW(text " malformed", c, MALFORMED, SOON),        \
		ROW(text " time-out", c, TIME_OUT, SOON),                                          \
		ROW(text " full table", c, FULL, SOON, "limits.dns_outstanding=16"),               \
		ROW(text " client gone", c, GONE, LATE), ROW(text " reload", c, RELOADED, LATE),   \
		ROW(text " forwarder removed", c, REMOVED, LATE),                                  \
		ROW(text " stop", c, STOPPED, LATE)

const struct work questions[] = {
	ROWS("UDP", UPSTREAM_UDP),
	ROWS("TCP", UPSTREAM_TCP),
	{.name = NULL},
};
