/* Makes an event loop for one thread. Before: node/node.c, dns/server_loop.c. After: libevent. */
#include "net/event_loop.h"

#include <event2/event.h>

struct event_base *event_loop_new(void)
{
	struct event_config *c = event_config_new();

	if (!c)
		return NULL;
	event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK);
	struct event_base *base = event_base_new_with_config(c);
	event_config_free(c);
	return base;
}
