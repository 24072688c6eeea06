/* Key files of the network (protocol.md 9.3). */
#ifndef CHAIN_KEYFILE_H
#define CHAIN_KEYFILE_H

#include "base/err.h"
#include "base/slice.h"

struct key_pair {
	uint8_t signing_secret[32], signing_public[32];
	uint8_t encryption_secret[32], encryption_public[32];
};

/* Reads the text of a key file. The signing public key is derived from the secret. ERR_MALFORMED
 * also for what makes the reference crash; ERR_NOMEM. */
enum err keyfile_parse(struct slice text, struct key_pair *out);

#endif
