/* The messages (protocol.md 5.1) and the version rule (5.3). */
#include "tests/unit/unhex.h"

#include <sodium.h>
#include <stdio.h>

#include "base/mem.h"
#include "p2p/wire.h"
#include "tests/unit/main.h"
#include "tests/unit/real_blocks.h"

static const char origin[] = "0000001D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E";
static uint8_t scratch[MESSAGE_MAX], encoded[MESSAGE_MAX];

static struct slice encode(const struct message *m)
{
	struct wr w = wr_of(encoded, sizeof encoded);

	message_encode(m, &w);
	assert_false(w.bad);
	return wr_done(&w);
}

static struct message decode(const char *hex)
{
	struct slice cbor = unhex(hex);
	struct message m;

	assert_int_equal(message_decode(cbor, &m, scratch, cbor.n), ERR_OK);
	return m;
}

/* In memory of exactly its length, so that a sanitizer sees any byte read beyond. */
static void refuse(const char *hex)
{
	struct slice cbor = unhex(hex);
	uint8_t *exact = mem_alloc(cbor.n);
	struct message m;

	memcpy(exact, cbor.p, cbor.n);
	assert_int_equal(message_decode(slice_of(exact, cbor.n), &m, scratch, sizeof scratch),
		ERR_MALFORMED);
	assert_true(m.app_version.p == NULL && m.block.p == NULL && m.peer_count == 0);
	mem_free(exact);
}

/* The golden encoding, both ways. */
static struct message same(const char *hex, const struct message *m)
{
	assert_hex(encode(m), hex);
	struct message got = decode(hex);
	assert_int_equal(got.type, m->type);
	assert_hex(encode(&got), hex);
	return got;
}

static void test_bare_messages(void **state)
{
	(void)state;
	same("654572726f72", &(struct message){.type = MSG_ERROR});
	same("645477696e", &(struct message){.type = MSG_TWIN});
	same("644c6f6f70", &(struct message){.type = MSG_LOOP});
	same("684765745065657273", &(struct message){.type = MSG_GET_PEERS});
	assert_string_equal(message_name(MSG_GET_PEERS), "GetPeers");
	assert_string_equal(message_name(MSG_COUNT), "unknown");
}

static void test_greetings(void **state)
{
	struct message m = {.type = MSG_HAND,
		.app_version = slice_str("0.10.0"),
		.origin = slice_str(origin),
		.version = 1,
		.is_public = true,
		.rand_id = slice_str("aB3dE!")};
	(void)state;

	struct message got =
		same("a16448616e64a56b6170705f76657273696f6e66302e31302e30666f726967696e"
		     "78403030303030303144324137374436333437373137323637383530324535314445374633343"
		     "630363146"
		     "46374542313838413234343545434133464330373830456776657273696f6e01667075626c696"
		     "3f5677261"
		     "6e645f696466614233644521",
			&m);
	assert_true(slice_is(got.app_version, "0.10.0") && slice_is(got.origin, origin));
	assert_true(slice_is(got.rand_id, "aB3dE!") && got.version == 1 && got.is_public);
	m.type = MSG_SHAKE;
	m.is_public = false;
	m.height = 22529;
	got = same(
		"a1655368616b65a66b6170705f76657273696f6e66302e31302e30666f726967696e784030303030"
		"3030314432413737443633343737313732363738353032453531444537463334363036314646374542"
		"3138"
		"38413234343545434133464330373830456776657273696f6e01667075626c6963f46772616e645f69"
		"6466"
		"6142336445216668656967687419"
		"5801",
		&m);
	assert_true(got.height == 22529 && !got.is_public);
}

static void test_pings(void **state)
{
	struct message m = {.type = MSG_PING,
		.height = 149,
		.hash = unhex("099AC3782DCDC7969576DD23051A65C302BD13E762D0DE9BDD37AAF904E6A000")};
	(void)state;

	struct message got =
		same("a16450696e67a266686569676874189564686173687840303939414333373832444344"
		     "43373936393537364444323330353141363543333032424431334537363244304445394244443"
		     "3374141463930"
		     "344536413030"
		     "30",
			&m);
	assert_true(got.height == 149 && slice_eq(got.hash, m.hash));
	got = same(
		"a164506f6e67a26668656967687400646861736860", &(struct message){.type = MSG_PONG});
	assert_int_equal(got.hash.n, 0);
	/* zeros are kept here, unlike in a block */
	got = decode("a164506f6e67a26668656967687400646861736864"
		     "30303030");
	assert_hex(got.hash, "0000");
	got = decode("a164506f6e67a26668656967687400646861736862"
		     "6162");
	assert_hex(got.hash, "AB");
	refuse("a164506f6e67a26668656967687400646861736863616263"); /* odd */
	refuse("a164506f6e67a26668656967687400646861736862"
	       "5a5a"); /* no digits */
	refuse("a164506f6e67a26668656967687400646861736842"
	       "6162"); /* bytes */
	refuse("a164506f6e67a2666865696768742064686173686"
	       "0"); /* -1 */
}

static void test_get_block(void **state)
{
	struct message m = {.type = MSG_GET_BLOCK, .index = 300};
	(void)state;

	assert_true(same("a168476574426c6f636ba165696e64657819012c", &m).index == 300);
	/* unknown fields, longer numbers */
	assert_true(decode("a168476574426c6f636ba265696e646578182463666f6f01").index == 36);
	assert_true(decode("a168476574426c6f636ba165696e6465781a0000012c").index == 300);
	refuse("a168476574426c6f636ba0");                             /* none */
	refuse("a168476574426c6f636ba265696e6465780165696e64657801"); /* twice */
	refuse("a168476574426c6f636ba165696e64657819012c00");         /* a byte too many */
	refuse("a168476574426c6f636ba165696e646578f6");
	refuse("b80168476574426c6f636ba165696e64657801"); /* the outer head is A1 */
	refuse("bf68476574426c6f636ba165696e64657801ff");
	refuse("a1684765745065657273a0"); /* has no fields */
	refuse("a1684765745065657273f6");
	refuse("68476574426c6f636b"); /* has fields */
	refuse("a109a165696e64657801");
	refuse("8268476574426c6f636ba165696e64657801");
	refuse("6548656c6c6f");
	refuse("07");
	refuse("a1");
	refuse("");
}

static void test_peers(void **state)
{
	struct message m = {.type = MSG_PEERS};
	(void)state;

	same("a1655065657273a165706565727380", &m);
	m.peer_count = 2;
	m.peers[0] = slice_str("192.0.2.1:4244");
	m.peers[1] = slice_str("[2001:db8::1]:4244");
	struct message got =
		same("a1655065657273a1657065657273826e3139322e302e322e313a34323434725b323030"
		     "313a6462383a3a315d3a34323434",
			&m);
	assert_int_equal(got.peer_count, 2);
	assert_true(slice_eq(got.peers[1], m.peers[1]));
	refuse("a1655065657273a16570656572738105");
	refuse("a1655065657273a165706565727382"
	       "60");
	refuse("a1655065657273a16570656572739b000000000000000160"
	       "6060");
	refuse("a1655065657273a16570656572739bffffffffffffffff60");
}

static void test_many_peers(void **state)
{
	char hex[200] = "a1655065657273a165706565727398";
	(void)state;

	snprintf(hex + strlen(hex), 3, "%02x", PEERS_MAX + 3);
	for (int i = 0; i < PEERS_MAX + 3; i++)
		strcat(hex, i < PEERS_MAX ? "6161" : "60");
	struct message m = decode(hex);
	assert_int_equal(m.peer_count, PEERS_MAX + 3);
	assert_true(slice_is(m.peers[PEERS_MAX - 1], "a"));
	hex[strlen(hex) - 2] = '0'; /* the last one is a number: counted and checked all the same */
	refuse(hex);
}

static void test_block(void **state)
{
	struct message m = {.type = MSG_BLOCK, .index = 5, .block = unhex("001718FF")};
	(void)state;

	struct message got = same("a165426c6f636ba265696e6465780565626c6f636b840017181818ff", &m);
	assert_true(got.index == 5 && slice_eq(got.block, m.block));
	assert_int_equal(message_block_size(5, m.block), encode(&m).n);
	assert_int_equal(decode("a165426c6f636ba265696e6465780565626c6f636b80").block.n, 0);
	assert_hex(decode("a165426c6f636ba265696e6465780565626c6f636b811805").block, "05");
	refuse("a165426c6f636ba265696e6465780565626c6f636b420018");   /* byte string */
	refuse("a165426c6f636ba265696e6465780565626c6f636b81190005"); /* three bytes */
	refuse("a165426c6f636ba265696e6465780565626c6f636b81190100");
	refuse("a165426c6f636ba265696e6465780565626c6f636b8120");
	refuse("a165426c6f636ba265696e6465780565626c6f636b8118");
	refuse("a165426c6f636ba265696e6465780565626c6f636b8201");
	refuse("a165426c6f636ba265696e6465780565626c6f636b9f01ff");
	refuse("a165426c6f636ba265696e6465780565626c6f636b9bffffffffffffffff01");
}

static void assert_block_message(const char *hex, uint64_t index, size_t size, const char *digest)
{
	struct message m = {.type = MSG_BLOCK, .index = index, .block = unhex(hex)};
	struct slice cbor = encode(&m);
	uint8_t d[32];

	crypto_hash_sha256(d, cbor.p, cbor.n);
	assert_int_equal(cbor.n, size);
	assert_int_equal(message_block_size(index, m.block), size);
	assert_hex(slice_of(d, sizeof d), digest);
}

static void test_real_block_messages(void **state)
{
	(void)state;
	assert_block_message(block_1, 1, 1243,
		"9b0af38dc74262d895269bb5ccd377d93642955fead1f6be8561cacde9fbe24d");
	assert_block_message(block_36, 36, 886,
		"416afd04f5c8702c19065b7df36d110efbac623425819d53586ec24eb07d81d4");
}

static void test_largest_block(void **state)
{
	static uint8_t block[MESSAGE_MAX], back[MESSAGE_MAX];
	struct message m = {.type = MSG_BLOCK, .index = UINT64_MAX}, got;
	size_t n = 32000;
	(void)state;

	memset(block, 0xff, sizeof block);
	while (message_block_size(m.index, slice_of(block, n + 1)) <= MESSAGE_MAX)
		n++;
	m.block = slice_of(block, n);
	struct slice cbor = encode(&m);
	assert_in_range(cbor.n, MESSAGE_MAX - 1, MESSAGE_MAX);
	assert_int_equal(message_decode(cbor, &got, back, n), ERR_OK);
	assert_true(slice_eq(got.block, m.block));
	assert_int_equal(message_decode(cbor, &got, back, n - 1), ERR_MALFORMED);
	m.block.n++;
	struct wr w = wr_of(encoded, sizeof encoded);
	message_encode(&m, &w);
	assert_true(w.bad);
}

static void test_no_room(void **state)
{
	struct message m = {.type = MSG_SHAKE, .origin = slice_str(origin), .height = 5};
	size_t whole = encode(&m).n;
	(void)state;

	for (size_t size = 0; size < whole; size++) {
		struct wr w = wr_of(encoded, size);
		message_encode(&m, &w);
		assert_true(w.bad);
	}
}

/* Into a buffer of exactly its size, whatever its bytes. */
static void test_exact_room(void **state)
{
	static const uint8_t fills[] = {0, 23, 24, 255};
	uint8_t block[50];
	(void)state;

	for (size_t i = 0; i < sizeof fills; i++) {
		memset(block, fills[i], sizeof block);
		struct message m = {
			.type = MSG_BLOCK, .index = 5, .block = slice_of(block, sizeof block)};
		size_t size = message_block_size(m.index, m.block);
		struct wr w = wr_of(encoded, size);
		message_encode(&m, &w);
		assert_false(w.bad);
		assert_int_equal(w.n, size);
		w = wr_of(encoded, size - 1);
		message_encode(&m, &w);
		assert_true(w.bad);
	}
}

static void test_cut(void **state)
{
	struct message m = {.type = MSG_SHAKE, .origin = slice_str(origin), .height = 500}, got;
	struct slice cbor = encode(&m);
	(void)state;

	for (size_t n = 0; n < cbor.n; n++)
		assert_int_equal(
			message_decode(slice_of(cbor.p, n), &got, scratch, n), ERR_MALFORMED);
}

static void test_versions(void **state)
{
	static const char *const good[] = {"0.10.0", "0.10.1", "0.10.0-rc1", "0.11.0", "1.0.0",
		"0.10.0.0", "0.10.4294967295", "01.0.0", "0.10x.0", "1.2.3.garbage", "0.10.0."};
	static const char *const bad[] = {"", "0.9.1", "0.8.11", "0.9", "0.10", "1.0", "garbage",
		"0.10.", "0..10", ".10.0", "0.10.x", "0.10.4294967296", "x0.10.0", "+0.10.0",
		" 0.10.0", "0.-10.0", "4294967296.0.0", "99999999999999999999999.0.0", "0 .9.0"};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(app_version_acceptable(slice_str(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(app_version_acceptable(slice_str(bad[i])));
	assert_false(app_version_acceptable(slice_of(NULL, 0)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare_messages),
		cmocka_unit_test(test_greetings),
		cmocka_unit_test(test_pings),
		cmocka_unit_test(test_get_block),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_many_peers),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_real_block_messages),
		cmocka_unit_test(test_largest_block),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_exact_room),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_versions),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
