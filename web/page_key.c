/* One key: how many blocks it made, the names that it owns, the newest of them with a name, whether
 * it is banned from signing. Before: web/routes.c. After: chain/view.h. */
#include "api/name_lists.h"
#include "base/hex.h"
#include "chain/view.h"
#include "web/routes.h"

enum { NAMES_SHOWN = 20 };

static void put_facts(struct page *p, struct view *v, const uint8_t key[KEY_SIZE], uint64_t count)
{
	char number[PAGE_WORD_MAX];
	struct ban ban;

	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_KEY_WHOLE);
	page_put_hex(p, slice_of(key, KEY_SIZE), true);
	page_fact_end(p);
	page_fact(p, TEXT_KEY_BLOCKS);
	html_str(p->w, page_number(p, count, number));
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
	if (!view_ban_of(v, key, &ban))
		return;
	html_raw(p->w, "<p><span class=\"state bad\">");
	page_say_with(p, TEXT_KEY_BANNED, page_number(p, ban.closing, number), NULL);
	html_raw(p->w, "</span> ");
	page_term(p, TEXT_WHAT_IS_THIS, "healing");
	html_raw(p->w, "</p>\n");
}

static void put_row(struct page *p, const struct block_summary *h)
{
	page_row(p, NULL, "n");
	page_link_block(p, h->index);
	page_cell(p, NULL);
	page_put_date(p, h->timestamp);
	page_row_end(p);
}

/* The newest blocks with a name, each found by a few seeks. */
static void put_names(struct page *p, struct view *v, const uint8_t key[KEY_SIZE])
{
	static const enum web_text columns[] = {TEXT_COLUMN_BLOCK, TEXT_COLUMN_TIME, WEB_TEXTS};
	struct block_summary h = {.index = view_height(v) + 1};

	page_head(p, TEXT_KEY_NAMES);
	if (!view_last_full_of(v, h.index, key, &h)) {
		page_sentence(p, TEXT_KEY_NO_NAMES);
		return;
	}
	page_table(p, columns);
	for (int i = 0; i < NAMES_SHOWN; i++) {
		put_row(p, &h);
		if (!view_last_full_of(v, h.index, key, &h))
			break;
	}
	page_table_end(p);
}

/* A key that made no block may have been given a name. */
int page_key(struct page *p, const char *last)
{
	struct view *v = chain_view(p->api->chain);
	char title[PAGE_WORD_MAX], json[2 * KEY_SIZE + 8] = "/key/";
	uint8_t key[KEY_SIZE];
	size_t n;

	if (!hex_decode(slice_str(last), key, sizeof key, &n) || n != sizeof key)
		return page_nothing(p, 404, TEXT_NO_SUCH_KEY, NULL);
	view_begin(v);
	uint64_t count = view_count(v, key, view_height(v) + 1);
	bool known = count || names_of_key(&p->query, v, key, NULL, NULL);
	if (known) {
		hex_upper(slice_of(key, KEY_SIZE), json + strlen(json));
		page_begin(p, page_short(p, TEXT_KEY_N, slice_of(key, KEY_SIZE), title), json);
		put_facts(p, v, key, count);
		page_put_owned(p, v, key);
		put_names(p, v, key);
		page_end(p);
	}
	view_end(v);
	return known ? 200 : page_nothing(p, 404, TEXT_NO_SUCH_KEY, NULL);
}
