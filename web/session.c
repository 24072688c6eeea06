/* The table of sessions: a short list, looked through from its beginning. Before: web/login.c. */
#include "web/session.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/crypto.h"

enum { SECRET_SIZE = 32, DIGEST_SIZE = 32 };

struct session {
	struct session *next;
	uint8_t digest[DIGEST_SIZE]; /* of the secret that is in the cookie */
	uint8_t token[DIGEST_SIZE];
	uint64_t began_ms, used_ms; /* monotonic */
};

void sessions_init(struct sessions *all, struct limits *limits, const struct clock *clock,
	const struct rng *rng)
{
	*all = (struct sessions){.places = &limits->web_sessions,
		.idle_ms = &limits->web_session_idle,
		.life_ms = &limits->web_session_life,
		.clock = clock,
		.rng = rng};
}

/* Takes the session at this link out of the list and frees it. */
static void end_at(struct sessions *all, struct session **link)
{
	struct session *s = *link;

	*link = s->next;
	bound_give(all->places, 1);
	mem_free(s);
}

static bool is_over(const struct sessions *all, const struct session *s)
{
	uint64_t now = clock_mono(all->clock);

	return now - s->used_ms >= bound_read(&all->idle_ms->max) ||
	       now - s->began_ms >= bound_read(&all->life_ms->max);
}

static void drop_old(struct sessions *all)
{
	struct session **link = &all->first;

	while (*link)
		if (is_over(all, *link))
			end_at(all, link);
		else
			link = &(*link)->next;
}

/* Ends the last of the list until there is a place. */
static void make_room(struct sessions *all)
{
	while (all->first && !bound_has(all->places, 1)) {
		struct session **link = &all->first;
		while ((*link)->next)
			link = &(*link)->next;
		bound_hit(all->places);
		end_at(all, link);
	}
}

/* What stands here of a cookie, and what its forms carry: two digests, of which none tells the
 * cookie or the other. */
static void digest_of(char use, const uint8_t secret[SECRET_SIZE], uint8_t to[DIGEST_SIZE])
{
	uint8_t text[1 + SECRET_SIZE];

	text[0] = (uint8_t)use;
	memcpy(text + 1, secret, SECRET_SIZE);
	crypto_digest(slice_of(text, sizeof text), to);
}

static bool secret_of(const char *cookie, uint8_t secret[SECRET_SIZE])
{
	size_t n;

	return strlen(cookie) == 2 * SECRET_SIZE &&
	       hex_decode(slice_str(cookie), secret, SECRET_SIZE, &n) && n == SECRET_SIZE;
}

static void put_hex(const uint8_t bytes[DIGEST_SIZE], char to[SESSION_TEXT_MAX])
{
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

/* The link to the session of this secret; to NULL when there is none. What is compared are digests:
 * the time that it takes tells nothing about the secret. */
static struct session **find(struct sessions *all, const uint8_t secret[SECRET_SIZE])
{
	struct session **link = &all->first;
	uint8_t digest[DIGEST_SIZE];

	digest_of('s', secret, digest);
	while (*link && memcmp((*link)->digest, digest, DIGEST_SIZE) != 0)
		link = &(*link)->next;
	return link;
}

enum err sessions_begin(struct sessions *all, char cookie[SESSION_TEXT_MAX])
{
	uint8_t secret[SECRET_SIZE];
	struct session *s;

	drop_old(all);
	make_room(all);
	s = mem_alloc(sizeof *s);
	if (!s)
		return ERR_NOMEM;
	bound_take(all->places, 1);
	rng_fill(all->rng, secret, sizeof secret);
	put_hex(secret, cookie);
	digest_of('s', secret, s->digest);
	digest_of('t', secret, s->token);
	s->began_ms = s->used_ms = clock_mono(all->clock);
	s->next = all->first;
	all->first = s;
	return ERR_OK;
}

bool sessions_use(struct sessions *all, const char *cookie, char token[SESSION_TEXT_MAX])
{
	uint8_t secret[SECRET_SIZE];

	if (!secret_of(cookie, secret))
		return false;
	struct session **link = find(all, secret), *s = *link;
	if (!s)
		return false;
	if (is_over(all, s)) {
		end_at(all, link);
		return false;
	}
	*link = s->next;
	s->next = all->first;
	all->first = s;
	s->used_ms = clock_mono(all->clock);
	put_hex(s->token, token);
	return true;
}

bool sessions_have(const struct sessions *all, const char *token)
{
	uint8_t wanted[DIGEST_SIZE];
	size_t n;

	if (!hex_decode(slice_str(token), wanted, sizeof wanted, &n) || n != sizeof wanted)
		return false;
	for (const struct session *s = all->first; s; s = s->next)
		if (memcmp(s->token, wanted, sizeof wanted) == 0)
			return !is_over(all, s);
	return false;
}

void sessions_end(struct sessions *all, const char *cookie)
{
	uint8_t secret[SECRET_SIZE];

	if (!secret_of(cookie, secret))
		return;
	struct session **link = find(all, secret);
	if (*link)
		end_at(all, link);
}

void sessions_end_all(struct sessions *all)
{
	while (all->first)
		end_at(all, &all->first);
}

size_t sessions_count(struct sessions *all)
{
	drop_old(all);
	return (size_t)bound_read(&all->places->used);
}
