/* Checks the settings of [webui], where owners log in, and decides whether it is on. Before:
 * loader_check.c. After: budget.c; http/server_tcp.c and web/login.c rely on it. */
#include <stdio.h>
#include <string.h>

#include "net/addr.h"
#include "net/listen_list.h"
#include "config/loader_internal.h"

enum {
	KIB = 1024,
	WORK_LEAST = 32 * KIB,      /* KiB times passes: less is guessed too quickly */
	WORK_MOST = 256 * KIB,      /* more would take longer than a log-in may */
	MEMORY_LEAST = 7 * KIB - 1, /* KiB, of which more must be used */
	PASSES_MOST = 32,
	SALT_CHARS = 22,
	HASH_CHARS = 43,
	SHORT_PASSWORD = 12,
};

static bool is_wrong(const struct config *c, enum config_key_id key)
{
	return c->from[key].wrong;
}

/* The length of the base64 digits that begin here. */
static size_t digits(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

bool config_web_cost(const char *hash, unsigned *memory, unsigned *passes)
{
	char salt[SALT_CHARS + 2], rest[HASH_CHARS + 2], canonical[CONFIG_TEXT_MAX];

	if (sscanf(hash, "$argon2id$v=19$m=%8u,t=%4u,p=1$%23[^$]$%44s", memory, passes, salt,
		    rest) != 4)
		return false;
	snprintf(canonical, sizeof canonical, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", *memory,
		*passes, salt, rest);
	return strcmp(canonical, hash) == 0 && strlen(salt) == SALT_CHARS &&
	       digits(salt) == SALT_CHARS && strlen(rest) == HASH_CHARS &&
	       digits(rest) == HASH_CHARS;
}

static bool check_hash(struct config *c)
{
	const enum config_key_id key = KEY_webui_password_hash;
	unsigned memory, passes;

	if (!config_web_cost(c->webui_password_hash, &memory, &passes))
		return config_fault_key(c, key,
			"this is no hash that `alfisd web-password` prints: $argon2id$v=19$m=…");
	if (memory <= MEMORY_LEAST || (uint64_t)memory * passes < WORK_LEAST)
		return config_fault_key(c, key,
			"its cost is too low (%u KiB, %u passes): `alfisd web-password` makes "
			"another",
			memory, passes);
	if ((uint64_t)memory * KIB > c->limits.web_password_bytes.max)
		return config_fault_key(
			c, key, "it needs %u KiB: set limits.web_password_bytes", memory);
	if (passes > PASSES_MOST || (uint64_t)memory * passes > WORK_MOST)
		return config_fault_key(c, key,
			"its cost is too high for a log-in (%u KiB, %u passes): `alfisd "
			"web-password` makes another",
			memory, passes);
	return true;
}

/* A password can be on one of the two ways only: else a change of one would have no effect. */
static void check_passwords(struct config *c)
{
	bool plain = c->webui_password[0], hashed = c->webui_password_hash[0];

	if (is_wrong(c, KEY_webui_password) || is_wrong(c, KEY_webui_password_hash))
		return;
	if (plain && hashed)
		config_fault_key(c, KEY_webui_password,
			"there is webui.password_hash too: take out one of them");
	else if (hashed && !is_wrong(c, KEY_limit_web_password_bytes))
		check_hash(c);
	else if (plain)
		config_notice_key(c, KEY_webui_password,
			"it stands here in plain%s: `alfisd web-password` makes the line "
			"password_hash that replaces it",
			strlen(c->webui_password) < SHORT_PASSWORD ? ", and is short" : "");
}

/* What is sent there is not encrypted: a listener that others reach is opened on purpose only. */
static void check_reach(struct config *c, const struct netaddr *at)
{
	if (netaddr_is_loopback(at) || is_wrong(c, KEY_webui_public))
		return;
	if (c->webui_public)
		config_notice_key(c, KEY_webui_listen,
			"%s can be reached from other machines, and is not encrypted: put a proxy "
			"with TLS in front of it",
			c->webui_listen);
	else
		config_fault_key(c, KEY_webui_listen,
			"%s can be reached from other machines: set webui.public = true, and put a "
			"proxy with TLS in front of it",
			c->webui_listen);
}

static void check_others(struct config *c)
{
	static const enum config_key_id others[] = {KEY_admin_listen, KEY_admin_metrics_listen};
	struct listen_entry plan[CONFIG_LIST_MAX];

	for (size_t i = 0; i < 2; i++)
		if (!is_wrong(c, others[i]) &&
			strcmp(config_value(c, &config_keys[others[i]]), c->webui_listen) == 0)
			config_fault_key(c, KEY_webui_listen, "%s is %s too: choose another port",
				c->webui_listen, config_keys[others[i]].path);
	if (is_wrong(c, KEY_listen))
		return;
	listen_list_plan(c->listen.ptr, c->listen.count, plan);
	if (listen_list_meets(plan, c->listen.count, c->webui_listen) >= 0)
		config_fault_key(c, KEY_webui_listen,
			"%s cannot be used beside net.listen: choose another port",
			c->webui_listen);
}

void loader_check_web(struct loader *l)
{
	struct config *c = l->out;
	bool on = c->webui_password[0] || c->webui_password_hash[0];
	struct netaddr at;

	c->limits.web = on && c->webui_listen[0];
	if (!c->limits.web)
		return;
	loader_widen_budget(
		c, PART_WEB, c->webui_password[0] ? KEY_webui_password : KEY_webui_password_hash);
	check_passwords(c);
	if (is_wrong(c, KEY_webui_listen) || !netaddr_parse(slice_str(c->webui_listen), &at))
		return;
	check_reach(c, &at);
	check_others(c);
}
