/* The store: blocks and their indexes in one LMDB file. It knows rows, not the rules of the chain.
 * Only chain/store*.c use LMDB. Before: chain/chain.c has decided. After: the disk.
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
 * The rows of a block are written in one LMDB transaction, which stays open over several blocks,
 * the group, until store_commit(). Everything is readable on this thread at once, and durable after
 * the commit. The first failure is logged, aborts the open group and sticks: every later call fails
 * with it. So callers may make several calls and check once.
 *
 * Threads: only the thread that opened the store may call these functions, unless they say
 * otherwise. Other threads read with chain/store_reader.h. */
#ifndef CHAIN_STORE_H
#define CHAIN_STORE_H

#include "chain/view.h"

struct store;

struct store_settings {
	const char *dir; /* the data directory; it exists */
	const struct chain_params *params;
	struct bound *map_bytes; /* address space; `used` shows how much of it holds data */
	struct bound *readers;   /* limits.max_store_readers: readers of other threads */
	bool read_only;          /* other processes may write meanwhile, unless `alone` */
	bool alone;   /* with read_only: no process may write meanwhile; writes nothing at all */
	bool scratch; /* temporary: file and `dir` lose their names while it is open */
	bool offline; /* for a command that checks every page and reports failures itself */
	bool no_sync; /* never waits for the disk; tests only */
	bool settles_later; /* a commit waits for the disk once; durable after store_settle() */
};

/* Opens the store, or creates it unless read_only. The bounds are borrowed until store_close(), the
 * rest of `set` for this call only. On failure *out is NULL and `text` (`size` bytes) one line for
 * the user. The caller closes the store with store_close(). */
enum err store_open(const struct store_settings *set, struct store **out, char *text, size_t size);

/* Commits and settles the open group, unless the store has failed, and frees the store. Returns the
 * store's failure, also an older one. ERR_BUSY while a reader of another thread is open: all is
 * committed, but the store is not freed and must be closed again later. */
enum err store_close(struct store *s);

/* The reader for this thread, which sees the open group; for a struct view. Owned by the store. */
struct store_reader *store_own_reader(struct store *s);

enum err store_error(const struct store *s);  /* the first failure; ERR_OK = none */
const char *store_why(const struct store *s); /* what failed and why, for the user; "" = nothing */
uint64_t store_height(const struct store *s); /* of the open group; 0 = no blocks */

/* Adds a block on top, which the rules have accepted: its index is height + 1, hash and key have
 * their full length. Bans that take effect with it (protocol.md 7.11) are added afterwards, in the
 * order of the list. Both return the store's failure. */
enum err store_append(struct store *s, const struct block_owned *o);
enum err store_add_ban(struct store *s, const struct ban *b);

/* Replaces a stored block by another copy with the same hash and signature (chain/split.h).
 * ERR_REFUSED when they differ, or the store's failure. */
enum err store_exchange(struct store *s, const struct block_owned *o);

/* Deletes all blocks from the index `from` on, with all rows of the indexes that followed from
 * them. Returns the store's failure. */
enum err store_truncate(struct store *s, uint64_t from);

/* Commits the open group, if there is one. Waits for the disk. Returns the store's failure, also an
 * older one. No scope of the own reader may be open. */
enum err store_commit(struct store *s);

/* With settles_later: waits for the disk, after which all that was committed is durable. Otherwise
 * it does nothing. store_unsettled() tells whether there is something to wait for. */
enum err store_settle(struct store *s);
bool store_unsettled(const struct store *s);

/* An estimate of the bytes that a commit would write now; *fresh: how many of them are new rows,
 * and not rewritten pages. */
size_t store_group_writes(struct store *s, size_t *fresh);

/* An upper bound of the bytes of all pages that the open group has changed. They stay in memory
 * until the commit. */
size_t store_group_bytes(struct store *s);

/* Copies the canonical encoding of a block, *n bytes, to `to`. ERR_NOT_FOUND, ERR_TOO_BIG (more
 * than `size` bytes), or the store's failure. */
enum err store_read(struct store *s, uint64_t index, uint8_t *to, size_t size, size_t *n);

/* Reads and decodes a block that must be there, into one allocation that the caller frees with
 * mem_free(). NULL when there is none, or on a failure, which the store keeps. */
struct block_owned *store_block(struct store *s, uint64_t index);

/* Reads a block for a caller that can do without it: if it cannot be decoded (ERR_CORRUPT) or
 * memory runs out (ERR_NOMEM), the store does not fail. *out is NULL on an error, also
 * ERR_NOT_FOUND; the caller frees it with mem_free(). */
enum err store_get_block(struct store *s, uint64_t index, struct block_owned **out);

uint64_t store_index_of(struct store *s, const uint8_t hash[HASH_SIZE]); /* 0 = none */

/* The name (static) and the number of rows of a table, numbered from 0. False when there is no
 * table of this number. */
bool store_table_rows(struct store *s, unsigned number, const char **name, uint64_t *rows);

/* True when another process has the store open for writing. For a store that was opened read_only.
 */
bool store_has_writer(struct store *s);

/* True while the calling thread, any thread, reads or writes the mapped file: a SIGBUS or SIGSEGV
 * is then most likely caused by the file. For signal handlers. */
bool store_is_read_here(void);

/* Small values of the node in the table meta, such as the address book. `name`: a short word. A
 * value is durable with the next commit; an empty one is forgotten. Getting copies *n bytes to
 * `to`; ERR_NOT_FOUND; ERR_TOO_BIG with *n set when it has more than `size` bytes. Both may return
 * the store's failure.
 */
enum err store_put_value(struct store *s, const char *name, struct slice value);
enum err store_get_value(struct store *s, const char *name, uint8_t *to, size_t size, size_t *n);

#endif
