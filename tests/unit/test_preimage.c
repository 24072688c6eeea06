/* What is hashed, signed and measured of a block (protocol.md 4.4, 7.4, 7.13, annex A). */
#include "tests/unit/unhex.h"

#include <sodium.h>

#include "chain/block.h"
#include "tests/unit/main.h"
#include "tests/unit/real_blocks.h"

static const char golden_a[] =
	"2A0000000000000000F153650000000000000000140000000700000015CD5B07000000004000000000000000"
	"3232323232323232323232323232323232323232323232323232323232323232323232323232323232323232"
	"3232323232323232323232323232323232323232400000000000000031313131313131313131313131313131"
	"3131313131313131313131313131313131313131313131313131313131313131313131313131313131313131"
	"3131313140000000000000003333333333333333333333333333333333333333333333333333333333333333"
	"3333333333333333333333333333333333333333333333333333333333333333800000000000000034343434"
	"3434343434343434343434343434343434343434343434343434343434343434343434343434343434343434"
	"3434343434343434343434343434343434343434343434343434343434343434343434343434343434343434"
	"343434343434343434343434343434343434343434343434343434343434343434343434";

static const char golden_b[] =
	"010000000000000001F1536500000000000000001800000000000000B168DE3A000000004000000000000000"
	"3535353535353535353535353535353535353535353535353535353535353535353535353535353535353535"
	"3535353535353535353535353535353535353535400000000000000036363636363636363636363636363636"
	"3636363636363636363636363636363636363636363636363636363636363636363636363636363636363636"
	"3636363680000000000000003737373737373737373737373737373737373737373737373737373737373737"
	"3737373737373737373737373737373737373737373737373737373737373737373737373737373737373737"
	"3737373737373737373737373737373737373737373737373737373737373737373737373737373737373737"
	"3737373737373737010300000000000000646F6D400000000000000041414141414141414141414141414141"
	"4141414141414141414141414141414141414141414141414141414141414141414141414141414141414141"
	"4141414140000000000000004242424242424242424242424242424242424242424242424242424242424242"
	"4242424242424242424242424242424242424242424242424242424242424242400000000000000043434343"
	"4343434343434343434343434343434343434343434343434343434343434343434343434343434343434343"
	"434343434343434343434343434343430F000000000000007B227A6F6E65223A2274657374227D";

static const char hash_36[] =
	"240000000000000046279D60000000000100000010000000035E82BE11020000000000004000000000000000"
	"3030303031383433303333423535383438313342433733373145323645424241424639454436364646453930"
	"3143463541373736463638413734453041313430400000000000000032363845343744443532363841324541"
	"3842433336363638443245303035393445373641434435434143413743424241423946364536334246373543"
	"34413832";

static const char sig_36[] =
	"240000000000000046279D60000000000100000010000000035E82BE11020000000000004000000000000000"
	"3030383930324136333636463137374431363546454532444632313633314134314136453645334431323846"
	"4344393332353544333544424341413145303030400000000000000030303030313834333033334235353834"
	"3831334243373337314532364542424142463945443636464645393031434635413737364636384137344530"
	"4131343040000000000000003236384534374444353236384132454138424333363636384432453030353934"
	"4537364143443543414341374342424142394636453633424637354334413832";

static const char hash_1[] =
	"0100000000000000EA03976000000000010000001C000000F96F78B5A0E50000000000004000000000000000"
	"3942383930464242384238363243434331324541313845324639334435443433313033424532313744393046"
	"41314232393633353143394332374231424441330106000000000000006F726967696E400000000000000039"
	"4238393046424238423836324343433132454131384532463933443544343331303342453231374439304641"
	"3142323936333531433943323742314244413340000000000000003631383939443039334642413444324630"
	"4135463445353233423236433539374143414345464534424134314639434137334442363532353938343333"
	"3039374C000000000000007B227A6F6E6573223A224339393543444345373030304543433839464239423934"
	"3245373843433743354630443842303342333542304538333542353130443735363335364341443132227D";

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

static void assert_sha256(struct slice got, size_t size, const char *digest)
{
	uint8_t d[32];

	assert_int_equal(got.n, size);
	crypto_hash_sha256(d, got.p, got.n);
	assert_hex(slice_of(d, sizeof d), digest);
}

/* Borrowed until the next call. */
static struct slice preimage(const struct block *b, enum preimage kind)
{
	static uint8_t space[PREIMAGE_MAX];
	struct wr w = wr_of(space, sizeof space);

	block_preimage(b, kind, &w);
	assert_false(w.bad);
	return wr_done(&w);
}

static void test_golden_preimages(void **state)
{
	struct block a = {.index = 42,
		.timestamp = 1700000000,
		.difficulty = 20,
		.random = 7,
		.nonce = 123456789,
		.hash = run(0x22, 32),
		.prev_hash = run(0x11, 32),
		.pub_key = run(0x33, 32),
		.signature = run(0x44, 64)};
	struct block b = {.index = 1,
		.timestamp = 1700000001,
		.difficulty = 24,
		.nonce = 987654321,
		.hash = run(0x55, 32),
		.pub_key = run(0x66, 32),
		.signature = run(0x77, 64),
		.full = true,
		.tx = {.class_name = slice_str("dom"),
			.identity = run(0xaa, 32),
			.confirmation = run(0xbb, 32),
			.signing = run(0xcc, 32),
			.data = slice_str("{\"zone\":\"test\"}")}};
	struct block c = {.hash = run(0, 32)};
	(void)state;

	assert_hex(preimage(&a, PREIMAGE_FULL), golden_a);
	assert_hex(preimage(&b, PREIMAGE_FULL), golden_b);
	assert_int_equal(preimage(&c, PREIMAGE_FULL).n, 36);
	assert_true(slice_zero(preimage(&c, PREIMAGE_FULL)));
	c.timestamp = -2;
	assert_hex(slice_of(preimage(&c, PREIMAGE_FULL).p + 8, 8), "FEFFFFFFFFFFFFFF");
}

static void test_preimage_full_buffer(void **state)
{
	struct block a = {.index = 42, .hash = run(0x22, 32)};
	uint8_t space[107];
	(void)state;

	for (size_t size = 0; size < sizeof space; size++) {
		struct wr w = wr_of(space, size);
		block_preimage(&a, PREIMAGE_FULL, &w);
		assert_true(w.bad);
	}
}

static void test_block_36(void **state)
{
	uint8_t space[433];
	struct block b;
	(void)state;

	assert_int_equal(block_decode(unhex(block_36), &b, space, sizeof space), ERR_OK);
	assert_hex(preimage(&b, PREIMAGE_HASH), hash_36);
	assert_hex(preimage(&b, PREIMAGE_SIGNATURE), sig_36);
	assert_sha256(unhex(block_36), 433,
		"a30c16402250d5f9328ba4bdbfa72a35a6863fe9b39b402e7bf7ae22aa29327b");
}

static void test_block_1(void **state)
{
	uint8_t space[611];
	struct block b;
	(void)state;

	assert_int_equal(block_decode(unhex(block_1), &b, space, sizeof space), ERR_OK);
	assert_hex(preimage(&b, PREIMAGE_HASH), hash_1);
	assert_sha256(preimage(&b, PREIMAGE_HASH), 351,
		"23472313d0634b7a7a3ace3deb2ab7bd6fd2767914945924143053047907bd33");
	assert_sha256(preimage(&b, PREIMAGE_SIGNATURE), 423,
		"3cfa0aa5ca2c460fb3b0fefc6d3aa210993dd783d3946ff56ad95449fff9d0fa");
	assert_sha256(unhex(block_1), 611,
		"00b83d1037f5edafe6cde258834f2453e8df2a15393f5ef6612cefed5e2d2b6c");
}

static void test_difficulty(void **state)
{
	struct slice block_2 =
		unhex("0000002A2CF2E62DF525BACCC7064C0895712C940F1DC6F619C157558262158F");
	(void)state;

	assert_int_equal(key_difficulty(block_2), 26);
	assert_int_equal(hash_difficulty(block_2), 26);
	assert_int_equal(hash_difficulty(unhex("00000000000000000000000000000000")), 128);
	assert_int_equal(key_difficulty(unhex("0000000000000000FF")), 64);
	assert_int_equal(hash_difficulty(unhex("0000000000000100")), 55 + 8);
	assert_int_equal(hash_difficulty(unhex("8000000000000001")), 0);
	assert_int_equal(hash_difficulty(unhex("00000000000000")), -1);
	assert_int_equal(key_difficulty(unhex("")), -1);
	assert_true(slice_tail(unhex("FF0102030405060708")) == UINT64_C(0x0102030405060708));
	assert_true(slice_tail(unhex("01020304050607")) == 0);
}

static void test_better_than(void **state)
{
	struct block strong = {.hash = unhex("00000000000000000000000000000000"), .nonce = 5};
	struct block weak = {.hash = unhex("FFFFFFFFFFFFFFFF0000000000000001"), .nonce = 1};
	struct block full = {.hash = weak.hash, .full = true}, twin = weak, none = {.nonce = 1};
	(void)state;

	assert_true(block_better_than(&strong, &weak) && !block_better_than(&weak, &strong));
	assert_true(block_better_than(&full, &strong) && block_better_than(&strong, &full));
	assert_false(block_better_than(&weak, &twin));
	twin.nonce = 0;
	assert_true(block_better_than(&twin, &weak) && !block_better_than(&weak, &twin));
	assert_false(block_better_than(&none, &weak) || block_better_than(&weak, &none));
	/* The remainder is by 65,535, no mask: 0x1FFFF and 1 score the same, the nonce decides. */
	strong.hash = unhex("8000000000000000000000000001FFFF");
	weak.hash = unhex("80000000000000000000000000000001");
	assert_true(block_better_than(&weak, &strong) && !block_better_than(&strong, &weak));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_preimages),
		cmocka_unit_test(test_preimage_full_buffer),
		cmocka_unit_test(test_block_36),
		cmocka_unit_test(test_block_1),
		cmocka_unit_test(test_difficulty),
		cmocka_unit_test(test_better_than),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
