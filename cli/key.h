/* What the commands about the owner's keys share: they ask the node to start the key process, and
 * then talk to that process itself, so that no passphrase passes the node. */
#ifndef CLI_KEY_H
#define CLI_KEY_H

#include "cli/cli.h"
#include "cli/passphrase.h"
#include "owner/keys_user.h"

/* Asks the node to start the key process unless it runs, as root by the rights of the data
 * directory's owner, and connects to the process. `fresh`: for a key that is to be made, of this
 * name, "" = the node chooses. Close *u with keys_user_close(). False after printing an error. */
bool key_connect(
	const struct cli *cli, struct config *c, bool fresh, const char *name, struct keys_user *u);

/* The same for a key that is there, but root stays root: for a command that writes a file where
 * root says. */
bool key_connect_as_is(const struct cli *cli, struct config *c, struct keys_user *u);

/* Connects to the process when it runs; the node is not asked. False after printing an error. */
bool key_connect_running(const struct cli *cli, struct config *c, struct keys_user *u);

/* The same, but root stays root: what it answers is tested by whoever asks. */
bool key_connect_to_sign(const struct cli *cli, struct config *c, struct keys_user *u);

/* Does a key process listen in the data directory? */
bool key_process_is_there(const struct config *c);

/* Prints why the process refused, and returns an exit status. */
int key_refused(const struct cli *cli, const struct keys_reply *r);

/* Prints the key that the process has made or taken in, after the line `done`; with --json the key
 * alone. Returns an exit status. */
int key_tell(const struct cli *cli, const struct keys_reply *r, const char *done);

#endif
