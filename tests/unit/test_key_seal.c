/* Sealing and opening; plain files; messages of the key process, both ways. */
#include "base/hex.h"
#include "base/mem.h"
#include "owner/keys.h"
#include "owner/keys_frame.h"
#include "tests/unit/main.h"

static const struct key_cost cheap = {7168, 5};
static struct rng_seeded seeded;
static struct rng rng;

static struct key_secrets secrets_of(int seed, struct key_public *pub)
{
	struct key_secrets s;

	memset(s.signing, seed, sizeof s.signing);
	memset(s.encryption, seed + 1, sizeof s.encryption);
	key_public_of(&s, pub);
	return s;
}

static struct key_file seal(const struct key_secrets *s, const struct key_public *pub)
{
	struct seal_key by;
	struct key_file f;

	assert_int_equal(seal_key_new(slice_str("pass"), cheap, &rng, &by), ERR_OK);
	key_seal(pub, s, &by, &rng, &f);
	return f;
}

static void test_seal_and_open(void **state)
{
	struct key_public pub;
	struct key_secrets s = secrets_of(1, &pub), back;
	struct key_file f = seal(&s, &pub);

	(void)state;
	assert_int_equal(key_open(&f, slice_str("pass"), &back), KEYS_DONE);
	assert_memory_equal(&back, &s, sizeof s);
	assert_int_equal(key_open(&f, slice_str("Pass"), &back), KEYS_WRONG_PASSPHRASE);
	assert_int_equal(key_open(&f, slice_str(""), &back), KEYS_WRONG_PASSPHRASE);
	assert_int_equal(key_open(&f, slice_of("pass\0", 5), &back), KEYS_WRONG_PASSPHRASE);
}

/* Two seals of one key have nothing in common but its public parts. */
static void test_fresh_salt_and_nonce(void **state)
{
	struct key_public pub;
	struct key_secrets s = secrets_of(1, &pub);
	struct key_file a = seal(&s, &pub), b = seal(&s, &pub);

	(void)state;
	assert_memory_not_equal(a.salt, b.salt, sizeof a.salt);
	assert_memory_not_equal(a.nonce, b.nonce, sizeof a.nonce);
	assert_memory_not_equal(a.sealed, b.sealed, sizeof a.sealed);
}

/* Each byte of what is not secret is bound to the seal. */
static void test_every_part_is_bound(void **state)
{
	struct key_public pub;
	struct key_secrets s = secrets_of(1, &pub), back;
	struct seal_key by;
	struct key_file f;

	(void)state;
	assert_int_equal(seal_key_new(slice_str("pass"), cheap, &rng, &by), ERR_OK);
	key_seal(&pub, &s, &by, &rng, &f);
	assert_true(key_unseal(&f, &by, &back));
	for (size_t i = 0; i < sizeof f; i++) {
		struct key_file bad = f;
		((uint8_t *)&bad)[i] ^= 1;
		assert_false(key_unseal(&bad, &by, &back));
	}
	assert_true(slice_zero(slice_of(&back, sizeof back)));
}

static uint64_t slow_mono(void *ctx)
{
	return *(uint64_t *)ctx += 30;
}

static void test_measured_cost(void **state)
{
	uint64_t now = 0;
	struct clock slow = {NULL, slow_mono, &now};
	struct key_cost c;
	char why[KEY_ERROR_MAX];

	(void)state;
	assert_int_equal(key_cost_measure(16384, 1000, &slow, &c), ERR_OK);
	assert_int_equal(c.memory, 16384);
	assert_int_equal(c.passes, 100); /* three took 30 ms */
	assert_int_equal(key_cost_measure(7168, 1, &slow, &c), ERR_OK);
	assert_int_equal(c.passes, 5);
	assert_int_equal(key_cost_measure(12288, 1, &slow, &c), ERR_OK);
	assert_int_equal(c.passes, 3);
	assert_int_equal(key_cost_measure(19456, 1, &slow, &c), ERR_OK);
	assert_int_equal(c.passes, 2);
	assert_true(key_cost_is_allowed(c, why));
}

static void test_plain_text(void **state)
{
	struct key_public pub, again;
	struct key_secrets s = secrets_of(1, &pub), back;
	char text[KEY_FILE_MAX];
	struct wr w = wr_of(text, sizeof text - 1);

	(void)state;
	key_plain_write(&pub, &s, &w);
	struct slice t = wr_done(&w);
	text[t.n] = '\0';
	assert_non_null(strstr(text, "encrypted = false\n\n[signing]\npublic = \""));
	assert_non_null(strstr(text, "\"\nsecret = \"010101"));
	assert_non_null(strstr(text, "\"\n\n[encryption]\npublic = \""));
	assert_non_null(strstr(text, "\"\nsecret = \"020202"));
	assert_int_equal(text[t.n - 1], '"');
	assert_int_equal(key_plain_read(t, &again, &back), ERR_OK);
	assert_memory_equal(&again, &pub, sizeof pub);
	assert_memory_equal(&back, &s, sizeof s);
	assert_int_equal(key_plain_read(slice_of(t.p, t.n - 1), &again, &back), ERR_MALFORMED);
}

/* ---- messages ---- */

static const struct keys_message full = {.id = 77,
	.name = {(const uint8_t *)"main", 4},
	.other = {(const uint8_t *)"new", 3},
	.key = {(const uint8_t *)"0123456789abcdef0123456789abcdef", 32},
	.number = 1ULL << 40,
	.second = 5,
	.flag = true,
	.said = KEYS_FULL,
	.line = {(const uint8_t *)"a line", 6},
	.bytes = {(const uint8_t *)"bytes", 5},
	.old = {(const uint8_t *)"old", 3},
	.pass = {(const uint8_t *)"pass", 4}};

static unsigned sender_of(enum keys_kind kind)
{
	static const unsigned senders[KEYS_KINDS_COUNT] = {
#define KIND(name, senders, fields) [KEYS_##name] = senders,
		KEYS_KINDS(KIND)
#undef KIND
	};

	return senders[kind];
}

/* Every kind: whole from its sender, of nobody else, at no other length. */
static void test_every_kind(void **state)
{
	uint8_t frame[512], again[512];
	struct keys_message m, back;
	size_t used;

	(void)state;
	for (int kind = 0; kind < KEYS_KINDS_COUNT; kind++) {
		struct wr w = wr_of(frame, sizeof frame), v = wr_of(again, sizeof again);
		m = full;
		m.kind = (enum keys_kind)kind;
		keys_frame_put(&w, &m);
		struct slice s = wr_done(&w);
		assert_true(s.n >= KEYS_HEAD);
		for (unsigned from = 1; from <= KEYS_FROM_PROCESS; from *= 2) {
			bool right = sender_of(m.kind) & from;
			assert_int_equal(keys_frame_cut(s, (enum keys_sender)from, KEYS_FRAME_MAX,
						 &back, &used),
				right ? KEYS_CUT : KEYS_CUT_BAD);
			if (!right)
				continue;
			assert_int_equal(used, s.n);
			v.n = 0;
			keys_frame_put(&v, &back);
			assert_true(slice_eq(wr_done(&v), s));
			for (size_t n = 0; n < s.n; n++)
				assert_int_equal(
					keys_frame_cut(slice_of(s.p, n), (enum keys_sender)from,
						KEYS_FRAME_MAX, &back, &used),
					KEYS_CUT_MORE);
			assert_int_equal(
				keys_frame_cut(s, (enum keys_sender)from, s.n - 1, &back, &used),
				KEYS_CUT_BAD);
		}
	}
}

static void test_what_is_too_long_is_not_written(void **state)
{
	static uint8_t frame[KEYS_FRAME_MAX], long_text[PASSPHRASE_MAX + 1];
	struct keys_message m = {.kind = KEYS_MAKE, .pass = {long_text, PASSPHRASE_MAX + 1}};
	struct wr w = wr_of(frame, sizeof frame);

	(void)state;
	keys_frame_put(&w, &m);
	assert_true(w.bad);
	m = (struct keys_message){.kind = KEYS_FORGET, .name = {long_text, KEY_NAME_MAX + 1}};
	w = wr_of(frame, sizeof frame);
	keys_frame_put(&w, &m);
	assert_true(w.bad);
}

/* The largest state fits a frame. */
static void test_largest_state(void **state)
{
	static uint8_t bytes[KEYS_FRAME_MAX], frame[KEYS_FRAME_MAX];
	static struct keys_row rows[KEYS_MAX], back_rows[KEYS_MAX];
	static struct keys_state s, back;
	struct wr w = wr_of(bytes, sizeof bytes), f = wr_of(frame, sizeof frame);

	(void)state;
	s = (struct keys_state){.rows = rows, .count = KEYS_MAX};
	memset(s.guard.filter, 'f', KEYS_TEXT_MAX - 1);
	memset(s.guard.files, 'g', KEYS_TEXT_MAX - 1);
	memset(s.guard.memory, 'm', KEYS_TEXT_MAX - 1);
	memset(s.guard.journal, 'j', KEYS_TEXT_MAX - 1);
	s.search = (struct keys_search_state){true, "name", 1, 2, 3, 4};
	for (size_t i = 0; i < KEYS_MAX; i++) {
		memset(rows[i].name, 'n', KEY_NAME_MAX);
		rows[i].locked = i % 2;
		rows[i].plain = i % 3 == 0;
		rows[i].seconds_left = (uint32_t)i;
		rows[i].cost = cheap;
		rows[i].full.index = i;
	}
	keys_state_put(&w, &s);
	keys_frame_put(&f, &(struct keys_message){.kind = KEYS_STATE, .bytes = wr_done(&w)});
	assert_true(wr_done(&f).n > 0);
	assert_true(keys_state_get(wr_done(&w), &back, back_rows, KEYS_MAX));
	assert_int_equal(back.count, KEYS_MAX);
	assert_memory_equal(rows, back_rows, sizeof rows);
	assert_memory_equal(&back.guard, &s.guard, sizeof s.guard);
	assert_int_equal(back.search.mean, 4);
	assert_false(keys_state_get(wr_done(&w), &back, back_rows, KEYS_MAX - 1));
}

static void test_settings(void **state)
{
	struct keys_settings s = {.max_keys = 64,
		.process_bytes = 20 << 20,
		.try_ms = 7,
		.search_scratch = 1 << 20,
		.search_threads = 3,
		.search_lower = true,
		.strength = 23,
		.unlock_for = 60};
	struct keys_settings back;
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);

	(void)state;
	memset(&back, 0, sizeof back);
	keys_settings_put(&w, &s);
	assert_true(keys_settings_get(wr_done(&w), &back));
	assert_int_equal(back.process_bytes, s.process_bytes);
	assert_true(back.search_lower && back.search_threads == 3 && back.try_ms == 7);
	assert_true(back.strength == 23 && back.unlock_for == 60 && back.max_keys == 64);
	s.search_threads = 0;
	w = wr_of(bytes, sizeof bytes);
	keys_settings_put(&w, &s);
	assert_false(keys_settings_get(wr_done(&w), &back));
	assert_false(keys_settings_get(slice_of(bytes, 3), &back));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seal_and_open),
		cmocka_unit_test(test_fresh_salt_and_nonce),
		cmocka_unit_test(test_every_part_is_bound),
		cmocka_unit_test(test_measured_cost),
		cmocka_unit_test(test_plain_text),
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_what_is_too_long_is_not_written),
		cmocka_unit_test(test_largest_state),
		cmocka_unit_test(test_settings),
	};

	choose_tests(argc, argv);
	rng = rng_from_seed(&seeded, 1);
	if (!crypto_init())
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return failed;
}
