/* Our version, and the release of the network's own node whose rules we follow. */
#ifndef NODE_VERSION_H
#define NODE_VERSION_H

#include <stdbool.h>

#define ALFISD_VERSION "0.1.0"
#define ALFIS_RELEASE  "0.10.0"

/* Sets the commit that the program was built from; borrowed, "" when the build does not know it.
 * main() passes it, because cli/main.c is the only file that is compiled anew for each commit. */
void version_set_commit(const char *text);

/* Prints one line to standard output; `verbose` adds the compiler and, of every library, the
 * version that runs and the one that we were built against. */
void version_print(bool verbose);

#endif
