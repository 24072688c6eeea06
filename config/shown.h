/* A setting's value as it is shown to the user: secrets are masked, and paths that belong to the
 * working directory are made absolute. */
#ifndef CONFIG_SHOWN_H
#define CONFIG_SHOWN_H

#include "config/config.h"
#include "config/keys.h"

enum { SHOWN_MAX = 4096 + CONFIG_TEXT_MAX };

/* The value of a setting that has one text. Borrowed from *c, or in `room`. */
const char *config_shown(const struct config *c, enum config_key_id id, char room[SHOWN_MAX]);

#endif
