/* Role: messages of the key process to bytes and back. One table says which fields a kind has, so
 * that what is written and what is read cannot differ.
 * Before: owner/keys_link.c, owner/keys_user.c and the process. After: base/cursor.h. */
#include "owner/keys_frame.h"

static const struct {
	unsigned senders;
	const char *fields;
} kinds[KEYS_KINDS_COUNT] = {
#define KIND(name, senders, fields) [KEYS_##name] = {senders, fields},
	KEYS_KINDS(KIND)
#undef KIND
};

/* ---- fields ---- */

static void put_text(struct wr *w, struct slice s, size_t most)
{
	if (s.n > most)
		w->bad = true;
	wr_be(w, s.n, 2);
	wr_slice(w, s);
}

static struct slice get_text(struct rd *r, size_t most)
{
	size_t n = rd_be16(r);

	if (n > most)
		rd_fail(r);
	return rd_bytes(r, n);
}

static void put_bytes(struct wr *w, struct slice s)
{
	wr_be(w, s.n, 4);
	wr_slice(w, s);
}

static struct slice get_bytes(struct rd *r)
{
	return rd_bytes(r, rd_be32(r));
}

static void put_field(struct wr *w, char field, const struct keys_message *m)
{
	switch (field) {
	case 'n':
		put_text(w, m->name, KEY_NAME_MAX);
		break;
	case 'm':
		put_text(w, m->other, KEY_NAME_MAX);
		break;
	case 'k':
		put_text(w, m->key, sizeof(struct key_public));
		break;
	case '1':
		wr_be(w, m->number, 8);
		break;
	case '2':
		wr_be(w, m->second, 8);
		break;
	case 'f':
		wr_u8(w, m->flag);
		break;
	case 's':
		wr_u8(w, (uint8_t)m->said);
		break;
	case 'l':
		put_text(w, m->line, KEYS_TEXT_MAX - 1);
		break;
	case 'o':
		put_text(w, m->old, PASSPHRASE_MAX);
		break;
	case 'p':
		put_text(w, m->pass, PASSPHRASE_MAX);
		break;
	default:
		put_bytes(w, m->bytes);
	}
}

/* A number that is less than this one. */
static unsigned get_below(struct rd *r, unsigned below)
{
	unsigned v = rd_u8(r);

	if (v < below)
		return v;
	rd_fail(r);
	return 0;
}

static void get_field(struct rd *r, char field, struct keys_message *m)
{
	switch (field) {
	case 'n':
		m->name = get_text(r, KEY_NAME_MAX);
		break;
	case 'm':
		m->other = get_text(r, KEY_NAME_MAX);
		break;
	case 'k':
		m->key = get_text(r, sizeof(struct key_public));
		break;
	case '1':
		m->number = rd_be64(r);
		break;
	case '2':
		m->second = rd_be64(r);
		break;
	case 'f':
		m->flag = get_below(r, 2);
		break;
	case 's':
		m->said = (enum keys_said)get_below(r, KEYS_SAID_COUNT);
		break;
	case 'l':
		m->line = get_text(r, KEYS_TEXT_MAX - 1);
		break;
	case 'o':
		m->old = get_text(r, PASSPHRASE_MAX);
		break;
	case 'p':
		m->pass = get_text(r, PASSPHRASE_MAX);
		break;
	default:
		m->bytes = get_bytes(r);
	}
}

/* ---- frames ---- */

void keys_frame_put(struct wr *w, const struct keys_message *m)
{
	size_t at = w->n;

	wr_be(w, 0, 4);
	wr_u8(w, (uint8_t)m->kind);
	wr_be(w, m->id, 4);
	for (const char *field = kinds[m->kind].fields; *field; field++)
		put_field(w, *field, m);
	if (w->bad || w->n - at > KEYS_FRAME_MAX) {
		w->bad = true;
		return;
	}
	struct wr head = wr_of(w->p + at, 4);
	wr_be(&head, w->n - at - 4, 4);
}

bool keys_frame_is_of(enum keys_kind kind, enum keys_sender from)
{
	return kinds[kind].senders & from;
}

enum keys_cut keys_frame_cut(
	struct slice in, enum keys_sender from, size_t most, struct keys_message *m, size_t *used)
{
	struct rd r = rd_of(in);
	size_t n = rd_be32(&r);

	memset(m, 0, sizeof *m);
	if (r.bad)
		return KEYS_CUT_MORE;
	if (n < KEYS_HEAD - 4 || n > most - 4)
		return KEYS_CUT_BAD;
	if (r.left < n)
		return KEYS_CUT_MORE;
	r.left = n;
	*used = n + 4;
	m->kind = (enum keys_kind)get_below(&r, KEYS_KINDS_COUNT);
	m->id = rd_be32(&r);
	if (r.bad || !(kinds[m->kind].senders & from))
		return KEYS_CUT_BAD;
	for (const char *field = kinds[m->kind].fields; *field; field++)
		get_field(&r, *field, m);
	return rd_done(&r) ? KEYS_CUT : KEYS_CUT_BAD;
}
