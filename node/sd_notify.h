/* sd_notify(3) without libsystemd: sends one datagram to $NOTIFY_SOCKET; nothing when that is
 * unset.
 */
#ifndef NODE_SD_NOTIFY_H
#define NODE_SD_NOTIFY_H

#include "base/clock.h"

/* True when a service manager started us and listens. */
bool sd_notify_is_wanted(void);

/* Sends `state`, for example "READY=1" or "STOPPING=1"; several lines may be joined by '\n'. Never
 * waits. False when the manager's socket is full or we have no descriptor left: try again later.
 * True also when there is no manager, or sending failed for good. */
bool sd_notify_send(const char *state);

/* Says that the settings are being read again. The caller must send READY=1 afterwards. */
void sd_notify_reloading(const struct clock *clock);

#endif
