/* The journal of signatures: what each key signed last, so that it never signs two blocks for one
 * place, whatever happens to the process, the machine or the chain. It is written and synced before
 * a signature leaves. A file of records of one size, each with a checksum: of the last and the last
 * but one block of each key, for empty and for full blocks. A record that is cut or damaged costs
 * itself alone. */
#ifndef OWNER_KEYS_JOURNAL_H
#define OWNER_KEYS_JOURNAL_H

#include "owner/keys_state.h"

#define KEYS_JOURNAL_NAME "signed.journal" /* in the folder of the keys */

/* Opens the journal of this folder, and makes an empty one (0600) where there is none. −1 and a
 * line in `why`. The caller closes it. */
int journal_open(const char *folder, char why[KEYS_TEXT_MAX]);

#endif
