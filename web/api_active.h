/* The keys in the order of GET /api/keys, and the active one, which mines what /api is asked for:
 * one for the node, as in the network's own program, kept in the store by its public key. */
#ifndef WEB_API_ACTIVE_H
#define WEB_API_ACTIVE_H

#include "api/api.h"

/* A key that can be used. */
struct active_key {
	const struct key_entry *entry;
	const struct keys_row *row; /* NULL = the key process has not told of it */
	struct key_public pub;
	size_t place; /* among those that can be used, from 0 */
};

/* A walk over them; begins with zeros. */
struct active_walk {
	struct api_keys keys;
	size_t at, place;
};

/* The next key; false after the last one. Keys that are left out have no place. */
bool active_next(const struct api *a, struct active_walk *w, struct active_key *out);

/* The active key: the chosen one while it is there, else the first. False when there is no key. */
bool active_key(const struct api *a, struct active_key *out);

#endif
