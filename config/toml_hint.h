/* Explains the usual mistakes in a settings file better than the TOML library does. */
#ifndef CONFIG_TOML_HINT_H
#define CONFIG_TOML_HINT_H

#include "config/toml.h"

/* Replaces *e, which toml_parse() filled for this text, when the cause is a usual one: another
 * encoding, typographic quotes, missing quotes. */
void toml_hint(const char *text, size_t size, struct toml_error *e);

#endif
