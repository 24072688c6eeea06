/* The sum that is held against memory_budget. */
#ifndef CONFIG_MEMORY_H
#define CONFIG_MEMORY_H

#include "config/limits.h"

/* What a running node holds beside the rows, however much comes in: the work space of one frame,
 * one block and one answer, the tables of the parts, and what the libraries and the allocator keep
 * for themselves; and of each checker its stack and its heap. Measured, and asserted of every node
 * that the tests run. */
enum { MEMORY_FIXED = 4 << 20, MEMORY_FIXED_THREAD = 128 << 10 };

uint64_t memory_fixed(unsigned threads);

/* The worst case of all rows in bytes; UINT64_MAX when it is larger. */
uint64_t memory_sum(const struct limits *l);

#endif
