/* The cache of DNS answers: any order of putting, asking, time and flushing agrees with a plain
 * list (tests/fuzz/dns_cache_model.h), and no row is exceeded meanwhile. */
#include "tests/fuzz/dns_cache_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	model_run(slice_of(data, size));
	return 0;
}
