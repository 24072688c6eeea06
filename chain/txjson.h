/* The JSON form of a transaction (protocol.md 4.5), which the reference node stores in its
 * database. Pure. */
#ifndef CHAIN_TXJSON_H
#define CHAIN_TXJSON_H

#include "chain/block.h"

/* Reads a text exactly as the reference node does. The slices of *tx point into `space`, which
 * needs as many bytes as the text has and must live as long as *tx. Zero byte strings (2.1) become
 * empty. False when the text does not parse. */
bool txjson_read(struct slice text, struct transaction *tx, uint8_t *space, size_t size);

/* Appends the compact form, without the fields that 4.2 omits. The writer's error is set when it
 * does not fit. */
void txjson_write(const struct transaction *tx, struct wr *w);

#endif
