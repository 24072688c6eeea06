/* Has the last blocks checked at the start, and handles signals meanwhile. Before: node/node.c
 * opened the chain. After: chain/startup.c checks, and calls back here between two groups of
 * blocks. */
#include "node/start_check.h"

#include <stdio.h>

#include "base/human.h"
#include "base/log.h"
#include "chain/room.h"
#include "node/room_wait.h"
#include "node/sd_notify.h"

enum {
	TELL_MS = 1000,  /* between two messages to the manager */
	LINE_MS = 10000, /* between two lines in the log */
	/* The start-up time that each message asks the manager for. No group of blocks takes so
	 * long, so if no other message follows in that time the node hangs. */
	LONGER_MS = 300000
};

struct start_check {
	struct node *n;
	uint64_t begun_ms, told_ms, line_ms;
	uint64_t first; /* block */
	bool begun;
};

static void begin(struct start_check *s, uint64_t index, uint64_t now)
{
	s->begun = true;
	s->first = index;
	s->begun_ms = s->line_ms = now;
	s->told_ms = now - TELL_MS;
}

static void tell_manager(uint64_t index, uint64_t last)
{
	char text[160];

	snprintf(text, sizeof text,
		"EXTEND_TIMEOUT_USEC=%u000\nSTATUS=start-up check: block %llu of %llu", LONGER_MS,
		(unsigned long long)index, (unsigned long long)last);
	sd_notify_send(text);
}

static void tell_log(const struct start_check *s, uint64_t index, uint64_t last, uint64_t now)
{
	char at[HUMAN_MAX], of[HUMAN_MAX], rate[HUMAN_MAX], left[HUMAN_MAX];
	double pace = (double)(index - s->first) * 1000 / (double)(now - s->begun_ms);

	if (index == s->first)
		return;
	log_info("start-up check: block %s of %s, %s, %s left (check_blocks = %llu)",
		human_count(index, at), human_count(last, of), human_rate(pace, "blocks", rate),
		human_time_left(last - index + 1, pace, left),
		(unsigned long long)s->n->config->check_blocks);
}

/* Called between two groups of blocks. False: the check must end, because the node stops. */
static bool between_groups(void *ctx, uint64_t index, uint64_t last)
{
	struct start_check *s = ctx;
	uint64_t now = clock_mono(s->n->clock);

	if (!s->begun)
		begin(s, index, now);
	if (now - s->told_ms >= TELL_MS) {
		s->told_ms = now;
		tell_manager(index, last);
	}
	if (now - s->line_ms >= LINE_MS) {
		s->line_ms = now;
		tell_log(s, index, last, now);
	}
	node_hear(s->n);
	return !s->n->stopping;
}

bool start_check(struct node *n)
{
	struct start_check s = {.n = n};
	const struct chain_watch watch = {between_groups, &s};
	uint64_t height;

	enum err err = chain_startup_check(
		n->chain, n->config->check_blocks, RULES_ANY_TIME, &watch, &height);
	if (err == ERR_STOPPING)
		return false;
	if (err != ERR_OK) {
		log_error("store in %s: the start-up check failed: %s", n->config->data_dir,
			err_name(err));
		n->status = EXIT_STORE;
		return false;
	}
	log_info("store in %s: height %llu", n->config->data_dir, (unsigned long long)height);
	return true;
}

static bool hear_while_full(void *ctx, uint64_t ms)
{
	struct node *n = ctx;

	return node_hear_within(n, ms) && !n->stopping;
}

/* Without a service manager the node does not wait: it ends, and the user sees why. */
bool start_check_room(struct node *n)
{
	const struct room_wait w = {.dir = n->config->data_dir,
		.clock = n->clock,
		.room = room_of,
		.notify = sd_notify_send,
		.hear = hear_while_full,
		.ctx = n};

	return !sd_notify_is_wanted() || room_wait(&w);
}
