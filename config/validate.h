/* The shape of texts that have one: hashes and addresses. Each function completes the text in
 * place where that is allowed and returns NULL, or says what it is not, such as
 * "is not address:port, ...". */
#ifndef CONFIG_VALIDATE_H
#define CONFIG_VALIDATE_H

#include "config/config.h"

/* 64 hexadecimal digits, which become upper case, or "". */
const char *shape_origin(char text[CONFIG_TEXT_MAX]);

/* A folder must have a name. */
const char *shape_folder(char text[CONFIG_TEXT_MAX]);

/* A literal address and a port (0: the system chooses one). */
const char *shape_listen(char text[CONFIG_TEXT_MAX]);

/* host:port or address:port; a missing port becomes 4244. */
const char *shape_peer(char text[CONFIG_TEXT_MAX]);

/* Is this an IPv6 address whose last group looks like a port, "2001:db8::1:4244"? What was meant,
 * then, is "[2001:db8::1]:4244". */
bool shape_lacks_brackets(const char *text, char meant[CONFIG_TEXT_MAX]);

/* A literal address with or without a port, or "". */
const char *shape_own_address(char text[CONFIG_TEXT_MAX]);

/* A literal address and a port, or "". */
const char *shape_admin_listen(char text[CONFIG_TEXT_MAX]);

/* A network or an address, as net/cidr.h reads them. */
const char *shape_network(char text[CONFIG_TEXT_MAX]);

#endif
