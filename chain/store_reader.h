/* A reader of the store for a thread of its own, beside the node's loop: many for one store, each
 * with its read transaction and its failure. It sees what was committed, never the open group, and
 * asks by the queries of chain/view.h and by view_block():
 *
 *     struct view v = {.reader = r};      (params and draws are for chain/signers.h alone)
 *     view_begin(&v); … view_domain(&v, …); view_block(&v, row.id); … view_end(&v);
 *
 * All between view_begin() and view_end() is of one moment. A pair stays within one turn of the
 * loop: pages that somebody reads cannot be used again, and the store would grow.
 *
 * Threads: every call is of the thread that opened the reader. The store outlives its readers:
 * store_close() refuses while there is one.
 * Before: whoever answers from the chain. After: chain/store_view.c, LMDB. */
#ifndef CHAIN_STORE_READER_H
#define CHAIN_STORE_READER_H

#include "chain/store.h"

struct store_reader;

/* ERR_FULL at limits.max_store_readers, ERR_REFUSED for a store that cannot have readers (scratch),
 * ERR_NOMEM, or the store's failure: *out is NULL and `text` one line for the user. The caller owns
 * the reader and gives it back with store_reader_close(). */
enum err store_reader_open(struct store *s, struct store_reader **out, char *text, size_t size);

/* NULL is fine. No view_begin() of it is open. */
void store_reader_close(struct store_reader *r);

/* The first failure of a read sticks: every later query answers "none". Ask before you act on an
 * answer; close the reader and open another to try again. */
enum err store_reader_error(const struct store_reader *r);
const char *store_reader_why(const struct store_reader *r); /* for the user; "" = nothing */

/* Has anything been committed since the last view_begin()? Costs one load, so that whoever keeps
 * answers can ask before each use of one. */
bool store_reader_is_behind(const struct store_reader *r);

/* How often the store has committed since it was opened. Any thread, one load: the number moves
 * when readers may see what is new, so who keeps answers under the number that he read before he
 * looked never takes an old one for a new one. */
uint64_t store_commits(const struct store *s);

#endif
