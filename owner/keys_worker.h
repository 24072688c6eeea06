/* Sends passphrases to the key process for the node, which may wait for nothing: one thread of its
 * own asks for one thing after the other over keys.sock, and the answers come on the loop. Whatever
 * holds a secret lies in locked memory and is wiped as soon as it was sent.
 * Before: node/node_secret.c. After: owner/keys_user.h. */
#ifndef OWNER_KEYS_WORKER_H
#define OWNER_KEYS_WORKER_H

#include "base/bound.h"
#include "base/err.h"
#include "owner/keys_user.h"

struct event_base;
struct keys_worker;

enum keys_order_kind {
	KEYS_ORDER_UNLOCK, /* `name`, "" = all that the passphrase opens; `seconds` */
	KEYS_ORDER_MAKE,   /* a new key: its search begins */
	KEYS_ORDER_IMPORT, /* `file`: a sealed one, which `old` opens, or a plain one; sealed anew
			    */
	KEYS_ORDER_CHANGE, /* the key's passphrase, which is `old` until now */
	KEYS_ORDERS
};

enum { KEYS_ORDER_FILE_MAX = 8192 /* bytes of a file that is taken in */ };

/* The texts are borrowed from the caller, who wipes them. */
struct keys_order {
	enum keys_order_kind kind;
	const char *name; /* at most KEY_NAME_MAX bytes; "" of a new key: the node chooses */
	struct slice passphrase, old, file;
	uint32_t seconds; /* until the key is locked; 0: as owner.unlock_for says */
};

/* "unlock", "make", "import", "change"; static. */
const char *keys_order_name(enum keys_order_kind kind);

/* What became of it, on the loop's thread. The reply is wiped after the call. */
typedef void keys_worked(void *ctx, const struct keys_reply *r);

/* `socket`: the path of keys.sock, copied. `row` bounds what is asked and not answered; `base` and
 * `row` are borrowed. No thread is started before the first order. NULL when memory or descriptors
 * run out. */
struct keys_worker *keys_worker_new(struct event_base *base, const char *socket, struct bound *row);

/* Ends the thread, whatever it waits for; what is not answered is answered with KEYS_GONE within
 * this call. NULL is allowed. */
void keys_worker_free(struct keys_worker *w);

/* Copies the order; done(ctx, …) follows in a later turn of the loop. ERR_FULL: the row is full;
 * ERR_TOO_BIG: a text is longer than any passphrase or file; ERR_NOMEM. */
enum err keys_worker_ask(
	struct keys_worker *w, const struct keys_order *o, keys_worked *done, void *ctx);

#endif
