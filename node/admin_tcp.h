/* The TCP listeners of the admin interface. The node runs without them: an address that cannot be
 * had is warned of, and tried again every minute. */
#ifndef NODE_ADMIN_TCP_H
#define NODE_ADMIN_TCP_H

#include "node/admin_client.h"

struct evconnlistener;

enum { ADMIN_DOORS = 2 }; /* admin.listen, admin.metrics_listen */

struct admin_tcp {
	struct clients *clients; /* borrowed: who came in goes there */
	struct event *again;     /* listens again, or tries again to */
	struct tcp_door {
		struct admin_tcp *all;
		enum admin_door door;
		char text[CONFIG_TEXT_MAX]; /* where; "" = nowhere */
		struct evconnlistener *listener;
	} doors[ADMIN_DOORS];
};

bool admin_tcp_init(struct admin_tcp *t, struct clients *clients);

/* Listens where the settings say; what stays as it is stays open. */
void admin_tcp_move(struct admin_tcp *t, const struct config *c);
void admin_tcp_free(struct admin_tcp *t);

#endif
