/* The JSON form of a transaction (protocol.md 4.5), as the reference's database keeps it. */
#ifndef CHAIN_TXJSON_H
#define CHAIN_TXJSON_H

#include "chain/block.h"

/* Reads it exactly as the reference does. The slices of *tx point into `space`, which needs as many
 * bytes as the text has; zero byte strings become empty. False when it does not parse. */
bool txjson_read(struct slice text, struct transaction *tx, uint8_t *space, size_t size);

/* The compact form, with the omissions of 4.2. The writer fails when it does not fit. */
void txjson_write(const struct transaction *tx, struct wr *w);

#endif
