/* Role: look-ups of the DNS server that fail, by each way of asking another server; domains whose
 * servers do not answer or lie; answers that are kept, and hosts files that change. The number of a
 * failing look-up is how it is asked, times UPSTREAM_WAYS, plus what the server does. */
#include "tests/probe/names.h"

enum {
	WINDOW = 200,
	WINDOW_HTTPS = 60,
	WARM = 1000,
	TIME_MAX_MS = 60000,
	NOERROR = 0,
	SERVFAIL = 2,
	REFUSED = 5
};

static uint64_t answers, asked, rounds;

static enum upstream_carrier carrier_of(const struct station *s)
{
	return s->work / UPSTREAM_WAYS;
}

static enum upstream_way way_of(const struct station *s)
{
	return s->work % UPSTREAM_WAYS;
}

static void begin(struct station *s)
{
	names_begin(s, carrier_of(s));
	upstream_does(way_of(s), carrier_of(s));
	answers = names_answers();
	asked = upstream_asked(carrier_of(s));
	rounds = 0;
}

/* Another name each time, so many at once; by HTTPS no more than one connection carries. */
static void ask_next(struct station *s, uint64_t i, const char *below)
{
	char name[40];

	snprintf(name, sizeof name, "n%llu.%s", (unsigned long long)i, below);
	names_wait(s, (carrier_of(s) == UPSTREAM_HTTPS ? WINDOW_HTTPS : WINDOW) - 1);
	names_ask(s, name);
	rounds++;
}

/* The server was asked for each; one that leaves lets the others of its connection come to nothing.
 * On a busy machine the time of a question is over before its turn comes: those that are missing
 * are asked for again, and have twice the time. */
static void ask_missing(struct station *s, const char *below)
{
	uint64_t wanted = way_of(s) == UPSTREAM_LEAVES ? 1 : rounds, there;
	struct bound *time = &s->config.limits.dns_query_time;

	while (names_wait(s, 0), (there = upstream_asked(carrier_of(s)) - asked) < wanted) {
		uint64_t ms = 2 * bound_read(&time->max);
		assert_true(ms <= TIME_MAX_MS);
		bound_write(&time->max, ms);
		for (; there < wanted; there++)
			ask_next(s, rounds, below);
	}
}

static void ask_forwarder(struct station *s, uint64_t i)
{
	ask_next(s, i, "example");
}

static void ask_domain(struct station *s, uint64_t i)
{
	ask_next(s, i, "far.ygg");
}

static void expect_answered(struct station *s)
{
	unsigned expected = way_of(s) == UPSTREAM_ANSWERS || way_of(s) == UPSTREAM_FOREIGN ? NOERROR
			    : way_of(s) == UPSTREAM_REFUSES                                ? REFUSED
							    : SERVFAIL;

	assert_int_equal(names_answers() - answers, rounds);
	assert_int_equal(names_rcode(), expected);
	names_settle(s);
}

static void end(struct station *s)
{
	ask_missing(s, "example");
	expect_answered(s);
}

static void end_domain(struct station *s)
{
	ask_missing(s, "far.ygg");
	expect_answered(s);
}

/* ---- hosts files ---- */

enum { FILES = 2, NAMES = 500 };

static char file[FILES][96];

static void write_hosts(const char *path, int number)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "192.0.2.%d printer.lan\n", number);
	for (int i = 0; i < NAMES; i++)
		fprintf(f, "0.0.0.0 blocked-%d-%d.example\n", number, i);
	assert_int_equal(fclose(f), 0);
}

static void hosts_begin(struct station *s)
{
	begin(s);
	for (int i = 0; i < FILES; i++) {
		snprintf(file[i], sizeof file[i], "%s/hosts%d", s->folder, i);
		write_hosts(file[i], i + 1);
	}
}

static void hosts_once(struct station *s, uint64_t i)
{
	names_hosts(s, file[i % FILES]);
	names_ask(s, "printer.lan");
	names_wait(s, 0);
	assert_int_equal(names_rcode(), NOERROR);
}

static void hosts_end(struct station *s)
{
	names_hosts(s, NULL);
	names_settle(s);
	for (int i = 0; i < FILES; i++)
		unlink(file[i]);
}

/* ---- the table ---- */

#define CLIENT  "limits.dns_waiters_per_client=400"
#define BOUNDS  "limits.dns_query_time=100 ms", CLIENT
#define PATIENT "limits.dns_query_time=60 s", CLIENT /* it is answered, however long that takes */
#define FAILING(carrier, number)                                                                   \
	{carrier " time-out", begin, ask_forwarder, end, WARM,                                     \
		(number)*UPSTREAM_WAYS + UPSTREAM_SILENT, {BOUNDS}},                               \
		{carrier " SERVFAIL", begin, ask_forwarder, end, WARM,                             \
			(number)*UPSTREAM_WAYS + UPSTREAM_FAILS, {BOUNDS}},                        \
		{carrier " refused", begin, ask_forwarder, end, WARM,                              \
			(number)*UPSTREAM_WAYS + UPSTREAM_REFUSES, {PATIENT}},                     \
	{                                                                                          \
		carrier " lies", begin, ask_forwarder, end, WARM,                                  \
			(number)*UPSTREAM_WAYS + UPSTREAM_LIES,                                    \
		{                                                                                  \
			BOUNDS                                                                     \
		}                                                                                  \
	}
#define DOMAIN(name, way, ...)                                                                     \
	{                                                                                          \
		"domain " name, begin, ask_domain, end_domain, WARM, (way),                        \
		{                                                                                  \
			__VA_ARGS__, "limits.dns_delegation_questions=400"                         \
		}                                                                                  \
	}

const struct work lookups[] = {
	FAILING("UDP", UPSTREAM_UDP),
	FAILING("TCP", UPSTREAM_TCP),
	FAILING("TLS", UPSTREAM_TLS),
#ifdef WITH_NGHTTP2
	FAILING("HTTPS", UPSTREAM_HTTPS),
	{"HTTPS status", begin, ask_forwarder, end, WARM,
		UPSTREAM_HTTPS *UPSTREAM_WAYS + UPSTREAM_STATUS, {BOUNDS}},
	{"HTTPS GOAWAY", begin, ask_forwarder, end, WARM,
		UPSTREAM_HTTPS *UPSTREAM_WAYS + UPSTREAM_LEAVES, {BOUNDS}},
#endif
	DOMAIN("silent", UPSTREAM_SILENT, BOUNDS),
	DOMAIN("lies", UPSTREAM_LIES, BOUNDS),
	DOMAIN("foreign records", UPSTREAM_FOREIGN, PATIENT),
	{"kept", begin, ask_forwarder, end, WARM, UPSTREAM_ANSWERS,
		{"limits.dns_cache_bytes=64 kB", PATIENT}},
	{"hosts files", hosts_begin, hosts_once, hosts_end, 8, UPSTREAM_ANSWERS, {NULL}},
	{.name = NULL},
};
