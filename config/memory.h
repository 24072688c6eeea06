/* How much memory the node can use: the sum that must fit memory_budget, and what comes on top. */
#ifndef CONFIG_MEMORY_H
#define CONFIG_MEMORY_H

#include "config/limits.h"

/* What a running node uses on top of the limits, however much input it gets: the work space of one
 * frame, one block and one answer, the tables of the parts, what libraries and the allocator keep;
 * and for each checker thread its stack and heap. The figures were measured, and the tests assert
 * them of every node they run. */
enum { MEMORY_FIXED = 4 << 20, MEMORY_FIXED_THREAD = 128 << 10 };

/* Bytes on top of the limits, with this many checker threads. */
uint64_t memory_fixed(unsigned threads);

/* The worst case of all limits together in bytes; UINT64_MAX when it is larger. */
uint64_t memory_sum(const struct limits *l);

#endif
