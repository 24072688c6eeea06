/* The route of own names: their list is made by the node, which has the key process decrypt them,
 * and comes later. Before: api/routes.c. After: the hooks of api/api.h. */
#include <stdio.h>

#include "api/routes.h"
#include "owner/key_file.h"

enum { WAIT_MS = 10000 /* the key process is waited for three seconds, the rest is the walk */ };

static int refuse(const struct api *a, struct http_call *c, enum err err, const char *key)
{
	const struct limits *l = &a->config->limits;
	char text[HTTP_ERROR_MAX];

	if (err == ERR_NOMEM)
		return api_error(c, 503, "out of memory");
	if (err == ERR_NOT_FOUND)
		return api_error(c, 404,
			key[0] ? "there is no key of this name: alfisd key list"
			       : "there is no key here: alfisd key new");
	snprintf(text, sizeof text,
		"limits.owner_lists = %llu lists of own names are being made: ask again in a moment",
		(unsigned long long)l->owner_lists.max);
	return api_error(c, 503, text);
}

int get_domains(const struct api *a, struct http_call *c)
{
	char key[KEY_NAME_MAX + 2] = "";

	if (http_has_arg(c->request, "key") && !http_arg(c->request, "key", key, sizeof key))
		return api_error(c, 404, "there is no key of this name: alfisd key list");
	enum err err = a->hooks.names(a->hooks.ctx, c->number, key);
	if (err != ERR_OK)
		return refuse(a, c, err, key);
	c->waits_ms = WAIT_MS;
	return 200;
}
