/* TLS by libssl: the context at its first use, connections of it, and words for what went wrong.
 * Before: dns/upstream_target.c, and the carriers, which call dns_tls_make(). After: libssl, and
 * libevent's bufferevent for it. */
#include "dns/tls.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "dns/tls_words.h"

enum {
	CLOCK_SLACK = 60,        /* seconds that a block may be ahead of the clock (7.2) */
	CERTIFICATES_MAX = 8192, /* bytes of certificates that a server may send: see dns/tls.h */
	ALPN_MAX = 32,
};

/* ---- time ---- */

static int64_t tip_time(const struct dns_tls *t)
{
	return t->tip_time ? t->tip_time(t->ctx) : 0;
}

int64_t dns_tls_time(const struct dns_tls *t)
{
	int64_t now = clock_wall(t->clock), tip = tip_time(t);

	return now > tip ? now : tip;
}

bool dns_tls_clock_is_behind(const struct dns_tls *t)
{
	return clock_wall(t->clock) + CLOCK_SLACK < tip_time(t);
}

/* ---- the context ---- */

/* Notes why a certificate is refused while it is at hand: later libssl has it no more. */
static int on_verified(int good, X509_STORE_CTX *verifying)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(verifying, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct dns_tls_server *s = ssl ? SSL_get_app_data(ssl) : NULL;

	if (!good && s && s->tls)
		dns_tls_certificate_words(verifying, s->name, s->why);
	return good;
}

static void set_up(SSL_CTX *c, bool chosen)
{
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(c, CERTIFICATES_MAX);
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, on_verified);
	/* What the user names is trusted, be it a server's own certificate. */
	if (chosen)
		X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(c), X509_V_FLAG_PARTIAL_CHAIN);
}

/* How much more libraries hold for this thread than they did; 0 when it is less. */
static size_t more_than(size_t before)
{
	size_t more = mem_library_taken() - before;

	return more <= SIZE_MAX / 2 ? more : 0;
}

/* What libssl takes with the first context, and never gives back. */
static size_t start_libssl(void)
{
	size_t before = mem_library_taken();

	if (OPENSSL_init_ssl(0, NULL))
		SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
	ERR_clear_error();
	return more_than(before);
}

/* *bytes: what it takes. */
static SSL_CTX *make_context(const char *ca_file, uint64_t most, size_t *bytes, bool *too_large,
	char why[DNS_TLS_WHY_MAX])
{
	size_t before = mem_library_taken();
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	*too_large = false;
	*bytes = more_than(before);
	snprintf(why, DNS_TLS_WHY_MAX, "OpenSSL's libssl cannot start: out of memory?");
	if (!c)
		return NULL;
	set_up(c, ca_file && ca_file[0]);
	bool good = dns_tls_store_fill(SSL_CTX_get_cert_store(c), ca_file,
		most > *bytes ? (size_t)(most - *bytes) : 0, too_large, why);
	*bytes = more_than(before);
	ERR_clear_error();
	if (good)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

static void note_failure(struct dns_tls *t, bool too_large)
{
	t->failed_ms = clock_mono(t->clock);
	if (!t->failed_ms)
		t->failed_ms = 1;
	if (too_large)
		bound_hit(t->bytes);
	log_warn("DNS: no server is reached by TLS: %s", t->why);
}

const char *dns_tls_prepare(struct dns_tls *t)
{
	uint64_t now = clock_mono(t->clock), most = bound_read(&t->bytes->max);
	bool too_large;
	size_t bytes;

	if (t->context)
		return NULL;
	if (t->failed_ms && now - t->failed_ms < DNS_TLS_AGAIN_MS)
		return t->why;
	t->failed_ms = 0;
	t->kept += start_libssl();
	uint64_t fixed = t->kept + DNS_TLS_LOOK_BYTES;
	t->context = make_context(
		t->ca_file, most > fixed ? most - fixed : 0, &bytes, &too_large, t->why);
	bound_note(t->bytes, t->context ? fixed + bytes : t->kept);
	if (!t->context) {
		note_failure(t, too_large);
		return t->why;
	}
	t->why[0] = 0;
	return NULL;
}

void dns_tls_free(struct dns_tls *t)
{
	SSL_CTX_free(t->context);
	t->context = NULL;
	t->failed_ms = 0;
	bound_note(t->bytes, t->kept);
}

bool dns_tls_try(const char *ca_file, uint64_t most, uint64_t *bytes, char why[DNS_TLS_WHY_MAX])
{
	bool too_large;
	size_t fixed = start_libssl() + DNS_TLS_LOOK_BYTES, taken;
	SSL_CTX *c =
		make_context(ca_file, most > fixed ? most - fixed : 0, &taken, &too_large, why);

	*bytes = c ? fixed + taken : 0;
	SSL_CTX_free(c);
	return c != NULL;
}

/* ---- a connection ---- */

static bool ask_alpn(SSL *ssl, const char *alpn)
{
	uint8_t list[1 + ALPN_MAX];
	size_t n = alpn ? strlen(alpn) : 0;

	if (n == 0)
		return true;
	if (n > ALPN_MAX)
		return false;
	list[0] = (uint8_t)n;
	memcpy(list + 1, alpn, n);
	return SSL_set_alpn_protos(ssl, list, (unsigned)n + 1) == 0;
}

/* SSL_set_tlsext_host_name() casts const away, which clang sees. The name is copied, not written.
 */
static bool tell_name(SSL *ssl, const char *name)
{
	return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		       (void *)(uintptr_t)name) == 1;
}

/* Whom the certificate must be of, and when. */
static bool expect_server(SSL *ssl, const struct dns_tls_server *s)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);
	bool v4 = netaddr_is_ipv4(&s->addr);

	X509_VERIFY_PARAM_set_time(p, (time_t)dns_tls_time(s->tls));
	X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (!s->name)
		return X509_VERIFY_PARAM_set1_ip(
			p, s->addr.ip + (v4 ? 12 : 0), v4 ? 4 : sizeof s->addr.ip);
	return X509_VERIFY_PARAM_set1_host(p, s->name, 0) && tell_name(ssl, s->name);
}

static void nothing(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

/* libevent's table of descriptors has a place for this one afterwards. */
static bool make_place(struct event_base *base, int fd)
{
	struct event *e = event_new(base, fd, EV_READ | EV_WRITE, nothing, NULL);
	bool made = e && event_add(e, NULL) == 0;

	if (e)
		event_free(e);
	return made;
}

/* libevent 2.1.12 frees a bufferevent that it could not make whole, and crashes. */
static struct bufferevent *make_safely(struct event_base *base, int fd, SSL *ssl)
{
	struct bufferevent *bev = NULL;

	if (!make_place(base, fd) || !mem_spare_begin()) {
		SSL_free(ssl);
		return NULL;
	}
	bev = bufferevent_openssl_socket_new(
		base, fd, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	mem_spare_end();
	return bev;
}

/* The socket is open still when it fails. */
static struct bufferevent *make_bufferevent(
	struct dns_tls_server *s, struct event_base *base, int fd)
{
	SSL *ssl = SSL_new(s->tls->context);

	snprintf(s->why, sizeof s->why, "out of memory for TLS");
	if (!ssl)
		return NULL;
	SSL_set_app_data(ssl, s);
	if (!expect_server(ssl, s) || !ask_alpn(ssl, s->alpn)) {
		SSL_free(ssl);
		return NULL;
	}
	return make_safely(base, fd, ssl);
}

struct bufferevent *dns_tls_make(void *server, struct event_base *base, int fd)
{
	struct dns_tls_server *s = server;
	const char *why = dns_tls_prepare(s->tls);
	struct bufferevent *bev = why ? NULL : make_bufferevent(s, base, fd);

	ERR_clear_error();
	if (!bev) {
		if (why)
			snprintf(s->why, sizeof s->why, "%s", why);
		close(fd);
		return NULL;
	}
	s->why[0] = 0;
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

/* The first error, of which others followed. libevent gives them last to first, and ends with what
 * is no error of OpenSSL's queue. */
static unsigned long first_error(struct bufferevent *bev)
{
	unsigned long first = 0, e;

	while ((e = bufferevent_get_openssl_error(bev)) != 0)
		if (ERR_GET_LIB(e) != 0)
			first = e;
	return first;
}

const char *dns_tls_why(void *server, struct bufferevent *bev)
{
	struct dns_tls_server *s = server;

	if (bev && SSL_get_verify_result(bufferevent_openssl_get_ssl(bev)) == X509_V_OK)
		dns_tls_error_words(first_error(bev), s->why);
	return s->why[0] ? s->why : NULL;
}

bool dns_tls_speaks(struct bufferevent *bev, const char *alpn)
{
	const uint8_t *chosen;
	unsigned n;

	SSL_get0_alpn_selected(bufferevent_openssl_get_ssl(bev), &chosen, &n);
	return n == strlen(alpn) && memcmp(chosen, alpn, n) == 0;
}
