/* Role: the text for each reason why a connection ended.
 * Before: p2p/conn_pool.c logs it, p2p/p2p_stats.c counts by it. After: the log, /status and the
 * event stream. */
#include "p2p/types.h"

const char *close_reason_name(enum close_reason r)
{
	static const char *const name[CLOSE_REASONS] = {"none", "peer closed", "cannot connect",
		"timeout", "malformed", "version", "origin", "loop", "duplicate", "banned", "limit",
		"evicted", "does not read", "misbehaved", "operator", "shutdown"};
	return name[r];
}
