/* Players of the tables about the hash, signatures and identities. Each plays one line: true = as
 * expected, else `what` says the first difference. */
#ifndef TESTS_REPLAY_TABLES_CRYPTO_H
#define TESTS_REPLAY_TABLES_CRYPTO_H

#include "base/slice.h"

bool play_blakeout(struct slice line, char *what, size_t what_size);
bool play_ed25519_verify(struct slice line, char *what, size_t what_size);
bool play_ed25519_sign(struct slice line, char *what, size_t what_size);
bool play_identity(struct slice line, char *what, size_t what_size);
bool play_encryption_public_key(struct slice line, char *what, size_t what_size);
bool play_ecies_decrypt(struct slice line, char *what, size_t what_size);
bool play_key_file(struct slice line, char *what, size_t what_size);

#endif
