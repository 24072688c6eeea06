/* Checks and stores settings that are texts: one text, a list, or one of several words. Before:
 * loader_set.c found the key. After: config/validate.c checks hashes and addresses. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/loader_internal.h"
#include "config/validate.h"

static const char *(*const validators[CONFIG_KEYS])(char text[CONFIG_TEXT_MAX]) = {
	[KEY_origin] = validate_origin,
	[KEY_data_dir] = validate_folder,
	[KEY_owner_keys] = validate_folder,
	[KEY_listen] = validate_listen,
	[KEY_peers] = validate_peer,
	[KEY_bind] = validate_own_address,
	[KEY_advertise] = validate_own_address,
	[KEY_admin_listen] = validate_admin_listen,
	[KEY_admin_allow] = validate_network,
	[KEY_admin_metrics_listen] = validate_admin_listen,
	[KEY_webui_listen] = validate_admin_listen,
	[KEY_webui_trusted_proxies] = validate_network,
	[KEY_dns_listen] = validate_listen,
	[KEY_dns_allow] = validate_clients,
};

static const bool paths[CONFIG_KEYS] = {
	[KEY_data_dir] = true,
	[KEY_log_file] = true,
	[KEY_admin_socket] = true,
	[KEY_admin_token_file] = true,
	[KEY_dns_hosts] = true,
	[KEY_dns_ca_file] = true,
	[KEY_key_files] = true,
	[KEY_owner_keys] = true,
};

bool loader_wrong_kind(const struct known_setting *t, const char *expected)
{
	return loader_fail(
		t->l, t->s, t->at, "expected %s, got %s", expected, toml_kind_name(t->at->kind));
}

/* Replaces "~/" by $HOME in settings that are paths, as a shell does. */
static bool expand_home(const struct known_setting *t, char *to)
{
	char tail[CONFIG_TEXT_MAX];
	const char *home = t->l->home;

	if (!paths[t->id] || to[0] != '~')
		return true;
	if (to[1] && to[1] != '/')
		return loader_fail(t->l, t->s, t->at,
			"\"%.100s\" begins with ~: write the whole path, or ./ in front", to);
	if (!home || home[0] != '/')
		return loader_fail(t->l, t->s, t->at,
			"\"%.100s\" needs HOME, which is not set: write the whole path", to);
	memcpy(tail, to + 1, strlen(to));
	if (snprintf(to, CONFIG_TEXT_MAX, "%s%s", home, tail) >= CONFIG_TEXT_MAX)
		return loader_fail(t->l, t->s, t->at, "longer than %d bytes", CONFIG_TEXT_MAX - 1);
	return true;
}

/* Adds a notice when the brackets of an IPv6 address were perhaps forgotten: "::1:4244" is an
 * address without a port. */
static void notice_brackets(const struct known_setting *t, const char *text, const char *taken)
{
	char meant[CONFIG_TEXT_MAX];

	if (validate_lacks_brackets(text, meant))
		loader_notice_at(t->l, t->s, t->at,
			"\"%.60s\" is taken as %.60s; write %.60s when its end is the port", text,
			taken, meant);
}

/* Checks and copies `n` bytes of text. Control characters are an error. */
static bool take_text(const struct known_setting *t, const char *text, size_t n, char *to)
{
	if (n >= CONFIG_TEXT_MAX)
		return loader_fail(t->l, t->s, t->at, "longer than %d bytes", CONFIG_TEXT_MAX - 1);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 127)
			return loader_fail(t->l, t->s, t->at, "has a control character in it");
	memcpy(to, text, n);
	to[n] = 0;
	const char *wrong = validators[t->id] ? validators[t->id](to) : NULL;
	if (wrong)
		return loader_fail(t->l, t->s, t->at, "\"%.*s\" %s", (int)n, text, wrong);
	if (validators[t->id] == validate_peer || validators[t->id] == validate_own_address) {
		char given[CONFIG_TEXT_MAX];
		snprintf(given, sizeof given, "%.*s", (int)n, text);
		notice_brackets(t, given, to);
	}
	return expand_home(t, to);
}

bool loader_set_text(const struct known_setting *t, char *to)
{
	if (t->at->kind != TOML_TEXT)
		return loader_wrong_kind(t, "text");
	return take_text(t, t->at->text, t->at->text_size, to);
}

/* ---- lists ---- */

static bool add_item(
	const struct known_setting *t, struct config_list *list, const char *text, size_t n)
{
	if (list->count == list->max)
		return loader_fail(
			t->l, t->s, t->at, "more than %zu entries in the list", list->max);
	if (!take_text(t, text, n, list->item[list->count]))
		return false;
	list->count++;
	return true;
}

/* A single text is a list of one, or of several with commas between; "" is an empty list. */
static bool split_list(const struct known_setting *t, struct config_list *list)
{
	const char *p = t->at->text, *end = p + t->at->text_size;
	bool good = true;

	while (p < end && list->count < list->max) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		size_t n = (size_t)((comma ? comma : end) - p);
		good = add_item(t, list, p, n) && good;
		p += n + (comma != NULL);
		while (p < end && *p == ' ')
			p++;
	}
	return p == end ? good : add_item(t, list, p, 0);
}

bool loader_set_list(const struct known_setting *t, struct config_list *list)
{
	const struct toml_entry *value = t->at;
	struct known_setting element = *t;
	bool good = true;

	if (value->kind != TOML_TEXT && value->kind != TOML_LIST)
		return loader_wrong_kind(t, "a list of texts");
	list->count = 0;
	if (value->kind == TOML_TEXT)
		return split_list(t, list);
	for (size_t i = 1; i <= value->count; i++) {
		const struct toml_entry *at = element.at = value + i;
		bool taken = at->kind == TOML_TEXT
				     ? add_item(&element, list, at->text, at->text_size)
				     : loader_wrong_kind(&element, "text");
		if (!taken && list->count == list->max)
			return false; /* one error for the whole list is enough */
		good = good && taken;
	}
	return good;
}

/* ---- one of several words ---- */

/* Accepts words that other programs use for the same. */
static const char *usual_word(const struct known_setting *t)
{
	if (t->id == KEY_log_level && strcasecmp(t->at->text, "warning") == 0)
		return "warn";
	return t->at->text;
}

bool loader_set_choice(const struct known_setting *t, char *to)
{
	const char *p = t->key->choices, *word = usual_word(t);
	bool whole = strlen(t->at->text) == t->at->text_size; /* without a NUL inside */

	if (t->at->kind != TOML_TEXT)
		return loader_wrong_kind(t, "text");
	for (;;) {
		size_t n = strcspn(p, "|");
		if (whole && n == strlen(word) && strncasecmp(p, word, n) == 0) {
			memcpy(to, p, n);
			to[n] = 0;
			return true;
		}
		if (!p[n])
			return loader_fail(t->l, t->s, t->at, "\"%.40s\" is not one of %s",
				t->at->text, t->key->choices);
		p += n + 1;
	}
}
