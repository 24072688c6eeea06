/* The DNS server within the node: start, stop, reload, and what it must know of the chain. All
 * functions are for the loop's thread; without dns.listen they do nothing. */
#ifndef NODE_NODE_DNS_H
#define NODE_NODE_DNS_H

#include "api/api.h"
#include "api/dns_pace.h"
#include "api/reason.h"
#include "config/config.h"

struct node;
struct dns_hosts;
struct dns_hosts_job;
struct event;
struct dns_server;

struct node_dns {
	struct dns_server *server;     /* NULL = there is none */
	struct event *replied;         /* it has answered questions of ours */
	char why[512];                 /* why not, although dns.listen is set; "" = it runs */
	bool current;                  /* what it was told last of the chain */
	struct dns_pace pace;          /* of its questions */
	bool confirmed;                /* since the start some peer's chain ended where ours does */
	struct dns_hosts_job *loading; /* hosts files that are being read; NULL = none */
	bool load_again;               /* they have changed meanwhile */
};

/* A part of the node (node.c): false, with the reason logged and n->status set, when the server
 * cannot be started and the settings are our own file's. */
bool node_dns_start(struct node *n);

/* Ends it, also after a start that failed. */
void node_dns_stop(struct node *n);

/* Judges [dns] of `c` by more than config/ can, and adds errors. */
void node_dns_judge(struct config *c);

/* Reads dns.hosts of `c`, for a command that may wait for a disk: adds errors, or a notice of the
 * bytes that suffice for these files. */
void node_dns_judge_hosts(struct config *c);

/* Reads the certificates by which tls:// forwarders are verified, if there are any, for a command
 * that may wait for a disk: adds an error, or a notice of the bytes that TLS needs. */
void node_dns_judge_tls(struct config *c);

/* Gives the server the settings of `fresh`, and has the hosts files read again. False with a line
 * in `said` when that cannot be done now; the old settings stay. */
bool node_dns_reload(struct node *n, const struct config *fresh, char *said, size_t size);

/* Hooks of struct api (api/api.h). */
void node_dns_told(struct node *n, struct api_dns *out);
size_t node_dns_forwarders(struct node *n, struct dns_forwarder_told *to, size_t max);
size_t node_dns_asked(
	struct node *n, enum dns_asked_order order, struct dns_asked_told *to, size_t max);

/* The same: ERR_NOT_FOUND without a server, ERR_FULL when it is busy. */
enum err node_dns_flush(struct node *n, const struct dns_name *name);

/* The machine has slept, or has another address. */
void node_dns_network_changed(struct node *n);

/* From the node's timer: tells the server whether the chain is up to date, by the reason why it
 * does or does not advance. */
void node_dns_look(struct node *n, enum reason reason);

/* ---- node_dns_hosts.c ---- */

/* Reads the files of the settings, for the start; *out is the caller's, NULL = there are none.
 * False with a line in n->dns.why. In the reference node's file a hosts file that cannot be read is
 * left out, as that node does. */
bool node_dns_hosts_load(struct node *n, struct dns_hosts **out);

/* Begins to read the files of `c`; the server gets them when all are read. While they are being
 * read already that has to end first. */
void node_dns_hosts_begin(struct node *n, const struct config *c);

/* Waits for the worker, if there is one, and frees what it had. */
void node_dns_hosts_end(struct node_dns *d);

/* ---- node_dns_ask.c ---- */

/* The hook: asks, and answers the HTTP request later. */
enum err node_dns_resolve(struct node *n, uint64_t call, const struct dns_query *q, bool trace);

/* Begins and ends to listen for replies. False when memory or descriptors ran out. */
bool node_dns_hear(struct node *n);
void node_dns_deafen(struct node *n);

#endif
