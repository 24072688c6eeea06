/* Writes what the node reports about itself as JSON. The command line shows the same, because it
 * asks over HTTP. In all functions `w` is marked bad when it is too small. */
#ifndef API_STATUS_H
#define API_STATUS_H

#include "api/api.h"
#include "api/reason.h"

/* Write one JSON object each: the answers of GET /status and GET /limits. */
void status_json(const struct api *a, struct wr *w);
void status_limits_json(const struct api *a, struct wr *w);

/* True when a row of limits.def has one value in use now. False for a row that bounds each of many
 * things, such as the buffer of each connection, of which only the peak is known; and for times. */
bool status_has_current(size_t row);

/* ---- status_peers.c ---- */

/* Write one JSON object each: the answers of GET /peers (the connections; with `all` also the
 * configured peers and the address book) and of GET /bans. Lists that would not fit are cut. */
void status_peers_json(const struct api *a, struct wr *w, bool all);
void status_bans_json(const struct api *a, struct wr *w);

#endif
