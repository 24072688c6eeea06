/* The newest full blocks as cards, each with a place for each signature that it needs; one place
 * after the other is filled as blocks come. Before: web/page_home.c. After: web/signatures.h. */
#include "base/hex.h"
#include "base/mem.h"
#include "web/routes.h"
#include "web/signatures.h"

enum {
	CARDS = 6,
	KEY_SHOWN = 2 /* bytes of a signer's key */
};

/* A signature as its place: a link to its block. */
static void put_filled(struct page *p, const struct signature *s)
{
	wr_format(p->w,
		"<li class=\"filled\"><a class=\"hex\" href=\"/explorer/block/%llu\" title=\"",
		(unsigned long long)s->block);
	page_say(p, s->drawn ? TEXT_KIND_SIGNS : TEXT_KIND_HEALS);
	html_raw(p->w, " ");
	hex_write(p->w, slice_of(s->key, KEY_SIZE));
	html_raw(p->w, "\">");
	hex_write(p->w, slice_of(s->key, KEY_SHOWN));
	html_raw(p->w, s->drawn ? "</a></li>" : "<small aria-hidden=\"true\">*</small></a></li>");
}

static void put_places(struct page *p, const struct signatures *s)
{
	char there[PAGE_WORD_MAX], most[PAGE_WORD_MAX];

	html_raw(p->w, "<ul class=\"signers\">");
	for (size_t i = 0; i < s->count && i < SIGNERS_MIN; i++)
		put_filled(p, &s->of[i]);
	for (size_t i = s->count; i < SIGNERS_MIN; i++)
		html_raw(p->w, "<li aria-hidden=\"true\">–</li>");
	wr_format(p->w, "</ul><p class=\"%s\">", s->locked ? "good" : "busy");
	page_say_with(p, TEXT_SIGNED_OF, page_number(p, s->count, there),
		page_number(p, SIGNERS_MIN, most));
	html_raw(p->w, s->locked ? ": " : "; ");
	page_say(p, s->locked ? TEXT_CARD_FINAL : TEXT_CARD_WAITS);
	html_raw(p->w, "</p>");
}

/* The name's identity, as blocks have no names, and what the block did to it. */
static void put_identity(struct page *p, uint64_t index)
{
	struct block_owned *b;

	html_raw(p->w, "<p>");
	if (index == 1) {
		page_say(p, TEXT_KIND_ORIGIN);
	} else if (query_read(&p->query, index, &b)) {
		page_say(p, TEXT_KIND_FULL);
		html_raw(p->w, " ");
		page_link_identity(p, b->b.tx.identity);
		html_raw(p->w, " <small>");
		page_put_deed(p, &b->b);
		html_raw(p->w, "</small>");
		mem_free(b);
	}
	html_raw(p->w, "</p>");
}

static void put_card(struct page *p, struct view *v, const struct block_summary *full)
{
	struct signatures s;

	signatures_read(v, full, &s);
	wr_format(p->w, "<li class=\"%s\"><p class=\"number\">", s.locked ? "card" : "card waits");
	page_link_block(p, full->index);
	html_raw(p->w, "</p><p>");
	page_put_time(p, full->timestamp);
	html_raw(p->w, "</p>");
	put_identity(p, full->index);
	if (full->index >= v->params->block_signers_start)
		put_places(p, &s);
	html_raw(p->w, "</li>\n");
}

void page_put_chain(struct page *p, struct view *v)
{
	struct block_summary h = {.index = view_height(v) + 1};

	html_raw(p->w, "<h2><a href=\"/explorer\">");
	page_say(p, TEXT_LATEST_BLOCKS);
	html_raw(p->w, "</a></h2>\n");
	if (h.index == 1) {
		page_sentence(p, TEXT_NO_BLOCKS);
		return;
	}
	html_raw(p->w, "<ol class=\"chain\">\n");
	for (int i = 0; i < CARDS && view_last_full(v, h.index, &h); i++)
		put_card(p, v, &h);
	html_raw(p->w, "</ol>\n<p class=\"dim\">");
	page_explain(p, TEXT_BLOCKS_EXPLAINED);
	html_raw(p->w, "</p>\n");
}
