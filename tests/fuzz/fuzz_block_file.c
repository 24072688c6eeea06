/* Any bytes as the file of a block in work: it is refused with a reason and a line, or what is
 * written of it is read again as the same. */
#include "base/mem.h"
#include "mine/block_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t text[BLOCK_FILE_MAX];
	struct block_file f, again;
	unsigned line;
	const char *why = block_file_read(slice_of(data, size), &f, &line);

	must(!why == !!f.block);
	if (why)
		return 0;
	struct wr w = wr_of(text, sizeof text);
	block_file_write(f.origin, &f.block->b, &w);
	must(!w.bad && !block_file_read(wr_done(&w), &again, &line));
	must(memcmp(f.origin, again.origin, HASH_SIZE) == 0);
	must(slice_eq(f.block->canonical, again.block->canonical));
	must(block_file_state(&f.block->b) == block_file_state(&again.block->b));
	mem_free(f.block);
	mem_free(again.block);
	return 0;
}
