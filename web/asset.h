/* The fixed parts of the pages, compressed when the program is built (tools/asset.sh). */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include "base/slice.h"
#include "http/call.h"

struct asset {
	const char *type;       /* Content-Type */
	const char *tag;        /* a digest of its bytes, hex: the same bytes have the same tag */
	struct slice raw, gzip; /* static */
};

extern const struct asset asset_style, asset_script;

/* Answers with the asset: compressed for who takes that, and as 304 for who has it already. Returns
 * the HTTP status. Pages name it with its tag as query, so a browser may keep it for a year. */
int asset_answer(const struct asset *a, struct http_call *c);

#endif
