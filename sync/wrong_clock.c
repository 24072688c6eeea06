/* Finds out whether this machine's clock is certainly wrong, and writes the texts that say so.
 * Before: chain/chain.c judges blocks by the clock and the tip. After: the log, api/reason.c, and
 * the messages of `import` and `verify`. */
#include "sync/wrong_clock.h"

#include <stdio.h>

#include "base/human.h"
#include "base/log.h"

bool wrong_clock_proved(const struct chain *c, int64_t wall)
{
	return chain_now(c, wall) > wall;
}

const char *wrong_clock_words(const struct chain *c, int64_t wall, char to[WRONG_CLOCK_MAX])
{
	char ours[HUMAN_MAX], theirs[HUMAN_MAX];
	struct chain_tip t;

	chain_get_tip(c, &t);
	snprintf(to, WRONG_CLOCK_MAX, "this machine's clock says %s, the last block is of %s",
		human_date(wall, ours), human_date(t.timestamp, theirs));
	return to;
}

void wrong_clock_tick(bool *wrong, const struct chain *c, int64_t wall)
{
	bool was = *wrong;
	char text[WRONG_CLOCK_MAX];

	*wrong = wrong_clock_proved(c, wall);
	if (*wrong && !was)
		log_warn("%s: the clock is wrong. No stored block is dropped; new ones are taken "
			 "when the clock is set",
			wrong_clock_words(c, wall, text));
	else if (was && !*wrong)
		log_info("the clock is right again: it says %s", human_date(wall, text));
}

void wrong_clock_refused(const struct block *b, int64_t now, char *to, size_t size)
{
	unsigned long long index = b->index;
	char ours[HUMAN_MAX], theirs[HUMAN_MAX];

	human_date(now, ours);
	human_date(b->timestamp, theirs);
	if (b->timestamp > now)
		snprintf(to, size,
			"block %llu is of %s, but this machine's clock says %s: when the clock is "
			"wrong, set it (timedatectl) and repeat the command",
			index, theirs, ours);
	else
		snprintf(to, size,
			"block %llu of %s takes a name that is not free yet at %s, which this "
			"machine's clock says: when the clock is wrong, set it (timedatectl) and "
			"repeat the command",
			index, theirs, ours);
}
