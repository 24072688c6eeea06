/* Asks the running node over its Unix socket admin.socket. These functions block: they are for
 * commands, not for the event loop. */
#ifndef CLI_CTL_H
#define CLI_CTL_H

#include <sys/types.h>

#include "base/cursor.h"
#include "cli/cli.h"

enum ctl_end {
	CTL_ANSWERED,
	CTL_NOBODY,    /* could not connect; errno says why */
	CTL_NO_ANSWER, /* connected, but the answer did not come in time, was cut off or too long */
	CTL_NO_MEMORY,
};

struct ctl_answer {
	int status;        /* of HTTP, such as 200 */
	struct slice body; /* inside `bytes` */
	struct wr bytes;   /* owned; ctl_answer_free() frees it */
	/* process that listens; 0 = not known, for example in another container */
	pid_t peer;
};

/* Sends one request line such as "GET /status" and reads the whole answer (at most
 * admin_response_bytes) into *a. Waits at most 10 s for each piece. Call ctl_answer_free() whatever
 * it returns. */
enum ctl_end ctl_request(const struct config *c, const char *request, struct ctl_answer *a);

/* The same for a POST whose arguments are a form, "a=1&b=%41"; borrowed. */
enum ctl_end ctl_request_form(
	const struct config *c, const char *request, struct slice form, struct ctl_answer *a);
void ctl_answer_free(struct ctl_answer *a);

/* Root becomes the owner of the data directory when the socket is in there: its owner could have
 * put a link to another program's socket in its place. False after printing an error. */
bool ctl_become(struct config *c);

/* Prints the error of an answer that is none of success, "alfisd: COMMAND ARGUMENTS: …". Returns
 * the exit status: EXIT_REFUSED when a rule of the chain says no (409), else EXIT_TASK_FAILED. */
int ctl_print_refusal(const struct cli *cli, const struct ctl_answer *a);

/* Prints why ctl_request() or ctl_connect() failed, and what to do about it. Reads errno for
 * CTL_NOBODY. */
void ctl_print_failure(enum ctl_end end, const char *command, const struct config *c);

/* Connects to the node, for answers that have no end (`events`). Returns a descriptor that the
 * caller closes, or −1 with errno. */
int ctl_connect(const struct config *c);

/* Sends one request, waits for the answer, and gives its body to `take` (NULL: nobody). Returns
 * EXIT_DONE, or EXIT_TASK_FAILED after printing why. */
int ctl_tell(const struct cli *cli, const struct config *c, const char *request,
	void (*take)(void *ctx, struct slice body), void *ctx);

/* ---- ctl_request.c ---- */

/* Writes the request line of a command, such as "GET /peers?all", into `to`. False when an argument
 * is wrong or all are too long; the error was printed. */
bool ctl_make_request(const struct cli *cli, const struct command *cmd, char *to, size_t size);

/* Appends an argument's value: all characters but letters and digits as %XX. */
void ctl_put_encoded(struct wr *w, struct slice text);

/* ---- ctl_stop.c ---- */

/* Waits until the node that was told to stop has ended: `pid` is its process, 0 = not known. False
 * when it has not ended in time; the error was printed. */
bool ctl_wait_for_end(const struct config *c, pid_t pid);

/* ---- ctl_check.c ---- */

/* Prints one line for a monitoring system. Returns its exit status: 0 ok, 1 warning, 2 critical, 3
 * unknown. */
int ctl_check(const struct cli *cli, const struct config *c);

#endif
