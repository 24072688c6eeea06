/* Players of the tables about encodings, the transport and the measures of blocks. Each plays one
 * line: true = as expected, else `what` says the first difference. */
#ifndef TESTS_REPLAY_TABLES_WIRE_H
#define TESTS_REPLAY_TABLES_WIRE_H

#include "base/slice.h"

bool play_block_cbor(struct slice line, char *what, size_t what_size);
bool play_message_cbor(struct slice line, char *what, size_t what_size);
bool play_frames(struct slice line, char *what, size_t what_size);
bool play_aead_open(struct slice line, char *what, size_t what_size);
bool play_x25519(struct slice line, char *what, size_t what_size);
bool play_app_version(struct slice line, char *what, size_t what_size);
bool play_difficulty(struct slice line, char *what, size_t what_size);
bool play_better_than(struct slice line, char *what, size_t what_size);

#endif
