/* The value of a setting as users see it: secrets are masked, and paths relative to the working
 * directory are made absolute. */
#ifndef CONFIG_SHOWN_H
#define CONFIG_SHOWN_H

#include "config/config.h"
#include "config/keys.h"

enum { SHOWN_MAX = 4096 + CONFIG_TEXT_MAX };

/* Returns the value of a setting of kind KIND_STR or KIND_ENUM. Borrowed from *c, or written into
 * `room`. */
const char *config_shown(const struct config *c, enum config_key_id id, char room[SHOWN_MAX]);

#endif
