/* The owner's keys within the node: the key process is started while there is a key, and what it
 * has sealed is written. No secret passes here. All functions are for the loop's thread; without a
 * key they do nothing. */
#ifndef NODE_NODE_OWNER_H
#define NODE_NODE_OWNER_H

#include "api/api.h"
#include "http/socket_file.h"
#include "owner/key_table.h"
#include "owner/keys_link.h"

struct event;
struct node;

struct node_owner {
	struct keys_link *link;   /* NULL = there was no key since the start */
	struct key_folder folder; /* open while `link` is there */
	struct key_table keys;
	struct socket_file socket;  /* keys.sock */
	struct keys_worker *worker; /* node_secret.c: NULL = no passphrase came by the web page */
	bool activates;         /* the key that is searched for becomes the active one of /api */
	struct event *again;    /* timer: starts the process anew; NULL without `link` */
	unsigned failures;      /* ends of the process one after the other, each soon */
	uint64_t started_ms;    /* of the process; monotonic */
	uint64_t pause_ms;      /* its search pauses until then; monotonic */
	char why[KEY_WHY_SIZE]; /* why it does not run; "" = it does, or there is no key */
};

/* A part of the node (node.c). A node whose keys cannot be used runs on without them, and says why:
 * always true. */
bool node_owner_start(struct node *n);
void node_owner_stop(struct node *n);

/* Hooks of struct api (api/api.h). */
void node_owner_told(struct node *n, struct api_keys *out);
bool node_owner_need(struct node *n, char *said, size_t size);

/* ---- node_owner_memory.c ---- */

/* Does memory_budget have room for the part, whose rows count from then on? Its default grows by
 * what the part needs. False and a line in `said`, of `size` bytes, that says what to do. */
bool node_owner_make_room(struct node *n, char *said, size_t size);

/* Settings that are read again: the key process runs on when its last key was removed meanwhile,
 * and so its rows still count. */
void node_owner_keep(const struct node *n, struct config *fresh);

/* ---- node_owner_keys.c ---- */

/* Reads which keys there are. False and a line in owner->why. */
bool node_owner_scan(struct node *n);

/* Gives the process that was just started all keys, one after the other. */
void node_owner_load(struct node *n);

/* While blocks are checked the search for a key pauses in the key process, as those for blocks do
 * here. To be called in every turn in which some were checked, and from time to time. */
void node_owner_give_way(struct node *n);

/* The keys of a signer are those that it tells of. */
void node_owner_take(struct node *n);

/* The hook of keys_link.h: writes what the process has sealed. */
void node_owner_store(void *node, uint32_t id, const char *name, struct slice sealed, bool replace);

/* ---- node_owner_ask.c: hooks of struct api that are answered later, to the request `call` ---- */

/* Gives a sealed key another name, a good one; on disk first. */
struct api_said node_owner_rename(struct node *n, uint64_t call, const char *name, const char *to);

/* Moves its file away, and has the key process forget it. */
struct api_said node_owner_remove(struct node *n, uint64_t call, const char *name);

/* Has the key process forget the secrets of a sealed key; "" = of all. */
struct api_said node_owner_lock(struct node *n, uint64_t call, const char *name);

#endif
