/* What the targets of `import` share: bytes as a file, read as a source of blocks. */
#ifndef TESTS_FUZZ_SOURCE_FILE_H
#define TESTS_FUZZ_SOURCE_FILE_H

#include <sys/stat.h>
#include <unistd.h>

#include "chain/crypto.h"
#include "node/source.h"
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

/* Reads the file to its end or its fault; a fault has its words. */
static inline struct reading source_read(void)
{
	struct reading r = {.end = ERR_NOT_FOUND};
	struct block_owned *b = NULL;
	struct source s;

	r.opened = source_open(&s, source_path());
	must(memchr(s.error, 0, sizeof s.error) && (r.opened || s.error[0]));
	while (r.opened && (r.end = source_next(&s, &b)) == ERR_OK)
		source_count(&r, b);
	must(r.end == ERR_NOT_FOUND || s.error[0]);
	must(s.read == r.blocks);
	r.total = s.total;
	source_close(&s);
	return r;
}

static inline void source_same(const struct reading *a, const struct reading *b)
{
	must(a->opened == b->opened && a->blocks == b->blocks && a->end == b->end);
	must(memcmp(a->digest, b->digest, sizeof a->digest) == 0);
}

/* Twice the same, and nothing left behind. */
static inline struct reading source_read_twice(void)
{
	struct reading first = source_read(), second = source_read();

	source_same(&first, &second);
	must(mem_blocks() == 0);
	return first;
}

#endif
