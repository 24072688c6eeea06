/* Are two stores the same, row by row? `verify` builds a second store from the blocks alone and
 * asks. */
#ifndef CHAIN_STORE_COMPARE_H
#define CHAIN_STORE_COMPARE_H

#include "chain/chain.h"

/* Compares every table that follows from the blocks. False with one line in `what`: the table, the
 * key and which side has it. */
bool chain_compare(struct chain *stored, struct chain *rebuilt, char *what, size_t size);

#endif
