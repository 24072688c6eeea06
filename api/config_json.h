/* Writes all settings in force as JSON, each with the source of its value. */
#ifndef API_CONFIG_JSON_H
#define API_CONFIG_JSON_H

#include "base/cursor.h"
#include "config/config.h"

/* Writes one object: the answer of GET /config. Secrets are masked. Paths relative to the working
 * directory are made absolute, because the reader may be in another one. `w` is marked bad when it
 * is too small. */
void config_json(const struct config *c, struct wr *w);

#endif
