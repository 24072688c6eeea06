/* The owner's keys: which there are, what to give to others, a copy of each, locking. Before:
 * web/routes.c. After: web/own_secret.c where a passphrase is typed; the hooks of api/api.h. */
#include <stdio.h>

#include "base/hex.h"
#include "base/human.h"
#include "base/json.h"
#include "owner/owner_line.h"
#include "web/own.h"
#include "web/routes.h"

enum { LOCK_WAIT_MS = 5000, WHY_MAX = 512, REFRESH_S = 3 };

static const struct key_public no_public;

/* ---- one key ---- */

static const struct keys_row *row_of(const struct api_keys *k, const struct key_entry *e)
{
	for (size_t i = 0; k->state && k->state->running && i < k->state->count; i++)
		if (strcmp(k->state->rows[i].name, e->name) == 0)
			return &k->state->rows[i];
	return NULL;
}

static void put_state(struct page *p, const struct key_entry *e, const struct keys_row *row)
{
	char span[PAGE_WORD_MAX];

	page_fact(p, TEXT_COLUMN_STATE);
	if (e->wrong[0]) {
		own_badge(p, "bad", TEXT_KEY_LEFT_OUT);
		html_raw(p->w, " ");
		page_put_line(p, e->wrong);
	} else if (!row || row->locked) {
		own_badge(p, "busy", TEXT_KEY_IS_LOCKED);
		if (p->api->config->webui_unlock && !e->away)
			own_put_unlock(p, e->name);
		else
			own_command(p, "key unlock", e->name);
	} else {
		own_badge(p, "good", TEXT_KEY_IS_OPEN);
		html_raw(p->w, " ");
		if (row->seconds_left)
			page_say_with(
				p, TEXT_KEY_LOCKS_IN, page_span(p, row->seconds_left, span), NULL);
	}
	page_fact_end(p);
}

static void put_hex(struct page *p, enum web_text term, const uint8_t key[KEY_SIZE])
{
	page_fact(p, term);
	html_raw(p->w, "<code class=\"whole\">");
	hex_write(p->w, slice_of(key, KEY_SIZE));
	html_raw(p->w, "</code>");
	page_fact_end(p);
}

static void put_public(struct page *p, const struct key_public *pub)
{
	char line[OWNER_LINE_SIZE];

	if (memcmp(pub, &no_public, sizeof no_public) == 0)
		return;
	owner_line_write(pub, line);
	page_fact(p, TEXT_KEY_OWNER_LINE);
	wr_format(p->w, "<code class=\"whole\">%s</code><br><small>", line);
	page_say(p, TEXT_KEY_OWNER_LINE_EXPLAINED);
	html_raw(p->w, "</small>");
	page_fact_end(p);
	put_hex(p, TEXT_KEY_SIGNING, pub->signing);
	put_hex(p, TEXT_KEY_ENCRYPTION, pub->encryption);
}

static void put_strength(struct page *p, const struct keys_row *row)
{
	char number[PAGE_WORD_MAX];

	if (!row || row->strength <= 0)
		return;
	page_fact(p, TEXT_KEY_STRENGTH);
	page_say_with(
		p, TEXT_DIFFICULTY_VALUE, page_number(p, (uint64_t)row->strength, number), NULL);
	page_fact_end(p);
}

static void put_signed(struct page *p, const struct keys_row *row)
{
	if (!row || !row->full.index)
		return;
	page_fact(p, TEXT_KEY_LAST_NAME);
	page_link_block(p, row->full.index);
	page_fact_end(p);
}

static void put_form(struct page *p, const char *path, const char *name, enum web_text text)
{
	page_form(p, path);
	own_hidden(p, "name", name);
	page_form_end(p, text);
}

/* Whoever loses the file loses the names: said until there is a copy. */
static void put_backup(struct page *p, const struct key_entry *e, const struct key_public *pub)
{
	bool saved = p->api->hooks.key_saved(p->api->hooks.ctx, pub->signing, false);

	if (!saved) {
		html_raw(p->w, "<div class=\"warning\"><p>");
		page_say(p, TEXT_KEY_SAVE);
		html_raw(p->w, "</p>\n");
	}
	html_raw(p->w, "<div class=\"buttons\">");
	put_form(p, "/own/keys/export", e->name, TEXT_KEY_EXPORT);
	if (!saved)
		put_form(p, "/own/keys/saved", e->name, TEXT_KEY_SAVED);
	html_raw(p->w, saved ? "</div>\n" : "</div></div>\n");
}

static void put_key(struct page *p, const struct api_keys *k, const struct key_entry *e)
{
	const struct keys_row *row = row_of(k, e);
	const struct key_public *pub = row ? &row->pub : &e->pub;

	html_raw(p->w, "<section id=\"key-");
	html_str(p->w, e->name);
	html_raw(p->w, "\"><h2>");
	page_say_with(p, TEXT_OWN_BY_KEY, e->name, NULL);
	html_raw(p->w, "</h2>\n<dl class=\"facts\">\n");
	put_state(p, e, row);
	page_fact(p, TEXT_COLUMN_KIND);
	page_say(p, e->away ? TEXT_KEY_AWAY : e->plain ? TEXT_KEY_PLAIN : TEXT_KEY_SEALED);
	page_fact_end(p);
	put_strength(p, row);
	put_public(p, pub);
	put_signed(p, row);
	html_raw(p->w, "</dl>\n");
	if (!e->away && !e->plain && !e->wrong[0])
		put_backup(p, e, pub);
	if (row && !row->locked && !e->plain)
		put_form(p, "/own/keys/lock", e->name, TEXT_KEY_LOCK);
	html_raw(p->w, "</section>\n");
}

/* ---- the page ---- */

static bool searches(const struct api_keys *k)
{
	return k->state && k->state->running && k->state->search.running;
}

static void put_warning(struct page *p, const char *line, bool engine)
{
	html_raw(p->w, "<p class=\"warning\">");
	if (engine)
		page_put_line(p, line);
	else
		html_str(p->w, line);
	html_raw(p->w, "</p>\n");
}

int own_keys_page(struct page *p, int status, const char *why, bool engine)
{
	struct api_keys k;

	p->api->hooks.keys(p->api->hooks.ctx, &k);
	p->here = "/own/keys";
	if (searches(&k) && !why[0])
		p->again = REFRESH_S;
	page_begin(p, web_text(p->language, TEXT_MY_KEYS), "/keys");
	if (why[0])
		put_warning(p, why, engine);
	if (k.why[0])
		put_warning(p, k.why, true);
	if (!k.table->count)
		page_sentence(p, TEXT_OWN_NO_KEY);
	for (size_t i = 0; i < k.table->count; i++)
		put_key(p, &k, &k.table->entry[i]);
	own_put_new_key(p, &k);
	page_end(p);
	return status;
}

int page_own_keys(struct page *p, const char *last)
{
	(void)last;
	return own_keys_page(p, 200, "", false);
}

/* ---- what is done to a key ---- */

/* The key that the form names; NULL when there is none. */
static const struct key_entry *named(const struct page *p, struct api_keys *k)
{
	char name[KEY_NAME_MAX + 1] = "";

	p->api->hooks.keys(p->api->hooks.ctx, k);
	http_arg(p->call->request, "name", name, sizeof name);
	return key_table_find(k->table, name);
}

static void mark_saved(const struct page *p, const struct api_keys *k, const struct key_entry *e)
{
	const struct keys_row *row = row_of(k, e);

	p->api->hooks.key_saved(p->api->hooks.ctx, row ? row->pub.signing : e->pub.signing, true);
}

static int no_key(struct page *p)
{
	return own_sentence(p, 404, TEXT_MY_KEYS, TEXT_KEY_NO_SUCH);
}

int form_own_saved(struct page *p, const char *last)
{
	struct api_keys k;
	const struct key_entry *e = named(p, &k);
	(void)last;

	if (!e)
		return no_key(p);
	mark_saved(p, &k, e);
	return page_go(p, "/own/keys", slice_of(NULL, 0));
}

/* The sealed file as it is. */
int form_own_export(struct page *p, const char *last)
{
	uint8_t bytes[KEY_FILE_MAX + 1];
	char why[KEY_WHY_SIZE] = "";
	struct api_keys k;
	size_t n = 0;
	const struct key_entry *e = named(p, &k);
	(void)last;

	if (!e || e->away || e->plain)
		return no_key(p);
	enum err err = p->api->hooks.key_file(p->api->hooks.ctx, e->name, bytes, &n, why);
	if (err != ERR_OK)
		return own_refusal(p, 503, TEXT_MY_KEYS, why);
	wr_bytes(p->w, bytes, n);
	p->call->type = "application/octet-stream";
	snprintf(p->call->text, sizeof p->call->text,
		"Content-Disposition: attachment; filename=\"%s.key\"\r\n", e->name);
	p->call->more = p->call->text;
	mark_saved(p, &k, e);
	return 200;
}

/* What the key process answered later. */
static int lock_answer(struct page *p)
{
	char why[WHY_MAX];
	struct slice value;
	size_t n = 0;

	if (p->call->came_status == 200)
		return page_go(p, "/own/keys", slice_of(NULL, 0));
	if (!json_find(p->call->came, "error", &value) ||
		!json_get_text(value, (uint8_t *)why, sizeof why - 1, &n))
		n = 0;
	why[n] = 0;
	return own_refusal(p, p->call->came_status, TEXT_MY_KEYS, why);
}

int form_own_lock(struct page *p, const char *last)
{
	struct api_keys k;
	const struct key_entry *e = named(p, &k);
	(void)last;

	if (p->call->came_status)
		return lock_answer(p);
	if (!e)
		return no_key(p);
	struct api_said s = p->api->hooks.key_lock(p->api->hooks.ctx, p->call->number, e->name);
	if (!s.status)
		return page_later(p, LOCK_WAIT_MS);
	if (s.status != 200)
		return own_refusal(p, s.status, TEXT_MY_KEYS, s.text);
	return page_go(p, "/own/keys", slice_of(NULL, 0));
}
