/* The list of blocks, newest first. Before: web/routes.c. After: chain/view.h. */
#include <stdlib.h>

#include "base/mem.h"
#include "chain/view.h"
#include "web/routes.h"
#include "web/signatures.h"

enum { BLOCKS_AT_ONCE = 25 };

/* The newest block of this part of the list: the argument `from`, else the tip. */
static uint64_t first_of(const struct page *p, uint64_t height)
{
	char text[HTTP_ARG_MAX];

	if (!http_arg(p->call->request, "from", text, sizeof text) || text[0] < '0' ||
		text[0] > '9')
		return height;
	unsigned long long from = strtoull(text, NULL, 10);
	return from == 0 || from > height ? height : from;
}

/* Places of the signatures that a full block needs, those that are there filled. */
static void put_places(struct page *p, unsigned n)
{
	char number[PAGE_WORD_MAX], most[PAGE_WORD_MAX];
	unsigned filled = n < SIGNERS_MIN ? n : SIGNERS_MIN;

	html_raw(p->w, "<span class=\"places\" aria-hidden=\"true\">");
	for (unsigned i = 0; i < SIGNERS_MIN; i++)
		html_raw(p->w, i < filled ? "●" : "○");
	html_raw(p->w, "</span> ");
	page_say_with(
		p, TEXT_SIGNED_OF, page_number(p, n, number), page_number(p, SIGNERS_MIN, most));
}

/* That it has a name, and what it did to it. */
static void put_name(struct page *p, uint64_t index)
{
	struct block_owned *b;

	html_raw(p->w, "<b>");
	page_say(p, index == 1 ? TEXT_KIND_ORIGIN : TEXT_KIND_FULL);
	html_raw(p->w, "</b>");
	if (index == 1 || !query_read(&p->query, index, &b))
		return;
	html_raw(p->w, ": ");
	page_put_deed(p, &b->b);
	mem_free(b);
}

static void put_kind(struct page *p, struct view *v, const struct block_summary *h)
{
	bool signed_at_all = h->index >= v->params->block_signers_start;

	if (h->full) {
		put_name(p, h->index);
		page_cell(p, "two");
		if (signed_at_all)
			put_places(p, signatures_count(v, h->index));
		return;
	}
	page_say(p, TEXT_KIND_SIGNS);
	page_cell(p, "two");
	if (h->last_full) {
		page_say(p, TEXT_SIGNS_FOR);
		html_raw(p->w, " ");
		page_link_block(p, h->last_full);
	}
}

static void put_row(struct page *p, struct view *v, const struct block_summary *h)
{
	page_row(p, h->full ? "full" : NULL, "n");
	page_link_block(p, h->index);
	page_cell(p, NULL);
	page_put_time(p, h->timestamp);
	page_cell(p, NULL);
	put_kind(p, v, h);
	page_cell(p, NULL);
	page_link_key(p, slice_of(h->key, KEY_SIZE));
	page_row_end(p);
}

static void put_link(struct page *p, uint64_t from, enum web_text text)
{
	wr_format(p->w, "<a href=\"/explorer?from=%llu\">", (unsigned long long)from);
	page_say(p, text);
	html_raw(p->w, "</a> ");
}

/* Links to the parts before and after, and to the newest one. */
static void put_links(struct page *p, uint64_t first, uint64_t height)
{
	html_raw(p->w, "<p class=\"pages\">");
	if (first < height) {
		html_raw(p->w, "<a href=\"/explorer\">");
		page_say(p, TEXT_NEWEST);
		html_raw(p->w, "</a> ");
		put_link(p, height - first < BLOCKS_AT_ONCE ? height : first + BLOCKS_AT_ONCE,
			TEXT_NEWER);
	}
	if (first > BLOCKS_AT_ONCE)
		put_link(p, first - BLOCKS_AT_ONCE, TEXT_OLDER);
	html_raw(p->w, "</p>\n");
}

int page_blocks(struct page *p, const char *last)
{
	static const enum web_text columns[] = {TEXT_COLUMN_BLOCK, TEXT_COLUMN_TIME,
		TEXT_COLUMN_KIND, TEXT_COLUMN_SIGNED, TEXT_COLUMN_AUTHOR, WEB_TEXTS};
	struct view *v = chain_view(p->api->chain);
	struct block_summary h;
	(void)last;

	view_begin(v);
	uint64_t height = view_height(v), first = first_of(p, height);
	page_begin(p, web_text(p->language, TEXT_BLOCKS), "/blocks");
	html_raw(p->w, "<p>");
	page_explain(p, height ? TEXT_BLOCKS_EXPLAINED : TEXT_NO_BLOCKS);
	html_raw(p->w, "</p>\n");
	if (height)
		page_table(p, columns);
	for (uint64_t i = first; i > 0 && first - i < BLOCKS_AT_ONCE && view_summary(v, i, &h); i--)
		put_row(p, v, &h);
	view_end(v);
	if (height) {
		page_table_end(p);
		put_links(p, first, height);
	}
	page_end(p);
	return 200;
}
