/* Memory of a session of HTTP/2, nghttp2's own included, each block within the row of the bytes of
 * connections. Before: dns/http2.c, dns/http2_stream.c, nghttp2. After: base/mem.h. */
#include "base/mem.h"
#include "dns/http2_internal.h"

enum { BLOCK_COST = 32 /* of the allocator, and of the account */ };

static uint64_t cost_of(const void *p)
{
	return p ? mem_size(p) + BLOCK_COST : 0;
}

static void *alloc(struct bound *row, size_t size, void *(*from)(size_t size))
{
	void *p;

	if (size > SIZE_MAX - BLOCK_COST || !bound_take(row, size + BLOCK_COST))
		return NULL;
	p = from(size);
	if (!p)
		bound_give(row, size + BLOCK_COST);
	return p;
}

void *dns_http2_alloc(struct bound *row, size_t size)
{
	return alloc(row, size, mem_alloc);
}

void *dns_http2_realloc(struct bound *row, void *p, size_t size)
{
	uint64_t old = cost_of(p), more;

	if (size > SIZE_MAX - BLOCK_COST)
		return NULL;
	more = size + BLOCK_COST > old ? size + BLOCK_COST - old : 0;
	if (!bound_take(row, more))
		return NULL;
	p = mem_realloc(p, size);
	bound_give(row, p ? old + more - cost_of(p) : more);
	return p;
}

void dns_http2_release(struct bound *row, void *p)
{
	bound_give(row, cost_of(p));
	mem_free(p);
}

static void *on_malloc(size_t size, void *row)
{
	return alloc(row, size, mem_alloc_unset);
}

static void on_free(void *p, void *row)
{
	dns_http2_release(row, p);
}

static void *on_calloc(size_t count, size_t size, void *row)
{
	return size && count > SIZE_MAX / size ? NULL : dns_http2_alloc(row, count * size);
}

static void *on_realloc(void *p, size_t size, void *row)
{
	return dns_http2_realloc(row, p, size);
}

nghttp2_mem dns_http2_mem(struct bound *row)
{
	return (nghttp2_mem){row, on_malloc, on_free, on_calloc, on_realloc};
}
