/* The file of a block in work (mine/block_file.h), as the commands of `block` take it: the first
 * argument. Before: cli/block.c, cli/block_sign.c. After: mine/block_file.h, cli/small_file.h. */
#ifndef CLI_BLOCK_IO_H
#define CLI_BLOCK_IO_H

#include "cli/cli.h"
#include "mine/block_file.h"

/* Reads it; f->block is to be freed with mem_free(). False after an error was printed. */
bool block_io_read(const struct cli *cli, struct block_file *f);

/* Writes it anew, or to --output. False after an error was printed. */
bool block_io_write(const struct cli *cli, const uint8_t origin[HASH_SIZE], const struct block *b);

#endif
