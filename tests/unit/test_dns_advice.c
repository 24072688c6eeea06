/* What a server does by the standards where the network's first node does something else: a test
 * for each tag that the vectors of answers have in `differs` (tests/vectors/README.md), named after
 * it. 8.8 to 8.9c of docs/protocol.md say what both do. The tags hosts, scrub and delegated
 * have files of their own: test_dns_hosts.c, test_dns_scrub.c, test_dns_upstream_domains.c. */
#include "tests/unit/dns_serve_rig.h"

/* ---- asking ---- */

static void ask_type(struct serving *s, const char *name, uint16_t type)
{
	struct dns_query q = query(s, name, type);

	ask_query(s, &q, DNS_CLIENT_TCP);
	UNTIL(s->r, s->replies == 1);
}

/* A packet of bytes; by UDP, where nothing may be the answer. */
static void ask_bytes(struct serving *s, const uint8_t *p, size_t n)
{
	s->id = n > 1 ? (uint16_t)(p[0] << 8 | p[1]) : 0;
	packet(s, slice_of(p, n), DNS_CLIENT_UDP);
	assert_int_equal(s->replies, 1);
}

static size_t records_of(const struct serving *s, enum dns_section section, uint16_t type)
{
	size_t n = 0;

	for (size_t i = 0; i < s->answer->count; i++)
		n += s->answer->rr[i].section == section && s->answer->rr[i].type == type;
	return n;
}

static size_t answers(const struct serving *s, uint16_t type)
{
	return records_of(s, DNS_SECTION_ANSWER, type);
}

static void expect_code(const struct serving *s, uint16_t rcode, bool aa)
{
	assert_int_equal(s->answer->rcode, rcode);
	assert_int_equal(s->answer->aa, aa);
}

#define CNAME(owner, host)                                                                         \
	"{\"type\":\"CNAME\",\"domain\":\"" owner "\",\"host\":\"" host "\",\"ttl\":300}"
#define A_AT(owner) "{\"type\":\"A\",\"domain\":\"" owner "\",\"addr\":\"192.0.2.7\",\"ttl\":300}"

/* ---- names of the chain ---- */

static void advice_chase(struct serving *s)
{
	records = CNAME("www", "x.ygg") "," A_AT("@");
	ask_type(s, "www.x.ygg", DNS_TYPE_CNAME);
	assert_int_equal(answers(s, DNS_TYPE_CNAME), 1);
	assert_int_equal(answers(s, DNS_TYPE_A), 0);
	assert_int_equal(s->answer->count, 1);
}

static void advice_rcode(struct serving *s)
{
	records = CNAME("www", "gone.x.ygg");
	ask_type(s, "www.x.ygg", DNS_TYPE_A);
	expect_code(s, DNS_RCODE_NXDOMAIN, true);
	assert_int_equal(answers(s, DNS_TYPE_CNAME), 1);
}

static void advice_depth(struct serving *s)
{
	static char text[4096];
	size_t n = 0;

	for (int links = 11; links <= 12; links++) {
		n = 0;
		for (int i = 0; i < links; i++)
			n += (size_t)snprintf(
				text + n, sizeof text - n, CNAME("n%d", "n%d.x.ygg") ",", i, i + 1);
		snprintf(text + n, sizeof text - n, A_AT("n%d"), links);
		records = text;
		ask_type(s, "n0.x.ygg", DNS_TYPE_A);
		assert_int_equal(s->answer->rcode, links == 11 ? 0 : DNS_RCODE_SERVFAIL);
		assert_int_equal(s->answer->count, links == 11 ? 12 : 0);
		dns_serve_flush(s->serve, NULL);
	}
}

static void advice_aa(struct serving *s)
{
	ask_type(s, "a.example", DNS_TYPE_A); /* the forwarder sets it */
	expect_code(s, DNS_RCODE_NOERROR, false);
	records = A_AT("@");
	ask_type(s, "x.ygg", DNS_TYPE_A);
	expect_code(s, DNS_RCODE_NOERROR, true);
}

static void advice_apex(struct serving *s)
{
	ask_type(s, "ygg", DNS_TYPE_SOA);
	expect_code(s, DNS_RCODE_NOERROR, true);
	assert_int_equal(answers(s, DNS_TYPE_SOA), 1);
	ask_type(s, "ygg", DNS_TYPE_A);
	expect_code(s, DNS_RCODE_NOERROR, true);
	assert_int_equal(s->answer->count, 1);
	assert_int_equal(records_of(s, DNS_SECTION_AUTHORITY, DNS_TYPE_SOA), 1);
}

static void advice_owner(struct serving *s)
{
	struct dns_name asked;

	records = "{\"type\":\"PTR\",\"domain\":\"*\",\"data\":\"a.example\",\"ttl\":300}";
	ask_type(s, "Any.x.ygg", DNS_TYPE_PTR);
	assert_int_equal(answers(s, DNS_TYPE_PTR), 1);
	assert_true(dns_name_from_text(slice_str("Any.x.ygg"), &asked));
	assert_true(slice_eq(s->answer->rr[0].owner, dns_name_slice(&asked)));
}

static void advice_ent(struct serving *s)
{
	records = A_AT("a.b");
	ask_type(s, "b.x.ygg", DNS_TYPE_A);
	expect_code(s, DNS_RCODE_NOERROR, true);
	assert_int_equal(answers(s, DNS_TYPE_A), 0);
	ask_type(s, "c.x.ygg", DNS_TYPE_A);
	expect_code(s, DNS_RCODE_NXDOMAIN, true);
}

static void advice_ttl(struct serving *s)
{
	records = "{\"type\":\"A\",\"domain\":\"@\",\"addr\":\"192.0.2.7\",\"ttl\":2147483648}";
	ask_type(s, "x.ygg", DNS_TYPE_A);
	assert_int_equal(answers(s, DNS_TYPE_A), 1);
	assert_int_equal(s->answer->rr[0].ttl, 0);
}

/* A text of more than 255 bytes is several strings. */
static void advice_wire(struct serving *s)
{
	static char text[512];

	snprintf(text, sizeof text,
		"{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"%0300d\",\"ttl\":300}", 0);
	records = text;
	ask_type(s, "x.ygg", DNS_TYPE_TXT);
	assert_int_equal(answers(s, DNS_TYPE_TXT), 1);
	assert_int_equal(s->answer->rr[0].rdata.n, 302);
	assert_int_equal(s->answer->rr[0].rdata.p[0], 255);
	assert_int_equal(s->answer->rr[0].rdata.p[256], 45);
}

/* Data that cannot be read: the name stays here, whatever the forwarder would say. */
static void advice_leak(struct serving *s)
{
	size_t asked = s->r->stubs[0].asked;

	records = "no JSON";
	ask_type(s, "x.ygg", DNS_TYPE_A);
	assert_int_equal(s->answer->rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(s->r->stubs[0].asked, asked);
}

/* So does one whose data is made to break a reader. */
static void advice_crash(struct serving *s)
{
	static char text[2048];

	memset(text, '[', sizeof text - 1);
	records = text;
	size_t asked = s->r->stubs[0].asked;
	ask_type(s, "x.ygg", DNS_TYPE_A);
	assert_int_equal(s->answer->rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(s->r->stubs[0].asked, asked);
}

/* The chain may hold names of the open network: it is not asked for them. */
static void advice_foreign(struct serving *s)
{
	unsigned before = looked_up;

	ask_type(s, "x.example", DNS_TYPE_A);
	expect(s, DNS_FROM_FORWARDER, DNS_RCODE_NOERROR);
	assert_int_equal(looked_up, before);
}

/* ---- the question ---- */

static void advice_header(struct serving *s)
{
	uint8_t p[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 3, 'y', 'g', 'g', 0, 0, 1, 0, 1};

	records = A_AT("@");
	p[2] = 0x81; /* an answer */
	ask_bytes(s, p, sizeof p);
	assert_int_equal(s->size, 0);
	ask_bytes(s, p, 11);
	assert_int_equal(s->size, 0);
	p[2] = 0x29; /* another opcode */
	ask_bytes(s, p, sizeof p);
	assert_int_equal(s->answer->rcode, DNS_RCODE_NOTIMP);
	p[2] = 1;
	p[5] = 2; /* two questions */
	ask_bytes(s, p, sizeof p);
	assert_int_equal(s->answer->rcode, DNS_RCODE_FORMERR);
	p[5] = 1;
	p[sizeof p - 1] = 3; /* another class */
	ask_bytes(s, p, sizeof p);
	assert_int_equal(s->answer->rcode, DNS_RCODE_REFUSED);
}

/* A dot within a label separates nothing. */
static void advice_name(struct serving *s)
{
	uint8_t p[] = {
		0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 'x', '.', 'y', 'g', 'g', 0, 0, 1, 0, 1};

	records = A_AT("@");
	s->id = 7;
	packet(s, slice_of(p, sizeof p), DNS_CLIENT_TCP);
	UNTIL(s->r, s->replies == 1);
	assert_int_equal(s->figures.source[DNS_FROM_CHAIN], 0);
}

static void advice_type(struct serving *s)
{
	records = A_AT("@");
	ask_type(s, "x.ygg", 257); /* CAA */
	expect_code(s, DNS_RCODE_NOERROR, true);
	assert_int_equal(s->answer->count, 1);
	ask_type(s, "x.ygg", DNS_TYPE_ANY);
	assert_int_equal(answers(s, DNS_TYPE_HINFO), 1);
	ask_type(s, "x.ygg", DNS_TYPE_AXFR);
	assert_int_equal(s->answer->rcode, DNS_RCODE_REFUSED);
	ask_type(s, "x.ygg", DNS_TYPE_TSIG);
	assert_int_equal(s->answer->rcode, DNS_RCODE_FORMERR);
	ask_type(s, "x.ygg", DNS_TYPE_MAILA);
	assert_int_equal(s->answer->rcode, DNS_RCODE_NOTIMP);
}

static void advice_rd(struct serving *s)
{
	struct dns_query q = query(s, "x.ygg", DNS_TYPE_A);

	records = A_AT("@");
	q.rd = false;
	ask_query(s, &q, DNS_CLIENT_TCP);
	expect_code(s, DNS_RCODE_NOERROR, true);
	q = query(s, "a.example", DNS_TYPE_A);
	q.rd = false;
	ask_query(s, &q, DNS_CLIENT_TCP);
	assert_int_equal(s->answer->rcode, DNS_RCODE_REFUSED);
}

/* ---- the answer ---- */

static void advice_size(struct serving *s)
{
	static char text[4096];
	size_t n = 0;

	for (int i = 0; i < 30; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
			"%s{\"type\":\"AAAA\",\"domain\":\"@\",\"addr\":\"200::%x\",\"ttl\":300}",
			i ? "," : "", i + 1);
	records = text;
	struct dns_query q = query(s, "x.ygg", DNS_TYPE_AAAA);
	ask_query(s, &q, DNS_CLIENT_UDP);
	assert_in_range(s->size, DNS_HEADER_SIZE, 512);
	assert_int_equal(s->message[2] & 2, 2); /* TC, and no half of a set */
	assert_int_equal(answers(s, DNS_TYPE_AAAA), 0);
	q = query(s, "x.ygg", DNS_TYPE_AAAA);
	q.edns = true;
	ask_query(s, &q, DNS_CLIENT_UDP);
	assert_in_range(s->size, 513, 1232);
	assert_int_equal(answers(s, DNS_TYPE_AAAA), 30);
}

static void advice_edns(struct serving *s)
{
	struct dns_query q = query(s, "x.ygg", DNS_TYPE_A);

	records = A_AT("@");
	ask_query(s, &q, DNS_CLIENT_TCP);
	assert_int_equal(s->message[11], 0); /* no OPT that was not asked for */
	q = query(s, "x.ygg", DNS_TYPE_A);
	q.edns = q.dnssec_ok = true;
	ask_query(s, &q, DNS_CLIENT_TCP);
	assert_int_equal(s->message[11], 1);
	const uint8_t *opt = s->message + s->size - 11;
	assert_int_equal(opt[2], DNS_TYPE_OPT);
	assert_int_equal(opt[3] << 8 | opt[4], 1232);
	assert_int_equal(opt[6], 0);
	assert_int_equal(opt[7], 0x80);
}

static void advice_cache(struct serving *s)
{
	ask_type(s, "a.example", DNS_TYPE_A);
	s->r->now += 20000;
	ask_type(s, "A.example", DNS_TYPE_A);
	expect(s, DNS_FROM_CACHE, DNS_RCODE_NOERROR);
	assert_int_equal(s->answer->rr[0].ttl, 40); /* of 60 */
	s->r->now += 40000;
	ask_type(s, "a.example", DNS_TYPE_A);
	expect(s, DNS_FROM_FORWARDER, DNS_RCODE_NOERROR);
}

/* ---- one rig for each ---- */

static void run(void **state, void (*advice)(struct serving *s))
{
	static struct serving s;

	records = "";
	serve(&s, state, 0);
	advice(&s);
	serve_end(&s);
}

#define ADVICE(tag)                                                                                \
	static void of_##tag(void **state)                                                         \
	{                                                                                          \
		run(state, advice_##tag);                                                          \
	}
#define ENTRY(tag) cmocka_unit_test_setup_teardown(of_##tag, begin, end),
#define TAGS(X)                                                                                    \
	X(chase)                                                                                   \
	X(rcode)                                                                                   \
	X(depth)                                                                                   \
	X(aa)                                                                                      \
	X(apex)                                                                                    \
	X(owner)                                                                                   \
	X(ent)                                                                                     \
	X(ttl)                                                                                     \
	X(wire) X(leak) X(crash) X(foreign) X(header) X(name) X(type) X(rd) X(size) X(edns) X(cache)

TAGS(ADVICE)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {TAGS(ENTRY)};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
