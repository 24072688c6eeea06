/* Text made from the tables: node.toml with every key at its default, and the effective limits. */
#ifndef CONFIG_DOC_H
#define CONFIG_DOC_H

#include <stdio.h>

#include "config/config.h"

/* The commented node.toml. The file in the project's root is this text; a test keeps it so. Exit
 * status. */
int config_template_print(FILE *out);

/* One line a row: row, value, default, unit, at the bound, worst case in bytes. */
void config_limits_print(const struct limits *l, FILE *out);

#endif
