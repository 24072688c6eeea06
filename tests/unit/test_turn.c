/* Whose turn it is to sign (protocol.md 10.3, items 1 to 4). */
#include "owner/turn.h"
#include "tests/unit/main.h"
#include "tests/unit/signers_rig.h"

enum { OWN_MAX = 8, LATE = 100000 };

static uint8_t own[OWN_MAX][KEY_SIZE];

static void hold(unsigned place, unsigned author)
{
	made_key(author, own[place]);
}

static struct turn_ask ask(unsigned n, int64_t now)
{
	return (struct turn_ask){.keys = (const uint8_t(*)[KEY_SIZE])own,
		.n = n,
		.now = now,
		.wait = (int64_t)params_mainnet.signing_wait};
}

static struct turn turn(struct fixture *f, unsigned n, int64_t now)
{
	struct turn_ask a = ask(n, now);
	struct turn t;

	turn_of(&f->view, &a, &t);
	return t;
}

static void assert_turn(struct turn t, enum turn_kind kind, enum turn_why why, unsigned n)
{
	assert_string_equal(turn_words(t.why), turn_words(why));
	assert_int_equal(t.kind, kind);
	assert_int_equal(t.n, n);
}

/* The window of full block 20 draws the authors 2 … 8; blocks are ten seconds apart. */
static void test_drawn(void **state)
{
	struct fixture f;
	(void)state;

	open_window(&f);
	int64_t tip = 1200;
	assert_turn(turn(&f, 0, LATE), TURN_NONE, TURN_NO_KEY, 0);
	hold(0, 3);
	struct turn t = turn(&f, 1, tip + (int64_t)params_mainnet.signing_wait - 1);
	assert_turn(t, TURN_NONE, TURN_EARLY, 0);
	assert_int_equal(t.when, tip + (int64_t)params_mainnet.signing_wait);
	t = turn(&f, 1, tip + (int64_t)params_mainnet.signing_wait);
	assert_turn(t, TURN_SIGNING, TURN_NOW, 1);
	assert_int_equal(t.when, 0);
	assert_int_equal(t.full, 20);
	assert_int_equal(t.index, 21);
	assert_int_equal(t.key[0], 0);
	hold(1, 50); /* the author of the full block */
	hold(2, 5);
	hold(3, 3); /* held twice */
	t = turn(&f, 4, LATE);
	assert_turn(t, TURN_SIGNING, TURN_NOW, 2);
	assert_int_equal(t.key[0], 0);
	assert_int_equal(t.key[1], 2);
	fixture_add(&f, 3, false);
	t = turn(&f, 4, LATE);
	assert_turn(t, TURN_SIGNING, TURN_NOW, 1);
	assert_int_equal(t.key[0], 2);
	fixture_end(&f);
}

static void test_states(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	hold(0, 3);
	assert_turn(turn(&f, 1, LATE), TURN_NONE, TURN_LOW, 0);
	for (unsigned i = 1; i <= 4; i++)
		fixture_add(&f, i, false);
	assert_turn(turn(&f, 1, LATE), TURN_NONE, TURN_LOW, 0);
	fixture_add(&f, 5, false);
	assert_turn(turn(&f, 1, LATE), TURN_NONE, TURN_NO_FULL, 0);
	fixture_end(&f);

	open_window(&f);
	struct turn_ask a = ask(1, LATE);
	struct turn t;
	a.max_height = 20;
	turn_of(&f.view, &a, &t);
	assert_turn(t, TURN_SIGNING, TURN_NOW, 1);
	a.max_height = 21;
	turn_of(&f.view, &a, &t);
	assert_turn(t, TURN_NONE, TURN_BEHIND, 0);
	for (unsigned i = 2; i <= 5; i++)
		fixture_add(&f, i + 3, false);
	assert_turn(turn(&f, 1, LATE), TURN_NONE, TURN_LOCKED, 0);
	fixture_end(&f);
}

/* Block 20 is full; the authors 9 and 10 are not drawn, yet among those with most blocks. */
static void test_standby(void **state)
{
	struct fixture f;
	struct block_summary full;
	struct pool p;
	(void)state;

	fixture_start(&f);
	f.params.healing_activation_height = 20;
	crowd(&f, 19);
	for (unsigned i = 20; i <= 40; i++)
		fixture_add(&f, i % 2 ? 9 : 10, false);
	fixture_add(&f, 50, true);
	fixture_head(&f, 41, &full);
	signers_pool(&f.view, &full, true, &p);
	assert_memory_equal(p.anchor[0] + 1, "\x0A", 1);
	hold(0, 200); /* nobody */
	assert_turn(turn(&f, 1, LATE), TURN_NONE, TURN_NOT_DRAWN, 0);
	memcpy(own[1], p.anchor[0], KEY_SIZE);
	int64_t from = full.timestamp + (int64_t)signers_timeout(&f.view, &full);
	struct turn t = turn(&f, 2, from - 1);
	if (t.kind == TURN_SIGNING) /* the draw must not have the anchor */
		fail_msg("the anchor is drawn");
	assert_turn(t, TURN_NONE, TURN_STANDBY, 0);
	assert_int_equal(t.when, from);
	t = turn(&f, 2, from);
	assert_turn(t, TURN_HEALING, TURN_NOW, 1);
	assert_int_equal(t.key[0], 1);
	assert_int_equal(t.when, 0);
	f.params.healing_activation_height = 42;
	assert_turn(turn(&f, 2, from), TURN_NONE, TURN_NOT_DRAWN, 0);
	f.params.healing_activation_height = 41;
	assert_turn(turn(&f, 2, from), TURN_HEALING, TURN_NOW, 1);
	fixture_end(&f);
}

/* Four blocks stand above the full one, of standby keys that are no anchors: only an anchor helps.
 */
static void test_anchor(void **state)
{
	struct fixture f;
	struct block_summary full;
	struct pool p;
	struct draw d;
	(void)state;

	fixture_start(&f);
	f.params.healing_window = 20;
	crowd(&f, 200); /* old authors */
	for (unsigned i = 0; i < 40; i++)
		fixture_add(&f, 100 + i % 8, false);
	fixture_add(&f, 50, true);
	fixture_head(&f, 241, &full);
	signers_pool(&f.view, &full, true, &p);
	signers_draw(&f.view, &full, &d);
	assert_true(p.recent > 1 && !draw_has(&d, p.late[0]));
	unsigned anchor = 0;
	while (draw_has(&d, p.anchor[anchor]))
		anchor++;
	assert_true(anchor < p.anchors);
	memcpy(own[0], p.late[0], KEY_SIZE);
	assert_turn(turn(&f, 1, LATE), TURN_HEALING, TURN_NOW, 1);
	for (unsigned i = 0; i < 3; i++)
		fixture_add(&f, 300 + i, false);
	assert_turn(turn(&f, 1, LATE), TURN_HEALING, TURN_NOW, 1);
	fixture_add(&f, 303, false);
	assert_turn(turn(&f, 1, LATE), TURN_NONE, TURN_NEEDS_ANCHOR, 0);
	memcpy(own[1], p.anchor[anchor], KEY_SIZE);
	struct turn t = turn(&f, 2, LATE);
	assert_turn(t, TURN_HEALING, TURN_NOW, 1);
	assert_int_equal(t.key[0], 1);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drawn),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_standby),
		cmocka_unit_test(test_anchor),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
