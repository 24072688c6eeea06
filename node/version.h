/* Our version, and the release of the network's own node whose rules we follow. */
#ifndef NODE_VERSION_H
#define NODE_VERSION_H

#define ALFISD_VERSION "0.1.0"
#define ALFIS_RELEASE  "0.10.0"

#endif
