/* Every setting in force, with where it came from: the command config, and GET /config. */
#ifndef NODE_CONFIG_VIEW_H
#define NODE_CONFIG_VIEW_H

#include <stdio.h>

#include "base/cursor.h"
#include "config/config.h"

/* As TOML, a source behind each value; lines fit `columns` (0 = no bound) where a value lets them.
 * Secrets are masked, paths that belong to the working directory are made absolute. */
void config_view_text(const struct config *c, size_t columns, FILE *out);

/* One object. Marks `w` when it is too small. */
void config_view_json(const struct config *c, struct wr *w);

#endif
