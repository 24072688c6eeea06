/* Judges settings that config/ has read, by what only chain/, http/ and the file system know. All
 * errors are collected in struct config, so that the user sees them together. */
#ifndef NODE_SETTINGS_H
#define NODE_SETTINGS_H

#include "config/config.h"

/* Which settings a command needs to be right. */
enum settings_need {
	SETTINGS_ALL,    /* every setting must be right */
	SETTINGS_SOCKET, /* enough to find the running node: node.data_dir and admin.socket */
	SETTINGS_NONE,   /* it reads none */
	SETTINGS_REPORT, /* it shows the errors itself */
};

/* To be called after config_load(): also judges [chain.params]. False when a setting that the
 * command needs is wrong; c->errors then has all errors. */
bool settings_usable(struct config *c, enum settings_need need);

/* Finds what would stop a node that starts with these settings: bounds over the memory budget,
 * missing folders, file names and sockets that cannot be used. Adds the errors to *c; true when it
 * has none. Creates nothing, opens nothing for writing and waits for nothing. */
bool settings_judge(struct config *c);

#endif
