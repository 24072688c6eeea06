/* Any text as a settings file: parsed, flattened, and taken in with all its checks. */
#include "config/load.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = mem_alloc(sizeof *c);
	uint8_t *text = own_copy(data, size);
	struct config_error e = {""};
	struct loader l = {.out = c, .e = &e};
	uint64_t total;

	must(c);
	loader_default(c);
	memcpy(c->file, "f", 2);
	if (loader_text(&l, (const char *)text, size) && loader_cross_check(&l))
		config_check_memory(c, &total, &e);
	else
		must(e.text[0] && memchr(e.text, 0, sizeof e.text));
	mem_free(text);
	mem_free(c);
	must(mem_blocks() == 0);
	return 0;
}
