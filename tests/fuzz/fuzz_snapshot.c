/* Any bytes as a snapshot, as a file, from a pipe, and packed. With the first byte odd its checksum
 * is made right, as far as there are records: then what stands in them decides. What is read,
 * written as a snapshot, is read again. */
#include "tests/fuzz/source_file.h"

enum { LONGEST = 1 << 17 };

/* Cuts off what stands behind the records, and puts the checksum there. */
static void make_right(struct wr *w)
{
	static uint8_t space[32 + LONGEST];
	struct rd r = rd_of(wr_done(w));
	uint8_t sum[32];

	crypto_digest(rd_bytes(&r, SNAPSHOT_HEAD), sum);
	struct rd head = rd_of(slice_of(w->p + SNAPSHOT_HEAD - 8, 8));
	uint64_t count = rd_be64(&head);
	size_t end = SNAPSHOT_HEAD;
	for (uint64_t i = 0; i < count; i++) {
		struct slice record = rd_bytes(&r, rd_be32(&r));
		if (r.bad)
			return;
		snapshot_sum(sum, record, space);
		end = (size_t)(r.p - w->p);
	}
	w->n = end;
	wr_bytes(w, sum, sizeof sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > LONGEST || !crypto_init())
		return 0;
	static uint8_t bytes[LONGEST + 32];
	struct wr w = wr_of(bytes, sizeof bytes);
	wr_bytes(&w, data + 1, size - 1);
	if (data[0] & 1 && w.n >= SNAPSHOT_HEAD)
		make_right(&w);
	source_write(w.p, w.n);
	struct reading r = source_read_twice();
	source_read_packed(&r, w.p, w.n);
	must(!r.opened || r.blocks + (r.end != ERR_NOT_FOUND) <= r.total);
	must(!r.opened || r.end != ERR_NOT_FOUND || r.blocks == r.total);
	unlink(source_path());
	return 0;
}
