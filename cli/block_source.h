/* Where `import` reads blocks from: a snapshot of ours, an alfis-chain file (lines of JSON), or the
 * reference node's SQLite database. The content decides which one it is. The first two may be
 * packed with gzip and may come from a pipe. */
#ifndef CLI_BLOCK_SOURCE_H
#define CLI_BLOCK_SOURCE_H

#include "chain/block.h"
#include "chain/params.h"

struct input;

struct block_source {
	const struct block_source_kind *kind;
	const char *path;   /* for error messages; borrowed */
	struct input *in;   /* NULL = closed, because SQLite opens the file itself */
	void *state;        /* private to the kind */
	uint64_t total;     /* blocks in it, 0 = not known */
	uint64_t read;      /* blocks given so far */
	uint8_t origin[32]; /* hash of its block 1 where the kind knows it */
	bool has_origin;
	char error[256]; /* one line that says what failed; empty after a signal */
};

struct block_source_kind {
	const char *name; /* "snapshot", … */
	bool (*open)(struct block_source *s);
	/* Like block_source_next(). */
	enum err (*next)(struct block_source *s, struct block_owned **out);
	void (*close)(struct block_source *s);
};

extern const struct block_source_kind block_source_snapshot, block_source_lines,
	block_source_sqlite;

/* Opens the file at `path` ("-" is standard input) and finds out its kind. False with s->error,
 * which is empty when a signal interrupted it. Call block_source_close() either way. `path` must
 * outlive *s. */
bool block_source_open(struct block_source *s, const char *path);

/* Reads the next block, which the caller frees with mem_free(). ERR_NOT_FOUND: the end.
 * ERR_STOPPING: a signal came. ERR_NOMEM: out of memory. Any other error is described in s->error.
 */
enum err block_source_next(struct block_source *s, struct block_owned **out);

/* Also after a failed block_source_open(). */
void block_source_close(struct block_source *s);

/* True when a file with these first bytes is a database: the reference node's, or a store of
 * alfisd. `head` has BLOCK_SOURCE_HEAD bytes, or all bytes of a shorter file. */
enum { BLOCK_SOURCE_HEAD = 24 };
bool block_source_is_database(struct slice head);

/* The same as block_source_open() for an input that is already open. Takes ownership of `in`:
 * block_source_close() closes it. */
bool block_source_open_input(struct block_source *s, const char *path, struct input *in);

/* ---- snapshot files ----
 * "ALFISDSN" ‖ version u32 ‖ origin 32 ‖ count u64 ‖ count × (length u32 ‖ encoding) ‖ checksum 32;
 * big-endian. The checksum is a chain of digests: sum = digest(head), then for each record sum =
 * digest(sum ‖ encoding). */
enum { SNAPSHOT_VERSION = 1, SNAPSHOT_HEAD = 8 + 4 + 32 + 8 };
extern const uint8_t snapshot_magic[8];
void snapshot_head(struct wr *w, const uint8_t origin[32], uint64_t count);
void snapshot_sum(uint8_t sum[32], struct slice record, uint8_t *space); /* space: 32 + record.n */

#endif
