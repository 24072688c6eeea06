/* Commands that work on the store without the network: opening it, stopping on a signal, threads.
 */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include "chain/chain.h"
#include "config/config.h"

struct offline {
	struct chain_params params;
	struct chain *chain;
	unsigned threads;
	bool read_only;
};

/* At the beginning of a command that reads beside a running node. */
void offline_will_read(void);

/* Root becomes the owner of the data directory, as opening does at the latest. EXIT_DONE, or an
 * exit status after an error line. */
int offline_become(struct config *c);

/* EXIT_DONE, or an exit status after an error line. `read_only` also works beside a running node.
 */
int offline_open(struct offline *o, struct config *c, bool read_only);

/* For reading, and no node may run meanwhile. Writes nothing, so that a read-only file system will
 * do. */
int offline_open_alone(struct offline *o, struct config *c);

/* Commits, closes, and turns a failure into EXIT_STORE after an error line, unless `status` is that
 * already; else returns `status`. */
int offline_close(struct offline *o, int status);

/* SIGINT and SIGTERM set a flag that the commands look at between blocks. */
void offline_catch_signals(void);
bool offline_interrupted(void);

#endif
