/* The settings as the commands get them: read by config/, then judged by what only the node knows.
 * Every error is kept in struct config and told at once. */
#ifndef NODE_SETTINGS_H
#define NODE_SETTINGS_H

#include "config/config.h"

/* What a command cannot do without. */
enum settings_need {
	SETTINGS_ALL,    /* every setting must be right */
	SETTINGS_SOCKET, /* enough to find the running node: node.data_dir and admin.socket */
	SETTINGS_NONE,   /* reads none */
	SETTINGS_REPORT, /* tells the errors itself */
};

/* Judges [chain.params], too, after config_load(). False when something that the command needs is
 * wrong: c->errors has all that is. */
bool settings_usable(struct config *c, enum settings_need need);

/* What would stop a node that starts with them, found before it makes anything: bounds over the
 * budget, folders that are missing, names that cannot be had. More errors in *c; true when it has
 * none. Nothing is made, opened for writing or waited for. */
bool settings_judge(struct config *c);

#endif
