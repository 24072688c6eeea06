/* Whom a node names to a peer that asks for peers, and what it takes of those that it is told. */
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

enum { PUBLIC = 12, ASKS = 100 };

static struct raw asker, hidden, known[PUBLIC];

static void come(struct rig *r, struct raw *w, unsigned number, bool is_public)
{
	char from[16], id[16];
	struct message m;

	snprintf(from, sizeof from, "127.0.1.%u", number);
	snprintf(id, sizeof id, "id%u", number);
	raw_from(w, &r->a.at, from);
	raw_hello(r, w);
	m = hand(id);
	m.is_public = is_public;
	raw_message(w, &m);
	raw_expect(r, w, MSG_SHAKE, &m);
}

/* Which of them one answer names, a bit each. */
static unsigned ask(struct rig *r)
{
	struct message m = {.type = MSG_GET_PEERS};
	unsigned named = 0;
	char text[24];

	raw_message(&asker, &m);
	raw_expect(r, &asker, MSG_PEERS, &m);
	assert_int_equal(m.peer_count, PEERS_SENT_MAX);
	for (size_t i = 0; i < m.peer_count; i++)
		for (unsigned number = 1; number <= PUBLIC; number++) {
			snprintf(text, sizeof text, "127.0.1.%u:4244", number);
			named |= slice_is(m.peers[i], text) ? 1u << number : 0;
		}
	assert_int_equal(__builtin_popcount(named), PEERS_SENT_MAX);
	return named;
}

/* Public ones alone, each of them now and then: an answer has fewer places than there are peers. */
static void test_every_public_peer(void **state)
{
	struct rig r;
	unsigned ever = 0;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	for (unsigned i = 0; i < PUBLIC; i++)
		come(&r, &known[i], i + 1, true);
	come(&r, &hidden, 100, false);
	come(&r, &asker, 101, true);
	for (unsigned i = 0; i < ASKS; i++)
		ever |= ask(&r);
	assert_int_equal(__builtin_popcount(ever), PUBLIC);
	for (unsigned i = 0; i < PUBLIC; i++)
		raw_close(&known[i]);
	raw_close(&hidden);
	raw_close(&asker);
	rig_end(&r);
}

/* Few enough to name them all: the one who does not want it is left out. */
static void test_not_public(void **state)
{
	struct rig r;
	struct message m = {.type = MSG_GET_PEERS};
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	come(&r, &known[0], 1, true);
	come(&r, &hidden, 100, false);
	come(&r, &asker, 101, true);
	raw_message(&asker, &m);
	raw_expect(&r, &asker, MSG_PEERS, &m);
	assert_int_equal(m.peer_count, 1);
	assert_true(slice_is(m.peers[0], "127.0.1.1:4244"));
	raw_close(&known[0]);
	raw_close(&hidden);
	raw_close(&asker);
	rig_end(&r);
}

static void hear(struct rig *r, size_t n)
{
	struct message list = {.type = MSG_PEERS, .peer_count = n};
	char text[PEERS_MAX][24];

	for (unsigned i = 0; i < PEERS_MAX; i++) {
		snprintf(text[i], sizeof text[i], "127.0.2.%u:4001", i + 1);
		list.peers[i] = slice_str(text[i]);
	}
	p2p_take_peers(p2p_find(r->a.p, r->a.ids[0]), &list);
}

/* A list of more than the network sends is no list; after the longest one no more is asked for. */
static void test_lists_that_are_told(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	come(&r, &known[0], 1, true);
	size_t waited = stats_of(&r.a).new_peers;
	hear(&r, PEERS_MAX + 1);
	assert_int_equal(stats_of(&r.a).new_peers, waited);
	hear(&r, PEERS_MAX - 1);
	assert_int_equal(stats_of(&r.a).new_peers, waited + PEERS_MAX - 1);
	assert_true(p2p_wants_addresses(r.a.p));
	hear(&r, PEERS_MAX);
	assert_int_equal(stats_of(&r.a).new_peers, waited + PEERS_MAX);
	assert_false(p2p_wants_addresses(r.a.p));
	raw_close(&known[0]);
	rig_end(&r);
}

static int setup(void **state)
{
	(void)state;
	return rig_setup();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_public_peer),
		cmocka_unit_test(test_not_public),
		cmocka_unit_test(test_lists_that_are_told),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, setup, NULL);
}
