/* Judges settings by what only other folders than config/ know. Before: config_load() read the
 * settings. After: the node starts, or the user is told the errors. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain/params.h"
#include "config/keys.h"
#include "config/paths.h"
#include "http/access.h"
#include "node/node.h"
#include "node/settings.h"
#include "http/socket_file.h"

/* Only chain/ knows the names of [chain.params]. */
static void judge_params(struct config *c)
{
	struct chain_params p = params_mainnet;
	uint64_t low, high;

	for (size_t i = 0; i < c->param_count; i++) {
		const struct config_param *row = &c->params[i];
		if (params_set(&p, row->name, row->value, &low, &high))
			continue;
		if (!low && !high)
			config_fault(c, "%s: chain.params.%s: there is no such number", row->place,
				row->name);
		else
			config_fault(c, "%s: chain.params.%s: %llu is not between %llu and %llu",
				row->place, row->name, (unsigned long long)row->value,
				(unsigned long long)low, (unsigned long long)high);
	}
}

bool settings_usable(struct config *c, enum settings_need need)
{
	static const enum config_key_id socket[] = {KEY_data_dir, KEY_admin_socket};

	judge_params(c);
	switch (need) {
	case SETTINGS_SOCKET:
		return config_usable(c, socket, sizeof socket / sizeof socket[0]);
	case SETTINGS_NONE:
	case SETTINGS_REPORT:
		return true;
	case SETTINGS_ALL:
		break;
	}
	return c->error_count == 0;
}

static void judge_memory(struct config *c)
{
	struct config_error e;
	uint64_t total;

	for (int id = KEY_OPTIONS; id < CONFIG_KEYS; id++)
		if (c->from[id].wrong)
			return;
	if (!c->from[KEY_memory_budget].wrong && config_check_memory(c, &total, &e) != ERR_OK)
		config_fault(c, "%s", e.text);
}

/* The folder that `path` is in: "a" for "a/b" and for "a/b/", "." for "a". */
static void parent_of(const char *path, char folder[CONFIG_TEXT_MAX])
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	snprintf(folder, CONFIG_TEXT_MAX, "%.*s", n ? (int)n : 1, n ? path : ".");
}

/* The folder that `path` is in must exist. */
static void judge_parent(struct config *c, enum config_key_id key, const char *path)
{
	char folder[CONFIG_TEXT_MAX];
	struct stat s;

	parent_of(path, folder);
	if (stat(folder, &s) != 0)
		config_fault_key(c, key, "%s: %s: make this folder first", folder, strerror(errno));
	else if (!S_ISDIR(s.st_mode))
		config_fault_key(c, key, "%s is no folder", folder);
}

static void judge_data_dir(struct config *c)
{
	struct stat s;

	if (c->from[KEY_data_dir].wrong)
		return;
	if (stat(c->data_dir, &s) != 0)
		judge_parent(c, KEY_data_dir, c->data_dir);
	else if (!S_ISDIR(s.st_mode))
		config_fault_key(c, KEY_data_dir, "%s is there and is no folder", c->data_dir);
}

/* True when `path` is directly in the data directory. That may be missing: the node creates it. */
static bool is_in_data_dir(const struct config *c, const char *path)
{
	char folder[CONFIG_TEXT_MAX];
	size_t n = strlen(c->data_dir);

	while (n > 1 && c->data_dir[n - 1] == '/')
		n--;
	parent_of(path, folder);
	return strlen(folder) == n && memcmp(folder, c->data_dir, n) == 0;
}

static void judge_log_file(struct config *c)
{
	struct stat s;

	if (c->from[KEY_log_file].wrong || !c->log_file[0])
		return;
	if (strcmp(c->log_file, "-") == 0) {
		config_fault_key(c, KEY_log_file,
			"\"-\" is no file: leave it empty for standard error, or write ./-");
	} else if (path_is_of_store(c->data_dir, c->log_file)) {
		config_fault_key(
			c, KEY_log_file, "%s is a file of the store; set another", c->log_file);
	} else if (stat(c->log_file, &s) == 0) {
		if (S_ISDIR(s.st_mode))
			config_fault_key(c, KEY_log_file, "%s is a folder", c->log_file);
	} else if (!is_in_data_dir(c, c->log_file)) {
		judge_parent(c, KEY_log_file, c->log_file);
	}
}

static void judge_socket(struct config *c)
{
	struct sockaddr_un address;
	char why[400];

	if (c->from[KEY_admin_socket].wrong || c->from[KEY_data_dir].wrong || !c->admin_socket[0])
		return;
	if (socket_file_address(c->data_dir, c->admin_socket, &address, why, sizeof why) ==
		SOCKET_WRONG)
		config_fault_key(c, KEY_admin_socket, "%s", why);
}

/* A token file that may not be read (EACCES) is no error: somebody may check the settings for the
 * user that the node runs as, and rightly has no access to that user's token. */
static void judge_token(struct config *c)
{
	struct http_access access;
	char why[ACCESS_WHY_MAX];

	if (!c->from[KEY_admin_token_file].wrong && !c->from[KEY_data_dir].wrong &&
		!http_access_load(&access, c, why) && errno != EACCES)
		config_fault_key(c, KEY_admin_token_file, "%s", why);
}

bool settings_judge(struct config *c)
{
	judge_memory(c);
	judge_data_dir(c);
	judge_log_file(c);
	judge_socket(c);
	judge_token(c);
	node_dns_judge(c);
	return c->error_count == 0;
}
