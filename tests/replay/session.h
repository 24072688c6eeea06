/* Recorded sessions with a live node of release 0.10 (format alfis-session): hellos, keys, frames
 * and messages of one line. True = as recorded, else `what` says the first difference. */
#ifndef TESTS_REPLAY_SESSION_H
#define TESTS_REPLAY_SESSION_H

#include "base/slice.h"

bool play_session(struct slice line, char *what, size_t what_size);

#endif
