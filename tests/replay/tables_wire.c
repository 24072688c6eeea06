/* Tables about encodings, the transport and the measures of blocks. What is accepted but not
 * canonical may be refused, what is canonical may not; what is taken must encode as expected. */
#include "tests/replay/tables_wire.h"

#include "base/cbor.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/block.h"
#include "chain/crypto.h"
#include "p2p/frame.h"
#include "p2p/secure.h"
#include "tests/replay/row.h"

/* What a table's `accept` means for us: true when the values of the line are to be compared. */
static bool judge(struct row *r, bool taken)
{
	bool accept = row_flag(r, "accept");

	if (taken != accept && (taken || row_flag(r, "is_canonical")))
		row_same_flag(r, "accept", accept, taken);
	return taken && !r->wrong;
}

/* ---- blocks ---- */

static void same_preimage(struct row *r, const struct block *b, enum preimage kind, const char *key)
{
	uint8_t digest[HASH_SIZE];
	struct wr w = row_writer(r);

	block_preimage(b, kind, &w);
	crypto_sha256(row_keep(r, &w), digest);
	row_same_bytes(r, key, row_hex(r, key), slice_of(digest, sizeof digest));
}

static void same_encoding(struct row *r, const struct block *b)
{
	size_t bound = block_encoded_bound(b);
	struct wr w = wr_of(row_take(r, bound), bound);

	block_encode(b, &w);
	if (w.bad)
		row_differ(r, "block_encoded_bound: expected enough, got %zu", bound);
	row_same_bytes(r, "canonical", row_hex(r, "canonical"), wr_done(&w));
}

bool play_block_cbor(struct slice line, char *what, size_t what_size)
{
	struct block_owned *owned;
	struct block b;
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice cbor = row_hex(&r, "hex");
	bool taken = block_decode(cbor, &b, row_take(&r, cbor.n), cbor.n) == ERR_OK;
	row_same_flag(&r, "owned", taken, block_decode_owned(cbor, &owned) == ERR_OK);
	if (judge(&r, taken)) {
		same_encoding(&r, &b);
		same_encoding(&r, &owned->b);
		same_preimage(&r, &b, PREIMAGE_HASH, "hash_preimage_sha256");
		same_preimage(&r, &b, PREIMAGE_SIGNATURE, "sig_preimage_sha256");
	}
	mem_free(owned);
	return row_close(&r);
}

bool play_difficulty(struct slice line, char *what, size_t what_size)
{
	static const char *const keys[] = {"hd", "kd"};
	struct slice value;
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice x = row_hex(&r, "hex");
	for (int i = 0; i < 2; i++) {
		int got = i == 0 ? hash_difficulty(x) : key_difficulty(x);
		uint64_t expected;
		if (json_find(line, keys[i], &value) && json_get_u64(value, &expected))
			row_same_number(&r, keys[i], expected, (uint64_t)got);
		else if (got != -1)
			row_differ(&r, "%s: expected -1, got %d", keys[i], got);
	}
	return row_close(&r);
}

/* The hash as it is written: the table also measures hashes of zeros, which the decoder gives as
 * empty ones (protocol.md 2.1). */
static struct slice written_hash(struct row *r, struct slice cbor)
{
	static const char *const name[] = {"hash"};
	struct rd in = rd_of(cbor);
	struct wr w = row_writer(r);
	uint32_t seen = 0;

	for (uint64_t left = cbor_read_map(&in); left > 0 && !seen; left--)
		cbor_read_key(&in, name, 1, &seen, 1);
	if (!hex_decode(cbor_read_text(&in), w.p, w.size, &w.n))
		row_differ(r, "hash: expected hex, got none");
	return row_keep(r, &w);
}

static void read_block(struct row *r, const char *key, struct block *b)
{
	struct slice cbor = row_hex(r, key);

	if (block_decode(cbor, b, row_take(r, cbor.n), cbor.n) == ERR_OK)
		b->hash = written_hash(r, cbor);
	else
		row_differ(r, "%s: expected a block, got none", key);
}

bool play_better_than(struct slice line, char *what, size_t what_size)
{
	struct block a, b;
	struct row r;

	row_open(&r, line, what, what_size);
	read_block(&r, "a", &a);
	read_block(&r, "b", &b);
	row_same_flag(&r, "a_better", row_flag(&r, "a_better"), block_better_than(&a, &b));
	row_same_flag(&r, "b_better", row_flag(&r, "b_better"), block_better_than(&b, &a));
	return row_close(&r);
}

/* ---- messages ---- */

static void same_message(struct row *r, const struct message *m)
{
	struct wr w = row_writer(r);
	struct slice json;

	if (json_find(r->line, "message", &json)) {
		row_same_bytes(
			r, "type", row_text_of(r, json, "type"), slice_str(message_name(m->type)));
		row_same_message(r, json, m);
	}
	/* Only the first entries of a long Peers are kept: nothing to encode it from. */
	if (m->peer_count > PEERS_MAX)
		return;
	w = row_writer(r);
	message_encode(m, &w);
	struct slice got = row_keep(r, &w);
	row_same_bytes(r, "reencoded", row_hex(r, "reencoded"), got);
	if (m->type == MSG_BLOCK)
		row_same_number(r, "size", got.n, message_block_size(m->index, m->block));
}

bool play_message_cbor(struct slice line, char *what, size_t what_size)
{
	struct message m;
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice cbor = row_hex(&r, "hex");
	if (judge(&r, message_decode(cbor, &m, row_take(&r, cbor.n), cbor.n) == ERR_OK))
		same_message(&r, &m);
	return row_close(&r);
}

bool play_app_version(struct slice line, char *what, size_t what_size)
{
	struct row r;

	row_open(&r, line, what, what_size);
	row_same_flag(
		&r, "accept", row_flag(&r, "accept"), app_version_acceptable(row_text(&r, "s")));
	return row_close(&r);
}

/* ---- transport ---- */

/* A field of exactly n bytes. */
static const uint8_t *row_exact(struct row *r, const char *key, size_t n)
{
	struct slice s = row_hex(r, key);

	if (s.n == n)
		return s.p;
	row_differ(r, "%s: expected %zu bytes, got %zu", key, n, s.n);
	return row_take(r, n);
}

static void same_shared(struct row *r, const char *secret, const char *public_key)
{
	static const uint8_t zeros[SECURE_KEY];
	const uint8_t *expected = row_exact(r, "shared", SECURE_KEY);
	uint8_t got[SECURE_KEY];
	bool usable = secure_shared(
		row_exact(r, secret, SECURE_KEY), row_exact(r, public_key, SECURE_KEY), got);

	if (r->wrong)
		return;
	/* The reference goes on with a secret of zeros; we refuse. */
	row_same_flag(r, "usable", memcmp(expected, zeros, SECURE_KEY) != 0, usable);
	if (usable)
		row_same_bytes(
			r, "shared", slice_of(expected, SECURE_KEY), slice_of(got, SECURE_KEY));
}

bool play_x25519(struct slice line, char *what, size_t what_size)
{
	struct row r;

	row_open(&r, line, what, what_size);
	same_shared(&r, "secret", "public");
	return row_close(&r);
}

static struct secure read_session(struct row *r, const char *key)
{
	struct secure s = {{0}, {0}};
	const uint8_t *secret = row_exact(r, key, SECURE_KEY);
	const uint8_t *nonce = row_exact(r, "nonce", SECURE_NONCE);

	if (!r->wrong) {
		memcpy(s.key, secret, SECURE_KEY);
		memcpy(s.nonce, nonce, SECURE_NONCE);
	}
	return s;
}

/* Opens a copy of the body. */
static bool open_copy(struct row *r, const struct secure *s, struct slice body, struct slice *plain)
{
	struct wr w = wr_of(row_take(r, body.n), body.n);

	*plain = slice_of(NULL, 0);
	if (r->wrong)
		return false;
	wr_slice(&w, body);
	return secure_open(s, w.p, w.n, plain);
}

static void same_public(struct row *r, const char *secret, const char *key)
{
	uint8_t got[SECURE_KEY];

	secure_public(row_exact(r, secret, SECURE_KEY), got);
	row_same_bytes(r, key, row_hex(r, key), slice_of(got, sizeof got));
}

bool play_frames(struct slice line, char *what, size_t what_size)
{
	struct slice plain;
	struct row r;

	row_open(&r, line, what, what_size);
	same_public(&r, "client_secret", "client_public");
	same_public(&r, "server_secret", "server_public");
	same_shared(&r, "client_secret", "server_public");
	same_shared(&r, "server_secret", "client_public");
	struct secure s = read_session(&r, "shared");
	struct slice cbor = row_hex(&r, "cbor"), expected = row_hex(&r, "frame");
	struct wr w = row_writer(&r);
	struct frame f = frame_judge(expected.p, expected.n);
	if (cbor.n == 0) { /* a frame of nothing is neither sent nor taken */
		row_same_flag(&r, "seal", false, secure_seal(&s, cbor, &w));
		row_same_number(&r, "state", FRAME_BAD, f.state);
		return row_close(&r);
	}
	struct slice body = {NULL, 0};
	if (f.state == FRAME_READY)
		body = slice_of(expected.p + FRAME_HEAD, f.size - FRAME_HEAD);
	row_same_flag(&r, "seal", true, secure_seal(&s, cbor, &w));
	row_same_bytes(&r, "frame", expected, row_keep(&r, &w));
	row_same_number(&r, "length", expected.n, f.state == FRAME_READY ? f.size : 0);
	row_same_flag(&r, "open", true, open_copy(&r, &s, body, &plain));
	row_same_bytes(&r, "cbor", cbor, plain);
	return row_close(&r);
}

bool play_aead_open(struct slice line, char *what, size_t what_size)
{
	struct slice plain;
	struct row r;

	row_open(&r, line, what, what_size);
	struct secure s = read_session(&r, "key");
	bool opened = open_copy(&r, &s, row_hex(&r, "box"), &plain);
	row_same_flag(&r, "accept", row_flag(&r, "accept"), opened);
	if (opened)
		row_same_bytes(&r, "plain", row_hex(&r, "plain"), plain);
	return row_close(&r);
}
