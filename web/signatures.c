/* Collects the signatures of a full block. Before: the pages of blocks. After: chain/signers.h,
 * chain/view.h. */
#include "web/signatures.h"

unsigned signatures_count(struct view *v, uint64_t index)
{
	struct block_summary h;
	unsigned n = 0;

	while (n < SIGNATURES_SHOWN && view_summary(v, index + 1 + n, &h) && !h.full)
		n++;
	return n;
}

void signatures_read(struct view *v, const struct block_summary *full, struct signatures *out)
{
	struct block_summary h = {.full = false};

	*out = (struct signatures){.full = *full};
	signers_draw(v, full, &out->draw);
	while (out->count < SIGNATURES_SHOWN && view_summary(v, full->index + 1 + out->count, &h) &&
		!h.full) {
		struct signature *s = &out->of[out->count++];
		*s = (struct signature){.block = h.index, .time = h.timestamp};
		memcpy(s->key, h.key, KEY_SIZE);
		s->drawn = draw_has(&out->draw, h.key);
	}
	/* The next full block comes only when they are complete. */
	out->locked = h.full || signers_locked(v, full, UINT64_MAX);
}

bool signatures_have(const struct signatures *s, const uint8_t key[KEY_SIZE])
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->of[i].key, key, KEY_SIZE) == 0)
			return true;
	return false;
}
