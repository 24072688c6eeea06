/* Text made from the tables: node.toml with every key at its default. */
#ifndef CONFIG_TEMPLATE_H
#define CONFIG_TEMPLATE_H

#include <stdio.h>

#include "config/config.h"

/* The commented node.toml. The file in the project's root is this text; a test keeps it so. Exit
 * status. */
int config_template_print(FILE *out);

#endif
