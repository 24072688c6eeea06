/* Decides when the store is committed; pure. Each commit waits for the disk and writes every page
 * that the group of blocks changed. So small groups keep a slow disk busy and wear a flash card
 * out, and with large ones more blocks are lost when the power fails.
 * Before and after: sync/sync_commit.c, which commits. */
#ifndef SYNC_COMMITS_H
#define SYNC_COMMITS_H

#include <stdbool.h>
#include <stdint.h>

struct commits {
	uint64_t opened_ms; /* when the open group got its first block; 0 = there is none */
	uint64_t free_ms;   /* no commit before that: the disk has a pause */
};

struct commits_view {
	uint64_t now_ms, interval_ms; /* interval: limits.commit_interval */
	bool open;                    /* blocks, or `asked`, wait for their commit */
	bool others;                  /* further blocks are requested or at the checkers */
	bool far;                     /* many blocks are still to be downloaded */
	bool pays;                    /* chain_group_pays(): much of what it would write is new */
	bool asked;                   /* something other than blocks waits for the commit */
	bool unsettled;               /* the last commit is not durable yet */
};

enum commits_act {
	COMMITS_WAIT,
	COMMITS_COMMIT, /* chain_commit() */
	COMMITS_SETTLE, /* chain_settle(): makes the last commit durable */
};

/* What to do now. */
enum commits_act commits_next(const struct commits *c, const struct commits_view *v);

/* The loop waited for the disk from `begun_ms` to `now_ms`: sets a pause ten times as long, so that
 * the loop spends at most about a tenth of its time waiting; never longer than ten intervals. */
void commits_waited(struct commits *c, uint64_t begun_ms, uint64_t now_ms, uint64_t interval_ms);

/* True when that wait was too short to disturb anything else, so that another may follow at once.
 */
bool commits_quick(uint64_t begun_ms, uint64_t now_ms);

#endif
