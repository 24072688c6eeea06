/* Compares two sets of settings key by key, and copies values: for a reload. */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "config/keys.h"

/* True when both have the same value. */
bool config_same(const struct config *a, const struct config *b, enum config_key_id key);

/* True when both have the same [chain.params], in the same order. */
bool config_same_params(const struct config *a, const struct config *b);

/* Writes the value as the log shows it; cut to `size`, secrets hidden. */
void config_show(const struct config *c, enum config_key_id key, char *to, size_t size);

/* Copies the value of one setting from `from` to `to`, and where it came from. Of a limit only the
 * bound is copied; what is in use stays, and other threads may read it meanwhile. */
void config_take(struct config *to, const struct config *from, enum config_key_id key);

#endif
