/* Starts the key process: this program once more, with nothing of ours but three descriptors. */
#ifndef OWNER_KEYS_START_H
#define OWNER_KEYS_START_H

#include <sys/types.h>

#include "owner/keys_state.h"

/* Where the process finds what it inherits. */
enum { KEYS_FD_NODE = 3, KEYS_FD_LISTENER = 4, KEYS_FD_JOURNAL = 5 };

/* The hidden command that it runs. */
#define KEYS_COMMAND "key-process"

/* Executes /proc/self/exe with that command: no environment, standard input and outputs of
 * /dev/null, a session of its own, and duplicates of these descriptors. Its number, or −1 and a
 * line in `why`. Whoever gets it waits for it with waitpid(). */
pid_t keys_start(int node, int listener, int journal, char why[KEYS_TEXT_MAX]);

/* Closes all descriptors from this one on: those of whoever started the node, too. For the time
 * between fork() and exec(). */
void keys_close_from(int first);

/* Says in `why` how it ended; ends it first if it has not. */
void keys_end(pid_t pid, char why[KEYS_TEXT_MAX]);

#endif
