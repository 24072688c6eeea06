/* Role: what the process tells of itself and its keys, and what it is told at its start, to bytes
 * and back.
 * Before: owner/keys_process.c, owner/keys_link.c, owner/keys_user.c. After: base/cursor.h. */
#include "owner/keys_frame.h"

enum { PLAIN = 1, LOCKED = 2 };

static void put_text(struct wr *w, const char *s)
{
	size_t n = strlen(s);

	wr_be(w, n, 2);
	wr_bytes(w, s, n);
}

/* Copies a text without NUL in it to `size` bytes. */
static void get_text(struct rd *r, char *to, size_t size)
{
	struct slice s = rd_bytes(r, rd_be16(r));

	if (s.n >= size || (s.n && memchr(s.p, '\0', s.n)))
		rd_fail(r);
	if (r->bad)
		s.n = 0;
	if (s.n)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

/* ---- settings ---- */

void keys_settings_put(struct wr *w, const struct keys_settings *s)
{
	wr_be(w, s->max_keys, 4);
	wr_be(w, s->process_bytes, 8);
	wr_be(w, s->try_ms, 4);
	wr_be(w, s->search_scratch, 8);
	wr_be(w, s->search_threads, 4);
	wr_u8(w, s->search_lower);
	wr_be(w, s->strength, 4);
	wr_be(w, s->unlock_for, 4);
	wr_u8(w, s->keys_follow);
}

bool keys_settings_get(struct slice bytes, struct keys_settings *s)
{
	struct rd r = rd_of(bytes);

	*s = (struct keys_settings){.max_keys = rd_be32(&r)};
	s->process_bytes = rd_be64(&r);
	s->try_ms = rd_be32(&r);
	s->search_scratch = rd_be64(&r);
	s->search_threads = rd_be32(&r);
	uint8_t lower = rd_u8(&r);
	s->search_lower = lower;
	s->strength = rd_be32(&r);
	s->unlock_for = rd_be32(&r);
	uint8_t follow = rd_u8(&r);
	s->keys_follow = follow;
	return rd_done(&r) && lower < 2 && follow < 2 && s->search_threads &&
	       s->max_keys <= KEYS_MAX && s->strength <= 64;
}

/* ---- the search ---- */

void keys_search_put(struct wr *w, const struct keys_search_state *s)
{
	wr_u8(w, s->running);
	put_text(w, s->name);
	wr_be(w, s->tried, 8);
	wr_be(w, s->rate, 8);
	wr_be(w, s->seconds, 8);
	wr_be(w, s->mean, 8);
}

static void get_search(struct rd *r, struct keys_search_state *s)
{
	uint8_t running = rd_u8(r);

	if (running > 1)
		rd_fail(r);
	s->running = running;
	get_text(r, s->name, sizeof s->name);
	s->tried = rd_be64(r);
	s->rate = rd_be64(r);
	s->seconds = rd_be64(r);
	s->mean = rd_be64(r);
}

bool keys_search_get(struct slice bytes, struct keys_search_state *s)
{
	struct rd r = rd_of(bytes);

	get_search(&r, s);
	return rd_done(&r);
}

/* ---- the keys ---- */

static void put_signed(struct wr *w, const struct keys_signed *s)
{
	wr_be(w, s->index, 8);
	wr_bytes(w, s->prev_hash, sizeof s->prev_hash);
	wr_bytes(w, s->hash, sizeof s->hash);
}

static void get_signed(struct rd *r, struct keys_signed *s)
{
	s->index = rd_be64(r);
	rd_copy(r, s->prev_hash, sizeof s->prev_hash);
	rd_copy(r, s->hash, sizeof s->hash);
}

static void put_row(struct wr *w, const struct keys_row *row)
{
	put_text(w, row->name);
	wr_bytes(w, &row->pub, sizeof row->pub);
	wr_be(w, row->cost.memory, 4);
	wr_be(w, row->cost.passes, 4);
	wr_u8(w, (uint8_t)row->strength);
	wr_bytes(w, row->hash, sizeof row->hash);
	wr_u8(w, (uint8_t)((row->plain ? PLAIN : 0) | (row->locked ? LOCKED : 0)));
	wr_be(w, row->seconds_left, 4);
	put_signed(w, &row->empty);
	put_signed(w, &row->full);
}

static void get_row(struct rd *r, struct keys_row *row)
{
	get_text(r, row->name, sizeof row->name);
	if (!key_name_is_valid(slice_str(row->name)))
		rd_fail(r);
	rd_copy(r, &row->pub, sizeof row->pub);
	row->cost.memory = rd_be32(r);
	row->cost.passes = rd_be32(r);
	row->strength = rd_u8(r);
	rd_copy(r, row->hash, sizeof row->hash);
	uint8_t flags = rd_u8(r);
	if (flags > (PLAIN | LOCKED))
		rd_fail(r);
	row->plain = flags & PLAIN;
	row->locked = flags & LOCKED;
	row->seconds_left = rd_be32(r);
	get_signed(r, &row->empty);
	get_signed(r, &row->full);
}

void keys_state_put(struct wr *w, const struct keys_state *s)
{
	put_text(w, s->guard.filter);
	put_text(w, s->guard.files);
	put_text(w, s->guard.memory);
	put_text(w, s->guard.journal);
	keys_search_put(w, &s->search);
	wr_be(w, s->count, 2);
	for (size_t i = 0; i < s->count; i++)
		put_row(w, &s->rows[i]);
}

bool keys_state_get(struct slice bytes, struct keys_state *s, struct keys_row *rows, size_t room)
{
	struct rd r = rd_of(bytes);

	memset(s, 0, sizeof *s);
	s->rows = rows;
	get_text(&r, s->guard.filter, KEYS_TEXT_MAX);
	get_text(&r, s->guard.files, KEYS_TEXT_MAX);
	get_text(&r, s->guard.memory, KEYS_TEXT_MAX);
	get_text(&r, s->guard.journal, KEYS_TEXT_MAX);
	get_search(&r, &s->search);
	size_t count = rd_be16(&r);
	if (count > room)
		rd_fail(&r);
	for (size_t i = 0; i < count && !r.bad; i++)
		get_row(&r, &rows[i]);
	s->count = r.bad ? 0 : count;
	return rd_done(&r);
}
