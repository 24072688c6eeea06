/* sd_notify(3) without its library: one datagram to $NOTIFY_SOCKET, nothing when that is unset. */
#ifndef NODE_SD_NOTIFY_H
#define NODE_SD_NOTIFY_H

#include "base/clock.h"

/* Is there a service manager that listens? */
bool sd_notify_is_wanted(void);

/* For example "READY=1" or "STOPPING=1"; several lines may be joined by '\n'. Never waits: false
 * when the manager does not read and its socket is full, so that it must be told again later. */
bool sd_notify_send(const char *state);

/* The settings are being read again; READY=1 follows. */
void sd_notify_reloading(const struct clock *clock);

#endif
