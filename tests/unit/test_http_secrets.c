/* A password that comes to webui.listen is nowhere in the memory of the process once its request
 * was answered, refused or broken off, whatever came before and behind it. */
#include <fcntl.h>
#include <inttypes.h>

#include "tests/unit/http_rig.h"

enum {
	SECRET = 64,
	FIRST = 20, /* whoever frees memory may write into its beginning: the middle is looked for
		     */
	LOOKED_FOR = 24,
	CHUNK = 65536,
	LARGEST = 1 << 28, /* a sanitizer's shadow is larger */
};

static char script[8192];
static uint8_t chunk[CHUNK + LOOKED_FOR];

/* The password's bytes, which no constant or register of the test has. */
static char secret_at(size_t i)
{
	static volatile uint32_t x;

	for (x = 1; i > 0; i--)
		x = x * 1103515245u + 12345u;
	return (char)('A' + (x >> 16) % 26);
}

static bool is_secret(const uint8_t *p)
{
	size_t i = 0;

	while (i < LOOKED_FOR && p[i] == (uint8_t)secret_at(FIRST + i))
		i++;
	return i == LOOKED_FOR;
}

/* ---- the memory of the process ---- */

static bool in_chunk(uint64_t at)
{
	uint64_t first = (uint64_t)(uintptr_t)chunk;

	return at >= first && at < first + sizeof chunk;
}

/* Each chunk is read with the beginning of the next one. */
static size_t count_in(int memory, uint64_t from, uint64_t to)
{
	size_t found = 0;

	for (uint64_t at = from; at < to; at += CHUNK) {
		ssize_t n = pread(memory, chunk, sizeof chunk, (off_t)at);
		for (ssize_t i = 0; i + LOOKED_FOR <= n && i < CHUNK; i++)
			found += is_secret(chunk + i) && !in_chunk(at + (uint64_t)i);
	}
	return found;
}

/* Copies of it in all that can be written to. */
static size_t copies(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512], rights[8];
	uint64_t from, to;
	size_t found = 0;

	if (!maps || memory < 0)
		skip();
	while (fgets(line, sizeof line, maps))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, rights) == 3 &&
			strncmp(rights, "rw", 2) == 0 && to - from <= LARGEST)
			found += count_in(memory, from, to);
	fclose(maps);
	close(memory);
	return found;
}

/* ---- what is sent ---- */

/* A form whose body is so much longer than the password at its end. */
static void write_form(char *to, size_t size, const char *path, size_t before)
{
	int n = snprintf(to, size,
		"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n", path,
		before + SECRET);

	memset(to + n, 'x', before);
	memcpy(to + n, "a=", 2);
	for (size_t i = 0; i < SECRET; i++)
		to[(size_t)n + before + i] = secret_at(i);
	to[(size_t)n + before + SECRET] = 0;
}

/* Says the script up to `cut`, and then its rest. */
static void say(struct web_rig *r, struct web_client *c, size_t cut)
{
	web_send(r, c, script, cut);
	web_turns(r);
	web_say(r, c, script + cut);
	explicit_bzero(script, sizeof script);
}

static void expect_none(struct web_rig *r)
{
	web_turns(r);
	assert_int_equal(copies(), 0);
}

/* ---- tests ---- */

static void test_it_would_be_found(void **state)
{
	(void)state;
	write_form(script, sizeof script, "/", 100);
	assert_int_equal(copies(), 1);
	char *copy = strdup(script);
	assert_int_equal(copies(), 2);
	explicit_bzero(copy, strlen(copy));
	free(copy);
	explicit_bzero(script, sizeof script);
}

/* In one piece and in two, in a short form and in one that needs more than its first buffer. */
static void test_after_the_answer(void **state)
{
	static const size_t before[] = {80, 5000};
	struct web_rig *r = web;
	(void)state;

	for (size_t i = 0; i < 2; i++)
		for (size_t from_end = 0; from_end < 130; from_end += 32) {
			web_begin(r);
			struct web_client *c = web_come(r, 0, DOOR_WEB);
			write_form(script, sizeof script, "/", before[i]);
			say(r, c, strlen(script) - from_end);
			WEB_UNTIL(r, web_answers(c) == 1);
			expect_none(r);
			web_end(r);
		}
}

/* Its connection may go on: a request comes before it, and the beginning of another behind it. */
static void test_between_others(void **state)
{
	static const char first[] = WEB_GET("/1");
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_WEB);
	memcpy(script, first, sizeof first);
	write_form(script + sizeof first - 1, sizeof script / 2, "/2", 80);
	strcat(script, WEB_GET("/3"));
	say(r, c, strlen(script));
	WEB_UNTIL(r, web_answers(c) == 3);
	expect_none(r);
	web_end(r);
}

/* Refused by its head: what comes of the body is read and thrown away. */
static void test_refused(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.http_body_bytes.max = 64;
	for (size_t from_end = 0; from_end < 130; from_end += 32) {
		struct web_client *c = web_come(r, 0, DOOR_WEB);
		write_form(script, sizeof script, "/", 80);
		say(r, c, strlen(script) - from_end);
		WEB_UNTIL(r, web_answers(c) == 1);
		expect_none(r);
	}
	web_end(r);
}

static void test_kept_for_a_later_answer(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_WEB);
	write_form(script, sizeof script, "/again", 80);
	say(r, c, strlen(script));
	WEB_UNTIL(r, r->later);
	assert_int_equal(copies(), 1); /* the route is called with it again */
	assert_true(http_later_answer(&r->conns, r->later, 200, slice_str("{}\n")));
	WEB_UNTIL(r, web_answers(c) == 1);
	expect_none(r);
	web_end(r);
}

/* Gone before the end of the form, and before the answer. */
static void test_broken_off(void **state)
{
	struct web_rig *r = web;
	(void)state;

	for (int whole = 0; whole < 2; whole++) {
		web_begin(r);
		struct web_client *c = web_come(r, 0, DOOR_WEB);
		write_form(script, sizeof script, whole ? "/again" : "/", 80);
		if (!whole)
			script[strlen(script) - 1] = 0;
		say(r, c, strlen(script));
		web_turns(r);
		close(c->fd);
		c->fd = -1;
		WEB_UNTIL(r, r->limits.web_clients.used == 0);
		expect_none(r);
		web_end(r);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_would_be_found),
		cmocka_unit_test(test_after_the_answer),
		cmocka_unit_test(test_between_others),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kept_for_a_later_answer),
		cmocka_unit_test(test_broken_off),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
