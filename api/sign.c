/* The routes of signing: what the last full block waits for, and which of our keys have to do with
 * it. Before: api/routes.c. After: the hooks of api/api.h, owner/sign_look.h, owner/sign_warn.h. */
#include "api/routes.h"
#include "owner/sign_warn.h"
#include "owner/turn.h"

/* What is looked at for one answer. */
struct scene {
	const struct api *api;
	struct own_key keys[OWN_KEYS_MAX];
	unsigned n;
	struct sign_look look;
	struct sign_misses misses;
	uint64_t vouched, foreign, foreign_newest;
};

static int64_t now_of(const struct api *a)
{
	return chain_now(a->chain, clock_wall(a->clock));
}

static void look(const struct api *a, struct scene *s)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	s->api = a;
	s->vouched = k.vouched;
	s->foreign = k.foreign;
	s->foreign_newest = k.foreign_newest;
	s->n = own_keys_list(k.table, k.state, s->keys);
	sign_look(chain_view(a->chain), s->keys, s->n, &s->look);
	sign_misses(chain_view(a->chain), s->keys, s->n, &s->misses);
}

static void put_key(struct json_wr *j, const struct scene *s, const struct sign_key *k)
{
	bool ours = k->ours != SIGN_NOBODY;

	json_open(j, NULL, '{');
	json_hex(j, "key", slice_of(k->key, KEY_SIZE));
	json_str(j, "ours", ours ? s->keys[k->ours].name : "");
	json_bool(j, "locked", ours && s->keys[k->ours].locked);
	json_u64(j, "signed", k->block);
	json_close(j, '}');
}

static void put_look(struct json_wr *j, const struct scene *s)
{
	const struct sign_look *l = &s->look;
	char line[SIGN_WORDS_MAX];

	json_bool(j, "waits", l->waits);
	json_str(j, "waiting", l->waits ? sign_look_words(l, now_of(s->api), line) : "");
	json_i64(j, "since", l->since);
	json_u64(j, "signatures", l->blocks);
	json_u64(j, "missing", l->blocks < SIGNERS_MIN && l->full ? SIGNERS_MIN - l->blocks : 0);
	json_bool(j, "healed", l->healed);
	json_i64(j, "healing_from", l->heal_from);
	json_open(j, "drawn", '[');
	for (unsigned i = 0; i < l->drawn; i++)
		put_key(j, s, &l->draw[i]);
	json_close(j, ']');
	json_open(j, "standby", '[');
	for (unsigned i = 0; i < l->standby; i++)
		put_key(j, s, &l->stand[i]);
	json_close(j, ']');
}

static void put_misses(struct json_wr *j, const struct scene *s)
{
	json_open(j, "missed", '[');
	for (unsigned i = 0; i < s->misses.n; i++) {
		const struct sign_miss *m = &s->misses.miss[i];
		json_open(j, NULL, '{');
		json_str(j, "key", s->keys[m->key].name);
		json_u64(j, "block", m->full);
		json_bool(j, "healed", m->healed);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_warnings(struct json_wr *j, const struct scene *s, bool on)
{
	const struct sign_warn_ask ask = {s->keys, s->n, on, now_of(s->api), s->vouched};
	struct sign_warning w[SIGN_WARNINGS_MAX];
	char line[SIGN_WORDS_MAX];
	unsigned n = sign_warnings(chain_view(s->api->chain), &ask, &s->look, &s->misses, w);

	json_open(j, "warnings", '[');
	for (unsigned i = 0; i < n; i++)
		json_str(j, NULL, sign_warning_words(&w[i], s->keys[w[i].key].name, line));
	json_close(j, ']');
}

int get_sign(const struct api *a, struct http_call *c)
{
	const struct jobs *jobs = a->hooks.jobs(a->hooks.ctx);
	const struct jobs_signing *s = jobs ? jobs_signing(jobs) : NULL;
	struct json_wr j = {.w = c->answer};
	struct scene scene;

	look(a, &scene);
	json_open(&j, NULL, '{');
	json_bool(&j, "on", s && s->on);
	json_bool(&j, "searching", s && s->searching);
	json_str(&j, "reason", s ? turn_words(s->turn.why) : "there is no key here");
	json_u64(&j, "block", scene.look.full);
	json_i64(&j, "starts", s ? s->starts : 0);
	json_u64(&j, "signed", s ? s->signed_ : 0);
	json_str(&j, "last_error", s ? s->line : "");
	put_look(&j, &scene);
	put_misses(&j, &scene);
	json_u64(&j, "foreign", scene.foreign);
	json_u64(&j, "foreign_newest", scene.foreign_newest);
	put_warnings(&j, &scene, s && s->on);
	json_close(&j, '}');
	return 200;
}

static int switch_signing(const struct api *a, struct http_call *c, enum api_job_change what)
{
	if (a->hooks.job_change(a->hooks.ctx, 0, what) != ERR_OK)
		return api_error(c, 400, "there is no key here, and so nothing to sign with");
	return api_done(c, what == API_SIGN_OFF
				   ? "nothing is signed until `alfisd sign on` or a restart"
				   : "full blocks are signed");
}

int post_sign_on(const struct api *a, struct http_call *c)
{
	return switch_signing(a, c,
		http_has_arg(c->request, "after-restore") ? API_SIGN_AFTER_RESTORE : API_SIGN_ON);
}

int post_sign_off(const struct api *a, struct http_call *c)
{
	return switch_signing(a, c, API_SIGN_OFF);
}
