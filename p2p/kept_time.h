/* The clock of the address book and the bans. It starts at the wall clock's time, if that is
 * plausible, and then advances with the monotonic clock, so that a jump of the wall clock makes no
 * address older and no ban shorter. After a jump kept_time_follow() sets it to the wall clock, and
 * the caller moves all saved times by the same amount. Over a restart it advances by the time that
 * the wall clock tells, but by no more than the monotonic clock proves if the machine was not
 * rebooted; if the wall clock is not plausible, by what the monotonic clock proves. */
#ifndef P2P_KEPT_TIME_H
#define P2P_KEPT_TIME_H

#include "base/clock.h"
#include "base/cursor.h"

enum {
	KEPT_TIME_LEAST =
		1600000000,    /* in 2020, when the network began: no clock is right before */
	KEPT_TIME_JUMP_S = 10, /* smaller differences are no jump: clocks drift */
	KEPT_TIME_BYTES = 1 + 8 + 8 + 1,
};

struct kept_time {
	const struct clock *under;
	int64_t base;       /* what it said, in seconds since 1970, … */
	uint64_t base_ms;   /* … at this monotonic time */
	struct clock clock; /* this time as a clock */
};

/* Begins with what the wall clock of `under` says, which is borrowed. */
void kept_time_init(struct kept_time *t, const struct clock *under);

/* Seconds by which the wall clock jumped, 0 = it did not, or cannot be right. From now on this time
 * is the wall clock's: the caller moves what was noted by that much. */
int64_t kept_time_follow(struct kept_time *t);

/* Appends KEPT_TIME_BYTES. `least`, in seconds since 1970, is a time that has been for certain: a
 * wall clock that is behind it is wrong. */
void kept_time_save(const struct kept_time *t, int64_t least, struct wr *w);

/* Before what was saved with it is loaded; kept_time_follow() after that. False, and nothing is
 * changed, when kept_time_save() cannot have written it. */
bool kept_time_load(struct kept_time *t, int64_t least, struct slice bytes);

/* A time that was noted, moved; 0 = never stays. */
static inline int64_t kept_time_move(int64_t when, int64_t by)
{
	return !when ? 0 : when + by > 0 ? when + by : 1;
}

#endif
