/* Our version, and the release of the network's own node whose rules we follow. */
#ifndef NODE_VERSION_H
#define NODE_VERSION_H

#include <stdbool.h>

#define ALFISD_VERSION "0.1.0"
#define ALFIS_RELEASE  "0.10.0"

/* What the source was built from; borrowed, "" when the build does not know it. Told by main, as
 * the only file that is compiled for each commit. */
void version_set_commit(const char *text);

/* One line; `verbose` adds the compiler and every library, as it runs and as it was built against.
 */
void version_print(bool verbose);

#endif
