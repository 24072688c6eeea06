/* Decides whether there is a key, so that the key process will run and its rows count. Before:
 * loader_check.c. After: budget.c; node/node_owner.c starts the process. */
#include <dirent.h>
#include <string.h>

#include "config/loader_internal.h"
#include "config/paths.h"

static bool is_key_name(const char *name)
{
	size_t n = strlen(name), suffix = strlen(CONFIG_KEY_SUFFIX);

	return name[0] != '.' && n > suffix && strcmp(name + n - suffix, CONFIG_KEY_SUFFIX) == 0;
}

/* A folder that cannot be read has none: the node's start says what is wrong with it. */
static bool has_key(const char *folder)
{
	DIR *dir = opendir(folder);
	bool found = false;
	struct dirent *e;

	if (!dir)
		return false;
	while (!found && (e = readdir(dir)) != NULL)
		found = is_key_name(e->d_name);
	closedir(dir);
	return found;
}

enum { SOCKET_PATH_LONGEST = 107 /* that a Unix socket can have */ };

static const char unix_[] = "unix:";

const char *config_signer(const struct config *c)
{
	return c->owner_signer[0] ? c->owner_signer + strlen(unix_) : NULL;
}

/* Anybody who serves there can say which keys are ours, so that a path that depends on the working
 * directory is none. */
static void check_signer(struct config *c)
{
	const char *path = c->owner_signer;

	if (!path[0] || c->from[KEY_owner_signer].wrong)
		return;
	if (strncmp(path, unix_, strlen(unix_)) != 0 || path[strlen(unix_)] != '/') {
		config_fault_key(c, KEY_owner_signer,
			"owner.signer: \"%s\" is no socket: say \"unix:/path\", with an absolute path",
			path);
		c->owner_signer[0] = 0;
	} else if (strlen(path + strlen(unix_)) > SOCKET_PATH_LONGEST) {
		config_fault_key(c, KEY_owner_signer,
			"owner.signer: the path is longer than %d bytes", SOCKET_PATH_LONGEST);
		c->owner_signer[0] = 0;
	} else if (c->key_files.count > 0) {
		config_fault_key(c, KEY_owner_signer,
			"owner.signer: key_files are of this machine: the node has keys there or "
			"here, not both");
	}
}

static void check_notify(struct config *c)
{
	const char *command = c->owner_notify;

	if (command[0] && command[0] != '/' && !c->from[KEY_owner_notify].wrong)
		config_fault_key(c, KEY_owner_notify,
			"owner.notify begins with the whole path of a program, such as "
			"/usr/local/bin/told; this is %.60s",
			command);
}

void loader_check_owner(struct loader *l)
{
	struct config *c = l->out;
	char folder[2 * CONFIG_TEXT_MAX + 2];

	check_notify(c);
	if (c->mining_offline && strcmp(c->network, "devnet") != 0 && !c->from[KEY_network].wrong)
		config_fault_key(c, KEY_mining_offline,
			"only a devnet may change it: set chain.network = \"devnet\"");
	if (c->from[KEY_data_dir].wrong || c->from[KEY_owner_keys].wrong)
		return;
	bool in_folder = path_in_data_dir(c->data_dir, c->owner_keys, folder, sizeof folder) &&
			 has_key(folder);
	check_signer(c);
	c->limits.owner = in_folder || c->key_files.count > 0 || c->owner_signer[0];
	if (c->limits.owner)
		loader_widen_budget(c, PART_OWNER,
			c->owner_signer[0] ? KEY_owner_signer
			: in_folder        ? KEY_owner_keys
					   : KEY_key_files);
}
