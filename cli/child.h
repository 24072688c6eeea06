/* Runs the rest of a command in a child process. LMDB tells the readers of a store apart by their
 * process numbers. Processes in two containers may have the same number (1 above all), so a command
 * that only reads the store continues in a child, which has another number. */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <stdbool.h>

/* Forks. Returns true in the child. The parent never returns: it passes signals on to the child and
 * ends with the child's exit status or signal. False when fork() failed. Flushes standard output;
 * call it only while there is one thread. */
bool child_goes_on(void);

#endif
