/* An event loop that one thread owns. Before: node/node.c, dns/server_loop.c. After: libevent. */
#ifndef NET_EVENT_LOOP_H
#define NET_EVENT_LOOP_H

struct event_base;

/* A loop without locks: only the thread that runs it may use it. The caller frees it by
 * event_base_free(). NULL when memory or descriptors run out. */
struct event_base *event_loop_new(void);

#endif
