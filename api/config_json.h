/* Every setting in force, with where it came from, as JSON. */
#ifndef API_CONFIG_JSON_H
#define API_CONFIG_JSON_H

#include "base/cursor.h"
#include "config/config.h"

/* One object. Secrets are masked, paths that belong to the working directory are made absolute.
 * Marks `w` when it is too small. */
void config_json(const struct config *c, struct wr *w);

#endif
