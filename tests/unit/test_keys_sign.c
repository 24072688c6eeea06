/* What the key process signs and what it refuses, and names that it decrypts. */
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "tests/unit/keys_process_rig.h"

static struct key_public pub; /* of the key, which is open */

static int open_with_key(void **state)
{
	open_rig(state);
	pub = rig_make(&rig, "main", "x")->pub;
	return 0;
}

static struct transaction tx; /* of the next blocks; without a class: none */

/* A block with its hash, as it is asked for. */
struct made {
	struct block b;
	uint8_t prev[32], hash[1][32];
	uint8_t preimage[PREIMAGE_MAX], bytes[BLOCK_MAX_ENCODED];
	size_t n;
};

static struct slice preimage_of(struct made *m, enum preimage kind)
{
	struct wr w = wr_of(m->preimage, sizeof m->preimage);

	block_preimage(&m->b, kind, &w);
	return wr_done(&w);
}

static void encode(struct made *m)
{
	struct wr w = wr_of(m->bytes, sizeof m->bytes);

	block_encode(&m->b, &w);
	m->n = wr_done(&w).n;
	assert_true(m->n > 0);
}

static struct made *make(uint64_t index, int prev, uint64_t nonce)
{
	static struct made m;
	size_t size = blakeout_scratch_size(1, 0);
	void *scratch = aligned_alloc(64, (size + 63) / 64 * 64);

	memset(&m, 0, sizeof m);
	memset(m.prev, prev, sizeof m.prev);
	m.b = (struct block){.index = index,
		.timestamp = 1700000000,
		.version = 1,
		.nonce = nonce,
		.prev_hash = slice_of(m.prev, 32),
		.pub_key = slice_of(pub.signing, 32),
		.full = tx.class_name.n > 0,
		.tx = tx};
	struct slice in = preimage_of(&m, PREIMAGE_HASH);
	blakeout_lanes(&in, 1, m.hash, scratch, size);
	free(scratch);
	m.b.hash = slice_of(m.hash[0], 32);
	encode(&m);
	return &m;
}

static struct keys_heard heard;

static enum keys_said ask(const struct keys_sign *s)
{
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_sign(rig.link, s, rig_answer, &heard));
	return rig_await(&rig, &heard);
}

static enum keys_said sign(const struct made *m)
{
	return ask(&(struct keys_sign){.block = slice_of(m->bytes, m->n)});
}

static void test_signs(void **state)
{
	struct made *m = make(100, 7, 1);

	(void)state;
	assert_int_equal(sign(m), KEYS_DONE);
	assert_int_equal(heard.n, 64);
	assert_true(crypto_verify(slice_of(pub.signing, 32), preimage_of(m, PREIMAGE_SIGNATURE),
		slice_of(heard.bytes, 64)));
	const struct keys_row *k = &rig_state(&rig)->rows[0];
	assert_int_equal(k->empty.index, 100);
	assert_memory_equal(k->empty.hash, m->hash[0], 32);
	assert_int_equal(k->full.index, 0);
}

static void test_not_twice(void **state)
{
	uint8_t first[64];

	(void)state;
	assert_int_equal(sign(make(100, 7, 1)), KEYS_DONE);
	memcpy(first, heard.bytes, sizeof first);
	assert_int_equal(sign(make(100, 7, 2)), KEYS_SIGNED_OTHER);
	assert_int_equal(heard.n, 0);
	assert_string_equal(
		heard.line, "key main has signed another block 100 on the same previous block");
	assert_int_equal(sign(make(100, 7, 1)), KEYS_DONE);
	assert_memory_equal(heard.bytes, first, sizeof first);
	/* Nor after it died. */
	keys_link_stop(rig.link);
	rig_start(&rig);
	keys_link_load(rig.link, "main", slice_str(rig.file), NULL, NULL);
	struct keys_call c = {.ask = call_unlock, .name = "", .pass = "x"};
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_int_equal(sign(make(100, 7, 2)), KEYS_SIGNED_OTHER);
}

/* Killed after it was asked: if it has signed, the journal has it. */
static void test_killed_at_work(void **state)
{
	struct made *m = make(100, 7, 1);
	struct keys_sign s = {.block = slice_of(m->bytes, m->n)};
	struct keys_call c = {.ask = call_unlock, .name = "", .pass = "x"};

	(void)state;
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_sign(rig.link, &s, rig_answer, &heard));
	assert_true(keys_link_lock(rig.link, "", NULL, NULL));
	/* What was queued goes out in one turn; then it dies. */
	event_base_loop(rig.base, EVLOOP_NONBLOCK);
	kill((pid_t)keys_link_state(rig.link)->pid, SIGKILL);
	while (!rig.ended)
		rig_turn(&rig);
	bool left = heard.said == KEYS_DONE;
	rig_start(&rig);
	keys_link_load(rig.link, "main", slice_str(rig.file), NULL, NULL);
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	enum keys_said other = sign(make(100, 7, 2));
	assert_true(other == KEYS_SIGNED_OTHER || (other == KEYS_DONE && !left));
}

static void test_rewind_is_told(void **state)
{
	(void)state;
	assert_int_equal(sign(make(100, 7, 1)), KEYS_DONE);
	assert_int_equal(sign(make(100, 8, 1)), KEYS_DONE);
	assert_non_null(strstr(rig.said,
		"warning: key main signs block 100 again, on another previous block: the chain was "
		"rewound"));
}

static enum keys_said sign_with(uint64_t index, uint64_t own_newest, uint64_t window, bool anyway)
{
	const struct made *m = make(index, (int)index, 1);

	return ask(&(struct keys_sign){.block = slice_of(m->bytes, m->n),
		.own_newest = own_newest,
		.window = window,
		.after_restore = anyway});
}

/* The journal is older than what the chain has of the key: not for this full block. */
static void test_restored_backup(void **state)
{
	(void)state;
	assert_int_equal(sign_with(100, 0, 99, false), KEYS_DONE);
	assert_int_equal(sign_with(105, 104, 102, false), KEYS_RESTORED);
	assert_string_equal(heard.line,
		"key main has block 104 in the chain, its journal of signatures ends at 100 (a "
		"restored backup?): nothing is signed for full block 102, only for later ones");
	assert_int_equal(sign_with(106, 104, 102, false), KEYS_RESTORED);
	assert_int_equal(sign_with(108, 104, 107, false), KEYS_DONE);
	assert_int_equal(sign_with(109, 108, 107, false), KEYS_DONE);
}

static void test_after_restore(void **state)
{
	(void)state;
	assert_int_equal(sign_with(105, 104, 102, false), KEYS_RESTORED);
	assert_int_equal(sign_with(105, 104, 102, true), KEYS_DONE);
	assert_int_equal(sign_with(106, 105, 102, false), KEYS_DONE);
}

/* The disk is full: nothing is signed, and the node hears why. */
static void test_journal_cannot_be_written(void **state)
{
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);
	struct keys_call c = {.ask = call_unlock, .name = "", .pass = "x"};
	char why[KEYS_TEXT_MAX];

	(void)state;
	assert_true(full >= 0);
	keys_link_stop(rig.link);
	/* It reads zeros without end, which are no records. */
	assert_true(keys_link_start(rig.link, &rig.settings, rig.listener, full, why));
	close(full);
	keys_link_load(rig.link, "main", slice_str(rig.file), NULL, NULL);
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_string_not_equal(rig_state(&rig)->guard.journal, "");
	assert_int_equal(sign(make(100, 7, 1)), KEYS_NO_JOURNAL);
	assert_non_null(strstr(heard.line, "No space left on device"));
	assert_int_equal(heard.n, 0);
}

static void test_refusals(void **state)
{
	struct made *m = make(100, 7, 1);
	struct keys_heard h = {0};

	(void)state;
	m->b.nonce++;
	encode(m);
	assert_int_equal(sign(m), KEYS_BAD_BLOCK);
	assert_string_equal(
		heard.line, "the block is not signed: its hash is not that of its content");
	m->b.version = 2;
	encode(m);
	assert_int_equal(sign(m), KEYS_BAD_BLOCK);
	m = make(0, 7, 1);
	assert_int_equal(sign(m), KEYS_BAD_BLOCK);
	m->n = 20;
	assert_int_equal(sign(m), KEYS_BAD_BLOCK);
	m = make(100, 7, 1);
	pub.signing[3] ^= 1;
	assert_int_equal(sign(make(100, 7, 1)), KEYS_NO_SUCH_KEY);
	pub.signing[3] ^= 1;
	keys_link_lock(rig.link, "main", rig_answer, &h);
	assert_int_equal(sign(make(100, 7, 1)), KEYS_LOCKED);
	assert_int_equal(rig_state(&rig)->rows[0].empty.index, 0);
}

static enum keys_said decrypt(const uint8_t key[32], struct slice cipher)
{
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_decrypt(rig.link, key, cipher, rig_answer, &heard));
	return rig_await(&rig, &heard);
}

static void test_decrypts(void **state)
{
	static const char name[] = "example.ygg";
	uint8_t cipher[ECIES_OVERHEAD + sizeof name - 1];
	struct slice s = slice_of(cipher, sizeof cipher);
	struct keys_heard h = {0};

	(void)state;
	assert_true(ecies_encrypt(pub.encryption, slice_str(name), &rng_system, cipher));
	assert_int_equal(decrypt(pub.encryption, s), KEYS_DONE);
	assert_int_equal(heard.n, sizeof name - 1);
	assert_memory_equal(heard.bytes, name, sizeof name - 1);
	cipher[40] ^= 1;
	assert_int_equal(decrypt(pub.encryption, s), KEYS_NOT_OURS);
	cipher[40] ^= 1;
	assert_int_equal(decrypt(pub.encryption, slice_of(cipher, 10)), KEYS_NOT_OURS);
	assert_int_equal(decrypt(pub.signing, s), KEYS_NO_SUCH_KEY);
	keys_link_lock(rig.link, "", rig_answer, &h);
	assert_int_equal(decrypt(pub.encryption, s), KEYS_LOCKED);
}

/* ---- the command line, for a block in a file ---- */

static struct slice to_sign;

static bool call_sign(struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	(void)c;
	return keys_user_sign(u, to_sign, reply);
}

static bool call_show(struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	return keys_user_show(u, c->name, reply);
}

static bool call_decrypt(struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	(void)c;
	return keys_user_decrypt(u, pub.encryption, to_sign, reply);
}

/* A full block, whose data is longer than all else that the command line sends. */
static struct made *make_full(uint64_t nonce)
{
	static char data[30000];
	static const uint8_t identity[32] = {1};

	memset(data, 'x', sizeof data);
	tx = (struct transaction){.class_name = slice_str("domain"),
		.identity = slice_of(identity, sizeof identity),
		.confirmation = slice_of(identity, sizeof identity),
		.signing = slice_of(pub.signing, 32),
		.encryption = slice_of(pub.encryption, 32),
		.data = slice_of(data, sizeof data)};
	struct made *m = make(100, 7, nonce);
	tx = (struct transaction){.class_name = {NULL, 0}};
	return m;
}

static void test_user_signs(void **state)
{
	struct keys_call c = {.ask = call_sign};
	struct keys_heard h = {0};
	struct made *m = make_full(1);

	(void)state;
	to_sign = slice_of(m->bytes, m->n);
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_int_equal(c.reply.size, 64);
	assert_true(crypto_verify(slice_of(pub.signing, 32), preimage_of(m, PREIMAGE_SIGNATURE),
		slice_of(c.reply.bytes, 64)));
	assert_int_equal(rig_state(&rig)->rows[0].full.index, 100);
	/* The journal is one, whoever asks. */
	m = make_full(2);
	to_sign = slice_of(m->bytes, m->n);
	assert_int_equal(rig_user(&rig, &c), KEYS_SIGNED_OTHER);
	assert_int_equal(sign(make(100, 7, 1)), KEYS_SIGNED_OTHER);
	/* What depends on the chain is the node's. */
	m = make(101, 7, 1);
	to_sign = slice_of(m->bytes, m->n);
	assert_int_equal(rig_user(&rig, &c), KEYS_BAD_BLOCK);
	assert_int_equal(rig_state(&rig)->rows[0].empty.index, 0);
	keys_link_lock(rig.link, "main", rig_answer, &h);
	m = make_full(1);
	to_sign = slice_of(m->bytes, m->n);
	assert_int_equal(rig_user(&rig, &c), KEYS_LOCKED);
}

static void test_user_looks(void **state)
{
	struct keys_call show = {.ask = call_show, .name = "main"}, read = {.ask = call_decrypt};
	uint8_t cipher[ECIES_OVERHEAD + 5];

	(void)state;
	assert_int_equal(rig_user(&rig, &show), KEYS_DONE);
	assert_memory_equal(&show.reply.pub, &pub, sizeof pub);
	assert_int_equal(show.reply.size, 0);
	show.name = "absent";
	assert_int_equal(rig_user(&rig, &show), KEYS_NO_SUCH_KEY);
	assert_true(ecies_encrypt(pub.encryption, slice_str("a.ygg"), &rng_system, cipher));
	to_sign = slice_of(cipher, sizeof cipher);
	assert_int_equal(rig_user(&rig, &read), KEYS_DONE);
	assert_int_equal(read.reply.size, 5);
	assert_memory_equal(read.reply.bytes, "a.ygg", 5);
	cipher[50] ^= 1;
	assert_int_equal(rig_user(&rig, &read), KEYS_NOT_OURS);
}

/* Claims more work than there is. */
static void test_work_is_tested(void **state)
{
	struct made *m = make(100, 7, 1);

	(void)state;
	m->b.difficulty = 200;
	encode(m);
	assert_int_equal(sign(m), KEYS_BAD_BLOCK);
	assert_non_null(strstr(heard.line, "fewer zero bits than it claims"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_with_key, close_rig)
		TEST(test_signs),
		TEST(test_not_twice),
		TEST(test_killed_at_work),
		TEST(test_rewind_is_told),
		TEST(test_restored_backup),
		TEST(test_after_restore),
		TEST(test_journal_cannot_be_written),
		TEST(test_refusals),
		TEST(test_decrypts),
		TEST(test_user_signs),
		TEST(test_user_looks),
		TEST(test_work_is_tested),
#undef TEST
	};
	int status;

	if (!keys_rig_begin(argc, argv, &status))
		return status;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
