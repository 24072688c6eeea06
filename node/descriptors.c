/* Checks whether the process may open as many files as its connections may need. Before: cli/run.c
 * starts the node. After: the log. */
#include "node/descriptors.h"

#include <sys/resource.h>

/* Descriptors besides those that a setting counts: the standard ones, log, store, loop, wake-ups,
 * resolver, one file being read, and sockets that the service manager passed. */
enum { BESIDE = 24 };

static uint64_t others(const struct config *c)
{
	return BESIDE + c->listen.count + c->limits.max_admin_clients.max +
	       (c->limits.web ? c->limits.web_clients.max : 0) + c->limits.max_lookups.max;
}

uint64_t descriptors_needed(const struct config *c)
{
	return others(c) + c->limits.max_connections.max;
}

uint64_t descriptors_connections(const struct config *c, uint64_t most)
{
	uint64_t fits = most > others(c) ? most - others(c) : 0;

	return fits < c->limits.max_connections.max ? fits : c->limits.max_connections.max;
}

void descriptors_raise_limit(const struct config *c)
{
	uint64_t needed = descriptors_needed(c);
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur == RLIM_INFINITY ||
		l.rlim_cur >= needed)
		return;
	l.rlim_cur =
		l.rlim_max == RLIM_INFINITY || l.rlim_max >= needed ? (rlim_t)needed : l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= needed)
		return;
	log_warn("only %llu files may be open: enough for about %llu of the %llu connections of "
		 "limits.max_connections; allow %llu (ulimit -n, LimitNOFILE=) or lower it",
		(unsigned long long)l.rlim_cur,
		(unsigned long long)descriptors_connections(c, l.rlim_cur),
		(unsigned long long)c->limits.max_connections.max, (unsigned long long)needed);
}
