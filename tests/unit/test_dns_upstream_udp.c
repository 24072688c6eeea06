/* Questions by UDP: what a reply must be to count, how hard one is to forge, and servers that do
 * not know EDNS or mixed capitals. */
#include <math.h>

#include "dns/upstream_internal.h"
#include "tests/unit/dns_upstream_rig.h"

/* ---- what counts as a reply ---- */

static void wrong_replies_are_waited_out(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].wrong_id = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, dns_upstream_wrong(r->u) == 1);
	assert_int_equal(r->askers[0].told, 0);
	r->stubs[0].wrong_id = false;
	r->stubs[0].other_question = true;
	pass(r, 376);
	UNTIL(r, dns_upstream_wrong(r->u) == 2);
	assert_int_equal(r->askers[0].told, 0);
	r->stubs[0].other_question = false;
	pass(r, 2 * 376);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].got, 1);
	assert_int_equal(facts(r, 0).timed_out, 2);
}

static void reply(struct stub *s, int from, uint8_t *bytes, size_t n)
{
	sendto(from, bytes, n, 0, (struct sockaddr *)&s->from, sizeof s->from);
}

/* Each byte of header and question counts, and where it comes from. */
static void forged_replies_are_counted(void **state)
{
	struct rig *r = *state;
	uint8_t good[REPLY], bad[REPLY];

	r->set.use_0x20 = true;
	start(r, 1);
	struct stub *s = &r->stubs[0];
	s->silent = true;
	assert_int_equal(ask(r, 0, "abc.example"), ERR_OK);
	settle(r);
	size_t n = reply_to(s, s->last, s->last_size, good, false), end = question_end(s->last);
	int stranger = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	reply(s, stranger, good, n); /* the kernel refuses: the socket is connected */
	settle(r);
	assert_int_equal(dns_upstream_wrong(r->u), 0);
	close(stranger);
	for (size_t i = 0; i < end; i++) {
		if ((i == 2 || i == 3 || (i >= 6 && i < DNS_HEADER_SIZE)))
			continue; /* flags and counts are read later */
		memcpy(bad, good, n);
		bad[i] ^= 0x80;
		reply(s, s->udp, bad, n);
		settle(r);
	}
	assert_int_equal(dns_upstream_wrong(r->u), end - 6 - 2);
	memcpy(bad, good, n);
	bad[0] ^= 1; /* so that the bytes behind a cut one are the right ones */
	reply(s, s->udp, bad, n);
	for (size_t cut = 0; cut < end; cut++)
		reply(s, s->udp, good, cut);
	memcpy(bad, good, n);
	bad[2] &= 0x7F; /* a question */
	reply(s, s->udp, bad, n);
	bad[2] |= 0x88; /* an answer, of another opcode */
	reply(s, s->udp, bad, n);
	settle(r);
	settle(r);
	assert_int_equal(dns_upstream_wrong(r->u), end - 6 - 2 + end + 3);
	assert_int_equal(r->askers[0].told, 0);
	reply(s, s->udp, good, n);
	expect_answer(r, 0);
}

static void replies_that_are_too_long(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].pad = DNS_UDP_REPLY_MAX;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, dns_upstream_wrong(r->u) == 1);
	assert_int_equal(r->askers[0].told, 0);
}

/* Somebody who guesses on a socket loses it. */
static void a_socket_that_is_guessed_at(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[64] = {0};

	r->limits.dns_sockets_per_forwarder.max = 1;
	start(r, 1);
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	uint16_t port = r->stubs[0].from.sin_port;
	for (int i = 0; i < 64; i++)
		reply(&r->stubs[0], r->stubs[0].udp, bytes, sizeof bytes);
	UNTIL(r, dns_upstream_wrong(r->u) == 64);
	settle(r);
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_not_equal(r->stubs[0].from.sin_port, port);
}

/* ---- sockets ---- */

static size_t sockets_of(const struct rig *r, size_t target)
{
	return r->u->targets[target]->udp.count;
}

static void sockets_are_bounded_and_retired(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
	}
	assert_int_equal(sockets_of(r, 0), 8);
	assert_int_equal(r->limits.dns_sockets_per_forwarder.peak, 8);
	pass(r, 29999);
	assert_int_equal(sockets_of(r, 0), 8);
	pass(r, 1);
	assert_int_equal(sockets_of(r, 0), 0);
	assert_int_equal(r->u->timers.count, 0); /* and nothing wakes the machine */
}

static void one_in_use_is_not_closed(void **state)
{
	struct rig *r = *state;

	r->limits.dns_query_time.max = 60000;
	start(r, 2);
	r->stubs[0].silent = r->stubs[1].silent = true;
	r->stubs[0].rcode = r->stubs[1].rcode = DNS_RCODE_SERVFAIL;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	settle(r);
	size_t first = r->stubs[0].asked ? 0 : 1;
	for (int i = 0; i < 301; i++)
		pass(r, 10);
	assert_int_equal(sockets_of(r, first), 2);
	r->now += 30000 - 3010;
	uint8_t bytes[REPLY];
	struct stub *s = &r->stubs[first];
	dns_upstream_run(r->u);
	assert_int_equal(sockets_of(r, first), 2);
	s->rcode = 0;
	reply(s, s->udp, bytes, reply_to(s, s->last, s->last_size, bytes, false));
	expect_answer(r, 0);
}

static void after_256_questions_another(void **state)
{
	struct rig *r = *state;
	size_t ports = 0;
	in_port_t last = 0;

	r->limits.dns_sockets_per_forwarder.max = 1;
	start(r, 1);
	for (int i = 0; i < 1024; i++) {
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
		ports += r->stubs[0].from.sin_port != last;
		last = r->stubs[0].from.sin_port;
	}
	assert_int_equal(ports, 4);
	assert_int_equal(sockets_of(r, 0), 0); /* the last one has had its 256 */
}

/* ---- entropy ---- */

enum { QUESTIONS = 1000 };

static struct sample {
	uint16_t id, port;
	uint32_t capitals;
} samples[QUESTIONS];
static size_t sampled;

static void take_sample(struct stub *s, const uint8_t *q, size_t n)
{
	struct sample *to = &samples[sampled++];

	(void)n;
	to->id = (uint16_t)(q[0] << 8 | q[1]);
	to->port = ntohs(s->from.sin_port);
	for (size_t i = 0; i < 20; i++)
		to->capitals |= (uint32_t)(q[DNS_HEADER_SIZE + 1 + i] >> 5 & 1) << i;
}

/* Bits of entropy of one bit that is 1 so often. */
static double bits(size_t ones, size_t of)
{
	double p = (double)ones / (double)of;

	return ones == 0 || ones == of ? 0 : -p * log2(p) - (1 - p) * log2(1 - p);
}

static size_t distinct(const uint16_t *of, size_t n)
{
	static uint8_t seen[65536];
	size_t count = 0;

	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < n; i++)
		count += !seen[of[i]]++;
	return count;
}

/* 16 bits of id; ports of the kernel, another one for every socket; a bit for each letter. */
static void replies_are_hard_to_guess(void **state)
{
	struct rig *r = *state;
	uint16_t ids[QUESTIONS], ports[QUESTIONS];
	double of_id = 0, of_capitals = 0;

	r->set.rng = &rng_system;
	r->set.use_0x20 = true;
	r->limits.dns_sockets_per_forwarder.max = 64;
	start(r, 1);
	sampled = 0;
	r->stubs[0].seen = take_sample;
	for (size_t i = 0; i < QUESTIONS; i++) {
		assert_int_equal(ask(r, 0, "abcdefghijklmnopqrst.example"), ERR_OK);
		expect_answer(r, 0);
		if (i % 64 == 63)
			pass(r, 30000); /* other sockets */
	}
	for (size_t bit = 0; bit < 20; bit++) {
		size_t id = 0, capital = 0;
		for (size_t i = 0; i < QUESTIONS; i++) {
			id += samples[i].id >> (bit % 16) & 1;
			capital += samples[i].capitals >> bit & 1;
		}
		of_id += bit < 16 ? bits(id, QUESTIONS) : 0;
		of_capitals += bits(capital, QUESTIONS);
	}
	size_t steps = 0;
	for (size_t i = 0; i < QUESTIONS; i++) {
		ids[i] = samples[i].id;
		ports[i] = samples[i].port;
		steps += i && (uint16_t)(ids[i] - ids[i - 1]) <= 2;
	}
	print_message("id %.2f bits, %zu distinct; %zu ports; capitals %.2f of 20 bits\n", of_id,
		distinct(ids, QUESTIONS), distinct(ports, QUESTIONS), of_capitals);
	assert_true(of_id > 15.9 && of_capitals > 19.9);
	assert_in_range(distinct(ids, QUESTIONS), 970, QUESTIONS); /* 992 are expected */
	assert_in_range(steps, 0, 5);
	/* as many sockets as rounds of 30 s have questions, and hardly one port twice */
	assert_true(distinct(ports, QUESTIONS) > 800);
}

/* ---- servers that do not know something ---- */

static size_t mixed_names(const struct stub *s)
{
	size_t n = 0;

	for (size_t i = DNS_HEADER_SIZE; s->last[i]; i++)
		n += s->last[i] >= 'A' && s->last[i] <= 'Z';
	return n;
}

static void other_capitals_are_asked_by_tcp(void **state)
{
	struct rig *r = *state;

	r->set.use_0x20 = true;
	start(r, 1);
	assert_int_equal(ask(r, 0, "abcdefghijkl.example"), ERR_OK);
	expect_answer(r, 0);
	assert_true(mixed_names(&r->stubs[0]) > 2);
	assert_int_equal(r->stubs[0].asked_tcp, 0);
	r->stubs[0].lower = true;
	assert_int_equal(ask(r, 0, "abcdefghijkl.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked_tcp, 1);
	assert_int_equal(ask(r, 0, "abcdefghijkl.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked_tcp, 1);
	assert_int_equal(mixed_names(&r->stubs[0]), 0);
	r->now += 3600 * 1000; /* it is tried again after an hour */
	assert_int_equal(ask(r, 0, "abcdefghijkl.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked_tcp, 2);
}

/* Nor is a server without TCP lost for its capitals. */
static void other_capitals_and_no_tcp(void **state)
{
	struct rig *r = *state;

	r->set.use_0x20 = true;
	start(r, 1);
	stub_stop_tcp(&r->stubs[0]);
	r->stubs[0].lower = true;
	assert_int_equal(ask(r, 0, "abcdefghijkl.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].asked, 2);
}

static void without_the_setting_no_capitals(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	assert_int_equal(ask(r, 0, "ABCDEFGHIJKL.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(mixed_names(&r->stubs[0]), 0);
}

static void no_edns_is_remembered(void **state)
{
	struct rig *r = *state;

	for (int form = 0; form < 3; form++) {
		start(r, 1);
		struct stub *s = &r->stubs[0];
		s->no_edns = form == 0;
		s->bare_formerr = form == 1;
		s->badvers = form == 2;
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
		assert_int_equal(r->askers[0].rcode, 0);
		assert_int_equal(s->asked, 2);
		assert_int_equal(s->plain, 1);
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
		assert_int_equal(s->asked, 3);
		assert_int_equal(s->plain, 2);
		r->now += 3600 * 1000;
		assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
		expect_answer(r, 0);
		assert_int_equal(s->asked, 5);
		dns_upstream_free(r->u);
		r->u = NULL;
		stub_close(s);
		*s = (struct stub){.udp = -1};
	}
}

static void a_question_that_is_malformed_for_all(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].rcode = DNS_RCODE_FORMERR;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	UNTIL(r, r->askers[0].told);
	assert_int_equal(r->askers[0].rcode, DNS_RCODE_FORMERR);
	assert_int_equal(r->stubs[0].asked, 2);
	r->stubs[0].rcode = 0; /* EDNS was not at fault */
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	assert_int_equal(r->stubs[0].plain, 1);
}

static void ad_only_when_trusted(void **state)
{
	struct rig *r = *state;

	start(r, 1);
	r->stubs[0].ad = true;
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	assert_false(r->askers[0].ad);
	r->set.trust_ad = true;
	assert_true(dns_upstream_reload(r->u, &r->set));
	assert_int_equal(ask(r, 0, "a.example"), ERR_OK);
	expect_answer(r, 0);
	assert_true(r->askers[0].ad);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wrong_replies_are_waited_out, begin, end),
		cmocka_unit_test_setup_teardown(forged_replies_are_counted, begin, end),
		cmocka_unit_test_setup_teardown(replies_that_are_too_long, begin, end),
		cmocka_unit_test_setup_teardown(a_socket_that_is_guessed_at, begin, end),
		cmocka_unit_test_setup_teardown(sockets_are_bounded_and_retired, begin, end),
		cmocka_unit_test_setup_teardown(one_in_use_is_not_closed, begin, end),
		cmocka_unit_test_setup_teardown(after_256_questions_another, begin, end),
		cmocka_unit_test_setup_teardown(replies_are_hard_to_guess, begin, end),
		cmocka_unit_test_setup_teardown(other_capitals_are_asked_by_tcp, begin, end),
		cmocka_unit_test_setup_teardown(other_capitals_and_no_tcp, begin, end),
		cmocka_unit_test_setup_teardown(without_the_setting_no_capitals, begin, end),
		cmocka_unit_test_setup_teardown(no_edns_is_remembered, begin, end),
		cmocka_unit_test_setup_teardown(a_question_that_is_malformed_for_all, begin, end),
		cmocka_unit_test_setup_teardown(ad_only_when_trusted, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
