/* Checks the form of settings that are hashes or addresses. Each function may complete the text in
 * place. It returns NULL when the text is valid, else words that say what is wrong, such as "is not
 * address:port, …". Static. */
#ifndef CONFIG_VALIDATE_H
#define CONFIG_VALIDATE_H

#include "config/config.h"

/* 64 hexadecimal digits, which are made upper case; or "". */
const char *validate_origin(char text[CONFIG_TEXT_MAX]);

/* The name of a folder: any text but "". */
const char *validate_folder(char text[CONFIG_TEXT_MAX]);

/* A literal address and a port; port 0 lets the system choose one. */
const char *validate_listen(char text[CONFIG_TEXT_MAX]);

/* host:port or address:port; a missing port is completed with 4244. */
const char *validate_peer(char text[CONFIG_TEXT_MAX]);

/* True for an IPv6 address whose last group looks like a port, such as "2001:db8::1:4244". `meant`
 * gets what the user may have meant: "[2001:db8::1]:4244". */
bool validate_lacks_brackets(const char *text, char meant[CONFIG_TEXT_MAX]);

/* A literal address, with or without a port; or "". */
const char *validate_own_address(char text[CONFIG_TEXT_MAX]);

/* A literal address and a port that is not 0; or "". */
const char *validate_admin_listen(char text[CONFIG_TEXT_MAX]);

/* A network or an address, in the form of net/cidr.h. */
const char *validate_network(char text[CONFIG_TEXT_MAX]);
/* The same, or "loopback", or "private" (dns.allow). */
const char *validate_clients(char text[CONFIG_TEXT_MAX]);

#endif
