/* The certificates of the authorities that are trusted, read into a store of OpenSSL's: those of a
 * file of the settings, or the system's. Bounded in bytes. Before: dns/tls.c. After: libcrypto. */
#ifndef DNS_TLS_STORE_H
#define DNS_TLS_STORE_H

#include <stdbool.h>
#include <stddef.h>

struct x509_store_st; /* OpenSSL's X509_STORE */

enum { DNS_TLS_WHY_MAX = 128 }; /* a reason in words, with its NUL */

/* Adds the certificates of `ca_file`, in PEM; NULL or "" = the system's: the file that the
 * environment's SSL_CERT_FILE names, else the first that is there of those that systems have, else
 * the files of OpenSSL's folder of certificates. `most`: bytes of memory, of this thread. True when
 * at least one was read and none is bad. False with the reason in `why`; *too_large is set when it
 * is the bytes. Reads files in the calling thread. */
bool dns_tls_store_fill(struct x509_store_st *store, const char *ca_file, size_t most,
	bool *too_large, char why[DNS_TLS_WHY_MAX]);

#endif
