/* Domain data and the JSON form of transactions: whatever is accepted has a canonical form that is
 * accepted, checks the same, and is its own canonical form. */
#include "base/json.h"
#include "domain/domain.h"
#include "chain/txjson.h"
#include "tests/fuzz/fuzz.h"

static void try_domain(struct slice data)
{
	static uint8_t first[1 << 19], second[1 << 19];
	struct wr a = wr_of(first, sizeof first), b = wr_of(second, sizeof second);
	enum domain_check check = domain_check(data);

	must(domain_canonical(data, &a) == (check != DOMAIN_MALFORMED));
	if (check == DOMAIN_MALFORMED || a.bad)
		return;
	must(domain_check(wr_done(&a)) == check);
	must(domain_canonical(wr_done(&a), &b));
	must(slice_eq(wr_done(&a), wr_done(&b)));
}

static void try_transaction(struct slice text)
{
	static uint8_t space[1 << 17], again[1 << 17], out[1 << 19];
	struct transaction x, y;
	struct wr w = wr_of(out, sizeof out);

	if (!txjson_read(text, &x, space, sizeof space))
		return;
	txjson_write(&x, &w);
	if (w.bad)
		return;
	must(txjson_read(wr_done(&w), &y, again, sizeof again));
	must(slice_eq(x.class_name, y.class_name) && slice_eq(x.data, y.data));
	must(slice_eq(x.signing, y.signing) && slice_eq(x.identity, y.identity));
}

static void try_lookups(struct slice text)
{
	struct slice key, value;
	uint8_t to[64];
	size_t n;

	for (size_t at = 0; json_member(text, &at, &key, &value);)
		json_get_text(value, to, sizeof to, &n);
	for (size_t at = 0; json_element(text, &at, &value);)
		json_get_text(value, to, sizeof to, &n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 65536)
		return 0;
	try_domain(slice_of(data, size));
	try_transaction(slice_of(data, size));
	try_lookups(slice_of(data, size));
	must(mem_blocks() == 0);
	return 0;
}
