/* The command `config`: prints every setting in force and where its value came from. The same as
 * JSON is api/config_json.h. */
#ifndef CLI_CONFIG_VIEW_H
#define CLI_CONFIG_VIEW_H

#include <stdio.h>

#include "config/config.h"

/* Prints the settings as TOML, each value with its source in a comment. Wraps to `columns` (0 = no
 * bound) where a value is short enough. Masks secrets. Makes paths absolute that are relative to
 * the working directory. */
void config_view_text(const struct config *c, size_t columns, FILE *out);

#endif
