/* What the terminal of a command can show. */
#ifndef NODE_TERMINAL_H
#define NODE_TERMINAL_H

#include <stdio.h>

/* Characters in a line of `out`: COLUMNS of the environment, else what the terminal says, else 0:
 * no bound, as for a file or a pipe. */
size_t terminal_columns(FILE *out);

#endif
