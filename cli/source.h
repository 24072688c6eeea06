/* Where `import` takes blocks from: a snapshot of ours, an alfis-chain file (JSON lines), either of
 * them gzip or not and also from a pipe, or the reference node's SQLite database; told apart by
 * content. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "chain/block.h"
#include "chain/params.h"

struct input;

struct source {
	const struct source_kind *kind;
	const char *path;   /* for messages; borrowed */
	struct input *in;   /* NULL = closed: SQLite opens its file itself */
	void *state;        /* the kind's own */
	uint64_t total;     /* blocks in it, 0 = not known */
	uint64_t read;      /* blocks given so far */
	uint8_t origin[32]; /* hash of its block 1 where the kind knows it */
	bool has_origin;
	char error[256]; /* one line; set when something fails, but for a stop */
};

struct source_kind {
	const char *name; /* "snapshot", … */
	bool (*open)(struct source *s);
	/* ERR_OK, ERR_NOT_FOUND = the end, ERR_STOPPING after a signal, anything else with
	 * s->error. */
	enum err (*next)(struct source *s, struct block_owned **out);
	void (*close)(struct source *s);
};

extern const struct source_kind source_snapshot, source_lines, source_sqlite;

/* "-" is standard input. False with s->error; that is empty when a signal was why. */
bool source_open(struct source *s, const char *path);

/* The next block, which the caller frees with mem_free(). ERR_NOT_FOUND = the end; ERR_STOPPING
 * after a signal; ERR_NOMEM; anything else with s->error. */
enum err source_next(struct source *s, struct block_owned **out);

/* Also after a failed source_open(). */
void source_close(struct source *s);

/* Is a file that begins so a database: the reference node's, or a store of alfisd? `head` has
 * SOURCE_HEAD bytes where the file has as many. */
enum { SOURCE_HEAD = 24 };
bool source_is_database(struct slice head);

/* As source_open(), from an input that is open; takes it over. */
bool source_open_input(struct source *s, const char *path, struct input *in);

/* ---- snapshot files: versioned, every block under a running checksum ----
 * "ALFISDSN" ‖ version u32 ‖ origin 32 ‖ count u64 ‖ count × (length u32 ‖ encoding) ‖ checksum 32;
 * big-endian. The checksum starts as the digest of the head and takes in one record at a time. */
enum { SNAPSHOT_VERSION = 1, SNAPSHOT_HEAD = 8 + 4 + 32 + 8 };
extern const uint8_t snapshot_magic[8];
void snapshot_head(struct wr *w, const uint8_t origin[32], uint64_t count);
void snapshot_sum(uint8_t sum[32], struct slice record, uint8_t *space); /* space: 32 + record.n */

#endif
