/* One block: its facts, the name that it has, and its signatures. Before: web/routes.c. After:
 * api/query.h reads it, web/signatures.h. */
#include <stdio.h>

#include "base/hex.h"
#include "api/name_facts.h"
#include "base/mem.h"
#include "chain/view.h"
#include "web/routes.h"
#include "web/signatures.h"

static void fact_number(struct page *p, enum web_text term, enum web_text text, uint64_t n)
{
	char number[PAGE_WORD_MAX];

	page_fact(p, term);
	page_say_with(p, text, page_number(p, n, number), NULL);
	page_fact_end(p);
}

static void put_previous(struct page *p, const struct block *b)
{
	page_fact(p, TEXT_PREVIOUS);
	if (b->index > 1)
		page_link_block(p, b->index - 1);
	html_raw(p->w, " ");
	page_put_hex(p, b->prev_hash, false);
	page_fact_end(p);
}

static void put_facts(struct page *p, const struct block *b, size_t size, uint64_t signs)
{
	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_COLUMN_TIME);
	page_put_date(p, b->timestamp);
	page_fact_end(p);
	page_fact(p, TEXT_COLUMN_KIND);
	page_say(p, b->index == 1 ? TEXT_KIND_ORIGIN : b->full ? TEXT_KIND_FULL : TEXT_SIGNS_FOR);
	if (!b->full && signs) {
		html_raw(p->w, " ");
		page_link_block(p, signs);
	} else if (b->full && b->index > 1) {
		html_raw(p->w, ": ");
		page_put_deed(p, b);
	}
	page_fact_end(p);
	page_fact(p, TEXT_COLUMN_AUTHOR);
	page_link_key(p, b->pub_key);
	page_fact_end(p);
	page_fact(p, TEXT_HASH);
	page_put_hex(p, b->hash, true);
	page_fact_end(p);
	put_previous(p, b);
	fact_number(p, TEXT_DIFFICULTY, TEXT_DIFFICULTY_VALUE, b->difficulty);
	fact_number(p, TEXT_BYTES, TEXT_BYTES_VALUE, size);
	html_raw(p->w, "</dl>\n");
}

static void put_name(struct page *p, const struct block *b)
{
	html_raw(p->w, "<h2>");
	page_say(p, TEXT_NAME);
	html_raw(p->w, "</h2><dl class=\"facts\">\n");
	page_fact(p, TEXT_IDENTITY);
	page_link_identity(p, b->tx.identity);
	html_raw(p->w, " <small>");
	page_say(p, TEXT_IDENTITY_EXPLAINED);
	html_raw(p->w, "</small>");
	page_fact_end(p);
	page_fact(p, TEXT_OWNER);
	page_link_key(p, name_owner_of(b));
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
	page_put_data(p, b->tx.data);
}

/* ---- signatures ---- */

static void put_signature(struct page *p, const struct signature *s)
{
	html_raw(p->w, "<li class=\"filled\">");
	page_link_key(p, slice_of(s->key, KEY_SIZE));
	html_raw(p->w, " <small>");
	if (s->drawn)
		page_say(p, TEXT_SIGNATURE_BY);
	else
		page_term(p, TEXT_SIGNATURE_STANDBY, "healing");
	html_raw(p->w, ", ");
	page_say(p, TEXT_IN_BLOCK);
	html_raw(p->w, " ");
	page_link_block(p, s->block);
	html_raw(p->w, ", ");
	page_put_time(p, s->time);
	html_raw(p->w, "</small></li>\n");
}

static void put_missing(struct page *p, const uint8_t key[KEY_SIZE], bool locked)
{
	html_raw(p->w, "<li>");
	page_link_key(p, slice_of(key, KEY_SIZE));
	html_raw(p->w, " <small>");
	page_say(p, locked ? TEXT_NOT_NEEDED : TEXT_WAITED_FOR);
	html_raw(p->w, "</small></li>\n");
}

/* From when on standby signers may heal the window (protocol.md 7.9): above the activation only. */
static void put_healing(struct page *p, struct view *v, const struct block_summary *full)
{
	if (full->index <= v->params->healing_activation_height)
		return;
	int64_t from = (int64_t)((uint64_t)full->timestamp + signers_timeout(v, full));
	html_raw(p->w, " ");
	page_say_moment(p, from > p->now ? TEXT_HEALS_FROM : TEXT_HEALS_SINCE, from);
	html_raw(p->w, " ");
	page_term(p, TEXT_WHAT_IS_THIS, "healing");
}

static void put_signatures(struct page *p, struct view *v, const struct block_summary *full)
{
	struct signatures s;

	signatures_read(v, full, &s);
	page_head(p, TEXT_SIGNATURES);
	html_raw(p->w, "<p>");
	page_explain(p, !s.draw.n ? TEXT_NO_DRAW : s.locked ? TEXT_LOCKED : TEXT_NOT_LOCKED);
	if (s.draw.n && !s.locked)
		put_healing(p, v, full);
	html_raw(p->w, "</p>\n<ul class=\"signatures\">\n");
	for (size_t i = 0; i < s.count; i++)
		put_signature(p, &s.of[i]);
	for (unsigned i = 0; i < s.draw.n; i++)
		if (!signatures_have(&s, s.draw.keys[i]))
			put_missing(p, s.draw.keys[i], s.locked);
	html_raw(p->w, "</ul>\n");
}

/* ---- the page ---- */

static void put_links(struct page *p, uint64_t index, uint64_t height)
{
	html_raw(p->w, "<p class=\"pages\">");
	if (index < height) {
		wr_format(p->w, "<a href=\"/explorer/block/%llu\">", (unsigned long long)index + 1);
		page_say(p, TEXT_NEWER);
		html_raw(p->w, "</a> ");
	}
	if (index > 1) {
		wr_format(p->w, "<a href=\"/explorer/block/%llu\">", (unsigned long long)index - 1);
		page_say(p, TEXT_OLDER);
		html_raw(p->w, "</a>");
	}
	html_raw(p->w, "</p>\n");
}

static void put_block(struct page *p, const struct block_owned *b)
{
	struct view *v = chain_view(p->api->chain);
	char number[PAGE_WORD_MAX], title[2 * PAGE_WORD_MAX], json[PAGE_WORD_MAX];
	struct block_summary h;

	const char *text = web_text(p->language, TEXT_BLOCK_N), *mark = strstr(text, "%1");
	snprintf(title, sizeof title, "%.*s%s", (int)(mark ? mark - text : 0), text,
		page_number(p, b->b.index, number));
	snprintf(json, sizeof json, "/block/%llu", (unsigned long long)b->b.index);
	view_begin(v);
	bool known = view_summary(v, b->b.index, &h);
	page_begin(p, title, json);
	put_links(p, b->b.index, view_height(v));
	put_facts(p, &b->b, b->canonical.n, known && !h.full ? h.last_full : 0);
	if (b->b.full)
		put_name(p, &b->b);
	if (known && h.full)
		put_signatures(p, v, &h);
	view_end(v);
	page_end(p);
}

int page_block(struct page *p, const char *last)
{
	struct block_owned *b;
	uint64_t index = query_block_index(&p->query, last);

	if (!index || !query_read(&p->query, index, &b))
		return p->query.no_memory ? page_nothing(p, 503, TEXT_NO_MEMORY, NULL)
					  : page_nothing(p, 404, TEXT_NO_SUCH_BLOCK, NULL);
	put_block(p, b);
	mem_free(b);
	return 200;
}
