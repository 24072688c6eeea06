/* Blocks and their wire form (protocol.md 4.3). */
#include "tests/unit/unhex.h"

#include <stdio.h>

#include "base/cbor.h"
#include "base/mem.h"
#include "chain/block.h"
#include "tests/unit/main.h"
#include "tests/unit/real_blocks.h"

/* n bytes of one value. */
static struct slice run(uint8_t value, size_t n)
{
	static uint8_t space[1024];
	static size_t used;

	used = used + n > sizeof space ? 0 : used;
	memset(space + used, value, n);
	used += n;
	return slice_of(space + used - n, n);
}

static struct slice encoding(const struct block *b)
{
	static uint8_t space[BLOCK_MAX_ENCODED];
	struct wr w = wr_of(space, block_encoded_bound(b));

	assert_true(w.size <= sizeof space);
	block_encode(b, &w);
	assert_false(w.bad);
	return wr_done(&w);
}

static uint8_t decode_space[BLOCK_MAX_ENCODED];

static enum err decode(struct slice cbor, struct block *b)
{
	return block_decode(cbor, b, decode_space, cbor.n);
}

static void test_block_36(void **state)
{
	struct block b;
	(void)state;

	assert_int_equal(decode(unhex(block_36), &b), ERR_OK);
	assert_true(b.index == 36 && b.timestamp == 1620911942 && b.version == 1);
	assert_true(b.difficulty == 16 && b.random == 3196214787 && b.nonce == 529 && !b.full);
	assert_hex(b.prev_hash, "00001843033B5584813BC7371E26EBBABF9ED66FFE901CF5A776F68A74E0A140");
	assert_hex(b.hash, "008902A6366F177D165FEE2DF21631A41A6E6E3D128FCD93255D35DBCAA1E000");
	assert_hex(b.pub_key, "268E47DD5268A2EA8BC36668D2E00594E76ACD5CACA7CBBAB9F6E63BF75C4A82");
	assert_int_equal(b.signature.n, SIGNATURE_SIZE);
	assert_hex(encoding(&b), block_36);
	assert_false(block_is_domain(&b) || block_is_origin(&b));
}

static void test_block_1(void **state)
{
	struct block b;
	(void)state;

	assert_int_equal(decode(unhex(block_1), &b), ERR_OK);
	assert_true(b.full && b.index == 1 && b.prev_hash.n == 0 && b.tx.identity.n == 0);
	assert_true(slice_is(b.tx.class_name, "origin"));
	assert_true(block_is_origin(&b) && !block_is_domain(&b));
	assert_hex(encoding(&b), block_1);
}

/* A small full block whose transaction, given as hex, comes last. */
static enum err decode_with(const char *transaction, struct block *b)
{
	static const char before[] = "a765696e646578016974696d657374616d70206776657273696f6e016a"
				     "646966666963756c7479026672616e646f6d03656e6f6e6365046b7472"
				     "616e73616374696f6e";
	char text[1024];

	snprintf(text, sizeof text, "%s%s", before, transaction);
	return decode(unhex(text), b);
}

static void test_transaction(void **state)
{
	struct block b;
	(void)state;

	assert_int_equal(decode_with("a165636c61737360", &b), ERR_OK);
	assert_true(b.full && b.tx.class_name.n == 0 && b.timestamp == -1);
	assert_int_equal(decode_with("f6", &b), ERR_OK);
	assert_false(b.full);
	assert_hex(encoding(&b), "a665696e646578016974696d657374616d70206776657273696f6e016a"
				 "646966666963756c7479026672616e646f6d03656e6f6e636504");
	/* keys in another order, unknown ones, lower-case hex, empty and zero values */
	assert_int_equal(decode_with("a6616b8101677369676e696e6762616266656e63727970746960"
				     "686964656e74697479643030303064646174616065636c617373616c",
				 &b),
		ERR_MALFORMED);
	assert_int_equal(decode_with("a5616b8101677369676e696e67626162686964656e746974796430303030"
				     "64646174616065636c617373616c",
				 &b),
		ERR_OK);
	assert_hex(b.tx.signing, "AB");
	assert_true(b.tx.identity.n == 0 && b.tx.data.n == 0);
	assert_true(slice_is(b.tx.class_name, "l"));
}

static void test_refused_transactions(void **state)
{
	static const char *const bad[] = {
		"a0",                                       /* no class */
		"a165636c617373f6",                         /* class null */
		"a265636c617373606464617461",               /* cut off */
		"a265636c6173736065636c61737360",           /* class twice */
		"a265636c61737360677369676e696e6763414243", /* odd hex */
		"a265636c61737360677369676e696e67622b31",   /* "+1" */
		"a265636c61737360677369676e696e6764203132", /* too short for its head */
		"a265636c61737360677369676e696e67422231",   /* bytes */
		"a265636c61737360677369676e696e6705",       /* a number */
		"a265636c6173736005f6",                     /* a key that is no text */
		"8160", "f7", "00", "bf65636c61737360ff", "c0a165636c61737360",
		"a165636c6173736000", /* a byte too many */
	};
	struct block b;
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(decode_with(bad[i], &b), ERR_MALFORMED);
		assert_true(b.index == 0 && b.tx.class_name.p == NULL);
	}
}

/* Every number is needed and must fit its type. */
static void test_numbers(void **state)
{
	static const char *const keys[] = {
		"index", "timestamp", "version", "difficulty", "random", "nonce"};
	static const bool narrow[] = {false, false, true, true, true, false};
	uint8_t bytes[256];
	struct block b;
	(void)state;

	for (size_t left_out = 0; left_out <= 6; left_out++) {
		struct wr w = wr_of(bytes, sizeof bytes);
		cbor_write_map(&w, left_out < 6 ? 5 : 6);
		for (size_t k = 0; k < 6; k++) {
			if (k == left_out)
				continue;
			cbor_write_text(&w, slice_str(keys[k]));
			cbor_write_uint(&w, k);
		}
		assert_int_equal(decode(wr_done(&w), &b), left_out < 6 ? ERR_MALFORMED : ERR_OK);
	}
	for (size_t wide = 0; wide < 6; wide++) {
		struct wr w = wr_of(bytes, sizeof bytes);
		cbor_write_map(&w, 6);
		for (size_t k = 0; k < 6; k++) {
			cbor_write_text(&w, slice_str(keys[k]));
			cbor_write_uint(&w, k == wide ? UINT64_C(1) << 32 : k);
		}
		assert_int_equal(decode(wr_done(&w), &b), narrow[wide] ? ERR_MALFORMED : ERR_OK);
	}
}

static void test_cut_and_changed(void **state)
{
	uint8_t bytes[611];
	struct block b;
	(void)state;

	memcpy(bytes, unhex(block_1).p, sizeof bytes);
	for (size_t n = 0; n < sizeof bytes; n++)
		assert_int_equal(decode(slice_of(bytes, n), &b), ERR_MALFORMED);
	for (size_t i = 0; i < sizeof bytes; i++) { /* whatever it is, it has a fixed point */
		bytes[i] ^= 0x20;
		if (decode(slice_of(bytes, sizeof bytes), &b) == ERR_OK) {
			uint8_t again[sizeof bytes + 400];
			struct slice first = encoding(&b);
			size_t n = first.n;
			memcpy(again, first.p, n);
			assert_int_equal(decode(slice_of(again, n), &b), ERR_OK);
			assert_true(slice_eq(slice_of(again, n), encoding(&b)));
		}
		bytes[i] ^= 0x20;
	}
}

static void test_sizes(void **state)
{
	static uint8_t big[BLOCK_MAX_ENCODED + 1];
	struct block_owned *o;
	struct block b;
	struct slice cbor = unhex(block_36);
	(void)state;

	assert_int_equal(block_decode(cbor, &b, decode_space, cbor.n - 1), ERR_TOO_BIG);
	assert_int_equal(block_decode(slice_of(big, sizeof big), &b, big, sizeof big), ERR_TOO_BIG);
	assert_int_equal(block_decode_owned(slice_of(big, sizeof big), &o), ERR_TOO_BIG);
	assert_null(o);
	assert_int_equal(block_decode(slice_of(NULL, 0), &b, NULL, 0), ERR_MALFORMED);
}

static void test_owned(void **state)
{
	struct block_owned *o, *copy;
	uint8_t cbor[611];
	(void)state;

	memcpy(cbor, unhex(block_1).p, sizeof cbor);
	assert_int_equal(block_decode_owned(slice_of(cbor, sizeof cbor), &o), ERR_OK);
	memset(cbor, 0, sizeof cbor); /* it points to nothing of this */
	assert_hex(encoding(&o->b), block_1);
	assert_hex(o->canonical, block_1);
	assert_int_equal(o->size, mem_bytes());
	copy = block_copy(&o->b);
	mem_free(o);
	assert_hex(encoding(&copy->b), block_1);
	assert_hex(copy->canonical, block_1);
	mem_free(copy);
	assert_int_equal(block_decode_owned(slice_of(cbor, sizeof cbor), &o), ERR_MALFORMED);
	assert_null(o);
	assert_int_equal(mem_blocks(), 0);
}

/* A text is held once: the block points into its encoding. */
static void test_owned_text(void **state)
{
	static char text[40000];
	struct block b = {.index = 1, .full = true, .tx.class_name = slice_str("domain")};
	(void)state;

	memset(text, 'x', sizeof text);
	b.tx.data = slice_of(text, sizeof text);
	struct block_owned *o = block_copy(&b);
	assert_true(slice_eq(o->b.tx.data, b.tx.data) && block_is_domain(&o->b));
	assert_true(o->size < sizeof *o + sizeof text + 320);
	mem_free(o);
	b.tx = (struct transaction){.data = {NULL, 0}}; /* no class, no text */
	o = block_copy(&b);
	assert_true(o->b.full && !o->b.tx.class_name.p && !o->b.tx.data.p);
	mem_free(o);
	assert_int_equal(mem_blocks(), 0);
}

static void test_owned_without_memory(void **state)
{
	struct block_owned *o;
	struct slice cbor = unhex(block_36);
	(void)state;

	for (uint64_t nth = 1; nth <= 3; nth++) {
		mem_fail_nth(nth);
		assert_int_equal(block_decode_owned(cbor, &o), nth < 3 ? ERR_NOMEM : ERR_OK);
		mem_fail_nth(0);
		mem_free(o);
		assert_int_equal(mem_blocks(), 0);
	}
}

/* The longest of everything still fits the announced bound. */
static void test_encoded_bound(void **state)
{
	static uint8_t space[BLOCK_MAX_ENCODED];
	struct slice any = run(0xff, 64);
	struct block b = {UINT64_MAX, INT64_MIN, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX,
		any, any, any, any, true, {any, any, any, any, any, any}};
	struct wr w = wr_of(space, block_encoded_bound(&b));
	(void)state;

	block_encode(&b, &w);
	assert_false(w.bad);
	for (size_t size = 0; size < w.n; size++) {
		struct wr small = wr_of(space, size);
		block_encode(&b, &small);
		assert_true(small.bad);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block_36),
		cmocka_unit_test(test_block_1),
		cmocka_unit_test(test_transaction),
		cmocka_unit_test(test_refused_transactions),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_cut_and_changed),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_owned),
		cmocka_unit_test(test_owned_text),
		cmocka_unit_test(test_owned_without_memory),
		cmocka_unit_test(test_encoded_bound),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
