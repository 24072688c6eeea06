/* What the node says about itself, as JSON. The command line shows the same, as it asks over HTTP.
 */
#ifndef API_STATUS_H
#define API_STATUS_H

#include "api/api.h"
#include "api/reason.h"

/* Write one JSON object each: the answers of GET /status and GET /limits. `w` is marked bad when it
 * is too small. */
void status_json(const struct api *a, struct wr *w);
void status_limits_json(const struct api *a, struct wr *w);

/* Rows that bound each of many things have a peak, but no one value in use; times have none. */
bool status_has_current(size_t row);

/* ---- status_peers.c ---- */

/* The connections; `all`: and the configured peers and the address book. */
void status_peers_json(const struct api *a, struct wr *w, bool all);
void status_bans_json(const struct api *a, struct wr *w);

#endif
