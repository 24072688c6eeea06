/* Both halves of a start, for tests that put nothing between them. NULL when either fails. */
#ifndef TESTS_UNIT_P2P_START_H
#define TESTS_UNIT_P2P_START_H

#include "p2p/p2p.h"

static inline struct p2p *p2p_start(const struct p2p_settings *s)
{
	struct p2p *p = p2p_create(s);

	if (!p || p2p_open(p, s))
		return p;
	p2p_free(p);
	return NULL;
}

#endif
