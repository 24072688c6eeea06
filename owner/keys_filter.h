/* The filter of system calls of the key process (seccomp), set by prctl. */
#ifndef OWNER_KEYS_FILTER_H
#define OWNER_KEYS_FILTER_H

#include "owner/keys_state.h"

/* From now on this thread, and those that it starts, may only make the calls of a list: use what is
 * open, have memory, threads, time and randomness. Another call fails with EPERM; one made as that
 * of another machine (32 bits on 64) ends the process. PR_SET_NO_NEW_PRIVS must be set. `missing`
 * gets a line for the user when there is no filter, else "". */
void filter_enter(char missing[KEYS_TEXT_MAX]);

/* Is it looked at by valgrind? */
bool filter_runs_under_valgrind(void);

/* Was this program built with a sanitizer? */
bool filter_is_instrumented(void);

/* At the end, when nothing secret is left: an instrumented program may be looked at again, because
 * its sanitizer looks for leaks then and cannot do so while it is hidden. */
void filter_show_at_end(void);

#endif
