/* The JSON form of transactions (protocol.md 4.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chain/txjson.h"
#include "tests/unit/main.h"

static void test_transaction(void **state)
{
	uint8_t space[256], out[256];
	struct transaction tx;
	struct wr w = wr_of(out, sizeof out);
	struct slice text =
		slice_str("{\"class\":\"domain\",\"identity\":\"00\",\"signing\":\"aB\","
			  "\"data\":\"{\\\"z\\\":1}\",\"unknown\":[{}]}");
	(void)state;

	assert_true(txjson_read(text, &tx, space, sizeof space));
	assert_int_equal(tx.identity.n, 0); /* zeros are none */
	assert_true(slice_is(tx.data, "{\"z\":1}"));
	txjson_write(&tx, &w);
	assert_true(slice_is(wr_done(&w),
		"{\"class\":\"domain\",\"signing\":\"AB\",\"data\":\"{\\\"z\\\":1}\"}"));
	assert_false(txjson_read(slice_str("{\"identity\":\"\"}"), &tx, space, sizeof space));
	assert_false(txjson_read(text, &tx, space, 8));
}

/* class, identity, confirmation, signing, encryption, data; what is missing at the end is empty. */
static void test_transaction_forms(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "{\"class\":\"c\"", "[\"c\"",
		"{\"class\":\"c\"}x", "[\"c\",\"\",\"\",\"\",\"\",\"\",\"\"]", "[\"c\",null]",
		"[\"c\" \"AB\"]", "[\"c\",]", "{\"class\":\"c\",}", "{\"class\" \"c\"}", "{,}",
		"{\"class\":\"c\",\"class\":\"c\"}", "{\"class\":null}", "{\"class\":1}",
		"{\"class\":\"c\",\"signing\":\"A\"}", "{\"class\":\"c\",\"signing\":\"GG\"}",
		"{\"class\":\"c\",\"signing\":[170]}", "{\"class\":\"\\ud800\"}",
		"{\"class\":\"\xFF\"}", "\"c\""};
	uint8_t space[64];
	struct transaction tx;
	(void)state;

	assert_true(txjson_read(slice_str("[\"c\",\"01\",\"02\",\"03\",\"04\",\"d\\n\"]"), &tx,
		space, sizeof space));
	assert_true(slice_is(tx.class_name, "c") && slice_is(tx.data, "d\n"));
	assert_true(slice_is(tx.identity, "\1") && slice_is(tx.confirmation, "\2"));
	assert_true(slice_is(tx.signing, "\3") && slice_is(tx.encryption, "\4"));
	assert_true(txjson_read(slice_str(" [ \"c\" , \"01\" ] "), &tx, space, sizeof space));
	assert_true(slice_is(tx.identity, "\1") && tx.signing.n == 0 && tx.data.n == 0);
	assert_true(txjson_read(
		slice_str("{\"x\":1e999,\"x\":[],\"class\":\"\"}"), &tx, space, sizeof space));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(txjson_read(slice_str(bad[i]), &tx, space, sizeof space));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transaction),
		cmocka_unit_test(test_transaction_forms),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
