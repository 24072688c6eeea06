/* Prints node.toml with every key at its default, made from the tables. */
#ifndef CONFIG_TEMPLATE_H
#define CONFIG_TEMPLATE_H

#include <stdio.h>

#include "config/config.h"

/* Prints the commented node.toml. The file in the project's root is this text; a test compares
 * them. Returns an exit status. */
int config_template_print(FILE *out);

#endif
