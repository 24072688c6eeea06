/* What a session of the web page has the key process do with a passphrase, where webui.unlock
 * allows it; and which key it works with. For the loop's thread. */
#ifndef NODE_NODE_SECRET_H
#define NODE_NODE_SECRET_H

#include "api/api.h"

struct node;

/* Hooks of struct api (api/api.h). */
struct api_said node_secret_ask(struct node *n, uint64_t call, const struct keys_order *o);
bool node_secret_cancel(struct node *n); /* the search for a key */
enum err node_secret_file(struct node *n, const char *name, uint8_t bytes[KEY_FILE_MAX + 1],
	size_t *size, char why[KEY_WHY_SIZE]);
bool node_secret_chosen(struct node *n, uint8_t signing[KEY_SIZE]);
enum err node_secret_choose(struct node *n, const uint8_t signing[KEY_SIZE]);

/* Ends what is under way: what is not answered is answered with an error. */
void node_secret_stop(struct node *n);

#endif
