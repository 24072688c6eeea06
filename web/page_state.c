/* The state of the node in a few words of the reader's language. Before: web/page.c writes it on
 * top of every page. After: api/reason.h. */
#include <stdio.h>

#include "api/reason.h"
#include "web/page.h"

static const struct {
	enum web_text words;
	const char *level;
} states[] = {
	[REASON_STORE] = {TEXT_STATE_STORE, "bad"},
	[REASON_STOPPING] = {TEXT_STATE_STOPPING, "bad"},
	[REASON_NO_ORIGIN] = {TEXT_STATE_NO_ORIGIN, "bad"},
	[REASON_NO_PEERS] = {TEXT_STATE_NO_PEERS, "bad"},
	[REASON_CLOCK] = {TEXT_STATE_CLOCK, "bad"},
	[REASON_DOWNLOADING] = {TEXT_STATE_SYNCING, "busy"},
	[REASON_STALLED] = {TEXT_STATE_STALLED, "bad"},
	[REASON_FORK] = {TEXT_STATE_FORK, "bad"},
	[REASON_TWICE] = {TEXT_STATE_FORK, "bad"},
	[REASON_SIGNATURES] = {TEXT_STATE_SIGNATURES, "good"},
	[REASON_NOT_AHEAD] = {TEXT_STATE_NOT_AHEAD, "busy"},
	[REASON_AT_TIP] = {TEXT_STATE_AT_TIP, "good"},
};

/* How much of the chain is here, never 100 while some is missing. */
static unsigned long long percent(const struct page *p)
{
	struct sync_stats s;
	struct chain_tip tip;

	sync_get_stats(p->api->sync, &s);
	chain_get_tip(p->api->chain, &tip);
	return s.best > tip.height ? (unsigned long long)((double)tip.height * 100 / (double)s.best)
				   : 99;
}

/* The texts of a state have one value at most: a percentage. */
const char *page_state(struct page *p, char to[PAGE_STATE_MAX])
{
	char detail[256], number[PAGE_WORD_MAX];
	bool syncing;
	enum reason reason = status_reason(p->api, detail, sizeof detail, &syncing);
	const char *text = web_text(p->language, states[reason].words), *mark = strstr(text, "%1");

	if (!mark)
		snprintf(to, PAGE_STATE_MAX, "%s", text);
	else
		snprintf(to, PAGE_STATE_MAX, "%.*s%s%s", (int)(mark - text), text,
			page_number(p, percent(p), number), mark + 2);
	return states[reason].level;
}
