/* What the commands import, export, verify and show share: opening the store without starting a
 * node, and stopping on a signal. */
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

/* Called first by a command that reads the store of a running node: see cli/child.h. */
void offline_will_read(void);

/* Root becomes the owner of the data directory, as offline_open() also does. Returns EXIT_DONE, or
 * another exit status after printing an error. */
int offline_become(struct config *c);

/* Opens the store in c->data_dir. Returns EXIT_DONE, or another exit status after printing an
 * error. With `read_only` a node may run meanwhile. On EXIT_DONE the caller must call
 * offline_close(). `c` must outlive *o, because the store counts what it uses in c->limits. */
int offline_open(struct offline *o, struct config *c, bool read_only);

/* Opens the store for reading, and fails if a node uses it. Writes nothing, so the store may be on
 * a read-only file system. */
int offline_open_alone(struct offline *o, struct config *c);

/* Commits and closes the store. Returns `status`, or EXIT_STORE when the store failed (an error is
 * printed unless `status` was EXIT_STORE already). */
int offline_close(struct offline *o, int status);

/* From now on SIGINT and SIGTERM only set a flag. Commands look at it with offline_interrupted()
 * between blocks. */
void offline_catch_signals(void);
bool offline_interrupted(void);

#endif
