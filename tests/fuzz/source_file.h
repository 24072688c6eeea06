/* What the targets of `import` share: bytes as a file, read as a source of blocks. */
#ifndef TESTS_FUZZ_SOURCE_FILE_H
#define TESTS_FUZZ_SOURCE_FILE_H

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "chain/crypto.h"
#include "cli/input.h"
#include "cli/block_source.h"
#include "tests/fuzz/fuzz.h"

/* What one reading gave. */
struct reading {
	bool opened;
	uint64_t blocks, total;
	enum err end;       /* why no more came; ERR_NOT_FOUND = the end */
	uint8_t digest[32]; /* of all encodings */
};

/* The name of the one file of this process, in memory where there is such a folder. */
static inline const char *source_path(void)
{
	static char path[64];

	if (!path[0])
		snprintf(path, sizeof path, "%s/alfisd-fuzz-%d",
			access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
	return path;
}

static inline void source_write(const void *bytes, size_t n)
{
	FILE *f = fopen(source_path(), "wb");

	must(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

/* Takes the block over. */
static inline void source_count(struct reading *r, struct block_owned *b)
{
	static uint8_t space[32 + BLOCK_MAX_ENCODED];
	struct wr w = wr_of(space, sizeof space);

	wr_bytes(&w, r->digest, 32);
	block_encode(&b->b, &w);
	must(!w.bad);
	crypto_digest(wr_done(&w), r->digest);
	r->blocks++;
	mem_free(b);
}

/* Reads what was opened to its end or its fault; a fault has its words. A database may give a block
 * again: to us it looks as if a writer had replaced it. */
static inline struct reading source_read_opened(struct block_source *s, bool opened)
{
	struct reading r = {.opened = opened, .end = ERR_NOT_FOUND};
	struct block_owned *b = NULL;

	must(memchr(s->error, 0, sizeof s->error) && (r.opened || s->error[0]));
	while (r.opened && (r.end = block_source_next(s, &b)) == ERR_OK)
		source_count(&r, b);
	must(r.end == ERR_NOT_FOUND || s->error[0]);
	must(s->kind == &block_source_sqlite ? s->read <= r.blocks : s->read == r.blocks);
	r.total = s->total;
	block_source_close(s);
	return r;
}

static inline struct reading source_read(void)
{
	struct block_source s;
	bool opened = block_source_open(&s, source_path());

	return source_read_opened(&s, opened);
}

/* As from a pipe. */
static inline struct reading source_read_once(void)
{
	char error[256];
	struct input *in = input_open(source_path(), error, sizeof error);
	struct block_source s;

	must(in);
	input_forget_file(in);
	bool opened = block_source_open_input(&s, source_path(), in);
	return source_read_opened(&s, opened);
}

static inline void source_same(const struct reading *a, const struct reading *b)
{
	must(a->opened == b->opened && a->blocks == b->blocks && a->end == b->end);
	must(memcmp(a->digest, b->digest, sizeof a->digest) == 0);
}

/* Twice the same, and nothing left behind. From a pipe it is the same, too, where it can come from
 * one; but a fault is seen later then. */
static inline struct reading source_read_twice(void)
{
	struct reading first = source_read(), second = source_read(), once = source_read_once();

	source_same(&first, &second);
	if (first.opened && once.opened)
		source_same(&first, &once);
	else
		must(!once.opened || once.end != ERR_NOT_FOUND);
	must(mem_blocks() == 0);
	return first;
}

/* Packed it is the same, but what is packed already, and a database, which has to be a file. */
static inline void source_read_packed(const struct reading *plain, const uint8_t *bytes, size_t n)
{
	if (n >= 2 && ((bytes[0] == 0x1F && bytes[1] == 0x8B) || bytes[0] == 'S'))
		return;
	gzFile f = gzopen(source_path(), "wb1");

	must(f && (n == 0 || gzwrite(f, bytes, (unsigned)n) == (int)n) && gzclose(f) == Z_OK);
	struct reading packed = source_read();
	source_same(plain, &packed);
	must(mem_blocks() == 0);
}

#endif
