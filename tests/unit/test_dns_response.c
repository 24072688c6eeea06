/* Answers of other servers: whole, cut and malformed. */
#include "tests/unit/dns_packet.h"

static uint8_t wire[DNS_MESSAGE_MAX];
static struct dns_answer *a, *b;

static int two_answers(void **state)
{
	(void)state;
	a = dns_answer_new();
	b = dns_answer_new();
	return a && b ? 0 : -1;
}

static int no_answers(void **state)
{
	(void)state;
	mem_free(a);
	mem_free(b);
	return mem_blocks() ? -1 : 0;
}

static bool reads(const uint8_t *p, size_t n, bool *tc)
{
	uint8_t *copy = mem_alloc(n ? n : 1);
	struct dns_query q;

	assert_non_null(copy);
	if (n)
		memcpy(copy, p, n);
	bool good = dns_response_read(slice_of(copy, n), &q, b, tc);
	mem_free(copy);
	return good;
}

static void compressed_answers_are_read_whole(void **state)
{
	struct packet p;
	struct dns_query q;
	bool tc;

	(void)state;
	start(&p, DNS_FLAG_QR | DNS_FLAG_AD | 2, 1, 3, 0, 2);
	ask(&p, DNS_TYPE_SRV, 1);
	/* SRV, whose target is compressed although it may not be; RRSIG as it is; SOA */
	wr_bytes(&p.w, "\300\014\0\41\0\1\0\0\0\1\0\10\0\1\0\2\0\3\300\014", 20);
	wr_bytes(&p.w, "\300\014\0\56\0\1\0\0\0\1\0\2\300\014", 14);
	wr_bytes(&p.w,
		"\300\24\0\6\0\1\377\377\377\377\0\32\300\014\1a\300\24"
		"\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		38);
	opt(&p, 0, "", 0);
	p.space[p.w.n - 11 + 5] = 1; /* upper bits of the rcode */
	record(&p, DNS_TYPE_TSIG);
	assert_true(dns_response_read(wr_done(&p.w), &q, b, &tc));
	assert_int_equal(b->count, 3);
	assert_int_equal(b->rcode, 0x12);
	assert_true(b->ad && !b->aa && !tc && q.edns && q.dnssec_ok);
	assert_true(slice_eq(b->rr[0].rdata, slice_of("\0\1\0\2\0\3\7eXample\3ygg\0", 19)));
	assert_true(slice_eq(b->rr[1].rdata, slice_of("\300\014", 2)));
	assert_int_equal(b->rr[2].ttl, UINT32_MAX);
	assert_int_equal(b->rr[2].rdata.n, 13 + 7 + 20);
	assert_true(slice_eq(b->rr[2].owner, slice_of("\3ygg\0", 5)));
}

static void what_is_no_answer(void **state)
{
	struct packet p;
	bool tc;

	(void)state;
	start(&p, 0, 1, 0, 0, 0);
	ask(&p, 1, 1);
	assert_false(reads(p.space, p.w.n, &tc)); /* a question */
	start(&p, DNS_FLAG_QR | 1 << 11, 1, 0, 0, 0);
	ask(&p, 1, 1);
	assert_false(reads(p.space, p.w.n, &tc)); /* another opcode */
	start(&p, DNS_FLAG_QR, 2, 0, 0, 0);
	ask(&p, 1, 1);
	ask(&p, 1, 1);
	assert_false(reads(p.space, p.w.n, &tc));
	start(&p, DNS_FLAG_QR, 1, 0, 0, 2);
	ask(&p, 1, 1);
	opt(&p, 0, "", 0);
	opt(&p, 0, "", 0);
	assert_false(reads(p.space, p.w.n, &tc));
	start(&p, DNS_FLAG_QR, 1, 1, 0, 0);
	ask(&p, 1, 1);
	opt(&p, 0, "", 0);
	assert_false(reads(p.space, p.w.n, &tc)); /* OPT among the answers */
	start(&p, DNS_FLAG_QR | 1, 0, 0, 0, 0);
	assert_true(reads(p.space, p.w.n, &tc)); /* FORMERR of one that read nothing */
	assert_int_equal(b->rcode, DNS_RCODE_FORMERR);
}

/* Data whose length does not fit its type. */
static void malformed_data(void **state)
{
	static const struct {
		unsigned type;
		const char *data;
		size_t n;
		bool good;
	} tries[] = {
		{1, "abcd", 4, true},
		{1, "abc", 3, false},
		{1, "abcde", 5, false},
		{28, "abcd", 4, false},
		{2, "\300\014", 2, true},
		{2, "\300\014\0", 3, false},
		{2, "\300", 1, false},
		{2, "\1a", 2, false}, /* the name would go on behind the data */
		{15, "\0\1\0", 3, true},
		{15, "\0\1", 2, false},
		{6,
			"\0\0"
			"12345678901234567890",
			22, true},
		{6,
			"\0\0"
			"1234567890123456789",
			21, false},
		{35, "1234\0\0\0\0", 8, true},
		{35, "1234\0\0\7\0", 8, false},
		{65280, "", 0, true},
		{16, "\300\014", 2, true},
	};
	struct packet p;
	bool tc;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		start(&p, DNS_FLAG_QR, 1, 2, 0, 0);
		ask(&p, 1, 1);
		wr_bytes(&p.w, "\300\014", 2);
		wr_be(&p.w, tries[i].type, 2);
		wr_be(&p.w, 1, 2);
		wr_be(&p.w, 60, 4);
		wr_be(&p.w, tries[i].n, 2);
		wr_bytes(&p.w, tries[i].data, tries[i].n);
		record(&p, 1);
		assert_true(reads(p.space, p.w.n, &tc) == tries[i].good);
	}
}

static void every_beginning_of_an_answer(void **state)
{
	struct dns_query q = query_of("www.example.ygg");
	struct dice d = {3};
	bool tc;

	(void)state;
	for (int i = 0; i < 30; i++) {
		random_answer(&d, a, 6);
		size_t all = dns_answer_write(a, &q, wire, sizeof wire), last = 0;
		for (size_t n = 0; n < all; n++)
			assert_false(reads(wire, n, &tc));
		wire[2] |= DNS_FLAG_TC >> 8;
		for (size_t n = DNS_HEADER_SIZE + 21; n <= all; n++) {
			assert_true(reads(wire, n, &tc) && tc);
			assert_true(b->count >= last && b->count <= a->count);
			assert_same_records(a, b, b->count);
			last = b->count;
		}
		assert_int_equal(last, a->count);
	}
}

/* More records or bytes than an answer has room for: refused, and linear in the packet. */
static void answers_beyond_the_room(void **state)
{
	struct wr w = wr_of(wire, sizeof wire);
	uint8_t longest[DNS_NAME_MAX];
	bool tc;

	(void)state;
	wr_bytes(&w, "\0\0\200\0\0\0\25\0\0\0\0\0", 12); /* 5,376 records of 12 bytes */
	for (int i = 0; i < 5376; i++)
		wr_bytes(&w, i ? "\300\014\377\0\0\1\0\0\0\1\0\0" : "\0\377\0\0\1\0\0\0\1\0\0",
			i ? 12 : 11);
	assert_false(reads(wire, w.n, &tc));
	assert_true(b->bad && b->count == DNS_ANSWER_RECORDS);

	w = wr_of(wire, sizeof wire);
	for (size_t i = 0; i < sizeof longest; i++)
		longest[i] = i % 2 ? 'x' : 1;
	longest[DNS_NAME_MAX - 1] = 0;
	wr_bytes(&w, "\0\0\200\0\0\1\3\0\0\0\0\0",
		12); /* 768 records, each with 510 bytes of names */
	wr_bytes(&w, longest, sizeof longest);
	wr_be(&w, 0x00020001, 4);
	for (int i = 0; i < 768; i++)
		wr_bytes(&w, "\300\014\0\2\0\1\0\0\0\1\0\2\300\014", 14);
	assert_false(reads(wire, w.n, &tc));
	assert_true(b->bad && b->used <= DNS_ANSWER_ROOM);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compressed_answers_are_read_whole),
		cmocka_unit_test(what_is_no_answer),
		cmocka_unit_test(malformed_data),
		cmocka_unit_test(every_beginning_of_an_answer),
		cmocka_unit_test(answers_beyond_the_room),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, two_answers, no_answers);
}
