/* The blocks and their indexes in one LMDB file: the only writer of it. Knows rows, not rules.
 * Before: chain/chain.c decided. After: the disk.
 *
 * Tables (all integers big-endian, so that key order is number order):
 *   blocks   index                    canonical CBOR
 *   heads    index                    struct block_summary, fixed width
 *   hashes   hash                     index
 *   authors  key, index               how many blocks of this key up to here; its last full one
 *   rank     all ones − total, key    nothing: every author, most blocks first
 *   domains  digest of identity, id   timestamp, owner
 *   bans     closing index, place     key
 *   banned   key                      closing index, place
 *   meta     name                     format, network, small values of the node
 *
 * A block with all its rows is one transaction. The transaction stays open over several blocks
 * until store_commit(). The first failure is logged, aborts what is open and sticks: every later
 * call fails with it.
 *
 * Threads: a store is of the thread that opened it. Others read by chain/store_reader.h. */
#ifndef CHAIN_STORE_H
#define CHAIN_STORE_H

#include "chain/view.h"

struct store;

struct store_settings {
	const char *dir; /* exists */
	const struct chain_params *params;
	struct bound *map_bytes; /* address space; `used` shows how much of it holds data */
	struct bound *readers;   /* row of store_reader.h: readers of other threads */
	bool read_only;
	bool alone;   /* read_only, and nobody may write meanwhile; writes nothing at all */
	bool scratch; /* gone with the process: its file loses its name at once, and `dir` goes */
	bool offline; /* for a command that looks at every page and tells failures itself */
	bool no_sync; /* tests only */
	bool settles_later; /* a commit waits for the disk once; durable after store_settle() */
};

/* On failure *out is NULL and `text` one line for the user. */
enum err store_open(const struct store_settings *set, struct store **out, char *text, size_t size);

/* Commits what is open, and settles it, unless the store failed, and frees. Returns the failure,
 * also an older one. ERR_BUSY while a reader of another thread is open: all is committed, but the
 * store stays, to be closed again later. */
enum err store_close(struct store *s);

/* The reader of the store's own thread, which sees the open group, for a struct view. */
struct store_reader *store_own_reader(struct store *s);

enum err store_error(const struct store *s);  /* the first failure; ERR_OK = none */
const char *store_why(const struct store *s); /* what failed and why, for the user; "" = nothing */
uint64_t store_height(const struct store *s); /* of the open group; 0 = no blocks */

/* Adds the block on top; its index is height + 1, hash and key have their full length. Bans that
 * it closes are added afterwards, in list order. */
enum err store_append(struct store *s, const struct block_owned *o);
enum err store_add_ban(struct store *s, const struct ban *b);

/* Puts another copy of a stored block, with the same hash and signature, in its place. */
enum err store_exchange(struct store *s, const struct block_owned *o);

/* Deletes all blocks from that index on, with everything that followed from them. */
enum err store_truncate(struct store *s, uint64_t from);

/* Commits the open group, if there is one. Waits for the disk. Returns the store's failure, also an
 * older one. No scope of the own reader may be open. */
enum err store_commit(struct store *s);

/* With settles_later: what was committed is durable afterwards. */
enum err store_settle(struct store *s);
bool store_unsettled(const struct store *s);

/* Bytes that a commit of the open group would write, more or less, and how many of them are new. */
size_t store_group_writes(struct store *s, size_t *fresh);

/* Bytes that the pages changed by the open group can come to; they are in memory until the commit.
 */
size_t store_group_bytes(struct store *s);

/* The encoding of a block. ERR_NOT_FOUND, ERR_TOO_BIG, or the store's failure. */
enum err store_read(struct store *s, uint64_t index, uint8_t *to, size_t size, size_t *n);

/* Decoded, in one allocation that the caller frees; NULL when there is none or on a failure. */
struct block_owned *store_block(struct store *s, uint64_t index);

/* The same for those who can do without it: a block that cannot be decoded (ERR_CORRUPT), or for
 * which there is no memory, does not make the store fail. *out is NULL on an error. */
enum err store_get_block(struct store *s, uint64_t index, struct block_owned **out);

uint64_t store_index_of(struct store *s, const uint8_t hash[HASH_SIZE]); /* 0 = none */

/* The tables, counted from 0; false when there is none of that number. */
bool store_table_rows(struct store *s, unsigned number, const char **name, uint64_t *rows);

/* Does a node or another command write to it now? For a store that was opened for reading. */
bool store_has_writer(struct store *s);

/* Is this thread reading the store or writing to it? A fault of memory is one of the file then. For
 * signal handlers. */
bool store_is_read_here(void);

/* Small values of the node. */
enum err store_put_value(struct store *s, const char *name, struct slice value);
enum err store_get_value(struct store *s, const char *name, uint8_t *to, size_t size, size_t *n);

#endif
