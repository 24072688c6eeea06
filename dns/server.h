/* The DNS server: a loop and a thread of its own, because a commit of the chain waits for the disk
 * and a question must not. The node starts and stops it, and talks to it by two bounded queues.
 *
 * Before: node/node_dns.c. After: dns/udp_listener.c and dns/tcp_listener.c take questions,
 * dns/serve_query.c answers them.
 * Threads: all functions are for the node's thread. */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "dns/asked_names.h"
#include "dns/figures.h"
#include "dns/hosts.h"
#include "dns/setup.h"
#include "dns/trace.h"

struct dns_server;
struct store;

struct dns_server_settings {
	struct limits *limits; /* rows dns_…: of the server's thread from now on */
	struct store *store;   /* stays open until dns_server_stop() */
	const struct chain_params *params;
	const struct clock *clock;
	const struct rng *rng;
	const char *const *listen; /* dns.listen; read now and not kept */
	size_t listen_count;
};

/* Opens the sockets and starts the thread; waits until it is ready. Owns *setup and *hosts (NULL =
 * none) from now on, also when it fails. NULL with one line in `why`. */
struct dns_server *dns_server_start(const struct dns_server_settings *s, struct dns_setup *setup,
	struct dns_hosts *hosts, char *why, size_t size);

/* Ends the thread and frees everything. Questions that wait are over. NULL is fine. */
void dns_server_stop(struct dns_server *d);

/* Addresses that it listens on, with the ports that the system chose. Returns how many. */
size_t dns_server_addresses(const struct dns_server *d, struct netaddr *to, size_t max);

/* Is the chain up to date, as far as the node can know? While it is not, a name that is not found
 * is a failure and no "there is none". */
void dns_server_set_current(struct dns_server *d, bool current);

/* Borrowed; any thread may read them. */
const struct dns_figures *dns_server_figures(const struct dns_server *d);

struct dns_forwarder_told {
	char text[CONFIG_TEXT_MAX];       /* as written in dns.forwarders */
	struct dns_forwarder_facts facts; /* their `text` is NULL */
};

/* The forwarders as they were a second ago at most, or when the last question came. Writes those of
 * the first `max` and returns how many it wrote. */
size_t dns_server_forwarders(struct dns_server *d, struct dns_forwarder_told *to, size_t max);

/* How many of them there were, and how many of those answered. */
void dns_server_count_forwarders(struct dns_server *d, size_t *all, size_t *up);

/* With dns.page_names: the busiest or slowest names of the last hour, as dns_asked_list() (0 while
 * it is off); whether they are kept; and what is older is forgotten, for which the node calls now
 * and then. */
size_t dns_server_asked(
	struct dns_server *d, enum dns_asked_order order, struct dns_asked_told *to, size_t max);
bool dns_server_keeps_names(const struct dns_server *d);
void dns_server_forget_asked(struct dns_server *d);

/* ---- commands; false when the queue is full: the caller keeps what it gave ---- */

bool dns_server_reload(struct dns_server *d, struct dns_setup *setup);    /* takes it over */
bool dns_server_set_hosts(struct dns_server *d, struct dns_hosts *hosts); /* takes it over */
bool dns_server_flush(struct dns_server *d, const struct dns_name *name); /* NULL = everything */

/* The machine has slept or has another address: forwarders are measured anew, by new sockets. */
bool dns_server_network_changed(struct dns_server *d);

/* Asks for a name as a client would. Its reply comes with this number, which is the caller's. It is
 * lost when the replies before it are not taken. False when the queue is full, or memory ran out.
 */
bool dns_server_ask(struct dns_server *d, const struct dns_query *q, bool trace, uint64_t number);

/* ---- replies ---- */

struct dns_reply {
	uint64_t number;         /* of dns_server_ask() */
	size_t size;             /* of the message, 0 = there is no answer */
	uint8_t *message;        /* the taker's, mem_free() */
	struct dns_trace *trace; /* the taker's, mem_free(); NULL = none was asked for */
};

/* A descriptor that is readable while there are replies. */
int dns_server_reply_fd(const struct dns_server *d);

/* The oldest one; false when there is none. */
bool dns_server_take_reply(struct dns_server *d, struct dns_reply *out);

#endif
