/* The link from inside. */
#ifndef OWNER_KEYS_LINK_INTERNAL_H
#define OWNER_KEYS_LINK_INTERNAL_H

#include "owner/keys_frame.h"
#include "owner/keys_link.h"

/* Asks with this message and a descriptor that goes with it, −1: none. False as the requests of
 * owner/keys_link.h. */
bool keys_link_ask(
	struct keys_link *l, struct keys_message m, int fd, keys_answer *answer, void *ctx);

#endif
