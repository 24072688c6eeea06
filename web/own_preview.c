/* What the editor would do, before it is done: what changes, what a resolver answers then, and what
 * it costs. Before: web/own_new.c. After: owner/zone_edit.h, owner/draft.h. */
#include "base/mem.h"
#include "web/own_edit.h"

/* ---- what changes ---- */

static struct slice take_line(struct rd *r)
{
	const uint8_t *end = r->left ? memchr(r->p, '\n', r->left) : NULL;
	struct slice line = rd_bytes(r, end ? (size_t)(end - r->p) : r->left);

	rd_bytes(r, end ? 1 : 0);
	return line;
}

static void put_diff(struct page *p, struct slice diff)
{
	struct rd r = rd_of(diff);

	html_raw(p->w, "<pre class=\"diff\">");
	while (r.left) {
		struct slice line = take_line(&r);
		bool comes = line.n && line.p[0] == '+', goes = line.n && line.p[0] == '-';
		html_raw(p->w, comes ? "<ins>" : goes ? "<del>" : "");
		html_text(p->w, line);
		html_raw(p->w, comes ? "</ins>\n" : goes ? "</del>\n" : "\n");
	}
	html_raw(p->w, "</pre>\n");
}

/* Both as lines, and what they differ in. */
struct sides {
	struct wr before, after, diff;
};

static void free_sides(struct sides *s)
{
	mem_free(s->before.p);
	mem_free(s->after.p);
	mem_free(s->diff.p);
}

static bool compare(struct own_edit *e, struct sides *s)
{
	struct wr *all[] = {&s->before, &s->after, &s->diff};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		*all[i] = wr_of(mem_alloc_unset(OWN_BYTES), OWN_BYTES);
		all[i]->size = all[i]->p ? OWN_BYTES : 0;
	}
	if (e->block)
		zone_dump(e->z, own_edit_before(e), &s->before);
	zone_dump(e->z, wr_done(&e->data), &s->after);
	zone_diff(wr_done(&s->before), wr_done(&s->after), &s->diff);
	return !s->before.bad && !s->after.bad && !s->diff.bad;
}

/* ---- what a resolver answers ---- */

/* "www 60 AAAA 200::1" of a zone file as an answer shows it: the whole name, and the class. */
static void put_answer(struct own_edit *e, struct slice line)
{
	struct rd r = rd_of(line);
	struct wr *w = e->p->w;
	struct slice word[2];

	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *end = r.left ? memchr(r.p, ' ', r.left) : NULL;
		word[i] = rd_bytes(&r, end ? (size_t)(end - r.p) : r.left);
		rd_bytes(&r, end ? 1 : 0);
	}
	if (!(word[0].n == 1 && word[0].p[0] == '@')) {
		html_text(w, word[0]);
		html_raw(w, ".");
	}
	html_str(w, e->name);
	html_raw(w, ". ");
	html_text(w, word[1]);
	html_raw(w, " IN ");
	html_text(w, slice_of(r.p, r.left));
	html_raw(w, "\n");
}

static void put_answers(struct own_edit *e, struct slice lines)
{
	struct rd r = rd_of(lines);

	page_head(e->p, TEXT_OWN_ANSWERS);
	page_sentence(e->p, e->rows ? TEXT_OWN_ANSWERS_EXPLAINED : TEXT_NO_RECORDS);
	if (!e->rows)
		return;
	html_raw(e->p->w, "<pre class=\"answers\">");
	while (r.left) {
		struct slice line = take_line(&r);
		if (line.n && line.p[0] != ';')
			put_answer(e, line);
	}
	html_raw(e->p->w, "</pre>\n");
}

/* ---- what it costs ---- */

static void put_start(struct own_edit *e)
{
	struct page *p = e->p;

	if (e->author && e->author->locked) {
		page_fact(p, TEXT_OWN_BEGINS);
		page_say(p, TEXT_OWN_KEY_LOCKED);
		page_fact_end(p);
	}
	for (unsigned i = 0; i < e->reasons; i++) {
		if (!e->reason[i].passes)
			continue;
		page_fact(p, TEXT_OWN_BEGINS);
		if (e->reason[i].until)
			page_put_date(p, e->reason[i].until);
		html_raw(p->w, " <small>");
		html_str(p->w, e->reason[i].text);
		html_raw(p->w, "</small>");
		page_fact_end(p);
	}
}

static void put_cost(struct own_edit *e)
{
	static const enum web_text reasons[] = {[DRAFT_PRICE_NEW] = TEXT_PRICE_NEW,
		[DRAFT_PRICE_OLD] = TEXT_PRICE_OLD,
		[DRAFT_PRICE_LOW] = TEXT_PRICE_LOW,
		[DRAFT_PRICE_WEEKS] = TEXT_PRICE_WEEKS,
		[DRAFT_PRICE_RENEWAL] = TEXT_PRICE_RENEWAL};
	char number[PAGE_WORD_MAX];
	struct page *p = e->p;
	struct draft_price price;

	draft_price(e->draft, &price);
	page_head(p, TEXT_OWN_COST);
	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_DIFFICULTY);
	page_say_with(p, TEXT_DIFFICULTY_VALUE, page_number(p, price.difficulty, number), NULL);
	html_raw(p->w, " <small>");
	page_say_with(p,
		price.reason == DRAFT_PRICE_WEEKS && !price.weeks ? TEXT_PRICE_LOW
								  : reasons[price.reason],
		page_number(p, price.weeks, number), NULL);
	html_raw(p->w, "</small>");
	page_fact_end(p);
	page_fact(p, TEXT_OWN_TIME);
	own_put_price(p, draft_mean_hashes(price.difficulty));
	page_fact_end(p);
	page_fact(p, TEXT_BYTES);
	page_say_with(p, TEXT_BYTES_VALUE, page_number(p, e->draft->block_bytes, number), NULL);
	page_fact_end(p);
	put_start(e);
	html_raw(p->w, "</dl>\n");
}

void own_preview(struct own_edit *e)
{
	struct sides s;

	if (compare(e, &s)) {
		page_head(e->p, TEXT_OWN_CHANGES);
		if (slice_eq(wr_done(&s.before), wr_done(&s.after)))
			page_sentence(e->p, TEXT_OWN_NO_CHANGE);
		put_diff(e->p, wr_done(&s.diff));
		put_answers(e, wr_done(&s.after));
	} else {
		page_sentence(e->p, TEXT_TOO_LONG);
	}
	free_sides(&s);
	if (e->draft)
		put_cost(e);
}
