/* Role: decides by the version text of a peer whether we support its release (protocol.md 5.3).
 * Before and after: p2p/handshake.c, with the text of a Hand or Shake. */
#include "p2p/wire.h"

enum { MINOR_MIN = 10 }; /* of 0.10.0, the oldest release that is accepted */

/* Reads the number at the start of the next part and skips the rest of it, up to and including the
 * '.'. False when it does not start with a digit, or is too large. */
static bool read_number(struct rd *r, uint32_t *v)
{
	uint64_t n = 0;
	size_t digits = 0;

	while (digits < r->left && r->p[digits] >= '0' && r->p[digits] <= '9') {
		n = n * 10 + (uint64_t)(r->p[digits++] - '0');
		if (n > UINT32_MAX)
			return false;
	}
	rd_bytes(r, digits);
	while (r->left && rd_u8(r) != '.')
		;
	*v = (uint32_t)n;
	return digits > 0;
}

bool app_version_acceptable(struct slice s)
{
	struct rd r = rd_of(s);
	uint32_t major, minor, patch;

	if (!read_number(&r, &major) || !read_number(&r, &minor) || !read_number(&r, &patch))
		return false;
	return major > 0 || minor >= MINOR_MIN;
}
