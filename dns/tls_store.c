/* Reads certificates of authorities, one at a time, so that a file that is larger than its row does
 * not come into memory whole. Before: dns/tls.c. After: libcrypto. */
#include "dns/tls_store.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { PATH_SIZE = 512, HASH_DIGITS = 8 };

struct filling {
	X509_STORE *store;
	size_t begun_at, most; /* bytes of this thread */
	size_t count;
	bool too_large;
	char *why;
};

/* The path comes last: what is too long is cut. */
static bool fail(struct filling *f, const char *path, const char *why)
{
	snprintf(f->why, DNS_TLS_WHY_MAX, "%s: %s", why, path);
	ERR_clear_error();
	return false;
}

static int no_password(char *to, int size, int writing, void *ctx)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

/* The end of the file is an error like others: no further beginning was found. */
static bool is_end(void)
{
	unsigned long e = ERR_peek_last_error();

	return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

static bool add(struct filling *f, const char *path, X509 *x)
{
	int added = X509_STORE_add_cert(f->store, x);

	X509_free(x);
	if (added != 1)
		return fail(f, path, "out of memory");
	f->count++;
	f->too_large = mem_library_taken() - f->begun_at > f->most; /* it only grows */
	if (f->too_large)
		return fail(f, path, "limits.dns_tls_context_bytes is too small for it");
	return true;
}

static bool read_all(struct filling *f, const char *path, BIO *in)
{
	char text[64];
	X509 *x;
	size_t n = 0;

	while ((x = PEM_read_bio_X509(in, NULL, no_password, NULL)) != NULL) {
		n++;
		if (!add(f, path, x))
			return false;
	}
	if (!is_end()) {
		snprintf(text, sizeof text, "certificate %zu cannot be read", n + 1);
		return fail(f, path, text);
	}
	ERR_clear_error();
	return true;
}

static bool read_file(struct filling *f, const char *path)
{
	BIO *in = BIO_new_file(path, "r");

	if (!in)
		return fail(f, path, "it cannot be opened");
	bool good = read_all(f, path, in);
	BIO_free(in);
	return good;
}

/* "0a1b2c3d.0": as c_rehash names a certificate. */
static bool is_hashed(const char *name)
{
	return strspn(name, "0123456789abcdef") == HASH_DIGITS && name[HASH_DIGITS] == '.' &&
	       name[HASH_DIGITS + 1] >= '0' && name[HASH_DIGITS + 1] <= '9';
}

/* A single bad file of many is left out, as OpenSSL does that looks for them one by one. */
static bool read_folder(struct filling *f, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	char path[PATH_SIZE];

	while (d && !f->too_large && (e = readdir(d)) != NULL)
		if (is_hashed(e->d_name) &&
			snprintf(path, sizeof path, "%s/%s", folder, e->d_name) < PATH_SIZE)
			(void)read_file(f, path);
	if (d)
		closedir(d);
	return !f->too_large;
}

/* Where the systems that we know keep them in one file. */
static const char *system_file(void)
{
	static const char *const known[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, OpenWrt, Arch */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
		"/etc/ssl/ca-bundle.pem",             /* openSUSE */
		"/etc/ssl/cert.pem",
	};
	const char *asked = getenv(X509_get_default_cert_file_env());

	if (asked && asked[0])
		return asked;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (access(known[i], R_OK) == 0)
			return known[i];
	return access(X509_get_default_cert_file(), R_OK) == 0 ? X509_get_default_cert_file()
							       : NULL;
}

bool dns_tls_store_fill(X509_STORE *store, const char *ca_file, size_t most, bool *too_large,
	char why[DNS_TLS_WHY_MAX])
{
	struct filling f = {
		.store = store, .begun_at = mem_library_taken(), .most = most, .why = why};
	const char *path = ca_file && ca_file[0] ? ca_file : system_file();

	why[0] = 0;
	bool good = path ? read_file(&f, path) : read_folder(&f, X509_get_default_cert_dir());
	*too_large = f.too_large;
	if (!good || f.count)
		return good;
	if (path)
		return fail(&f, path, "no certificate is in it");
	snprintf(why, DNS_TLS_WHY_MAX,
		"this machine has no certificates of authorities: install "
		"ca-certificates, or set dns.ca_file");
	return false;
}
