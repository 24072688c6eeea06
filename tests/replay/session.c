/* Recorded sessions. See tests/replay/session.h. What the live node sent must be taken and made
 * again byte for byte. The recorder's own side also sent odd frames on purpose, one in a session;
 * the session's name says what we make of it. */
#include "tests/replay/session.h"

#include "base/json.h"
#include "p2p/frame.h"
#include "p2p/hello.h"
#include "p2p/secure.h"
#include "tests/replay/row.h"

enum treatment {
	ORDINARY, /* taken, and encoded again the same */
	LAX,      /* taken, our encoding differs */
	REFUSED,
};

static const struct {
	const char *session;
	enum treatment treatment;
} odd_frames[] = {
	{"cbor-extra-field", LAX},
	{"peers-16", LAX},
	{"ping-lower-case-hash", LAX},
	{"cbor-block-as-bytestring", REFUSED},
	{"cbor-missing-field", REFUSED},
	{"cbor-old-array-form", REFUSED},
	{"cbor-trailing-byte", REFUSED},
	{"cbor-two-pair-map", REFUSED},
	{"cbor-undecodable-ff", REFUSED},
	{"cbor-unknown-variant", REFUSED},
	{"cbor-variant-number", REFUSED},
	{"frame-L16-valid-tag-empty-plain", REFUSED},
	{"frame-L17-plain-00", REFUSED},
	{"ping-hash-ZZ", REFUSED},
	{"ping-hash-odd-length", REFUSED},
};

enum { STREAM_ROOM = HELLO_SERVER_MAX + FRAME_MAX }; /* bytes of a hello or frame in pieces */

struct session {
	struct row row;
	bool keyed; /* it went on long enough to have keys */
	struct secure secure;
	bool we_dialled;
	struct wr hello[2]; /* what we and the other side sent of it so far */
	struct wr parts;    /* a frame that was written in pieces */
	enum treatment odd; /* the one frame of this session that is */
	unsigned odd_seen;
};

static bool key_is(struct slice object, const char *key, const char *text)
{
	struct slice value;

	return json_find(object, key, &value) && value.n == strlen(text) + 2 &&
	       memcmp(value.p + 1, text, value.n - 2) == 0;
}

static void copy_exact(struct row *r, const char *key, uint8_t *to, size_t n)
{
	struct slice s = row_hex(r, key);

	memset(to, 0, n);
	row_same_number(r, key, n, s.n);
	if (s.n == n)
		memcpy(to, s.p, n);
}

/* ---- frames ---- */

static void judge(struct session *s, bool ours, enum treatment got)
{
	static const char *const names[] = {"an ordinary frame", "a lax one", "a refused one"};

	if (got == ORDINARY)
		return;
	if (ours && got == s->odd)
		s->odd_seen++;
	else
		row_differ(&s->row, "frame: expected %s, got %s", names[ours ? s->odd : ORDINARY],
			names[got]);
}

/* `event` tells the message as an object with one member, named as the variant. */
static enum treatment play_message(struct session *s, struct slice event, struct slice cbor)
{
	struct row *r = &s->row;
	struct slice object, name, fields;
	struct message m;
	size_t at = 0;

	if (message_decode(cbor, &m, row_take(r, cbor.n), cbor.n) != ERR_OK)
		return REFUSED;
	if (json_find(event, "message", &object) && json_member(object, &at, &name, &fields)) {
		row_same_bytes(r, "message", slice_of(name.p + 1, name.n - 2),
			slice_str(message_name(m.type)));
		row_same_message(r, fields, &m);
	}
	struct wr w = row_writer(r);
	message_encode(&m, &w);
	return slice_eq(cbor, row_keep(r, &w)) ? ORDINARY : LAX;
}

static void same_seal(struct session *s, struct slice raw, struct slice plain)
{
	struct wr w = row_writer(&s->row);

	row_same_flag(&s->row, "seal", true, secure_seal(&s->secure, plain, &w));
	row_same_bytes(&s->row, "seal", raw, row_keep(&s->row, &w));
}

static struct slice body_of(struct slice raw, struct frame f)
{
	return f.state == FRAME_READY ? slice_of(raw.p + FRAME_HEAD, f.size - FRAME_HEAD)
				      : slice_of(NULL, 0);
}

/* One whole frame. `opens`: whether its tag is right; `event` may tell its content. */
static void play_frame(struct session *s, struct slice event, struct slice raw, bool opens)
{
	struct row *r = &s->row;
	bool ours = key_is(event, "from", "us");
	struct frame f = frame_judge(raw.p, raw.n);
	struct slice body = body_of(raw, f);
	struct slice plain, recorded;

	if (f.state == FRAME_BAD) {
		judge(s, ours, REFUSED);
		return;
	}
	row_same_number(r, "frame", raw.n, f.state == FRAME_READY ? f.size : 0);
	struct wr w = wr_of(row_take(r, body.n), body.n);
	wr_slice(&w, body);
	bool opened = !r->wrong && secure_open(&s->secure, w.p, w.n, &plain);
	row_same_flag(r, "open", opens, opened);
	if (!opened)
		return;
	if (json_find(event, "plain", &recorded))
		row_same_bytes(r, "plain", row_hex_of(r, event, "plain"), plain);
	same_seal(s, raw, plain);
	judge(s, ours, play_message(s, event, plain));
}

/* Bytes that are no frame of this session, however they are cut. */
static void play_rubbish(struct session *s, struct slice raw)
{
	struct frame f = frame_judge(raw.p, raw.n);
	struct slice body = body_of(raw, f);
	struct wr w = wr_of(row_take(&s->row, body.n), body.n);
	struct slice plain;

	wr_slice(&w, body);
	if (f.state == FRAME_READY && !s->row.wrong)
		row_same_flag(&s->row, "open", false, secure_open(&s->secure, w.p, w.n, &plain));
}

/* ---- hellos ---- */

/* In some sessions our side announced a key of low order, and the other side went on with a secret
 * of zeros. */
static bool has_zero_key(const struct session *s)
{
	return s->keyed && slice_zero(slice_of(s->secure.key, SECURE_KEY));
}

static void refuse_key(struct session *s, const uint8_t key[SECURE_KEY])
{
	uint8_t secret[SECURE_KEY], shared[SECURE_KEY];

	copy_exact(&s->row, "our_secret", secret, SECURE_KEY);
	row_same_flag(&s->row, "key", false, secure_shared(secret, key, shared));
}

static void play_hello(struct session *s, struct slice event, struct slice raw)
{
	struct row *r = &s->row;
	bool ours = key_is(event, "from", "us"), server = ours != s->we_dialled;
	const char *name = ours ? "our_public" : server ? "server_public" : "client_public";
	struct wr *w = &s->hello[!ours];
	uint8_t key[HELLO_KEY], nonce[HELLO_NONCE];
	size_t size = 0, i = 0;

	for (; i < raw.n && !size; i++) { /* as if every byte came alone */
		wr_bytes(w, raw.p + i, 1);
		size = server ? hello_server_parse(wr_done(w), key, nonce)
			      : hello_client_parse(wr_done(w), key);
	}
	if (!size)
		return;
	row_same_number(r, "hello", w->n, size);
	if (ours && has_zero_key(s))
		refuse_key(s, key);
	else
		row_same_bytes(r, name, row_hex(r, name), slice_of(key, sizeof key));
	if (server)
		row_same_bytes(r, "nonce", row_hex(r, "nonce"), slice_of(nonce, sizeof nonce));
	if (key_is(event, "kind", "hello+Shake"))
		play_frame(s, event, slice_of(raw.p + i, raw.n - i), true);
	else
		play_rubbish(s, slice_of(raw.p + i, raw.n - i));
}

static void same_shared(struct session *s)
{
	struct row *r = &s->row;
	uint8_t secret[SECURE_KEY], theirs[SECURE_KEY], shared[SECURE_KEY];

	copy_exact(r, "our_secret", secret, SECURE_KEY);
	copy_exact(r, s->we_dialled ? "server_public" : "client_public", theirs, SECURE_KEY);
	row_same_flag(r, "usable", true, secure_shared(secret, theirs, shared));
	row_same_bytes(
		r, "shared", slice_of(s->secure.key, SECURE_KEY), slice_of(shared, SECURE_KEY));
}

/* ---- a session ---- */

static void play_event(struct session *s, struct slice event)
{
	struct slice raw = row_hex_of(&s->row, event, "raw"), plain;

	if (key_is(event, "kind", "hello") || key_is(event, "kind", "hello+Shake"))
		play_hello(s, event, raw);
	else if (key_is(event, "kind", "frame"))
		play_frame(s, event, raw, json_find(event, "plain", &plain));
	else if (key_is(event, "kind", "frame-part"))
		wr_slice(&s->parts, raw);
	else if (key_is(event, "kind", "raw"))
		play_rubbish(s, raw);
	else
		row_same_number(&s->row, "raw", 0, raw.n);
}

static void open_session(struct session *s)
{
	struct row *r = &s->row;
	struct slice shared;

	s->we_dialled = key_is(r->line, "our_role", "client");
	for (int i = 0; i < 2; i++)
		s->hello[i] = wr_of(row_take(r, STREAM_ROOM), STREAM_ROOM);
	s->parts = wr_of(row_take(r, STREAM_ROOM), STREAM_ROOM);
	for (size_t i = 0; i < sizeof odd_frames / sizeof odd_frames[0]; i++)
		if (key_is(r->line, "name", odd_frames[i].session))
			s->odd = odd_frames[i].treatment;
	s->keyed = json_find(r->line, "shared", &shared) && !json_is_null(shared);
	if (!s->keyed)
		return;
	copy_exact(r, "shared", s->secure.key, SECURE_KEY);
	copy_exact(r, "nonce", s->secure.nonce, SECURE_NONCE);
	if (!has_zero_key(s))
		same_shared(s);
}

bool play_session(struct slice line, char *what, size_t what_size)
{
	static const char ours[] = "{\"from\":\"us\"}"; /* only our side wrote in pieces */
	struct session s = {.odd = ORDINARY};
	struct slice events = {NULL, 0}, event;
	size_t at = 0;

	row_open(&s.row, line, what, what_size);
	open_session(&s);
	json_find(line, "events", &events);
	while (json_element(events, &at, &event))
		play_event(&s, event);
	row_same_flag(&s.row, "events", true, at > 0);
	if (frame_judge(s.parts.p, s.parts.n).state != FRAME_MORE)
		play_frame(&s, slice_str(ours), wr_done(&s.parts), true);
	row_same_number(&s.row, "odd frames", s.odd != ORDINARY, s.odd_seen);
	return row_close(&s.row);
}
