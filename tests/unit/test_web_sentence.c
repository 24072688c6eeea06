/* What the engine says in English, in Russian: the forms of web/sentences.def, words that fit their
 * numbers, and lines that the engine makes. tests/check_sentences.py looks at its sources. */
#include "web/sentence.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "config/limits.h"
#include "p2p/types.h"
#include "tests/unit/main.h"
#include "tests/unit/russian.h"

static void assert_said(const char *line, const char *wanted)
{
	char russian[SENTENCE_MAX];

	assert_true(web_sentence(WEB_RUSSIAN, line, russian));
	assert_string_equal(russian, wanted);
	assert_true(web_sentence(WEB_ENGLISH, line, russian));
	assert_string_equal(russian, line);
}

static void test_lines(void **state)
{
	(void)state;
	assert_said("no peers are configured", "соседи в настройках не указаны");
	assert_said("www2. is no IPv4 address such as 1.2.3.4",
		"www2. — не адрес IPv4, например 1.2.3.4");
	assert_said("downloading blocks 1,201 to 22,522 from 1 peer",
		"загружаются блоки с 1 201 по 22 522 от 1 соседа");
	assert_said("downloading blocks 3 to 22522 from 21 peers",
		"загружаются блоки с 3 по 22522 от 21 соседа");
	assert_said("block 7 comes slowly: 12.5 of 64 kB, 1.5 kB/s",
		"блок 7 идёт медленно: 12,5 из 64 кБ, 1,5 кБ/с");
	assert_said("block 7 comes slowly: 12 blocks before it, 512 bytes/s",
		"блок 7 идёт медленно: перед ним 12 блоков, 512 байт/с");
}

static void test_lines_in_lines(void **state)
{
	char refused[256];
	(void)state;

	assert_said("block 9 was refused: 12b name is not available; searching again",
		"блок 9 не принят: 12b: имя не свободно; поиск начат заново");
	assert_said(
		"fork at 5: block 4 was signed twice, 3 of the peers' networks show our copy, 1 "
		"another; more than 1000 blocks down it is not exchanged: import a chain or "
		"sync anew",
		"ветвь отходит от блока 5: блок 4 подписан дважды, наша копия в 3 сетях соседей, другая — "
		"в 1; глубже 1000 блоков он не заменяется: импортируйте цепочку или загрузите её "
		"заново");
	assert_said("waiting for 1 of 4 signatures of block 12 since 3 h 05 min: drawn AB12CD34, "
		    "00FF11EE; signed nobody; healing possible from 2026-12-05 10:00 UTC",
		"не хватает 1 из 4 подписей блока 12, ждём уже 3 ч 05 мин: выбраны AB12CD34, "
		"00FF11EE; подписали никто; замена возможна с 2026-12-05 10:00 UTC");
	snprintf(refused, sizeof refused,
		"no peers (0 of 1 configured answered; last error: [200::1]:4244: %s); a devnet of "
		"one node mines with `alfisd run --offline`",
		strerror(ECONNREFUSED));
	assert_said(refused,
		"нет соседей (из настроек не ответил ни один, всего 1; последняя ошибка: "
		"[200::1]:4244: в соединении отказано); сеть из одного узла добывает с `alfisd run "
		"--offline`");
}

/* What nobody translated stays as it is, whole. */
static void test_others(void **state)
{
	static const char *const rows[] = {"nobody knows this line", "no peers are configured!",
		"at tip; nobody knows this",
		"block 9 was refused: for another reason; searching again",
		"at tip; at tip; at tip; at tip; at tip; at tip; at tip; at tip; at tip; at tip",
		"fork at 7; nobody knows this"};
	char said[SENTENCE_MAX], line[2 * SENTENCE_MAX];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_false(web_sentence(WEB_RUSSIAN, rows[i], said));
		assert_string_equal(said, rows[i]);
	}
	assert_true(web_sentence(WEB_RUSSIAN, "", said));
	assert_string_equal(said, "");
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = 0;
	assert_false(web_sentence(WEB_RUSSIAN, line, said));
	assert_int_equal(strlen(said), SENTENCE_MAX - 1);
	memcpy(line + sizeof line - sizeof "x: names are ASCII, without control characters",
		"x: names are ASCII, without control characters",
		sizeof "x: names are ASCII, without control characters");
	assert_false(web_sentence(WEB_RUSSIAN, line, said)); /* there is no room for its Russian */
}

static void test_bounds_and_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		assert_has_russian(limit_rows[i].on_hit);
	for (int i = 0; i < CLOSE_REASONS; i++)
		assert_has_russian(close_reason_name((enum close_reason)i));
}

/* ---- words that fit a number ---- */

static void test_forms(void **state)
{
	static const struct {
		const char *number;
		unsigned english, russian;
	} rows[] = {{"0", 1, 2}, {"1", 0, 0}, {"2", 1, 1}, {"4", 1, 1}, {"5", 1, 2}, {"10", 1, 2},
		{"11", 1, 2}, {"12", 1, 2}, {"14", 1, 2}, {"19", 1, 2}, {"20", 1, 2}, {"21", 1, 0},
		{"22", 1, 1}, {"25", 1, 2}, {"64", 1, 1}, {"100", 1, 2}, {"101", 1, 0},
		{"111", 1, 2}, {"112", 1, 2}, {"121", 1, 0}, {"1,001", 1, 0}, {"22,522", 1, 1},
		{"22\xC2\xA0"
		 "511",
			1, 2},
		{"0,5", 1, 1}, {"2.5", 1, 1}, {"1.0", 1, 1}, {"", 1, 2}, {"…", 1, 2}};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slice number = slice_str(rows[i].number);
		assert_int_equal(web_form(WEB_ENGLISH, number), rows[i].english);
		assert_int_equal(web_form(WEB_RUSSIAN, number), rows[i].russian);
	}
}

/* Each {one|few|many} has as many words as its language tells apart, and a number before it. */
static void test_forms_of_texts(void **state)
{
	(void)state;
	for (int i = 0; i < WEB_TEXTS; i++)
		for (int l = 0; l < WEB_LANGUAGES; l++) {
			const char *text = web_text((enum web_language)l, (enum web_text)i),
				   *at = text;
			while ((at = strchr(at, '{')) != NULL) {
				unsigned words = 1;
				if (at < text + 2 || !strchr(text, '%'))
					fail_msg("\"%s\": no number stands before the words", text);
				for (; *at && *at != '}'; at++)
					words += *at == '|';
				if (*at != '}' || words != (l == WEB_RUSSIAN ? 3 : 2))
					fail_msg("\"%s\" has %u words for a number", text, words);
			}
		}
}

static void test_filling_in(void **state)
{
	char to[64];
	(void)state;

	assert_string_equal(web_filled(WEB_RUSSIAN, TEXT_YEARS, "6", NULL, to, sizeof to), "6 лет");
	assert_string_equal(
		web_filled(WEB_RUSSIAN, TEXT_YEARS, "2", NULL, to, sizeof to), "2 года");
	assert_string_equal(
		web_filled(WEB_RUSSIAN, TEXT_DAYS, "21", NULL, to, sizeof to), "21 день");
	assert_string_equal(
		web_filled(WEB_ENGLISH, TEXT_SIGNED_OF, "1", "4", to, sizeof to), "1 of 4");
	assert_string_equal(web_filled(WEB_ENGLISH, TEXT_SIGNED_OF, NULL, "{|}", to, 7), " of {|");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_in_lines),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_bounds_and_ends),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_forms_of_texts),
		cmocka_unit_test(test_filling_in),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
