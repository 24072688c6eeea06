/* LMDB knows those who read a store by their process numbers, and in two containers these may be
 * equal, 1 above all. A command that only reads goes on in a child then, which has another one. */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <stdbool.h>

/* Returns in a child; this process passes signals on and ends as the child ends. False when there
 * is no child to be had. Nothing may wait in standard output, and there is one thread. */
bool child_goes_on(void);

#endif
