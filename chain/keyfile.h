/* Reads key files of the network's own wallet program (protocol.md 9.3). Only tests and tools that
 * make chains use it: the node needs no secret keys. */
#ifndef CHAIN_KEYFILE_H
#define CHAIN_KEYFILE_H

#include "base/err.h"
#include "base/slice.h"

struct key_pair {
	uint8_t signing_secret[32], signing_public[32];
	uint8_t encryption_secret[32], encryption_public[32];
};

/* Reads the text of a key file. The signing public key is derived from the secret one.
 * ERR_MALFORMED also for files that make the reference node crash; ERR_NOMEM. *out has secrets, in
 * part also after an error: the caller wipes it. Copies of them in the parser's memory are freed
 * without wiping. */
enum err keyfile_parse(struct slice text, struct key_pair *out);

#endif
