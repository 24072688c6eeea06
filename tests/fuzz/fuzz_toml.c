/* Any text as a settings file: parsed, flattened, taken in with all its checks, and everything that
 * is said about it. */
#include "config/load.h"
#include "tests/fuzz/fuzz.h"

/* One line, not empty, that ends inside its place. */
static bool is_line(const char *text, size_t size)
{
	return text[0] && memchr(text, 0, size) && !strchr(text, '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = mem_alloc(sizeof *c);
	uint8_t *text = own_copy(data, size);
	struct config_error e = {""};
	struct loader l = {.out = c, .home = "/home/fuzz"};
	uint64_t total;

	must(c);
	loader_default(c);
	memcpy(c->file, "f", 2);
	loader_text(&l, (const char *)text, size);
	loader_cross_check(&l);
	must(!c->unread || c->error_count > 0);
	must(c->notice_count <= CONFIG_NOTICES_MAX);
	for (size_t i = 0; i < c->error_count && i < CONFIG_ERRORS_MAX; i++)
		must(is_line(c->errors[i].text, sizeof c->errors[i].text));
	for (size_t i = 0; i < c->notice_count; i++)
		must(is_line(c->notices[i], sizeof c->notices[i]));
	if (c->error_count == 0)
		config_check_memory(c, &total, &e);
	mem_free(text);
	mem_free(c);
	must(mem_blocks() == 0);
	return 0;
}
