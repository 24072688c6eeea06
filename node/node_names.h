/* Lists the names of our keys for GET /domains. What a name is called is encrypted for its owner:
 * the key process is asked for it, one name after the other, and the loop waits for nothing. What
 * cannot be read is listed by its identity, with the reason. For the loop's thread. */
#ifndef NODE_NODE_NAMES_H
#define NODE_NODE_NAMES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct node;

/* Begins a list of the names of the key with this name, "" = of all keys; it goes to the HTTP
 * request `call` when it is whole, NODE_NAMES_PATIENCE_MS later at
 * most but for the walk over the chain. `web`: as GET /api/domains tells it, sorted. ERR_NOT_FOUND:
 * there is no such key; ERR_FULL: at owner_lists; ERR_NOMEM. */
enum err node_names_list(struct node *n, uint64_t call, const char *key, bool web);

enum { NODE_NAMES_PATIENCE_MS = 3000 /* the key process is waited for so long, for all names */ };

/* Ends all lists, before the key process is ended. */
void node_names_stop(struct node *n);

#endif
