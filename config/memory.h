/* The sum that is held against memory_budget. */
#ifndef CONFIG_MEMORY_H
#define CONFIG_MEMORY_H

#include "config/limits.h"

/* The worst case of all rows in bytes; UINT64_MAX when it is larger. */
uint64_t memory_sum(const struct limits *l);

#endif
