/* What is most likely wrong with a text that is no TOML: said instead of the library's words. */
#ifndef CONFIG_TOML_HINT_H
#define CONFIG_TOML_HINT_H

#include "config/toml.h"

/* Changes *e, which toml_parse() filled for this text, when the cause is one of the usual: another
 * encoding, or the quotes of a word processor. */
void toml_hint(const char *text, size_t size, struct toml_error *e);

#endif
