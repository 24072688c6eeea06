/* Reads and writes the file of a block in work. See cli/block_io.h. */
#include "cli/block_io.h"

#include "base/mem.h"
#include "cli/small_file.h"

bool block_io_read(const struct cli *cli, struct block_file *f)
{
	struct wr text = wr_of(mem_alloc(BLOCK_FILE_MAX), BLOCK_FILE_MAX);
	char reason[SMALL_FILE_WHY];
	const char *name = cli->args[0], *why = NULL;
	unsigned line = 0;

	if (!text.p)
		cli_error("%s: out of memory", cli->command);
	else if (!small_file_read(name, &text, reason))
		cli_error("%s: %s %s", cli->command, name, reason);
	else if ((why = block_file_read(wr_done(&text), f, &line)))
		cli_error("%s: %s:%u: %s", cli->command, name, line, why);
	bool good = text.p && line && !why;
	mem_free(text.p);
	return good;
}

bool block_io_write(const struct cli *cli, const uint8_t origin[HASH_SIZE], const struct block *b)
{
	const char *name = cli->output ? cli->output : cli->args[0];
	struct wr text = wr_of(mem_alloc(BLOCK_FILE_MAX), BLOCK_FILE_MAX);
	char reason[SMALL_FILE_WHY] = "out of memory";

	if (text.p)
		block_file_write(origin, b, &text);
	bool good = text.p && !text.bad && small_file_write(name, wr_done(&text), 0644, reason);
	if (!good)
		cli_error("%s: %s %s", cli->command, name, reason);
	mem_free(text.p);
	return good;
}
