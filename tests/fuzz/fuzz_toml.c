/* Any text as a settings file: parsed, flattened, and taken in with all its checks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = mem_alloc(sizeof *c);
	struct config_error e = {""};
	struct loader l = {.out = c, .e = &e};

	if (!c)
		return 0;
	loader_default(c);
	memcpy(c->file, "f", 2);
	if (loader_text(&l, (const char *)data, size) && loader_cross_check(&l)) {
		uint64_t total;
		config_check_memory(c, &total, &e);
	} else if (!e.text[0] || strlen(e.text) >= sizeof e.text) {
		abort();
	}
	mem_free(c);
	if (mem_blocks())
		abort();
	return 0;
}
