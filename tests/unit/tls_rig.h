/* An authority, certificates of it and servers that speak TLS, made by libcrypto in the test.
 * Everything is freed by tls_rig_end(). */
#ifndef TESTS_UNIT_TLS_RIG_H
#define TESTS_UNIT_TLS_RIG_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/main.h"

enum { TLS_PATH = 64 };

/* How a certificate is made. Times are seconds since 1970. */
struct tls_wish {
	const char *name; /* DNS name; NULL = none */
	const char *ip;   /* or address */
	time_t begins, ends;
	bool self_signed;
	size_t filler; /* further names, to make it large */
	bool tiny;     /* these have one letter */
};

struct tls_rig {
	EVP_PKEY *ca_key;
	X509 *ca;
	char folder[TLS_PATH], ca_file[2 * TLS_PATH];
};

static inline EVP_PKEY *tls_key(void)
{
	EVP_PKEY *k = EVP_EC_gen("P-256");

	assert_non_null(k);
	return k;
}

static inline void tls_set_name(X509_NAME *n, const char *name)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(
				 n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0),
		1);
}

static inline void tls_extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void tls_add_names(X509 *x, const struct tls_wish *w)
{
	char *names = malloc(64 + 24 * w->filler);
	int n = 0;

	assert_non_null(names);
	if (w->name)
		n = sprintf(names, "DNS:%s", w->name);
	else if (w->ip)
		n = sprintf(names, "IP:%s", w->ip);
	for (size_t i = 0; i < w->filler; i++)
		n += w->tiny ? sprintf(names + n, ",DNS:a")
			     : sprintf(names + n, ",DNS:n%zu.example", i);
	if (n)
		tls_extend(x, NID_subject_alt_name, names);
	free(names);
}

/* Signed by the authority, unless it shall be by itself. */
static inline X509 *tls_certificate(
	const struct tls_rig *r, EVP_PKEY *key, const struct tls_wish *w, bool authority)
{
	X509 *x = X509_new();
	X509_NAME *subject;

	assert_non_null(x);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), authority ? 1 : 2);
	ASN1_TIME_set(X509_getm_notBefore(x), w->begins);
	ASN1_TIME_set(X509_getm_notAfter(x), w->ends);
	X509_set_pubkey(x, key);
	subject = X509_get_subject_name(x);
	tls_set_name(subject, authority ? "Test Authority" : "Test Server");
	X509_set_issuer_name(x, w->self_signed ? subject : X509_get_subject_name(r->ca));
	if (authority)
		tls_extend(x, NID_basic_constraints, "critical,CA:TRUE");
	else
		tls_add_names(x, w);
	assert_true(X509_sign(x, w->self_signed ? key : r->ca_key, EVP_sha256()) > 0);
	return x;
}

static inline void tls_write(const char *path, X509 *x, size_t times)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "# what is no certificate is passed over\n");
	for (size_t i = 0; i < times; i++)
		assert_int_equal(PEM_write_X509(f, x), 1);
	assert_int_equal(fclose(f), 0);
}

/* The authority is in r->ca_file. */
static inline void tls_rig_begin(struct tls_rig *r)
{
	const struct tls_wish w = {.begins = 0, .ends = 2000000000, .self_signed = true};

	snprintf(r->folder, sizeof r->folder, "/tmp/alfisd-tls-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->ca_file, sizeof r->ca_file, "%s/ca.pem", r->folder);
	r->ca_key = tls_key();
	r->ca = tls_certificate(r, r->ca_key, &w, true);
	tls_write(r->ca_file, r->ca, 1);
}

static inline void tls_rig_end(struct tls_rig *r)
{
	X509_free(r->ca);
	EVP_PKEY_free(r->ca_key);
	unlink(r->ca_file);
	assert_int_equal(rmdir(r->folder), 0);
}

/* What a server with such a certificate needs; the caller frees it. */
static inline SSL_CTX *tls_server(const struct tls_rig *r, const struct tls_wish *w)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = tls_key();
	X509 *x = tls_certificate(r, key, w, false);

	assert_non_null(c);
	assert_int_equal(SSL_CTX_use_certificate(c, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(c, key), 1);
	X509_free(x);
	EVP_PKEY_free(key);
	return c;
}

#endif
