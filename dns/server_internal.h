/* The DNS server's state, and what its two threads tell each other. For dns/server.c, whose
 * functions run in the node's thread, and dns/server_loop.c and
 * dns/server_settings.c, which are the server's own. */
#ifndef DNS_SERVER_INTERNAL_H
#define DNS_SERVER_INTERNAL_H

#include <pthread.h>
#include <semaphore.h>

#include "base/loop_queue.h"
#include "dns/serve_query.h"
#include "dns/server.h"

struct dns_udp_listener;
struct dns_tcp_listener;
struct event;
struct event_base;
struct listen_sockets;

enum {
	DNS_FACTS_MAX = CONFIG_LIST_MAX,
	DNS_REPLY_BYTES = 131072, /* of messages that wait for the node; one more is lost */
};

enum dns_command_kind {
	DNS_COMMAND_RESET,
	DNS_COMMAND_RELOAD,
	DNS_COMMAND_HOSTS,
	DNS_COMMAND_FLUSH,
	DNS_COMMAND_ASK
};

/* Whatever is set is the command's, until it was carried out. */
struct dns_command {
	enum dns_command_kind kind;
	struct dns_setup *setup; /* RELOAD */
	struct dns_hosts *hosts; /* HOSTS; NULL = none from now on */
	struct dns_query *q;     /* ASK; FLUSH: its name, NULL = everything */
	struct dns_trace *trace; /* ASK; NULL = none is wanted */
	uint64_t number;         /* ASK */
};

struct dns_server {
	struct dns_server_settings set; /* without `listen` */
	pthread_t thread;
	struct loop_queue *commands, *replies;
	_Atomic size_t reply_bytes; /* of the messages in replies */
	atomic_bool is_current;     /* dns_server_set_current() */
	struct dns_figures figures;
	struct dns_asked *asked;
	struct netaddr at[CONFIG_LIST_MAX]; /* where it listens */
	size_t at_count;

	pthread_mutex_t lock; /* of the next two, which the server writes and the node reads */
	struct dns_forwarder_told facts[DNS_FACTS_MAX];
	size_t fact_count;

	/* for the start: the thread posts when it is ready, or has failed */
	sem_t ready;
	bool good;
	char why[512];
	struct listen_sockets *udp_sockets; /* until the thread has them */
	const char *const *tcp_listen;
	size_t tcp_count;

	/* the server's thread alone, from here on */
	struct event_base *base;
	struct event *commanded, *cleanup;
	struct event *forget;   /* while some of the cache is to be freed */
	struct event *turn_end; /* made active by what uses the chain, so that it runs after it */
	struct dns_setup *setup;
	struct dns_hosts *hosts;
	struct dns_chain *chain;
	struct dns_upstream *upstream;
	struct dns_serve *serve;
	struct dns_udp_listener *udp;
	struct dns_tcp_listener *tcp;
	uint64_t facts_at_ms; /* when they were copied */
};

/* The thread's main function; ctx is the server. */
void *dns_server_loop(void *ctx);

/* Frees what the thread uses: at its end, or when it cannot be started. */
void dns_server_free_parts(struct dns_server *d);

/* Fills what is to be given to dns_serve_new(), and to dns_upstream_new(); both borrow from *d. */
void dns_server_serve_settings(struct dns_server *d, struct dns_serve_settings *out);
void dns_server_upstream_settings(struct dns_server *d, struct dns_upstream_settings *out);

/* What to do about a port below 1024. */
#define DNS_PRIVILEGE                                                                              \
	"start alfisd-dns.socket, install the drop-in dns-port.conf, or choose a higher port in "  \
	"dns.listen"

/* For the queues: free what an item holds. */
void dns_command_drop(void *command);
void dns_reply_drop(void *reply);

#endif
