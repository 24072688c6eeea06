/* Messages written: read back they are the same, names are compressed as they may be, and an answer
 * that is too long is cut by whole sets, with TC only for what is needed. */
#include "tests/unit/dns_rig.h"

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

/* Writes *a for q and reads it into *b; the size, and TC. */
static size_t written(const struct dns_query *q, size_t limit, bool *tc)
{
	struct dns_query back;
	size_t n = dns_answer_write(a, q, wire, limit);

	assert_true(n > 0 && n <= limit);
	assert_true(dns_response_read(slice_of(wire, n), &back, b, tc));
	assert_int_equal(back.id, q->id);
	assert_true(dns_name_equal(&back.name, &q->name) && back.type == q->type);
	assert_memory_equal(back.name.wire, q->name.wire, q->name.size); /* the client's case */
	assert_true(back.edns == q->edns && back.dnssec_ok == (q->edns && q->dnssec_ok));
	return n;
}

static void random_answers_come_back(void **state)
{
	struct dice d = {1};
	bool tc;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct dns_query q = query_of("www.Example.ygg");
		q.name = random_name(&d);
		q.edns = roll(&d, 2);
		q.dnssec_ok = roll(&d, 2);
		random_answer(&d, a, i % 100 ? roll(&d, 12) : 700);
		written(&q, sizeof wire, &tc);
		assert_false(tc);
		assert_int_equal(b->count, a->count);
		assert_same_records(a, b, a->count);
		assert_true(b->rcode == a->rcode && b->aa == a->aa);
	}
}

/* The bytes themselves: what any other program would read. */
static void the_bytes_of_an_answer(void **state)
{
	static const char expected[] =
		"\x12\x34\x85\x80\0\1\0\2\0\1\0\2\3WwW\7example\3ygg\0\0\1\0\1"
		"\300\014\0\5\0\1\0\0\1\54\0\4\1b\300\020"  /* CNAME b.example.ygg */
		"\300\055\0\1\0\1\0\0\1\54\0\4\1\2\3\4"     /* b.example.ygg */
		"\300\020\0\2\0\1\0\0\1\54\0\5\2ns\300\020" /* example.ygg */
		"\300\115\0\1\0\1\0\0\1\54\0\4\1\2\3\5"     /* ns.example.ygg */
		"\0\0\51\4\320\0\0\200\0\0\0";              /* OPT */
	struct dns_query q = query_of("WwW.example.ygg");

	(void)state;
	q.edns = q.dnssec_ok = true;
	dns_answer_clear(a);
	a->aa = true;
	add_name(a, DNS_SECTION_ANSWER, "www.example.ygg", DNS_TYPE_CNAME, "b.example.ygg");
	add_a(a, DNS_SECTION_ANSWER, "b.example.ygg", 0x01020304);
	add_name(a, DNS_SECTION_AUTHORITY, "EXAMPLE.ygg", DNS_TYPE_NS, "ns.example.ygg");
	add_a(a, DNS_SECTION_ADDITIONAL, "ns.example.ygg", 0x01020305);
	assert_int_equal(dns_answer_write(a, &q, wire, sizeof wire), sizeof expected - 1);
	assert_memory_equal(wire, expected, sizeof expected - 1);
}

static void newer_types_are_not_compressed(void **state)
{
	struct dns_query q = query_of("example.ygg");
	struct dns_name target = name_of("example.ygg");
	uint8_t srv[6 + DNS_NAME_MAX] = {0, 1, 0, 2, 0, 3};
	bool tc;

	(void)state;
	memcpy(srv + 6, target.wire, target.size);
	dns_answer_clear(a);
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_SRV,
		slice_of(srv, 6u + target.size));
	size_t n = written(&q, sizeof wire, &tc);
	assert_memory_equal(wire + n - target.size, target.wire, target.size);
	dns_answer_clear(a);
	add_name(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_DNAME, "example.ygg");
	n = written(&q, sizeof wire, &tc);
	assert_memory_equal(wire + n - target.size, target.wire, target.size);
	dns_answer_clear(a);
	add_name(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_NS, "example.ygg");
	n = written(&q, sizeof wire, &tc);
	assert_memory_equal(wire + n - 2, "\300\014", 2);
}

/* Behind offset 16,383 no pointer can lead. */
static void long_messages_have_no_far_pointers(void **state)
{
	struct dns_query q = query_of("example.ygg");
	static uint8_t filler[1000];
	bool tc;

	(void)state;
	dns_answer_clear(a);
	for (int i = 0; i < 30; i++)
		add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", 65280, slice_of(filler, 1000));
	for (int i = 0; i < 50; i++)
		add_name(a, DNS_SECTION_ANSWER, "far.away", DNS_TYPE_PTR, "also.far.away");
	written(&q, sizeof wire, &tc);
	assert_int_equal(b->count, 80);
	assert_same_records(a, b, 80);
}

/* More different names than the table has slots. */
static void a_full_table_only_compresses_less(void **state)
{
	struct dns_query q = query_of("example.ygg");
	char name[64];
	bool tc;

	(void)state;
	dns_answer_clear(a);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "n%u.zone%u.example.ygg", i, i % 400);
		add_name(a, DNS_SECTION_ANSWER, name, DNS_TYPE_CNAME, "example.ygg");
	}
	written(&q, sizeof wire, &tc);
	assert_int_equal(b->count, 1000);
	assert_same_records(a, b, 1000);
}

static void what_cannot_be_written_is_left_out(void **state)
{
	struct dns_query q = query_of("example.ygg");
	static uint8_t large[DNS_RDATA_MAX + 1], label[66] = {64}, name[257];
	bool tc;

	(void)state;
	for (size_t i = 0; i < sizeof name - 1; i += 64)
		name[i] = 63;
	dns_answer_clear(a);
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_NS, slice_of(label, 66));
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_NS, slice_of(name, 257));
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_A, slice_of("\1\2\3", 3));
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_NS, slice_of("\1a", 2));
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_NS, slice_of("\300\014", 2));
	add_bytes(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_MX, slice_of("\0\1\0\0", 4));
	add_bytes(
		a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_TXT, slice_of(large, sizeof large));
	add_bytes(a, DNS_SECTION_ADDITIONAL, ".", DNS_TYPE_OPT, slice_of("", 0));
	assert_true(dns_answer_add(
		a, DNS_SECTION_ANSWER, slice_of("\1x", 2), DNS_TYPE_A, 1, slice_of("\1\2\3\4", 4)));
	assert_true(dns_answer_add(
		a, DNS_SECTION_ANSWER, slice_of("", 0), DNS_TYPE_A, 1, slice_of("\1\2\3\4", 4)));
	add_a(a, DNS_SECTION_ANSWER, "example.ygg", 7);
	written(&q, sizeof wire, &tc);
	assert_int_equal(b->count, 1);
	assert_true(same_record(&b->rr[0], &a->rr[10]) && !tc);
}

static bool same_set(const struct dns_rr *x, const struct dns_rr *y)
{
	return x->section == y->section && x->type == y->type && x->klass == y->klass &&
	       dns_wire_equal(x->owner, y->owner);
}

/* *b is a beginning of *a, no set is in it in part. */
static void assert_cut_at_a_set(void)
{
	assert_true(b->count <= a->count);
	assert_same_records(a, b, b->count);
	for (size_t i = 0; i < b->count; i++)
		for (size_t j = b->count; j < a->count; j++)
			assert_false(same_set(&a->rr[i], &a->rr[j]));
}

/* Are only records missing that the client does not need? */
static bool only_spare_missing(void)
{
	bool positive = a->rcode == 0 && dns_answer_count(a, DNS_SECTION_ANSWER);

	for (size_t i = b->count; i < a->count; i++)
		if (a->rr[i].section == DNS_SECTION_ANSWER ||
			(a->rr[i].section == DNS_SECTION_AUTHORITY &&
				!(positive && a->rr[i].type == DNS_TYPE_NS)))
			return false;
	return true;
}

static void cut_at_every_limit(void **state)
{
	struct dice d = {2};
	bool tc;

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct dns_query q = query_of("example.ygg");
		q.edns = i % 2;
		random_answer(&d, a, 2 + roll(&d, 12));
		for (size_t j = 0; j < a->count; j++)
			if (a->rr[j].type == DNS_TYPE_RRSIG)
				a->rr[j].type = DNS_TYPE_TLSA;
		size_t least = DNS_HEADER_SIZE + 13 + 4 + dns_opt_size(&q);
		size_t all = dns_answer_write(a, &q, wire, sizeof wire);
		assert_int_equal(dns_answer_write(a, &q, wire, least - 1), 0);
		for (size_t limit = least; limit <= all; limit++) {
			size_t n = written(&q, limit, &tc);
			assert_cut_at_a_set();
			assert_true(limit < all ? b->count < a->count : n == all);
			assert_true(tc == !only_spare_missing());
		}
	}
}

static void additional_and_spare_servers_go_silently(void **state)
{
	struct dns_query q = query_of("example.ygg");
	bool tc;

	(void)state;
	dns_answer_clear(a);
	add_a(a, DNS_SECTION_ANSWER, "example.ygg", 1);
	add_name(a, DNS_SECTION_AUTHORITY, "example.ygg", DNS_TYPE_NS, "ns1.example.ygg");
	add_name(a, DNS_SECTION_AUTHORITY, "example.ygg", DNS_TYPE_NS, "ns2.example.ygg");
	size_t two = dns_answer_write(a, &q, wire, sizeof wire);
	add_a(a, DNS_SECTION_ADDITIONAL, "ns1.example.ygg", 2);
	written(&q, two, &tc);
	assert_true(!tc && b->count == 3);
	written(&q, two - 1, &tc);
	assert_true(!tc && b->count == 1); /* not one server of two */
	written(&q, 40, &tc);
	assert_true(tc && b->count == 0);
}

static void a_negative_answer_needs_its_soa(void **state)
{
	struct dns_query q = query_of("no.example.ygg");
	bool tc;

	(void)state;
	dns_answer_clear(a);
	a->rcode = DNS_RCODE_NXDOMAIN;
	add_soa(a, "ygg", 60);
	size_t all = dns_answer_write(a, &q, wire, sizeof wire);
	written(&q, all, &tc);
	assert_false(tc);
	written(&q, all - 1, &tc);
	assert_true(tc && b->count == 0 && b->rcode == DNS_RCODE_NXDOMAIN);
}

/* A set whose records do not stand together goes whole too, with all behind its first. */
static void a_scattered_set_is_cut_whole(void **state)
{
	struct dns_query q = query_of("example.ygg");
	bool tc;

	(void)state;
	dns_answer_clear(a);
	add_name(a, DNS_SECTION_ANSWER, "example.ygg", DNS_TYPE_CNAME, "b.ygg");
	add_a(a, DNS_SECTION_ANSWER, "b.ygg", 1);
	add_name(a, DNS_SECTION_ANSWER, "b.ygg", DNS_TYPE_PTR, "c.ygg");
	add_a(a, DNS_SECTION_ANSWER, "B.ygg", 2);
	size_t all = dns_answer_write(a, &q, wire, sizeof wire);
	written(&q, all - 1, &tc);
	assert_true(tc && b->count == 1 && b->rr[0].type == DNS_TYPE_CNAME);
}

static void flags_of_responses(void **state)
{
	struct dns_query q = query_of("example.ygg");

	(void)state;
	assert_int_equal(dns_response_flags(&q, 3, false, false, false), 0x8183);
	q.rd = false;
	q.cd = true;
	assert_int_equal(dns_response_flags(&q, 0, true, true, true), 0x8690);
	q.ad = true;
	assert_int_equal(dns_response_flags(&q, 0, false, true, false), 0x80B0);
	assert_int_equal(dns_response_flags(&q, 0, false, false, false), 0x8090);
	q.ad = q.cd = false;
	q.dnssec_ok = true;
	q.opcode = 5;
	assert_int_equal(dns_response_flags(&q, 4, false, true, false), 0xA8A4);
}

static void errors(void **state)
{
	struct dns_query q = query_of("example.ygg");

	(void)state;
	q.edns = q.dnssec_ok = true;
	size_t n = dns_error_write(&q, DNS_RCODE_BADVERS, false, wire, 512);
	assert_int_equal(n, 12 + 17 + 11);
	assert_int_equal(wire[3] & 15, 0);
	assert_memory_equal(wire + n - 11, "\0\0\51\4\320\1\0\200\0\0\0", 11);
	q.edns = false;
	n = dns_error_write(&q, DNS_RCODE_BADVERS, true, wire, 512);
	assert_int_equal(n, 12 + 17);
	assert_int_equal(wire[3] & 15, DNS_RCODE_SERVFAIL);
	assert_int_equal(wire[2] & 2, 2);
	q.has_question = false;
	assert_int_equal(dns_error_write(&q, DNS_RCODE_FORMERR, false, wire, 12), 12);
	assert_memory_equal(wire, "\x12\x34\x81\x81\0\0\0\0\0\0\0\0", 12);
	assert_int_equal(dns_error_write(&q, DNS_RCODE_FORMERR, false, wire, 11), 0);
	dns_answer_clear(a);
	a->bad = true;
	q = query_of("example.ygg");
	n = dns_answer_write(a, &q, wire, 512);
	assert_true(n == 12 + 17 && (wire[3] & 15) == DNS_RCODE_SERVFAIL);
}

static void the_idle_time_of_a_connection(void **state)
{
	struct dns_query q = query_of("example.ygg");

	(void)state;
	q.edns = q.tell_idle = true;
	q.idle_100ms = 100;
	dns_answer_clear(a);
	size_t n = dns_answer_write(a, &q, wire, 512);
	assert_int_equal(n, 12 + 17 + dns_opt_size(&q));
	assert_memory_equal(wire + n - 8, "\0\6\0\13\0\2\0\144", 8);
}

static void limits_of_udp(void **state)
{
	static const unsigned tries[][2] = {{0, 512}, {511, 512}, {512, 512}, {1000, 1000},
		{1232, 1232}, {1233, 1232}, {65535, 1232}};
	struct dns_query q = query_of("example.ygg");

	(void)state;
	q.payload = 1000;
	assert_int_equal(dns_udp_limit(&q), 512);
	q.edns = true;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		q.payload = (uint16_t)tries[i][0];
		assert_int_equal(dns_udp_limit(&q), tries[i][1]);
	}
}

static void our_questions(void **state)
{
	struct dns_query q = query_of("eXample.com"), back;
	uint16_t rcode;

	(void)state;
	q.edns = q.dnssec_ok = q.cd = q.ad = true;
	q.type = 65;
	size_t n = dns_query_write(&q, wire, 512);
	assert_int_equal(dns_query_read(slice_of(wire, n), &back, &rcode), DNS_READ_OK);
	assert_true(
		back.id == q.id && back.rd && back.cd && back.ad && back.edns && back.dnssec_ok);
	assert_int_equal(back.payload, DNS_UDP_SIZE);
	assert_true(back.type == 65 && back.klass == 1);
	assert_memory_equal(back.name.wire, q.name.wire, q.name.size);
	assert_int_equal(dns_query_write(&q, wire, n - 1), 0);
	q.edns = q.rd = q.cd = q.ad = false;
	assert_int_equal(dns_query_write(&q, wire, 512), n - 11);
	assert_memory_equal(wire + 2, "\0\0\0\1\0\0\0\0\0\0", 10);
}

static void answers_have_bounds(void **state)
{
	static uint8_t data[10000];

	(void)state;
	dns_answer_clear(a);
	for (int i = 0; i < DNS_ANSWER_RECORDS; i++)
		add_a(a, DNS_SECTION_ANSWER, "a", 1);
	assert_false(
		dns_answer_add(a, DNS_SECTION_ANSWER, slice_of("", 1), 1, 1, slice_of("1234", 4)));
	assert_true(a->bad && a->count == DNS_ANSWER_RECORDS);
	dns_answer_clear(a);
	size_t fitting = DNS_ANSWER_ROOM / (sizeof data + 3);
	for (size_t i = 0; i < fitting; i++)
		add_bytes(a, DNS_SECTION_ANSWER, "a", 65280, slice_of(data, sizeof data));
	size_t used = a->used;
	assert_false(dns_answer_add(
		a, DNS_SECTION_ANSWER, slice_of("", 1), 65280, 1, slice_of(data, sizeof data)));
	assert_true(a->bad && a->count == fitting && a->used == used);
}

static void append_leaves_duplicates_out(void **state)
{
	(void)state;
	dns_answer_clear(a);
	dns_answer_clear(b);
	a->rcode = 0;
	b->rcode = 3;
	add_a(a, DNS_SECTION_ANSWER, "a", 1);
	add_a(b, DNS_SECTION_ANSWER, "a", 1);
	add_a(b, DNS_SECTION_AUTHORITY, "a", 1); /* another section */
	add_a(b, DNS_SECTION_ANSWER, "a", 2);
	add_a(b, DNS_SECTION_ANSWER, "b", 1);
	add_a(b, DNS_SECTION_ANSWER, "b", 1); /* twice in what is appended */
	assert_true(dns_answer_append(a, b));
	assert_int_equal(a->count, 4);
	assert_int_equal(a->rcode, 0);
	assert_int_equal(dns_answer_count(a, DNS_SECTION_ANSWER), 3);
	assert_int_equal(dns_answer_count(a, DNS_SECTION_AUTHORITY), 1);
	b->bad = true;
	assert_false(dns_answer_append(a, b));
	assert_true(a->bad);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_answers_come_back),
		cmocka_unit_test(the_bytes_of_an_answer),
		cmocka_unit_test(newer_types_are_not_compressed),
		cmocka_unit_test(long_messages_have_no_far_pointers),
		cmocka_unit_test(a_full_table_only_compresses_less),
		cmocka_unit_test(what_cannot_be_written_is_left_out),
		cmocka_unit_test(cut_at_every_limit),
		cmocka_unit_test(additional_and_spare_servers_go_silently),
		cmocka_unit_test(a_negative_answer_needs_its_soa),
		cmocka_unit_test(a_scattered_set_is_cut_whole),
		cmocka_unit_test(flags_of_responses),
		cmocka_unit_test(errors),
		cmocka_unit_test(the_idle_time_of_a_connection),
		cmocka_unit_test(limits_of_udp),
		cmocka_unit_test(our_questions),
		cmocka_unit_test(answers_have_bounds),
		cmocka_unit_test(append_leaves_duplicates_out),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, two_answers, no_answers);
}
