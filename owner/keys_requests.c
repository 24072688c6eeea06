/* Role: the requests of the node to the key process, each as a message.
 * Before: node/. After: owner/keys_link.c. */
#include "owner/keys_link_internal.h"

bool keys_link_load(
	struct keys_link *l, const char *name, struct slice sealed, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l,
		(struct keys_message){.kind = KEYS_LOAD, .name = slice_str(name), .bytes = sealed},
		-1, answer, ctx);
}

bool keys_link_load_plain(
	struct keys_link *l, const char *name, int fd, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l,
		(struct keys_message){.kind = KEYS_LOAD_PLAIN, .name = slice_str(name)}, fd, answer,
		ctx);
}

bool keys_link_ready(struct keys_link *l)
{
	return keys_link_ask(l, (struct keys_message){.kind = KEYS_READY}, -1, NULL, NULL);
}

bool keys_link_pause(struct keys_link *l, unsigned ms)
{
	return keys_link_ask(
		l, (struct keys_message){.kind = KEYS_PAUSE, .number = ms}, -1, NULL, NULL);
}

bool keys_link_forget(struct keys_link *l, const char *name, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l, (struct keys_message){.kind = KEYS_FORGET, .name = slice_str(name)},
		-1, answer, ctx);
}

bool keys_link_rename(
	struct keys_link *l, const char *name, const char *new_name, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l,
		(struct keys_message){
			.kind = KEYS_RENAME, .name = slice_str(name), .other = slice_str(new_name)},
		-1, answer, ctx);
}

bool keys_link_lock(struct keys_link *l, const char *name, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l, (struct keys_message){.kind = KEYS_LOCK, .name = slice_str(name)},
		-1, answer, ctx);
}

bool keys_link_decrypt(struct keys_link *l, const uint8_t encryption[32], struct slice cipher,
	keys_answer *answer, void *ctx)
{
	return keys_link_ask(l,
		(struct keys_message){
			.kind = KEYS_DECRYPT, .key = slice_of(encryption, 32), .bytes = cipher},
		-1, answer, ctx);
}

bool keys_link_sign(
	struct keys_link *l, const struct keys_sign *sign, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l,
		(struct keys_message){.kind = KEYS_SIGN,
			.number = sign->own_newest,
			.second = sign->window,
			.flag = sign->after_restore,
			.bytes = sign->block},
		-1, answer, ctx);
}

bool keys_link_cancel(struct keys_link *l, keys_answer *answer, void *ctx)
{
	return keys_link_ask(l, (struct keys_message){.kind = KEYS_CANCEL}, -1, answer, ctx);
}
