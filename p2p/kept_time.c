/* Role: a clock for the address book and the bans that does not jump when the wall clock is set.
 * Before: the wall clock and the monotonic clock. After: p2p/addrbook.c and p2p/bans.c use it as
 * their clock; p2p/p2p_book.c moves their times after the wall clock was set. */
#include "p2p/kept_time.h"

enum { VERSION = 1 };

static int64_t kept_wall(void *ctx)
{
	const struct kept_time *t = ctx;

	return t->base + (int64_t)((clock_mono(t->under) - t->base_ms) / 1000);
}

static uint64_t kept_mono(void *ctx)
{
	return clock_mono(((const struct kept_time *)ctx)->under);
}

static void begin_at(struct kept_time *t, int64_t seconds)
{
	t->base = seconds;
	t->base_ms = clock_mono(t->under);
}

/* Is the wall clock plausible? The upper limit leaves room for sums with the time. */
static bool may_be_right(int64_t wall, int64_t least)
{
	return wall >= KEPT_TIME_LEAST && wall >= least && wall < INT64_MAX / 2;
}

void kept_time_init(struct kept_time *t, const struct clock *under)
{
	int64_t wall = clock_wall(under);

	*t = (struct kept_time){.under = under, .clock = {kept_wall, kept_mono, t}};
	begin_at(t, may_be_right(wall, 0) ? wall : KEPT_TIME_LEAST);
}

static bool is_near(const struct kept_time *t)
{
	return clock_is_near(t->under, clock_wall(&t->clock), KEPT_TIME_JUMP_S);
}

int64_t kept_time_follow(struct kept_time *t)
{
	int64_t wall = clock_wall(t->under), by = wall - clock_wall(&t->clock);

	if (!may_be_right(wall, 0) || is_near(t))
		return 0;
	begin_at(t, wall);
	return by;
}

void kept_time_save(const struct kept_time *t, int64_t least, struct wr *w)
{
	wr_u8(w, VERSION);
	wr_be(w, (uint64_t)clock_wall(&t->clock), 8);
	wr_be(w, clock_mono(t->under), 8);
	wr_u8(w, is_near(t) && may_be_right(clock_wall(t->under), least));
}

/* Seconds between saving and loading. The monotonic clock proves some of them: the difference of
 * the two readings, or, after a reboot, which starts it at 0, the time since the reboot. `told` is
 * the difference by the wall clock, negative when that is not plausible. After a reboot it is
 * believed; otherwise the smaller of the two values is. */
static int64_t seconds_off(const struct kept_time *t, uint64_t saved_ms, int64_t told)
{
	uint64_t now_ms = clock_mono(t->under);
	bool rebooted = now_ms < saved_ms;
	int64_t least = (int64_t)((rebooted ? now_ms : now_ms - saved_ms) / 1000);

	if (told >= 0 && (rebooted || told < least))
		return told;
	return least;
}

bool kept_time_load(struct kept_time *t, int64_t least, struct slice bytes)
{
	struct rd r = rd_of(bytes);
	uint8_t version = rd_u8(&r);
	uint64_t saved = rd_be64(&r), saved_ms = rd_be64(&r);
	uint8_t right = rd_u8(&r);
	int64_t wall = clock_wall(t->under);

	if (!rd_done(&r) || version != VERSION || right > 1 || saved < KEPT_TIME_LEAST ||
		saved >= INT64_MAX / 2)
		return false;
	bool told = right && may_be_right(wall, least);
	int64_t off = seconds_off(t, saved_ms, told ? wall - (int64_t)saved : -1);
	begin_at(t, (int64_t)saved + off);
	return true;
}
