/* Makes one setting's value presentable. Before: the command `config` and GET /config. After:
 * config/keys.c finds the value. */
#include "config/shown.h"

#include "config/paths.h"

static const char masked[] = "(hidden)";

static bool is_path(enum config_key_id id)
{
	return id == KEY_data_dir || id == KEY_log_file;
}

const char *config_shown(const struct config *c, enum config_key_id id, char room[SHOWN_MAX])
{
	const char *text = config_value_const(c, &config_keys[id]);

	if (config_is_secret(config_keys[id].path) && text[0])
		return masked;
	if (!is_path(id) || !text[0])
		return text;
	path_absolute(text, room, SHOWN_MAX);
	return room;
}
