/* Prints what --version says. Uses every library, but only to ask for its version. Before: the
 * command line (cli/). After: standard output. */
#include <ares.h>
#include <cbor.h>
#include <event2/event.h>
#include <lmdb.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <toml++/impl/version.h>
#include <zlib.h>
#ifdef WITH_NGHTTP2
#include <nghttp2/nghttp2.h>
#endif
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "node/version.h"

#define TEXT_OF(x)    #x
#define TEXT(x)       TEXT_OF(x)
#define DOTS(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

/* The linked one may be newer than the headers that we were built against. */
static void print_library(const char *name, const char *linked, const char *built)
{
	if (strcmp(linked, built) == 0)
		printf("  %-10s %s\n", name, linked);
	else
		printf("  %-10s %s (built against %s)\n", name, linked, built);
}

/* Other C libraries than glibc, such as musl, do not tell their version. */
static void print_c_library(void)
{
#ifdef __GLIBC__
	print_library("glibc", gnu_get_libc_version(), TEXT(__GLIBC__) "." TEXT(__GLIBC_MINOR__));
#else
	print_library("libc", "musl or another", "musl or another");
#endif
}

/* Forwarders by HTTPS need it. */
static void print_nghttp2(void)
{
#ifdef WITH_NGHTTP2
	print_library("nghttp2", nghttp2_version(0)->version_str, NGHTTP2_VERSION);
#else
	print_library(
		"nghttp2", "left out: no https:// forwarders", "left out: no https:// forwarders");
#endif
}

/* These tell their version at run time. */
static void print_linked(void)
{
	const char *lmdb = DOTS(MDB_VERSION_MAJOR, MDB_VERSION_MINOR, MDB_VERSION_PATCH);
	char text[32];
	int major, minor, patch;

	mdb_version(&major, &minor, &patch);
	snprintf(text, sizeof text, "%d.%d.%d", major, minor, patch);
	print_c_library();
	print_library("libevent", event_get_version(), LIBEVENT_VERSION);
	print_library("lmdb", text, lmdb);
	print_library("libsodium", sodium_version_string(), SODIUM_VERSION_STRING);
	print_library("openssl", OpenSSL_version(OPENSSL_VERSION_STRING), OPENSSL_VERSION_STR);
	print_library("sqlite", sqlite3_libversion(), SQLITE_VERSION);
	print_library("c-ares", ares_version(NULL), ARES_VERSION_STR);
	print_library("zlib", zlibVersion(), ZLIB_VERSION);
	print_nghttp2();
}

static const char *commit = "";

void version_set_commit(const char *text)
{
	commit = text;
}

void version_print(bool verbose)
{
	const char *cbor = DOTS(CBOR_MAJOR_VERSION, CBOR_MINOR_VERSION, CBOR_PATCH_VERSION);
	const char *toml = DOTS(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH);

	printf("alfisd %s (network release %s%s%s)\n", ALFISD_VERSION, ALFIS_RELEASE,
		*commit ? ", commit " : "", commit);
	if (!verbose)
		return;
	print_linked();
	print_library("libcbor", cbor, cbor);
	print_library("toml++", toml, toml);
	print_library("compiler", __VERSION__, __VERSION__);
}
