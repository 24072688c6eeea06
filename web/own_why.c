/* Says in the reader's language why a name cannot be mined. Before: the pages of the owner. After:
 * owner/draft.h, web/texts.def. */
#include <stdio.h>

#include "base/human.h"
#include "web/own.h"

static const enum web_text whys[DRAFT_WHYS] = {
	[DRAFT_MALFORMED] = TEXT_WHY_MALFORMED,
	[DRAFT_NO_KEY] = TEXT_WHY_NO_KEY,
	[DRAFT_WAITING] = TEXT_WHY_WAITING,
	[DRAFT_MANY_RECORDS] = TEXT_WHY_MANY_RECORDS,
	[DRAFT_CLEARNET] = TEXT_WHY_CLEARNET,
	[DRAFT_LONG] = TEXT_WHY_LONG,
	[DRAFT_OWNER_KEYS] = TEXT_WHY_OWNER_KEYS,
	[DRAFT_NAME] = TEXT_WHY_NAME,
	[DRAFT_ZONE] = TEXT_WHY_ZONE,
	[DRAFT_NEXT] = TEXT_WHY_NEXT,
	[DRAFT_TAKEN] = TEXT_WHY_TAKEN,
	[DRAFT_COOLDOWN] = TEXT_WHY_COOLDOWN,
	[DRAFT_BIG] = TEXT_WHY_BIG,
	[DRAFT_LABELS] = TEXT_WHY_LABELS,
	[DRAFT_LONG_LABEL] = TEXT_WHY_LONG_LABEL,
	[DRAFT_OTHER_ZONE] = TEXT_WHY_OTHER_ZONE,
	[DRAFT_LOST_OWNER] = TEXT_WHY_LOST_OWNER,
	[DRAFT_OVERTAKEN] = TEXT_WHY_OVERTAKEN,
};

static const enum web_text faults[] = {
	[NAME_FINE] = TEXT_FAULT_LONG,
	[NAME_NOT_ASCII] = TEXT_FAULT_NOT_ASCII,
	[NAME_CHARACTER] = TEXT_FAULT_CHARACTER,
	[NAME_DOTS] = TEXT_FAULT_DOTS,
	[NAME_HYPHENS] = TEXT_FAULT_HYPHENS,
	[NAME_EDGE] = TEXT_FAULT_EDGE,
	[NAME_DIGITS] = TEXT_FAULT_DIGITS,
};

/* What stands in the place of %1. */
static void value_of(const struct page *p, const struct draft_refusal *f, char to[PAGE_WORD_MAX])
{
	struct wr w = wr_of(to, PAGE_WORD_MAX - 1);
	char date[HUMAN_MAX];

	to[0] = 0;
	if (f->why == DRAFT_ZONE) {
		for (const char *z = zone_next(NULL); z; z = zone_next(z))
			wr_format(&w, "%s%s", w.n ? ", " : "", z);
		to[w.n] = 0;
	} else if (f->why == DRAFT_TAKEN || f->why == DRAFT_COOLDOWN) {
		snprintf(to, PAGE_WORD_MAX, "%s", human_date(f->until, date));
	} else if (f->why == DRAFT_WAITING) {
		page_number(p, f->block, to);
	} else {
		page_number(p, f->count, to);
	}
}

const char *own_why(const struct page *p, const struct draft *d, const struct draft_refusal *f,
	char to[DRAFT_WORDS_MAX])
{
	char value[PAGE_WORD_MAX];
	enum web_text text = whys[f->why];

	if (f->why == DRAFT_NAME)
		text = faults[d->fits ? f->fault : NAME_FINE];
	value_of(p, f, value);
	return web_filled(p->language, text, value, NULL, to, DRAFT_WORDS_MAX);
}

void own_put_moment(struct page *p, int64_t seconds)
{
	char date[HUMAN_MAX];

	html_str(p->w, human_date(seconds, date));
}
