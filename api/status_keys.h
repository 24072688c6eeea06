/* The owner's keys as numbers and lines, for /status, metrics and events, which name no key; and as
 * the answer of GET /keys, for who may steer the node. */
#ifndef API_STATUS_KEYS_H
#define API_STATUS_KEYS_H

#include "api/api.h"
#include "base/json.h"

/* How many there are. */
struct keys_count {
	uint64_t all, locked, plain, wrong;
	uint64_t names, names_expired, foreign;
	int64_t next_expiry; /* seconds; 0 = none */
	bool running, searching;
	uint64_t rate; /* of the search: candidates a second */
};

/* Counts them now. */
void keys_count(const struct api *a, struct keys_count *out);

/* Writes the numbers as members of an object. */
void status_keys_count(const struct api *a, struct json_wr *j);

/* Writes "state" and "warnings" as members of an object: nothing in them names a key. */
void status_keys_short(const struct api *a, struct json_wr *j);

/* Writes the answer of GET /keys, or of GET /keys/NAME. False when there is no key of this name. */
void status_keys_json(const struct api *a, struct wr *w);
bool status_key_json(const struct api *a, const char *name, struct wr *w);

/* Writes the members of that answer about this key; and, as "search", the search for a new one. */
void status_key_members(const struct api *a, const struct key_entry *e, struct json_wr *j);
void status_key_search(const struct api *a, struct json_wr *j);

#endif
