/* Role: takes the texts of [dns] apart. Before: the settings were loaded. After: dns/server.c has
 * values. Pure but for the allocation. */
#include "dns/setup.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static bool wrong(
	struct dns_setup_error *e, enum config_key_id key, const char *text, const char *why)
{
	e->key = key;
	snprintf(e->text, sizeof e->text, "\"%s\" %s", text, why);
	return false;
}

static void copy(char to[CONFIG_TEXT_MAX], struct slice from)
{
	size_t n = from.n < CONFIG_TEXT_MAX ? from.n : CONFIG_TEXT_MAX - 1;

	if (n) /* an empty one may have no pointer */
		memcpy(to, from.p, n);
	to[n] = 0;
}

/* Would we ask ourselves there? Behind a wildcard all addresses of this machine are ours; of these
 * the loopback ones are known. */
static bool is_ours(const struct config *c, const struct netaddr *at)
{
	static const uint8_t none[16];
	struct netaddr own;

	for (size_t i = 0; i < c->dns_listen.count; i++) {
		if (!netaddr_parse(slice_str(c->dns_listen.ptr[i]), &own) || own.port != at->port)
			continue;
		bool wildcard = memcmp(own.ip, none, 10) == 0 && memcmp(own.ip + 12, none, 4) == 0;
		if (netaddr_same_ip(&own, at) || (wildcard && netaddr_is_loopback(at)))
			return true;
	}
	return false;
}

static const char ask_ourselves[] = "is an address of dns.listen: the node would ask itself";

static bool read_forwarder(
	struct dns_setup *d, const struct config *c, size_t number, struct dns_setup_error *e)
{
	const char *text = c->dns_forwarders.ptr[number];
	size_t i = d->forwarder_count;
	struct dns_forwarder_settings *f = &d->forwarders[i];
	struct dns_forwarder_text said = {0};
	const char *why = dns_forwarder_parse(slice_str(text), &said);

	if (why)
		return wrong(e, KEY_dns_forwarders, text, why);
	if (said.transport == DNS_OVER_HTTPS && !DNS_HAS_HTTPS) {
		d->left_out[d->left_out_count++] = number;
		return true;
	}
	if (is_ours(c, &said.addr))
		return wrong(e, KEY_dns_forwarders, text, ask_ourselves);
	copy(d->text[i], slice_str(text));
	copy(d->name[i], said.name);
	copy(d->path[i], said.path);
	*f = (struct dns_forwarder_settings){.text = d->text[i],
		.transport = said.transport,
		.addr = said.addr,
		.name = said.name.n ? d->name[i] : NULL,
		.path = said.path.n ? d->path[i] : NULL,
		.port = said.port};
	d->forwarder_count++;
	return true;
}

static bool read_bootstrap(
	struct dns_setup *d, const struct config *c, const char *text, struct dns_setup_error *e)
{
	struct netaddr *at = &d->bootstraps[d->bootstrap_count];
	const char *why = dns_bootstrap_parse(slice_str(text), at);

	if (!why && is_ours(c, at))
		why = ask_ourselves;
	if (why)
		return wrong(e, KEY_dns_bootstraps, text, why);
	d->bootstrap_count++;
	return true;
}

static bool read_all(struct dns_setup *d, const struct config *c, struct dns_setup_error *e)
{
	size_t bad = 0;

	if (!dns_access_read(&d->access, c->dns_allow.ptr, c->dns_allow.count, &bad))
		return wrong(e, KEY_dns_allow, c->dns_allow.ptr[bad], "is one network too many");
	for (size_t i = 0; i < c->dns_forwarders.count; i++)
		if (!read_forwarder(d, c, i, e))
			return false;
	for (size_t i = 0; i < c->dns_bootstraps.count; i++)
		if (!read_bootstrap(d, c, c->dns_bootstraps.ptr[i], e))
			return false;
	copy(d->ca_file, slice_str(c->dns_ca_file));
	d->use_0x20 = c->dns_0x20;
	d->trust_ad = c->dns_trust_ad;
	d->page_names = c->dns_page_names;
	d->rebind_protection = c->dns_rebind_protection;
	d->delegate_private = c->dns_delegate_private;
	d->delegate_port = (uint16_t)c->dns_delegate_port;
	d->rate_limit = c->dns_rate_limit;
	d->cleanup_ms = c->dns_cleanup * 1000;
	d->stale_ms = c->dns_serve_stale;
	return true;
}

struct dns_setup *dns_setup_new(const struct config *c, struct dns_setup_error *e)
{
	struct dns_setup *d = mem_alloc(sizeof *d);

	e->text[0] = 0;
	if (d && read_all(d, c, e))
		return d;
	mem_free(d);
	return NULL;
}
