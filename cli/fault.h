/* Handles SIGBUS and SIGSEGV that a damaged store causes, since the store is a file mapped into
 * memory. */
#ifndef CLI_FAULT_H
#define CLI_FAULT_H

#include <stdbool.h>

/* Installs the handlers. A fault while the store is read ends the program with EXIT_STORE and one
 * line for the user. Any other fault ends it as it would have without us. */
void fault_catch(void);

/* Sets whether that line is JSON, as other errors are with --json. */
void fault_as_json(bool on);

#endif
