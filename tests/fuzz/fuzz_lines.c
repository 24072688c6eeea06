/* Any bytes as an alfis-chain file, packed or not: read to the end or to the first fault, twice the
 * same; every line but the first is a block or the end. */
#include "tests/fuzz/source_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t lines = 0;

	if (!crypto_init())
		return 0;
	source_write(data, size);
	struct reading r = source_read_twice();
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	must(data == NULL || size == 0 || data[0] != '{' || r.blocks <= lines);
	unlink(source_path());
	return 0;
}
