/* Words for people about what went wrong between this machine and a server that it reaches by TLS.
 * What a certificate says of itself is shown as plain ASCII only. Before: dns/tls.c. After:
 * nothing. */
#ifndef DNS_TLS_WORDS_H
#define DNS_TLS_WORDS_H

#include <openssl/x509_vfy.h>

#include "dns/tls_store.h"

/* Why the certificate that is being verified is refused. `name`: whose it must be; NULL = its
 * address's. */
void dns_tls_certificate_words(
	X509_STORE_CTX *verifying, const char *name, char to[DNS_TLS_WHY_MAX]);

/* The same of an error of OpenSSL's queue: "" when it says no more than that
 * the connection ended. */
void dns_tls_error_words(unsigned long error, char to[DNS_TLS_WHY_MAX]);

#endif
