/* The state of the node in a few words, and what to do when it is no good one. Before: web/page.c
 * writes it on top of every page, web/page_home.c in large. After: api/reason.h. */
#include <stdio.h>

#include "api/reason.h"
#include "web/page.h"

static const struct {
	const char *level, *icon;
} levels[] = {
	[STATE_GOOD] = {"good", "✓"},
	[STATE_BUSY] = {"busy", "…"},
	[STATE_BAD] = {"bad", "✕"},
};

static const struct {
	enum state_level level;
	enum web_text words, advice;
} states[REASONS] = {
	[REASON_STORE] = {STATE_BAD, TEXT_STATE_STORE, TEXT_ADVICE_STORE},
	[REASON_STOPPING] = {STATE_BAD, TEXT_STATE_STOPPING, TEXT_ADVICE_STOPPING},
	[REASON_NO_ORIGIN] = {STATE_BAD, TEXT_STATE_NO_ORIGIN, TEXT_ADVICE_NO_ORIGIN},
	[REASON_NO_PEERS] = {STATE_BAD, TEXT_STATE_NO_PEERS, TEXT_ADVICE_NO_PEERS},
	[REASON_ALONE] = {STATE_GOOD, TEXT_STATE_ALONE, TEXT_ADVICE_ALONE},
	[REASON_CLOCK] = {STATE_BAD, TEXT_STATE_CLOCK, TEXT_ADVICE_CLOCK},
	[REASON_DOWNLOADING] = {STATE_BUSY, TEXT_STATE_SYNCING, TEXT_ADVICE_SYNCING},
	[REASON_STALLED] = {STATE_BAD, TEXT_STATE_STALLED, TEXT_ADVICE_STALLED},
	[REASON_FORK] = {STATE_BAD, TEXT_STATE_FORK, TEXT_ADVICE_FORK},
	[REASON_TWICE] = {STATE_BAD, TEXT_STATE_TWICE, TEXT_ADVICE_TWICE},
	[REASON_SIGNATURES] = {STATE_GOOD, TEXT_STATE_SIGNATURES, TEXT_ADVICE_SIGNATURES},
	[REASON_NOT_AHEAD] = {STATE_BUSY, TEXT_STATE_NOT_AHEAD, TEXT_ADVICE_NOT_AHEAD},
	[REASON_AT_TIP] = {STATE_GOOD, TEXT_STATE_AT_TIP, TEXT_ADVICE_AT_TIP},
};

const char *page_state_class(enum state_level level)
{
	return levels[level].level;
}

const char *page_state_icon(enum state_level level)
{
	return levels[level].icon;
}

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
void page_state(struct page *p, struct page_state *s)
{
	char number[PAGE_WORD_MAX];
	bool syncing;
	enum reason reason = status_reason(p->api, s->detail, sizeof s->detail, &syncing);

	s->level = states[reason].level;
	s->advice = states[reason].advice;
	s->word = reason_word(reason);
	web_filled(p->language, states[reason].words, page_number(p, percent(p), number), NULL,
		s->text, sizeof s->text);
}

/* ---- for the script: all states, and the words around a number ---- */

static void put_word(struct page *p, const char *name, const char *level, enum web_text text)
{
	wr_format(p->w, "<i data-word=\"%s\"%s%s%s>", name, level ? " class=\"" : "",
		level ? level : "", level ? "\"" : "");
	html_str(p->w, web_text(p->language, text));
	html_raw(p->w, "</i>");
}

void page_put_words(struct page *p)
{
	static const struct {
		const char *name;
		enum web_text text;
	} words[] = {{"now", TEXT_NOW}, {"ago", TEXT_AGO}, {"in", TEXT_IN},
		{"seconds", TEXT_SECONDS}, {"minutes", TEXT_MINUTES}, {"hours", TEXT_HOURS},
		{"days", TEXT_DAYS}, {"years", TEXT_YEARS}, {"bytes", TEXT_BYTES_VALUE},
		{"kilobytes", TEXT_KILOBYTES}, {"megabytes", TEXT_MEGABYTES},
		{"gigabytes", TEXT_GIGABYTES}, {"pace", TEXT_STATE_PACE}, {"left", TEXT_STATE_LEFT},
		{"lost", TEXT_LOST}, {"no_answer", TEXT_NO_ANSWER}, {"logged_out", TEXT_LOGGED_OUT},
		{"copied", TEXT_COPIED}};

	html_raw(p->w, "<template id=\"words\">");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		put_word(p, words[i].name, NULL, words[i].text);
	for (int i = 0; i < REASONS; i++) {
		char advice[64];
		put_word(p, reason_word((enum reason)i), levels[states[i].level].level,
			states[i].words);
		snprintf(advice, sizeof advice, "%s-advice", reason_word((enum reason)i));
		put_word(p, advice, NULL, states[i].advice);
	}
	html_raw(p->w, "</template>\n");
}

/* ---- for the glossary ---- */

void page_put_states(struct page *p)
{
	html_raw(p->w, "<dl class=\"facts states\">\n");
	for (int i = 0; i < REASONS; i++) {
		const char *level = levels[states[i].level].level;
		wr_format(p->w, "<div id=\"%s\"><dt><span class=\"state %s\">",
			reason_word((enum reason)i), level);
		page_say_with(p, states[i].words, "…", NULL);
		html_raw(p->w, "</span></dt><dd>");
		page_say(p, states[i].advice);
		html_raw(p->w, "</dd></div>\n");
	}
	html_raw(p->w, "</dl>\n");
}
