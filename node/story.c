/* Logs the progress of a sync and why the node does not advance. Before: node/engines.c in its
 * tick; api/reason.c knows the state. After: the log. */
#include "node/story.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/human.h"
#include "base/log.h"
#include "node/service_manager.h"
#include "node/node.h"

enum {
	ASK_MS = 250,          /* between two calls of status_reason() */
	CHECK_MS = 1000,       /* between two looks while a line may soon be due, */
	REST_MS = 10000,       /* and while none is */
	ARRIVED_MS = 1000,     /* the node must be at the tip so long before that is logged */
	LASTS_MS = 10000,      /* any other reason must last so long */
	PROGRESS_MS = 10000,   /* between two lines of a sync */
	AGAIN_MS = 10 * 60000, /* a reason that lasts is logged again after so long */
};

/* At the tip a full block often waits for its signatures. That is no news, so it counts as being at
 * the tip. */
static enum reason kind_of(enum reason r)
{
	return r == REASON_SIGNATURES ? REASON_AT_TIP : r;
}

static void note(struct story *s, enum reason r, uint64_t now_ms)
{
	s->told = true;
	s->said = r;
	s->said_ms = now_ms;
}

/* ---- a sync ---- */

static void begin_sync(struct story *s, const struct story_view *v)
{
	uint64_t since = v->now_ms - s->rest_ms;

	if (s->syncing)
		return;
	s->syncing = true; /* some blocks may have come before this look */
	s->sync_ms = s->line_ms = v->now_ms - (since < ASK_MS ? since : ASK_MS);
	s->sync_height = s->line_height = s->rest_height;
}

static void tell_progress(struct story *s, const struct story_view *v)
{
	char height[HUMAN_MAX], best[HUMAN_MAX], rate[HUMAN_MAX], left[HUMAN_MAX];
	uint64_t done = v->height > s->line_height ? v->height - s->line_height : 0;
	double pace = (double)done * 1000 / (double)(v->now_ms - s->line_ms);
	char more[2 * HUMAN_MAX] = "";

	if (pace > 0)
		snprintf(more, sizeof more, ", %s left",
			human_time_left(v->best - v->height, pace, left));
	log_info("sync: block %s of %s (%" PRIu64 " %%), %s%s, %zu peer%s",
		human_count(v->height, height), human_count(v->best, best),
		v->height * 100 / v->best, human_rate(pace, "blocks", rate), more, v->peers,
		v->peers == 1 ? "" : "s");
	s->line_ms = v->now_ms;
	s->line_height = v->height;
	note(s, REASON_DOWNLOADING, v->now_ms);
}

static void tell_arrival(struct story *s, const struct story_view *v)
{
	uint64_t blocks = v->height > s->rest_height ? v->height - s->rest_height : 0;
	char height[HUMAN_MAX], count[HUMAN_MAX], span[HUMAN_MAX], how[3 * HUMAN_MAX] = "";

	if (blocks)
		snprintf(how, sizeof how, ", after %s block%s%s%s", human_count(blocks, count),
			blocks == 1 ? "" : "s", s->syncing ? " in " : "",
			s->syncing ? human_ms(s->seen_ms - s->sync_ms, span) : "");
	log_info("at tip: block %s%s", human_count(v->height, height), how);
	note(s, REASON_AT_TIP, v->now_ms);
}

/* ---- all ---- */

static bool lasts(const struct story *s, uint64_t ms, uint64_t now_ms)
{
	return now_ms - s->seen_ms >= ms;
}

/* True when the last line is so old that the reason is logged again, whether it stayed the same or
 * keeps changing. That a full block waits for signatures is logged when it has waited so long. */
static bool is_due_again(const struct story *s, const struct story_view *v)
{
	if (v->reason == REASON_AT_TIP || v->now_ms - s->said_ms < AGAIN_MS)
		return false;
	return v->reason != REASON_SIGNATURES || v->now_ms - s->waits_ms >= AGAIN_MS;
}

static void tell(struct story *s, const struct story_view *v)
{
	const enum reason kind = kind_of(v->reason);
	const bool news = !s->told || kind != s->said;

	if (kind == REASON_DOWNLOADING) {
		if (v->now_ms - s->line_ms >= PROGRESS_MS)
			tell_progress(s, v);
	} else if (kind == REASON_AT_TIP && news) {
		if (lasts(s, ARRIVED_MS, v->now_ms))
			tell_arrival(s, v);
	} else if ((news && lasts(s, LASTS_MS, v->now_ms)) || is_due_again(s, v)) {
		log_info("%s", v->text);
		note(s, kind, v->now_ms);
	}
}

/* Notes the present reason, and since when it holds. */
static void see(struct story *s, const struct story_view *v)
{
	const enum reason kind = kind_of(v->reason);

	if (!s->begun) {
		s->said_ms = v->now_ms;
		s->rest_height = v->height;
	}
	if (!s->begun || kind != s->seen) {
		s->seen = kind;
		s->seen_ms = v->now_ms;
	}
	s->begun = true;
	if (v->reason != REASON_SIGNATURES)
		s->waits_ms = 0;
	else if (!s->waits_ms)
		s->waits_ms = v->now_ms;
	if (kind == REASON_DOWNLOADING)
		begin_sync(s, v);
	else
		s->rest_ms = v->now_ms;
}

uint64_t story_log(struct story *s, const struct story_view *v)
{
	const enum reason kind = kind_of(v->reason);

	if (s->begun && v->now_ms < s->next_ms && kind == s->seen)
		return s->next_ms - v->now_ms;
	see(s, v);
	tell(s, v);
	bool told = s->told && kind == s->said;
	if (told && kind == REASON_AT_TIP) {
		s->syncing = false;
		s->rest_height = v->height;
	}
	s->next_ms = v->now_ms + (told && kind != REASON_DOWNLOADING ? REST_MS : CHECK_MS);
	return s->next_ms - v->now_ms;
}

uint64_t story_tick(struct node *n)
{
	uint64_t now = clock_mono(n->clock);
	char text[256];
	struct chain_tip t;
	bool syncing;

	/* The loop may tick a thousand times a second; finding the reason is not free. */
	if (n->story.begun && now < n->story.asked_ms + ASK_MS)
		return n->story.asked_ms + ASK_MS - now;
	n->story.asked_ms = now;
	struct story_view v = {.text = text,
		.best = sync_best_height(n->sync),
		.peers = sync_peers_count(&n->peers),
		.now_ms = now};
	chain_get_tip(n->chain, &t);
	v.height = t.height;
	v.reason = status_reason(&n->api, text, sizeof text, &syncing);
	service_manager_tell(n, v.reason);
	node_dns_look(n, v.reason);
	return story_log(&n->story, &v);
}
