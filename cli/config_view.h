/* Every setting in force, with where it came from: the command config. As JSON: api/config_json.h.
 */
#ifndef CLI_CONFIG_VIEW_H
#define CLI_CONFIG_VIEW_H

#include <stdio.h>

#include "config/config.h"

/* As TOML, a source behind each value; lines fit `columns` (0 = no bound) where a value lets them.
 * Secrets are masked, paths that belong to the working directory are made absolute. */
void config_view_text(const struct config *c, size_t columns, FILE *out);

#endif
