/* A key process for the time of one command, where no node and no `alfisd signer` has one: the keys
 * of the data directory, with their journal. Before: cli/block_sign.c. After: node/node.h. */
#ifndef CLI_SIGNER_H
#define CLI_SIGNER_H

#include <sys/types.h>

#include "cli/cli.h"

struct signer_child {
	pid_t pid; /* −1 = none */
	int end;   /* it ends when this is closed */
};

/* Starts it; keys.sock is there when it returns. Root becomes the owner of the data directory.
 * False after an error was printed. End it with signer_end(). */
bool signer_begin(const struct cli *cli, struct config *c, struct signer_child *s);

/* Ends it and waits for its end. Does nothing where there is none. */
void signer_end(struct signer_child *s);

#endif
