/* When the store is committed. Pure. Each commit waits for the disk and writes every page that the
 * group changed, so that small groups cost a slow disk its time and a flash card its life; large
 * ones cost work when the power fails. Before and after: sync/sync_commit.c, which commits. */
#ifndef SYNC_COMMITS_H
#define SYNC_COMMITS_H

#include <stdbool.h>
#include <stdint.h>

struct commits {
	uint64_t opened_ms; /* when the open group got its first block; 0 = there is none */
	uint64_t free_ms;   /* the disk has its rest until then */
};

struct commits_view {
	uint64_t now_ms, interval_ms;
	bool open;      /* blocks wait for their commit */
	bool others;    /* further blocks are on their way, */
	bool far;       /* and many are to come */
	bool pays;      /* much of what a commit would write is new */
	bool asked;     /* something else waits for the commit */
	bool unsettled; /* the last commit is not durable yet */
};

enum commits_act { COMMITS_WAIT, COMMITS_COMMIT, COMMITS_SETTLE };

enum commits_act commits_next(const struct commits *c, const struct commits_view *v);

/* The disk was waited for from `begun_ms` to `now_ms`: it rests ten times as long, so that the loop
 * is the disk's for a tenth of the time at most; never longer than ten intervals. */
void commits_waited(struct commits *c, uint64_t begun_ms, uint64_t now_ms, uint64_t interval_ms);

/* Was that so quick that nobody noticed? */
bool commits_quick(uint64_t begun_ms, uint64_t now_ms);

#endif
