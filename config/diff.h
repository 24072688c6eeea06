/* What differs between two settings, key by key, and carrying values over: for reloading. */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "config/keys.h"

bool config_same(const struct config *a, const struct config *b, enum config_key_id key);

/* [chain.params] alike? */
bool config_same_params(const struct config *a, const struct config *b);

/* The value as a line of the log shows it; cut when it is long. */
void config_show(const struct config *c, enum config_key_id key, char *to, size_t size);

/* Gives `to` the value that `from` has. What a bound counts stays. */
void config_take(struct config *to, const struct config *from, enum config_key_id key);

#endif
