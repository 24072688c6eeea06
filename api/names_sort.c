/* Role: sorts the list of own names of GET /api/domains, whose names are decrypted in the order of
 * the chain. Before: node/node_names.c. After: http/server.h sends it. */
#include "api/names_sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

struct element {
	struct slice text, name; /* raw, both */
};

static int by_name(const void *a, const void *b)
{
	const struct element *x = a, *y = b;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int c = n ? memcmp(x->name.p, y->name.p, n) : 0;

	if (c)
		return c;
	if (x->name.n != y->name.n)
		return x->name.n < y->name.n ? -1 : 1;
	return x->text.p < y->text.p ? -1 : 1; /* as it was */
}

static bool find(struct slice array, struct element *to, size_t count)
{
	size_t at = 0, n = 0;

	for (; n < count && json_element(array, &at, &to[n].text); n++) {
		struct slice name = {NULL, 0};
		json_find(to[n].text, "name", &name);
		/* without its quotes, so that "a" comes before "a.b" */
		to[n].name = name.n >= 2 ? slice_of(name.p + 1, name.n - 2) : name;
	}
	return n == count;
}

static void put(uint8_t *to, const struct element *e, size_t count)
{
	*to++ = '[';
	for (size_t i = 0; i < count; i++) {
		if (i)
			*to++ = ',';
		memcpy(to, e[i].text.p, e[i].text.n);
		to += e[i].text.n;
	}
}

bool names_sort(struct wr *w, size_t from, size_t count)
{
	struct slice array = slice_of(w->p + from, w->n - from);

	if (count < 2)
		return true;
	struct element *e = mem_alloc(count * sizeof *e);
	uint8_t *copy = e ? mem_alloc_unset(array.n) : NULL;
	bool good = copy != NULL;
	if (good)
		memcpy(copy, array.p, array.n);
	good = good && find(slice_of(copy, array.n), e, count);
	if (good) {
		qsort(e, count, sizeof *e, by_name);
		put(w->p + from, e, count);
	}
	mem_free(copy);
	mem_free(e);
	return good;
}
