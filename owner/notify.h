/* A command of the owner's that is run with what he is told: `owner.notify`. It is split into words
 * without a shell, and gets two more: the kind and the line. It inherits nothing: its environment
 * is PATH alone, its input and outputs are /dev/null, no descriptor of ours is open in it. Nobody
 * waits for it. Before: node/node_notify.c. After: the kernel. */
#ifndef OWNER_NOTIFY_H
#define OWNER_NOTIFY_H

#include <sys/types.h>

#include "base/slice.h"

enum {
	NOTIFY_WORDS_MAX = 16,    /* of the command, its path the first */
	NOTIFY_COMMAND_MAX = 256, /* bytes, with its NUL */
	NOTIFY_WHY_MAX = 128,
};

struct notify_command {
	char text[NOTIFY_COMMAND_MAX]; /* the words, each with a NUL behind it */
	char *word[NOTIFY_WORDS_MAX + 3];
	size_t count;
};

/* Splits the text at blanks; "double quotes" hold a word together. NULL, or a line that says what
 * is wrong with it: a static text. */
const char *notify_split(const char *text, struct notify_command *to);

/* Starts it in a process group of its own. Its number, or −1 with errno. Whoever gets it calls
 * notify_ended() until that is true. */
pid_t notify_start(struct notify_command *c, const char *kind, const char *line);

/* Has it ended? Then `why` gets a line about its failure, "" = it went well. */
bool notify_ended(pid_t pid, char why[NOTIFY_WHY_MAX]);

/* Ends it and all that it started; notify_ended() is true soon after. Nobody waits for that: one
 * that hangs in a dead file system stays until that is back. */
void notify_kill(pid_t pid);

#endif
