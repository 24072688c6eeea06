/* Asking the running node over its admin socket. */
#ifndef CLI_CTL_H
#define CLI_CTL_H

#include <sys/types.h>

#include "base/cursor.h"
#include "cli/cli.h"

enum ask_end {
	ASK_ANSWERED,
	ASK_NOBODY,    /* nobody listens; errno says why */
	ASK_NO_ANSWER, /* somebody does, and said nothing, half of it, or more than we take */
	ASK_NO_MEMORY,
};

struct ask_answer {
	int status;        /* of HTTP */
	struct slice body; /* borrowed from `bytes` */
	struct wr bytes;   /* owned: ask_free() */
	pid_t peer;        /* who listens; 0 = not to be seen from here */
};

/* One request line such as "GET /status", and its answer. */
enum ask_end ask_node(const struct config *c, const char *request, struct ask_answer *a);
void ask_free(struct ask_answer *a);

/* The line about a failed end on standard error. */
void ask_say(enum ask_end end, const char *command, const struct config *c);

/* Connects, for answers without end; −1 with errno. The caller closes it. */
int ask_connect(const struct config *c);

/* ---- ctl_stop.c ---- */

/* Waits until the node that took `stop` is gone. False after an error line when that does not come.
 */
bool ask_wait_for_end(const struct config *c, pid_t pid);

/* ---- ctl_check.c ---- */

/* One line for a monitoring system; returns its exit status: 0 ok, 1 warning, 2 critical, 3
 * unknown. */
int ask_check(const struct cli *cli, const struct config *c);

#endif
