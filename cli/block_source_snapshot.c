/* Reads our own snapshots. The checksum of a whole file is checked before its first block is
 * delivered. A pipe can be read only once, so its checksum is checked when it arrives, after the
 * last block. Before: cli/block_source.c. After: cli/input.c. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "cli/input.h"
#include "cli/block_source.h"

const uint8_t snapshot_magic[8] = {'A', 'L', 'F', 'I', 'S', 'D', 'S', 'N'};

void snapshot_head(struct wr *w, const uint8_t origin[32], uint64_t count)
{
	wr_bytes(w, snapshot_magic, sizeof snapshot_magic);
	wr_be(w, SNAPSHOT_VERSION, 4);
	wr_bytes(w, origin, 32);
	wr_be(w, count, 8);
}

void snapshot_sum(uint8_t sum[32], struct slice record, uint8_t *space)
{
	memcpy(space, sum, 32);
	memcpy(space + 32, record.p, record.n);
	crypto_digest(slice_of(space, 32 + record.n), sum);
}

struct snapshot {
	bool checked; /* the checksum of the whole file was right */
	uint8_t sum[32];
	uint8_t record[BLOCK_MAX_ENCODED];
	uint8_t space[32 + BLOCK_MAX_ENCODED];
};

static enum err fail(struct block_source *s, const char *what)
{
	snprintf(s->error, sizeof s->error, "%.150s: %s (block %llu)", s->path, what,
		(unsigned long long)s->read + 1);
	return ERR_MALFORMED;
}

static enum err damaged(struct block_source *s)
{
	snprintf(s->error, sizeof s->error,
		"%.150s: the checksum does not match: the snapshot is damaged", s->path);
	return ERR_MALFORMED;
}

/* ERR_NOT_FOUND: the input ended before. Any other error has its words in s->error. */
static enum err read_exactly(struct block_source *s, void *to, size_t size)
{
	size_t n;
	enum err err = input_read(s->in, to, size, &n);

	if (err == ERR_OK)
		return n == size ? ERR_OK : ERR_NOT_FOUND;
	return err == ERR_STOPPING ? err : fail(s, input_why(s->in));
}

/* Reads one record into p->record and adds it to the checksum. ERR_NOT_FOUND: it is cut off, or its
 * length is impossible. */
static enum err read_record(struct block_source *s, struct slice *record)
{
	struct snapshot *p = s->state;
	uint8_t length[4];
	enum err err = read_exactly(s, length, sizeof length);

	if (err != ERR_OK)
		return err;
	struct rd r = rd_of(slice_of(length, sizeof length));
	size_t n = rd_be32(&r);
	if (n == 0 || n > BLOCK_MAX_ENCODED)
		return ERR_NOT_FOUND;
	err = read_exactly(s, p->record, n);
	*record = slice_of(p->record, n);
	if (err == ERR_OK)
		snapshot_sum(p->sum, *record, p->space);
	return err;
}

static enum err read_head(struct block_source *s)
{
	struct snapshot *p = s->state;
	uint8_t head[SNAPSHOT_HEAD];
	enum err err = read_exactly(s, head, sizeof head);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? fail(s, "the snapshot is cut off") : err;
	struct rd r = rd_of(slice_of(head, sizeof head));
	rd_bytes(&r, sizeof snapshot_magic);
	if (rd_be32(&r) != SNAPSHOT_VERSION)
		return fail(s, "a snapshot of another version of the format");
	rd_copy(&r, s->origin, 32);
	s->has_origin = true;
	s->total = rd_be64(&r);
	crypto_digest(slice_of(head, sizeof head), p->sum);
	return ERR_OK;
}

/* After the last record there must be the checksum, and nothing else. */
static enum err check_end(struct block_source *s)
{
	struct snapshot *p = s->state;
	uint8_t told[32 + 1];
	size_t n;
	enum err err = input_read(s->in, told, sizeof told, &n);

	if (err != ERR_OK)
		return err == ERR_STOPPING ? err : fail(s, input_why(s->in));
	return n == sizeof p->sum && memcmp(told, p->sum, n) == 0 ? ERR_OK : damaged(s);
}

/* Reads the whole file to check it, then rewinds to the first record. */
static enum err check_file(struct block_source *s)
{
	struct snapshot *p = s->state;
	struct slice record;
	enum err err = ERR_OK;

	for (uint64_t i = 0; i < s->total && err == ERR_OK; i++)
		err = read_record(s, &record);
	if (err == ERR_OK)
		err = check_end(s);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? damaged(s) : err;
	p->checked = true;
	if (!input_rewind(s->in))
		return fail(s, "cannot be read a second time");
	return read_head(s);
}

static bool snapshot_open(struct block_source *s)
{
	s->state = mem_alloc(sizeof(struct snapshot));
	if (!s->state) {
		snprintf(s->error, sizeof s->error, "%.180s: out of memory", s->path);
		return false;
	}
	return read_head(s) == ERR_OK && (!input_is_file(s->in) || check_file(s) == ERR_OK);
}

static enum err snapshot_next(struct block_source *s, struct block_owned **out)
{
	struct snapshot *p = s->state;
	struct slice record;
	enum err err;

	if (s->read == s->total) {
		err = check_end(s);
		return err == ERR_OK ? ERR_NOT_FOUND : err;
	}
	err = read_record(s, &record);
	if (err != ERR_OK)
		return err != ERR_NOT_FOUND ? err
		       : p->checked         ? fail(s, "the snapshot changed while it was read")
					    : fail(s, "the snapshot is damaged or cut off");
	err = block_decode_owned(record, out);
	return err == ERR_MALFORMED ? fail(s, "a block does not decode") : err;
}

static void snapshot_close(struct block_source *s)
{
	mem_free(s->state);
	s->state = NULL;
}

const struct block_source_kind block_source_snapshot = {
	"snapshot", snapshot_open, snapshot_next, snapshot_close};
