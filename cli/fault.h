/* Faults of memory that come from a damaged store. */
#ifndef CLI_FAULT_H
#define CLI_FAULT_H

#include <stdbool.h>

/* From now on such a fault ends the program with EXIT_STORE and one line for the user; every other
 * one ends it as before. */
void fault_catch(void);

/* The line is JSON, as other errors are with --json. */
void fault_as_json(bool on);

#endif
