/* Questions of clients: what may be sent, and what each gets. */
#include "tests/unit/dns_packet.h"

/* Reads it from a copy of exactly its size. */
static enum dns_reading read_bytes(const uint8_t *p, size_t n, struct dns_query *q, uint16_t *rcode)
{
	uint8_t *copy = mem_alloc(n ? n : 1);

	assert_non_null(copy);
	if (n)
		memcpy(copy, p, n);
	enum dns_reading r = dns_query_read(slice_of(copy, n), q, rcode);
	mem_free(copy);
	return r;
}

static void assert_rcode(const struct packet *p, uint16_t expected)
{
	struct dns_query q;
	uint16_t rcode;
	enum dns_reading r = read_bytes(p->space, p->w.n, &q, &rcode);

	assert_int_equal(r, expected ? DNS_READ_ERROR : DNS_READ_OK);
	assert_int_equal(rcode, expected);
	assert_int_equal(q.id, 0xABCD);
}

static void a_whole_question(void **state)
{
	struct packet p;
	struct dns_query q;
	uint16_t rcode;

	(void)state;
	start(&p, DNS_FLAG_RD | DNS_FLAG_CD | DNS_FLAG_AD, 1, 0, 0, 1);
	ask(&p, DNS_TYPE_HTTPS, DNS_CLASS_IN);
	opt(&p, 0, "\0\12\0\3abc\0\13\0\0", 11); /* a cookie, and keepalive */
	assert_int_equal(read_bytes(p.space, p.w.n, &q, &rcode), DNS_READ_OK);
	assert_true(q.rd && q.cd && q.ad && q.edns && q.dnssec_ok && q.keepalive && q.has_question);
	assert_false(q.tell_idle);
	assert_int_equal(q.payload, 4096);
	assert_int_equal(q.type, DNS_TYPE_HTTPS);
	assert_int_equal(q.klass, DNS_CLASS_IN);
	assert_memory_equal(q.name.wire, "\7eXample\3ygg\0", 13);
	start(&p, 0, 1, 0, 0, 0);
	ask(&p, 1, 1);
	assert_int_equal(read_bytes(p.space, p.w.n, &q, &rcode), DNS_READ_OK);
	assert_false(q.rd || q.cd || q.ad || q.edns || q.dnssec_ok || q.keepalive);
	assert_int_equal(q.payload, 0);
}

static void silence(void **state)
{
	struct packet p;
	struct dns_query q;
	uint16_t rcode;

	(void)state;
	start(&p, 0, 0, 0, 0, 0);
	for (size_t n = 0; n < DNS_HEADER_SIZE; n++)
		assert_int_equal(read_bytes(p.space, n, &q, &rcode), DNS_READ_SILENCE);
	start(&p, DNS_FLAG_QR, 1, 0, 0, 0);
	ask(&p, 1, 1);
	assert_int_equal(read_bytes(p.space, p.w.n, &q, &rcode), DNS_READ_SILENCE);
}

static void counts_and_opcodes(void **state)
{
	static const struct {
		unsigned flags, qd, an, ns;
		uint16_t rcode;
	} tries[] = {
		{0, 0, 0, 0, DNS_RCODE_FORMERR}, {0, 2, 0, 0, DNS_RCODE_FORMERR},
		{0, 65535, 0, 0, DNS_RCODE_FORMERR}, {0, 1, 1, 0, DNS_RCODE_FORMERR},
		{0, 1, 0, 1, DNS_RCODE_FORMERR}, {1 << 11, 1, 0, 0, DNS_RCODE_NOTIMP},
		{5 << 11, 1, 0, 0, DNS_RCODE_NOTIMP}, {15 << 11, 0, 9, 9, DNS_RCODE_NOTIMP},
		{DNS_FLAG_AA | DNS_FLAG_TC | DNS_FLAG_RA | 0x40 | 9, 1, 0, 0, 0}, /* no matter */
	};
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		start(&p, tries[i].flags, tries[i].qd, tries[i].an, tries[i].ns, 0);
		for (unsigned j = 0; j < tries[i].qd && j < 2; j++)
			ask(&p, 1, 1);
		for (unsigned j = 0; j < tries[i].an + tries[i].ns && j < 2; j++)
			record(&p, 1);
		assert_rcode(&p, tries[i].rcode);
	}
}

static void types_and_classes(void **state)
{
	static const struct {
		unsigned type, klass;
		uint16_t rcode;
	} tries[] = {
		{41, 1, DNS_RCODE_FORMERR},
		{249, 1, DNS_RCODE_FORMERR},
		{250, 1, DNS_RCODE_FORMERR},
		{251, 1, DNS_RCODE_REFUSED},
		{252, 1, DNS_RCODE_REFUSED},
		{253, 1, DNS_RCODE_NOTIMP},
		{254, 1, DNS_RCODE_NOTIMP},
		{255, 1, 0},
		{1, 3, DNS_RCODE_REFUSED},
		{1, 255, DNS_RCODE_REFUSED},
		{1, 0, DNS_RCODE_REFUSED},
		{0, 1, 0},
		{65535, 1, 0},
	};
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		start(&p, 0, 1, 0, 0, 0);
		ask(&p, tries[i].type, tries[i].klass);
		assert_rcode(&p, tries[i].rcode);
	}
}

static void the_additional_section(void **state)
{
	static const char cut_option[] = "\0\12\0\4abc", half_option[] = "\0\12\0";
	struct packet p;

	(void)state;
	start(&p, 0, 1, 0, 0, 3); /* TSIG behind OPT, and something before */
	ask(&p, 1, 1);
	record(&p, 1);
	opt(&p, 0, "", 0);
	record(&p, DNS_TYPE_TSIG);
	assert_rcode(&p, 0);
	start(&p, 0, 1, 0, 0, 2);
	ask(&p, 1, 1);
	opt(&p, 0, "", 0);
	assert_rcode(&p, DNS_RCODE_FORMERR); /* the second is missing */
	opt(&p, 0, "", 0);
	assert_rcode(&p, DNS_RCODE_FORMERR); /* two OPT */
	start(&p, 0, 1, 0, 0, 1);
	ask(&p, 1, 1);
	opt(&p, 1, "", 0);
	assert_rcode(&p, DNS_RCODE_BADVERS);
	start(&p, 0, 1, 0, 0, 1);
	ask(&p, 252, 3);
	opt(&p, 255, "", 0);
	assert_rcode(&p, DNS_RCODE_BADVERS);
	start(&p, 0, 1, 0, 0, 1);
	ask(&p, 1, 1);
	opt(&p, 0, cut_option, sizeof cut_option - 1);
	assert_rcode(&p, DNS_RCODE_FORMERR);
	start(&p, 0, 1, 0, 0, 1);
	ask(&p, 1, 1);
	opt(&p, 0, half_option, sizeof half_option - 1);
	assert_rcode(&p, DNS_RCODE_FORMERR);
	start(&p, 0, 1, 0, 0, 1);
	ask(&p, 1, 1);
	record(&p, DNS_TYPE_OPT); /* not owned by the root */
	assert_rcode(&p, DNS_RCODE_FORMERR);
}

/* The two datagrams that end the reference's threads, and others of their kind. */
static void pointer_loops(void **state)
{
	static const struct {
		const char *name;
		size_t n;
	} tries[] = {
		{"\300\014", 2},
		{"\1a\300\014", 4},
		{"\1a\300\016", 4},
		{"\300\015", 2},
		{"\300\377", 2},
		{"\377\377", 2},
		{"\300\0", 2},
		{"\300\2", 2},
		{"\100a", 2},
		{"\3ab", 3},
		{"\77a", 2},
	};
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		start(&p, DNS_FLAG_RD, 1, 0, 0, 0);
		wr_bytes(&p.w, tries[i].name, tries[i].n);
		assert_rcode(&p, DNS_RCODE_FORMERR); /* 18 bytes, without type and class */
		wr_be(&p.w, 0x00010001, 4);
		assert_rcode(&p, DNS_RCODE_FORMERR);
	}
}

static void every_beginning_of_a_question(void **state)
{
	struct packet p;
	struct dns_query q;
	uint16_t rcode;

	(void)state;
	start(&p, 0, 1, 0, 0, 2);
	ask(&p, 1, 1);
	opt(&p, 0, "\0\12\0\3abc", 7);
	record(&p, DNS_TYPE_TSIG);
	for (size_t n = DNS_HEADER_SIZE; n < p.w.n; n++) {
		assert_int_equal(read_bytes(p.space, n, &q, &rcode), DNS_READ_ERROR);
		assert_int_equal(rcode, DNS_RCODE_FORMERR);
		assert_true(q.has_question == (n >= DNS_HEADER_SIZE + 17));
	}
	wr_bytes(&p.w, "behind", 6);
	assert_rcode(&p, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_question),
		cmocka_unit_test(silence),
		cmocka_unit_test(counts_and_opcodes),
		cmocka_unit_test(types_and_classes),
		cmocka_unit_test(the_additional_section),
		cmocka_unit_test(pointer_loops),
		cmocka_unit_test(every_beginning_of_a_question),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
