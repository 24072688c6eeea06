/* The other end of keys_link_connect(): serves a node on another machine at a Unix socket that ssh
 * forwards. Only what needs no secret passes: the state of the keys, decrypt, sign and lock. What
 * the node sends is not trusted: each message is bounded and tested, and a node that sends what it
 * should not, or does not read its answers, is closed. There is one node at a time: a new one takes
 * the place of the last, whose line may be dead. On the loop's thread.
 * Before: node/node_signer.c; the node. After: owner/keys_link.h asks the key process. */
#ifndef OWNER_KEYS_RELAY_H
#define OWNER_KEYS_RELAY_H

#include "owner/keys_link.h"

#define SIGNER_SOCKET "signer.sock" /* in node.data_dir */

struct keys_relay;

/* Serves at the listening socket, which is its own from now on. `link` is borrowed, and must be
 * freed before the relay is, since its requests are answered then. NULL when memory runs out. */
struct keys_relay *keys_relay_new(struct event_base *base, struct keys_link *link, int listener);
void keys_relay_free(struct keys_relay *r); /* NULL is fine */

/* keys_link_state() is another than before: tells the node. */
void keys_relay_changed(struct keys_relay *r);

/* The key process ended: so does the connection. */
void keys_relay_ended(struct keys_relay *r);

/* A line for the node's log. */
void keys_relay_says(struct keys_relay *r, bool warn, const char *line);

#endif
