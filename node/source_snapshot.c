/* Reading our own snapshots. The whole file is checked against its checksum before the first block
 * is given out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "node/source.h"

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
	FILE *f;
	uint8_t record[BLOCK_MAX_ENCODED];
	uint8_t space[32 + BLOCK_MAX_ENCODED];
};

static enum err fail(struct source *s, const char *what)
{
	snprintf(s->error, sizeof s->error, "%.150s: %s (block %llu)", s->path, what,
		(unsigned long long)s->read + 1);
	return ERR_MALFORMED;
}

static bool read_exactly(struct snapshot *p, void *to, size_t n)
{
	return fread(to, 1, n, p->f) == n;
}

/* One record into p->record; false at a short or overlong one. */
static bool read_record(struct snapshot *p, size_t *n)
{
	uint8_t length[4];

	if (!read_exactly(p, length, sizeof length))
		return false;
	struct rd r = rd_of(slice_of(length, sizeof length));
	*n = rd_be32(&r);
	return *n > 0 && *n <= BLOCK_MAX_ENCODED && read_exactly(p, p->record, *n);
}

static bool read_head(struct source *s, struct snapshot *p, uint8_t sum[32])
{
	uint8_t head[SNAPSHOT_HEAD];

	if (!read_exactly(p, head, sizeof head)) {
		fail(s, "the snapshot is cut off");
		return false;
	}
	struct rd r = rd_of(slice_of(head, sizeof head));
	rd_bytes(&r, sizeof snapshot_magic);
	if (rd_be32(&r) != SNAPSHOT_VERSION) {
		fail(s, "a snapshot of another version of the format");
		return false;
	}
	rd_copy(&r, s->origin, 32);
	s->has_origin = true;
	s->total = rd_be64(&r);
	crypto_digest(slice_of(head, sizeof head), sum);
	return true;
}

static bool checksum_holds(struct source *s, struct snapshot *p, uint8_t sum[32])
{
	uint8_t told[32];
	size_t n;

	for (uint64_t i = 0; i < s->total; i++) {
		if (!read_record(p, &n))
			return false;
		snapshot_sum(sum, slice_of(p->record, n), p->space);
	}
	return read_exactly(p, told, sizeof told) && memcmp(told, sum, 32) == 0 &&
	       fgetc(p->f) == EOF;
}

static bool snapshot_open(struct source *s)
{
	struct snapshot *p = mem_alloc(sizeof *p);
	uint8_t sum[32];

	s->state = p;
	if (!p || !(p->f = fopen(s->path, "rbe"))) {
		snprintf(s->error, sizeof s->error, "%.180s: %s", s->path, strerror(errno));
		return false;
	}
	if (!read_head(s, p, sum))
		return false;
	if (!checksum_holds(s, p, sum)) {
		snprintf(s->error, sizeof s->error,
			"%.150s: the checksum does not match: the snapshot is damaged", s->path);
		return false;
	}
	return fseek(p->f, SNAPSHOT_HEAD, SEEK_SET) == 0;
}

static enum err snapshot_next(struct source *s, struct block_owned **out)
{
	struct snapshot *p = s->state;
	size_t n;

	if (s->read == s->total)
		return ERR_NOT_FOUND;
	if (!read_record(p, &n))
		return fail(s, "the snapshot changed while it was read");
	enum err err = block_decode_owned(slice_of(p->record, n), out);
	return err == ERR_MALFORMED ? fail(s, "a block does not decode") : err;
}

static void snapshot_close(struct source *s)
{
	struct snapshot *p = s->state;

	if (p && p->f)
		fclose(p->f);
	mem_free(p);
	s->state = NULL;
}

const struct source_kind source_snapshot = {
	"snapshot", snapshot_open, snapshot_next, snapshot_close};
