/* What GET /api/status and the frames of GET /api/events tell of the node. */
#ifndef WEB_API_STATUS_H
#define WEB_API_STATUS_H

#include "api/api.h"
#include "base/json.h"

enum { WEB_STATUS_TEXT_MAX = 320 };

/* Names of the chain, counted as of a tip; begins with zeros. A walk that is under way goes on with
 * the next look, so that a sync with many new tips does not cost a whole walk for each. */
struct name_count {
	bool counted; /* once at least */
	bool walks;
	uint8_t tip[HASH_SIZE], walks_for[HASH_SIZE], at[32];
	uint64_t total, so_far;
};

struct web_status {
	uint64_t blocks, domains, keys, nodes; /* height, names, authors, peers */
	uint64_t sync_height;                  /* of the network, as far as it can be believed */
	bool mining, syncing;
	double speed;                   /* hashes a second of what is mined; 0 = nothing is */
	char text[WEB_STATUS_TEXT_MAX]; /* what the node does, in words */
};

/* Looks now. `names`: of whoever looks again and again; NULL = all are counted for this look. */
void web_status(const struct api *a, struct name_count *names, struct web_status *out);

#endif
