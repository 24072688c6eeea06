/* Many clients that dial one side of the p2p rig from addresses of the loopback network, each of
 * which counts as a network of its own: for tests of who may come in and who has to go. */
#ifndef TESTS_UNIT_CLIENTS_RIG_H
#define TESTS_UNIT_CLIENTS_RIG_H

#include "tests/unit/p2p_rig.h"

enum { CLIENTS = 20 };

static struct raw *clients; /* large */

static inline struct raw *come(struct rig *r, int n, const char *from)
{
	raw_from(&clients[n], &r->a.at, from);
	return &clients[n];
}

/* A ready peer; the pause makes it younger than those before. */
static inline void greet(struct rig *r, int n, const char *from)
{
	char id[24];
	size_t ready = r->a.ready;

	snprintf(id, sizeof id, "client%d", n);
	raw_greet(r, come(r, n, from), id);
	UNTIL(r, r->a.ready == ready + 1);
	turns(r, 3);
}

static inline bool stays(struct rig *r, int n)
{
	struct peer_info i;

	return p2p_info(r->a.p, r->a.ids[n], &i);
}

static inline void clients_begin(struct rig *r)
{
	rig_begin(r);
	for (int n = 0; n < CLIENTS; n++)
		clients[n].fd = -1;
}

static inline void clients_end(struct rig *r)
{
	for (int n = 0; n < CLIENTS; n++)
		if (clients[n].fd >= 0)
			raw_close(&clients[n]);
	rig_end(r);
}

/* Set-up and end of the group of tests. */
static inline int clients_setup(void **state)
{
	(void)state;
	clients = calloc(CLIENTS, sizeof *clients);
	return clients ? rig_setup() : 1;
}

static inline int clients_teardown(void **state)
{
	(void)state;
	free(clients);
	return 0;
}

#endif
