/* The table of messages, p2p/messages.def: every row is whole, and the rows fit each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "p2p/wire.h"
#include "tests/unit/main.h"

static const struct {
	const char *id, *name, *fields, *p2p, *node;
} rows[] = {
#define MESSAGE(id, name, fields, comes, answers, costs, wants, p2p, node)                         \
	{#id, name, #fields, #p2p, #node},
#include "p2p/messages.def"
#undef MESSAGE
};

static void fill(struct message *m, enum message_type t)
{
	static const uint8_t hash[32] = {1, 2, 255}, block[] = {0, 23, 24, 255};

	*m = (struct message){.type = t,
		.app_version = slice_str("0.10.0"),
		.origin = slice_str("AB"),
		.rand_id = slice_str("abcdef"),
		.version = 1,
		.is_public = true,
		.height = 7,
		.index = 9,
		.hash = slice_of(hash, sizeof hash),
		.block = slice_of(block, sizeof block),
		.peer_count = 1,
		.peers = {slice_str("1.2.3.4:4244")}};
}

/* "GET_PEERS" is GetPeers on the wire (protocol.md 5.1). */
static void assert_is_written_as(const char *id, const char *name)
{
	for (bool first = true; *id; id++) {
		if (*id == '_') {
			first = true;
			continue;
		}
		assert_int_equal(*name++, first ? *id : *id - 'A' + 'a');
		first = false;
	}
	assert_int_equal(*name, 0);
}

static void test_names_and_codec(void **state)
{
	uint8_t bytes[1024], again[1024], scratch[1024];

	(void)state;
	assert_int_equal(sizeof rows / sizeof *rows, MSG_COUNT);
	for (enum message_type t = 0; t < MSG_COUNT; t++) {
		struct wr w = wr_of(bytes, sizeof bytes), v = wr_of(again, sizeof again);
		struct message m, back;
		assert_is_written_as(rows[t].id, message_name(t));
		fill(&m, t);
		message_encode(&m, &w);
		assert_int_equal(
			message_decode(wr_done(&w), &back, scratch, sizeof scratch), ERR_OK);
		assert_int_equal(back.type, t);
		message_encode(&back, &v);
		assert_true(slice_eq(wr_done(&w), wr_done(&v)));
		/* A name alone where there is nothing to say, and only there. */
		assert_int_equal(bytes[0] == 0xa1, strcmp(rows[t].fields, "0") != 0);
	}
	assert_string_equal(message_name(MSG_NOTHING), "unknown");
}

/* An answer is one to what wants it, comes no earlier, and wants none itself; the exception is a
 * GetBlock, which answers a Ping by a question (5.14). */
static void test_answers(void **state)
{
	(void)state;
	for (enum message_type t = 0; t < MSG_COUNT; t++) {
		const struct message_rule *r = message_rule(t);
		if (r->answers == MSG_NOTHING)
			continue;
		assert_true(message_rule(r->answers)->wants_answer);
		assert_true(r->when_ready >= message_rule(r->answers)->when_ready);
		assert_int_equal(r->wants_answer, t == MSG_GET_BLOCK);
	}
}

static void test_what_wants_an_answer_has_one(void **state)
{
	(void)state;
	for (enum message_type t = 0; t < MSG_COUNT; t++) {
		unsigned answers = 0;
		for (enum message_type o = 0; o < MSG_COUNT; o++)
			answers += message_rule(o)->answers == t;
		assert_int_equal(answers, t == MSG_PING ? 2 : message_rule(t)->wants_answer);
	}
}

/* Who has not introduced himself reaches only the handshake; what the node gets p2p/ hands on; what
 * is free is bounded by something else. */
static void test_handlers(void **state)
{
	(void)state;
	for (enum message_type t = 0; t < MSG_COUNT; t++) {
		const struct message_rule *r = message_rule(t);
		bool to_node = strcmp(rows[t].node, "nobody") != 0;
		bool early = strncmp(rows[t].p2p, "handshake_", 10) == 0 || t == MSG_ERROR;
		assert_int_equal(r->when_ready, !early);
		assert_int_equal(to_node, !early && t != MSG_GET_PEERS);
		assert_int_equal(r->free, t == MSG_GET_BLOCK);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_codec),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_what_wants_an_answer_has_one),
		cmocka_unit_test(test_handlers),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
