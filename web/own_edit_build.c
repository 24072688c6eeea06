/* Makes the data and the draft of what the editor's fields say. Each test that fails becomes a
 * reason beside its field. Before: web/own_new.c. After: owner/zone_edit.h, owner/draft.h. */
#include "base/hex.h"
#include "chain/crypto.h"
#include "domain/jsontext.h"
#include "web/own_edit.h"

static const char *say(const struct own_edit *e, enum web_text text)
{
	return web_text(e->p->language, text);
}

/* ---- the data ---- */

static void add_row(struct own_edit *e, unsigned row)
{
	unsigned before = zone_edit_count(e->edit);
	struct slice json;

	if (!own_row_read(e, row, &json))
		return;
	if (!zone_edit_add(e->edit, json))
		own_edit_blame(e, OWN_AT_ROW, row, say(e, TEXT_TOO_LONG));
	else if (zone_edit_count(e->edit) == before)
		own_edit_blame(e, OWN_AT_ROW, row, say(e, TEXT_OWN_TWICE));
}

static void set_contact(struct own_edit *e, unsigned i)
{
	const struct own_contact *c = &e->contact[i];
	const struct slice none = {NULL, 0};

	if (c->old.n && (!slice_eq(c->old, c->name) || !c->value.n))
		zone_edit_contact(e->edit, c->old, none);
	if (c->name.n && c->value.n && !zone_edit_contact(e->edit, c->name, c->value))
		own_edit_blame(e, OWN_AT_CONTACT, i, say(e, TEXT_OWN_BAD_TEXT));
}

static struct slice trimmed(struct slice s)
{
	while (s.n && s.p[0] <= ' ')
		s = slice_of(s.p + 1, s.n - 1);
	while (s.n && s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* A description with characters that nobody sees comes back without them: unless it was changed it
 * stays as it is. */
static bool info_is_as_before(struct own_edit *e)
{
	static const struct domain_visitor nothing;
	struct wr *w = &e->space;
	struct domain_text t;
	size_t n, from = w->n;

	if (!e->block || !domain_read(own_edit_before(e), &t, &nothing))
		return false;
	if (!jt_decode(t.info, (char *)w->p + from, w->size - from, &n))
		return false;
	w->n += n;
	struct slice text = slice_of(w->p + from, n);
	size_t seen = w->n;
	html_seen(w, text);
	struct slice shown = trimmed(slice_of(w->p + seen, w->n - seen));
	bool same = !w->bad && slice_eq(shown, e->info);
	w->n = from;
	return same;
}

bool own_edit_build(struct own_edit *e)
{
	if (!e->edit) {
		own_edit_blame(e, OWN_AT_TOP, 0, say(e, TEXT_DATA_BROKEN));
		return false;
	}
	zone_edit_no_records(e->edit);
	for (unsigned i = 0; i < e->rows; i++)
		add_row(e, i);
	for (unsigned i = 0; i < e->contacts; i++)
		set_contact(e, i);
	if (!info_is_as_before(e) && !zone_edit_info(e->edit, e->info))
		own_edit_blame(e, OWN_AT_INFO, 0, say(e, TEXT_OWN_BAD_TEXT));
	zone_edit_write(e->edit, &e->data);
	if (e->data.bad || e->space.n == e->space.size)
		own_edit_blame(e, OWN_AT_TOP, 0, say(e, TEXT_TOO_LONG));
	return e->reasons == 0;
}

/* ---- the draft ---- */

static enum own_place place_of(const struct own_edit *e, const struct draft_refusal *f)
{
	if (f->record && f->record <= e->rows)
		return OWN_AT_ROW;
	switch (f->why) {
	case DRAFT_MANY_RECORDS:
		return OWN_AT_RECORDS;
	case DRAFT_NAME:
	case DRAFT_ZONE:
	case DRAFT_TAKEN:
	case DRAFT_LABELS:
	case DRAFT_LONG_LABEL:
	case DRAFT_OVERTAKEN:
		return OWN_AT_NAME;
	default:
		return OWN_AT_TOP;
	}
}

static void see(void *ctx, const struct draft *d, const struct draft_refusal *f)
{
	struct own_edit *e = ctx;
	char text[DRAFT_WORDS_MAX];
	bool passes = f->why == DRAFT_WAITING || f->why == DRAFT_NEXT || f->why == DRAFT_COOLDOWN;
	enum own_place place = place_of(e, f);

	if (e->looks && place != OWN_AT_NAME && !passes)
		return;
	struct own_reason *r =
		own_edit_blame(e, place, f->record ? f->record - 1 : 0, own_why(e->p, d, f, text));
	r->until = f->until;
	r->passes = passes;
}

struct draft_request own_edit_request(const struct own_edit *e)
{
	const struct own_key *k = e->author;

	return (struct draft_request){.name = slice_str(e->name),
		.data = wr_done(&e->data),
		.author = k ? k->signing : NULL,
		.encryption = k ? k->encryption : NULL,
		.author_name = k ? k->name : NULL};
}

bool own_edit_try(struct own_edit *e)
{
	struct draft_request r = own_edit_request(e);

	if (draft_open(&r, chain_view(e->p->api->chain), e->p->query.now, &e->draft) != ERR_OK) {
		own_edit_blame(e, OWN_AT_TOP, 0, say(e, TEXT_NO_MEMORY));
		return false;
	}
	draft_each(e->draft, see, e);
	for (unsigned i = 0; i < e->reasons; i++)
		if (!e->reason[i].passes)
			return false;
	return true;
}

void own_edit_mark(const struct own_edit *e, char to[2 * HASH_SIZE + 1])
{
	uint8_t all[2 * HASH_SIZE + KEY_SIZE] = {0}, mark[HASH_SIZE];

	crypto_sha256(wr_done(&e->data), all);
	crypto_sha256(slice_str(e->name), all + HASH_SIZE);
	if (e->author)
		memcpy(all + 2 * HASH_SIZE, e->author->signing, KEY_SIZE);
	crypto_sha256(slice_of(all, sizeof all), mark);
	hex_upper(slice_of(mark, HASH_SIZE), to);
}

/* ---- before anything was typed ---- */

enum { KEYS_TRIED = 16 };

/* Must this key wait before its next new name? */
static bool must_wait(struct own_edit *e, const struct own_key *k)
{
	struct draft_request r = own_edit_request(e);
	struct draft_refusal f;
	struct draft *d;

	r.author = k->signing;
	r.encryption = k->encryption;
	if (draft_open(&r, chain_view(e->p->api->chain), e->p->query.now, &d) != ERR_OK)
		return true;
	bool waits = draft_test(d, DRAFT_COOLDOWN, &f);
	draft_free(d);
	return waits;
}

static const struct own_key *key_to_use(struct own_edit *e)
{
	const struct own_key *open = NULL;
	unsigned tried = 0;

	for (unsigned i = 0; i < e->key_count && tried < KEYS_TRIED; i++) {
		const struct own_key *k = &e->keys[i];
		if (k->locked)
			continue;
		tried++;
		if (!must_wait(e, k))
			return k;
		open = open ? open : k;
	}
	return open ? open : e->key_count ? &e->keys[0] : NULL;
}

bool own_edit_look(struct own_edit *e)
{
	if (e->edit)
		zone_edit_write(e->edit, &e->data);
	else
		own_edit_blame(e, OWN_AT_TOP, 0, say(e, TEXT_DATA_BROKEN));
	if (!e->author)
		e->author = key_to_use(e);
	e->looks = true;
	bool fine = own_edit_try(e);
	e->looks = false;
	return fine;
}
