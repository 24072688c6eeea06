/* Keys, sealing and the length judge (protocol.md 6.3 to 6.5). */
#include "tests/unit/unhex.h"

#include "p2p/frame.h"
#include "p2p/secure.h"
#include "tests/unit/main.h"

static const char shared_hex[] = "9663aa1da97e848a914a436d04163dfbb89178f107f1b5b77ed3854203382854";

static const uint8_t *key_of(const char *hex)
{
	struct slice s = unhex(hex);

	assert_int_equal(s.n, SECURE_KEY);
	return s.p;
}

static struct secure session(void)
{
	struct secure s;

	memcpy(s.key, key_of(shared_hex), SECURE_KEY);
	memcpy(s.nonce, unhex("a0a1a2a3a4a5a6a7a8a9aaab").p, SECURE_NONCE);
	return s;
}

static void test_shared(void **state)
{
	uint8_t client[SECURE_KEY], server[SECURE_KEY], pub[SECURE_KEY], shared[SECURE_KEY];
	(void)state;

	for (uint8_t i = 0; i < SECURE_KEY; i++) {
		client[i] = i;
		server[i] = (uint8_t)(SECURE_KEY + i);
	}
	secure_public(client, pub);
	assert_hex(slice_of(pub, 32),
		"8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
	assert_true(secure_shared(server, pub, shared));
	assert_hex(slice_of(shared, 32), shared_hex);
	secure_public(server, pub);
	assert_hex(slice_of(pub, 32),
		"358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254");
	assert_true(secure_shared(client, pub, shared));
	assert_hex(slice_of(shared, 32), shared_hex);
	pub[31] |= 0x80; /* the top bit is ignored */
	assert_true(secure_shared(client, pub, shared));
	assert_hex(slice_of(shared, 32), shared_hex);
}

static void test_low_order(void **state)
{
	static const char *const keys[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000080",
	};
	uint8_t shared[SECURE_KEY];
	(void)state;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_false(secure_shared(key_of(shared_hex), key_of(keys[i]), shared));
}

static void test_keypair(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 7);
	uint8_t secret[2][SECURE_KEY], pub[2][SECURE_KEY], shared[2][SECURE_KEY];
	(void)state;

	secure_keypair(&rng, secret[0], pub[0]);
	secure_keypair(&rng, secret[1], pub[1]);
	assert_memory_not_equal(secret[0], secret[1], SECURE_KEY);
	assert_true(secure_shared(secret[0], pub[1], shared[0]));
	assert_true(secure_shared(secret[1], pub[0], shared[1]));
	assert_memory_equal(shared[0], shared[1], SECURE_KEY);
}

static void test_golden_frames(void **state)
{
	struct secure s = session();
	uint8_t space[64];
	struct wr w = wr_of(space, sizeof space);
	struct slice plain;
	(void)state;

	assert_true(secure_seal(&s, unhex("684765745065657273"), &w));
	assert_true(secure_seal(&s, unhex("645477696e"), &w));
	assert_hex(wr_done(&w), "aab36ba846771ce857a36522151eb270760adcefb002019eca17dd"
				"aabf67bb546a229e78185f63f067cecec435c7f26c5897");
	assert_true(secure_open(&s, space + 2, 25, &plain));
	assert_hex(plain, "684765745065657273");
	assert_true(secure_open(&s, space + 29, 21, &plain));
	assert_hex(plain, "645477696e");
}

static void test_check_value(void **state)
{
	struct secure s;
	uint8_t body[20];
	struct slice plain;
	(void)state;

	memcpy(s.key, "178135D209C697625E3EC71DA5C76038", SECURE_KEY);
	memcpy(s.nonce, s.key, SECURE_NONCE);
	memcpy(body, unhex("27ae1af12de6b29945d6c6a6aba415e7cba3bba3").p, sizeof body);
	assert_true(secure_open(&s, body, sizeof body, &plain));
	assert_true(slice_is(plain, "TEST"));
}

static void test_forged(void **state)
{
	struct secure s = session();
	uint8_t frame[64], body[64];
	struct wr w = wr_of(frame, sizeof frame);
	struct slice plain;
	(void)state;

	assert_true(secure_seal(&s, slice_str("message"), &w));
	for (size_t bit = 0; bit < (w.n - 2) * 8; bit++) {
		memcpy(body, frame + 2, w.n - 2);
		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(secure_open(&s, body, w.n - 2, &plain));
		assert_true(plain.p == NULL && plain.n == 0);
	}
	for (size_t n = 0; n < w.n - 2; n++) {
		memcpy(body, frame + 2, n);
		assert_false(secure_open(&s, body, n, &plain));
	}
	s.nonce[0] ^= 1;
	memcpy(body, frame + 2, w.n - 2);
	assert_false(secure_open(&s, body, w.n - 2, &plain));
}

static void test_limits_of_seal(void **state)
{
	static uint8_t plain[FRAME_BODY_MAX], out[FRAME_MAX + 1];
	struct secure s = session();
	struct wr w = wr_of(out, sizeof out);
	struct slice opened;
	(void)state;

	assert_false(secure_seal(&s, slice_of(plain, 0), &w));
	assert_false(secure_seal(&s, slice_of(plain, FRAME_BODY_MAX - SECURE_TAG + 1), &w));
	assert_int_equal(w.n, 0);
	assert_true(secure_seal(&s, slice_of(plain, FRAME_BODY_MAX - SECURE_TAG), &w));
	assert_int_equal(w.n, FRAME_MAX);
	assert_int_equal(frame_judge(out, w.n).state, FRAME_READY);
	assert_true(secure_open(&s, out + FRAME_HEAD, FRAME_BODY_MAX, &opened));
	assert_false(secure_seal(&s, slice_of(plain, 1), &w)); /* one byte is left */
	assert_false(w.bad);
	w = wr_of(out, 18);
	assert_false(secure_seal(&s, slice_of(plain, 1), &w));
	w = wr_of(out, 19);
	assert_true(secure_seal(&s, slice_of(plain, 1), &w));
	w.bad = true;
	w.size = sizeof out;
	assert_false(secure_seal(&s, slice_of(plain, 1), &w));
}

static void test_frame_length(void **state)
{
	uint8_t two[FRAME_HEAD];
	(void)state;

	for (int n = 0; n <= FRAME_BODY_MAX; n++) {
		frame_head((size_t)n, two);
		struct frame f = frame_judge(two, FRAME_HEAD);
		assert_int_equal(f.state, n < 17 ? FRAME_BAD : FRAME_MORE);
		assert_int_equal(f.size, n < 17 ? 0 : n + 2);
	}
	frame_head(25, two);
	assert_hex(slice_of(two, 2), "AAB3");
}

static void test_judge(void **state)
{
	uint8_t bytes[64] = {0xaa, 0xbb}; /* 17 bytes follow */
	struct frame f;
	(void)state;

	for (size_t n = 0; n < 19; n++) {
		f = frame_judge(bytes, n);
		assert_int_equal(f.state, FRAME_MORE);
		assert_int_equal(f.size, n < 2 ? 2 : 19);
	}
	for (size_t n = 19; n < sizeof bytes; n++) {
		f = frame_judge(bytes, n);
		assert_int_equal(f.state, FRAME_READY);
		assert_int_equal(f.size, 19);
	}
	bytes[1] = 0xba; /* 16: judged without its body */
	assert_int_equal(frame_judge(bytes, 2).state, FRAME_BAD);
	bytes[1] = 0xaa;
	assert_int_equal(frame_judge(bytes, 64).state, FRAME_BAD);
}

static int start(void **state)
{
	(void)state;
	return secure_init() ? 0 : -1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_low_order),
		cmocka_unit_test(test_keypair),
		cmocka_unit_test(test_golden_frames),
		cmocka_unit_test(test_check_value),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_limits_of_seal),
		cmocka_unit_test(test_frame_length),
		cmocka_unit_test(test_judge),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, start, NULL);
}
