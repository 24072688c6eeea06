"""Mutants of the owner's side: whose turn it is to sign, what a request for a name may ask, names of
one's own."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("owner/turn.c", "test_turn", "replay tables/sign-jobs*", "replay tables/*")
row("view_count(l->v, key, l->tip.index + 1) >", "view_count(l->v, key, l->tip.index) >",
    "the tip's author signed already")
row("> view_count(l->v, key, l->full.index);", "> view_count(l->v, key, l->full.index + 1);",
    "the author of the full block cannot sign it", "replay tables/sign-jobs-3000*")
row("if (draw_has(&l->draw, l->a->keys[i]) && !took_part(l, l->a->keys[i]))",
    "if (draw_has(&l->draw, l->a->keys[i]))", "a drawn key signs once", sample=True)
row("if (draw_has(&l->draw, l->a->keys[i]) && !took_part(l, l->a->keys[i]))",
    "if (!took_part(l, l->a->keys[i]))", "who is not drawn")
row("if (memcmp(l->a->keys[t->key[i]], l->a->keys[place], KEY_SIZE) == 0) return;", "",
    "a key that is held twice")
row("return l->tip.index - l->full.index >= SIGNERS_MIN;",
    "return l->tip.index - l->full.index > SIGNERS_MIN;", "from the fourth block on an anchor")
row("(!anchors && in_list(p->late, p->recent, key))", "in_list(p->late, p->recent, key)",
    "late standby keys do not help any more")
row("in_list(p->anchor, p->anchors, key) ||", "", "anchors are on standby too")
row("if (standby && !draw_has(&l->draw, key) && !took_part(l, key))",
    "if (standby && !draw_has(&l->draw, key))", "a standby key signs once",
    "replay tables/sign-jobs*")
row("if (standby && !draw_has(&l->draw, key) && !took_part(l, key))",
    "if (standby && !took_part(l, key))", "a drawn key as standby", equal="where healing is "
    "looked at, every drawn key of ours took part: else it would sign")
row("if (t->index <= l->v->params->healing_activation_height)",
    "if (t->index < l->v->params->healing_activation_height)", "healing begins above the height")
row("if (l->a->now < t->when)", "if (l->a->now <= t->when)", "healing from the second on")
row("t->when = plus(l->full.timestamp, signers_timeout(l->v, &l->full));",
    "t->when = plus(l->tip.timestamp, signers_timeout(l->v, &l->full));",
    "the time-out runs from the full block")
row("if (height < l->v->params->block_signers_start", "if (height <= l->v->params->block_signers_start",
    "the first height with signers")
row("if (height < a->max_height)", "if (height + 1 < a->max_height)", "one block behind")
row("if (signers_locked(l->v, &l->full, UINT64_MAX)) return TURN_LOCKED;", "",
    "a locked window is not signed")
row("if (plus(l->tip.timestamp, (uint64_t)a->wait) <= a->now)",
    "if (plus(l->tip.timestamp, (uint64_t)a->wait) < a->now)", "exactly a minute")
row("if (plus(l->tip.timestamp, (uint64_t)a->wait) <= a->now)",
    "if (plus(l->full.timestamp, (uint64_t)a->wait) <= a->now)", "the age is the tip's")
row("if (!t->n) heal(&l, t);", "heal(&l, t);", "signing goes before healing")

file("chain/ecies.c", "test_ecies")
row("rng_fill(rng, to + POINT, NONCE);", "memset(to + POINT, 0, NONCE);", "a fresh nonce")
row("in.n > INT16_MAX - ECIES_OVERHEAD || !ecies_is_point(public_key)",
    "in.n > INT16_MAX - ECIES_OVERHEAD", "a key that is no point")
