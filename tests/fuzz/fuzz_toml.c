/* Any text as a settings file: parsed, flattened, taken in with all its checks, and everything that
 * is said about it. One that begins with ALFISD_ is variables of the environment and --set options,
 * one a line. */
#include "config/loader_internal.h"
#include "tests/fuzz/fuzz.h"

enum { LINES_MAX = 16 };

/* One line, not empty, that ends inside its place. */
static bool is_line(const char *text, size_t size)
{
	return text[0] && memchr(text, 0, size) && !strchr(text, '\n');
}

static void judge_what_is_said(const struct config *c)
{
	must(!c->unread || c->error_count > 0);
	must(c->notice_count <= CONFIG_NOTICES_MAX);
	for (size_t i = 0; i < c->error_count && i < CONFIG_ERRORS_MAX; i++)
		must(is_line(c->errors[i].text, sizeof c->errors[i].text));
	for (size_t i = 0; i < c->notice_count; i++)
		must(is_line(c->notices[i], sizeof c->notices[i]));
}

/* Cuts the text at its line ends; both lists end with NULL. */
static void take_lines(struct loader *l, char *text)
{
	const char *env[LINES_MAX + 1] = {NULL}, *sets[LINES_MAX];
	size_t variables = 0, options = 0;
	char *rest = text;

	for (int i = 0; rest && i < LINES_MAX; i++) {
		const char *line = strsep(&rest, "\n");
		if (strncmp(line, "ALFISD_", 7) == 0)
			env[variables++] = line;
		else
			sets[options++] = line;
	}
	loader_environment(l, env);
	loader_sets(l, sets, options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = mem_alloc(sizeof *c);
	char *text = mem_alloc(size + 1);
	struct config_error e = {""};
	struct loader l = {.out = c, .home = "/home/fuzz"};
	uint64_t total;

	must(c && text);
	memcpy(text, data, size);
	loader_default(c);
	memcpy(c->file, "f", 2);
	if (strncmp(text, "ALFISD_", 7) == 0)
		take_lines(&l, text);
	else
		loader_text(&l, text, size);
	bool good = c->error_count == 0;
	loader_cross_check(&l);
	judge_what_is_said(c);
	if (good)
		config_check_memory(c, &total, &e);
	mem_free(text);
	mem_free(c);
	must(mem_blocks() == 0);
	return 0;
}
