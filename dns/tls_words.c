/* Says in words why a certificate is refused or a handshake fails. Before: dns/tls.c. After:
 * nothing. */
#include "dns/tls_words.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/addr.h"

enum { NAME_SHOWN = 48, DATE_SIZE = 40 };

/* ---- what a certificate says of itself ---- */

static void show(const uint8_t *p, size_t n, char to[NAME_SHOWN])
{
	size_t end = n < NAME_SHOWN - 1 ? n : NAME_SHOWN - 1;

	for (size_t i = 0; i < end; i++)
		to[i] = p[i] > ' ' && p[i] <= '~' ? (char)p[i] : '?';
	to[end] = 0;
}

static bool show_address(const ASN1_OCTET_STRING *ip, char to[NAME_SHOWN])
{
	struct netaddr a = {.ip = {[10] = 0xFF, [11] = 0xFF}};
	int n = ASN1_STRING_length(ip);
	char text[NETADDR_TEXT_MAX];

	if (n != 4 && n != 16)
		return false;
	memcpy(a.ip + (n == 4 ? 12 : 0), ASN1_STRING_get0_data(ip), (size_t)n);
	snprintf(to, NAME_SHOWN, "%s", netaddr_ip_text(&a, text));
	return true;
}

static bool show_general(const GENERAL_NAME *g, char to[NAME_SHOWN])
{
	if (g->type == GEN_IPADD)
		return show_address(g->d.iPAddress, to);
	if (g->type != GEN_DNS)
		return false;
	show(ASN1_STRING_get0_data(g->d.dNSName), (size_t)ASN1_STRING_length(g->d.dNSName), to);
	return true;
}

static bool show_common_name(const X509 *x, char to[NAME_SHOWN])
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	const ASN1_STRING *s =
		at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));

	if (s)
		show(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s), to);
	return s != NULL;
}

/* The first of its names. */
static void show_name(const X509 *x, char to[NAME_SHOWN])
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(all); i++)
		found = show_general(sk_GENERAL_NAME_value(all, i), to);
	GENERAL_NAMES_free(all);
	if (!found && !show_common_name(x, to))
		snprintf(to, NAME_SHOWN, "nobody");
}

static const char *date(const ASN1_TIME *t, char to[DATE_SIZE])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		snprintf(to, DATE_SIZE, "an unknown day");
	else
		snprintf(to, DATE_SIZE, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday);
	return to;
}

void dns_tls_certificate_words(
	X509_STORE_CTX *verifying, const char *name, char to[DNS_TLS_WHY_MAX])
{
	X509 *x = X509_STORE_CTX_get_current_cert(verifying);
	int error = X509_STORE_CTX_get_error(verifying);
	char is[NAME_SHOWN] = "nobody", day[DATE_SIZE];

	if (x)
		show_name(x, is);
	switch (x ? error : X509_V_ERR_UNSPECIFIED) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		snprintf(to, DNS_TLS_WHY_MAX, "its certificate is for %s, not for %.40s", is, name);
		return;
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		snprintf(to, DNS_TLS_WHY_MAX, "its certificate is for %s, not for its address", is);
		return;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		snprintf(to, DNS_TLS_WHY_MAX, "the certificate of %s expired on %s", is,
			date(X509_get0_notAfter(x), day));
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		snprintf(to, DNS_TLS_WHY_MAX,
			"the certificate of %s begins on %s: is the clock right?", is,
			date(X509_get0_notBefore(x), day));
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		snprintf(to, DNS_TLS_WHY_MAX,
			"the certificate of %s is not signed by a known authority", is);
		return;
	default:
		snprintf(to, DNS_TLS_WHY_MAX, "the certificate of %s is bad: %s", is,
			X509_verify_cert_error_string(error));
	}
}

/* ---- errors of libssl ---- */

void dns_tls_error_words(unsigned long error, char to[DNS_TLS_WHY_MAX])
{
	const char *reason = ERR_reason_error_string(error);

	to[0] = 0;
	if (ERR_GET_LIB(error) == 0 || ERR_SYSTEM_ERROR(error))
		return;
	switch (ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0) {
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return;
	case SSL_R_WRONG_VERSION_NUMBER:
		snprintf(to, DNS_TLS_WHY_MAX, "it does not speak TLS");
		return;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		snprintf(to, DNS_TLS_WHY_MAX, "it does not speak TLS 1.2 or later");
		return;
	case SSL_R_EXCESSIVE_MESSAGE_SIZE:
		snprintf(to, DNS_TLS_WHY_MAX, "its certificates are too large");
		return;
	default:
		snprintf(to, DNS_TLS_WHY_MAX, "TLS: %s", reason ? reason : "unknown error");
	}
}
