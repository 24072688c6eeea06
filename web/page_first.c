/* First start: what is not set up yet, with the lines that set it up, for who sits at this machine.
 * Nothing is changed from here. Before: web/page_home.c. After: docs/dns.md has the same lines. */
#include <stdatomic.h>
#include <stdio.h>

#include "net/addr.h"
#include "web/routes.h"

#define ZONES   "anon btn conf index merch mirror mob screen srv ygg v6 q6"
#define ROUTING "~anon ~btn ~conf ~index ~merch ~mirror ~mob ~screen ~srv ~ygg ~v6 ~q6"

static void begin(struct page *p, enum web_text what)
{
	html_raw(p->w, "<details><summary>");
	page_say(p, what);
	html_raw(p->w, "</summary>\n");
}

static void end(struct page *p)
{
	html_raw(p->w, "</details>\n");
}

/* ---- names that resolve ---- */

static const struct {
	const char *name, *lines;
	enum web_text where;
} resolvers[] = {
	{"systemd-resolved",
		"sudo mkdir -p /etc/systemd/resolved.conf.d\n"
		"printf '[Resolve]\\nDNS=127.0.0.1:5300\\nDomains=" ROUTING "\\nDNSSEC=no\\n' |\n"
		"    sudo tee /etc/systemd/resolved.conf.d/alfis.conf\n"
		"sudo systemctl restart systemd-resolved\n",
		TEXT_FIRST_WHERE_SHELL},
	{"/etc/resolv.conf", "nameserver 127.0.0.1\n", TEXT_FIRST_WHERE_PORT},
	{"NetworkManager",
		"nmcli connection show --active\n"
		"sudo nmcli connection modify NAME ipv4.dns 127.0.0.1 ipv4.ignore-auto-dns yes\n"
		"sudo nmcli connection up NAME\n",
		TEXT_FIRST_WHERE_PORT},
	{"dnsmasq",
		"for zone in " ZONES "; do\n"
		"    echo \"server=/$zone/127.0.0.1#5300\"\n"
		"done | sudo tee /etc/dnsmasq.d/alfis.conf\n"
		"sudo systemctl restart dnsmasq\n",
		TEXT_FIRST_WHERE_SHELL},
	{"OpenWrt",
		"for zone in " ZONES "; do\n"
		"    uci add_list dhcp.@dnsmasq[0].server=\"/$zone/127.0.0.1#5300\"\n"
		"done\n"
		"uci commit dhcp && service dnsmasq restart\n",
		TEXT_FIRST_WHERE_SHELL},
};

static void put_dns(struct page *p)
{
	begin(p, TEXT_FIRST_DNS);
	if (!p->api->config->dns_listen.count) {
		page_sentence(p, TEXT_FIRST_DNS_HOW);
		page_put_lines(p, TEXT_FIRST_WHERE_TOML, "[dns]\nlisten = \"127.0.0.1:5300\"\n");
	}
	page_sentence(p, TEXT_FIRST_RESOLVER);
	for (size_t i = 0; i < sizeof resolvers / sizeof resolvers[0]; i++) {
		wr_format(p->w, "<details><summary>%s</summary>\n", resolvers[i].name);
		page_put_lines(p, resolvers[i].where, resolvers[i].lines);
		end(p);
	}
	end(p);
}

/* ---- keys, the owner's pages, others ---- */

static void put_key(struct page *p)
{
	begin(p, TEXT_FIRST_KEY);
	page_sentence(p, TEXT_FIRST_KEY_HOW);
	page_put_command(p, TEXT_FIRST_WHERE_SHELL, "key new main", NULL);
	end(p);
}

static void put_password(struct page *p)
{
	begin(p, TEXT_FIRST_PASSWORD);
	html_raw(p->w, "<p>");
	page_say_with(p, TEXT_FIRST_PASSWORD_HOW, p->api->config->webui_listen, NULL);
	html_raw(p->w, "</p>\n");
	page_put_command(p, TEXT_FIRST_WHERE_SHELL, "web-password", NULL);
	end(p);
}

/* The port of the first address of net.listen; NULL = there is none. */
static const char *port_of(const struct page *p)
{
	const struct config_list *listen = &p->api->config->listen;
	const char *colon = listen->count ? strrchr(listen->ptr[0], ':') : NULL;

	return colon ? colon + 1 : NULL;
}

static void put_reach(struct page *p)
{
	const char *port = port_of(p);

	begin(p, TEXT_FIRST_REACH);
	html_raw(p->w, "<p>");
	page_say_with(p, port ? TEXT_FIRST_REACH_HOW : TEXT_FIRST_REACH_OFF, port, NULL);
	html_raw(p->w, " ");
	page_term(p, TEXT_WHAT_IS_THIS, "reach");
	html_raw(p->w, "</p>\n");
	if (!port || !p->api->config->is_public)
		page_put_lines(p, TEXT_FIRST_WHERE_TOML,
			port ? "[net]\npublic = true\n"
			     : "[net]\nlisten = \"[::]:4244\"\npublic = true\n");
	end(p);
}

/* ---- what is missing ---- */

struct missing {
	bool dns, key, password, reach;
};

/* Somebody has asked the DNS server for a name. */
static bool was_asked(const struct figures *f)
{
	for (int i = 0; f->dns.figures && i < DNS_SOURCES; i++)
		if (atomic_load_explicit(&f->dns.figures->source[i], memory_order_relaxed))
			return true;
	return false;
}

static struct missing look(const struct page *p, const struct figures *f)
{
	const struct config *c = p->api->config;
	struct api_keys keys;

	p->api->hooks.keys(p->api->hooks.ctx, &keys);
	return (struct missing){.dns = !was_asked(f),
		.key = !f->keys.all && !keys.away,
		.password =
			c->webui_listen[0] && !c->webui_password[0] && !c->webui_password_hash[0],
		.reach = !f->net.inbound && !f->net.accepted};
}

/* Others could do nothing with it; nor can who comes through a web server on this machine. */
static bool is_at_this_machine(const struct http_call *c)
{
	return c->door == DOOR_LOCAL || (netaddr_is_loopback(&c->from) && !c->request->prefix[0]);
}

static bool is_hidden(const struct page *p)
{
	char said[8];

	return http_cookie(p->call->request->cookie, "first", said, sizeof said) &&
	       strcmp(said, "hide") == 0;
}

static void put_link(struct page *p, const char *how, enum web_text text, int count)
{
	char number[PAGE_WORD_MAX];

	wr_format(p->w, "<p class=\"more\"><a href=\"/?hide=%s\">", how);
	page_say_with(p, text, page_number(p, (uint64_t)count, number), NULL);
	html_raw(p->w, "</a></p>\n");
}

void page_put_first(struct page *p, const struct figures *f)
{
	struct missing m = look(p, f);
	int count = m.dns + m.key + m.password + m.reach;

	if (!count || !is_at_this_machine(p->call))
		return;
	if (is_hidden(p)) {
		put_link(p, "no", TEXT_FIRST_SHOW, count);
		return;
	}
	html_raw(p->w, "<section class=\"first\" aria-labelledby=\"first\"><h2 id=\"first\">");
	page_say(p, TEXT_FIRST);
	html_raw(p->w, "</h2>\n");
	page_sentence(p, TEXT_FIRST_EXPLAINED);
	if (m.dns)
		put_dns(p);
	if (m.key)
		put_key(p);
	if (m.password)
		put_password(p);
	if (m.reach)
		put_reach(p);
	put_link(p, "first", TEXT_FIRST_HIDE, count);
	html_raw(p->w, "</section>\n");
}

/* A reload of the page that it leads to repeats nothing. */
int page_hide_first(struct page *p, const char *how)
{
	bool hide = strcmp(how, "first") == 0;

	snprintf(p->call->text, sizeof p->call->text,
		"Location: /\r\nSet-Cookie: first=%s; Path=/; Max-Age=%d; HttpOnly; "
		"SameSite=Strict\r\n",
		hide ? "hide" : "", hide ? 31536000 : 0);
	p->call->more = p->call->text;
	return 303;
}
