/* Compares two stores row by row. The command `verify` builds a second store from the blocks alone,
 * and compares the indexes of the first with it. */
#ifndef CHAIN_STORE_COMPARE_H
#define CHAIN_STORE_COMPARE_H

#include "chain/chain.h"

/* Compares every table that follows from the blocks. False with one line in `what` (`size` bytes)
 * about the first difference: the table, the key, and which side has the row. */
bool chain_compare(struct chain *stored, struct chain *rebuilt, char *what, size_t size);

#endif
