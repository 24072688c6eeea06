/* Role: tells whether our own line to the Internet seems to be dead, from when bytes of any peer
 * arrived. Before: p2p/conn.c. After: p2p/conn_time.c, sync/sync_line.c. */
#include "p2p/line_life.h"

/* While the line is doubted a peer gets at least the time of so many pong_timeouts. */
enum { PINGS = 3 };

/* Milliseconds without bytes from any peer after which the line is doubted. */
static uint64_t line_silence(const struct limits *limits)
{
	return limits->request_timeout.max / 2;
}

void line_life_heard(struct line_life *l, uint64_t now, const struct limits *limits)
{
	uint64_t silence = now - l->heard;

	if (l->heard && silence >= line_silence(limits)) {
		l->back = now;
		l->silence = silence;
	}
	l->heard = now;
}

bool line_life_doubted(
	const struct line_life *l, uint64_t since, uint64_t now, const struct limits *limits)
{
	if (l->heard && now - l->heard >= line_silence(limits))
		return true;
	return since < l->back && now - l->back < l->silence;
}

uint64_t line_life_patience(uint64_t timeout, const struct limits *limits)
{
	uint64_t most = PINGS * limits->pong_timeout.max;

	return timeout > most ? timeout : most;
}
