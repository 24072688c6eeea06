"""Mutants of the signers: their draw, the blocks that they owe, and bans."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("chain/signers.c", "test_signers", "test_signing", "test_signers_model", "replay consensus/s08*",
     "replay consensus/s7*", "replay consensus/s16*", "replay consensus/s[0-9]*")
row("memcmp(above->key, candidate->key, KEY_SIZE) < 0", "memcmp(above->key, candidate->key, KEY_SIZE) > 0",
    "equal counts are in order of their keys")
row("memcmp(a->key, b->key, KEY_SIZE) < 0", "memcmp(a->key, b->key, KEY_SIZE) > 0",
    "of equals the smaller key stays in the pool")
row("w.total < best[n - 1].count", "w.total <= best[n - 1].count",
    "the walk over the ranking ends too soon")
row("if (n == most && w.total < best[n - 1].count) break;", "", "the walk over the ranking ends",
    equal="it only saves time: nobody behind can be among the best")
row("if (candidate.count == 0 ||", "if (", "who has no block there is in no pool")
row("view_count(v, w.key, upto + 1)", "view_count(v, w.key, upto)", "the full block counts")
row("view_count(v, w.key, above + 1)", "view_count(v, w.key, above)", "where the range begins")
row("listed(p->anchor, p->anchors, w.key) ||", "", "an anchor takes no place of the recent ones")
row("|| signer_bans_have(v, w.key, banned_upto)", "", "the banned are in no pool")
row("f->index > params->ban_activation_height ? f->index : 0",
    "f->index >= params->ban_activation_height ? f->index : 0", "the height at which bans begin")
row("f->index > window ? f->index - window : 1", "f->index > window ? f->index - window + 1 : 1",
    "the recent window's lower end")
row("f->index > window ? f->index - window : 1", "f->index >= window ? f->index - window : 1",
    "a window as long as the chain leaves block 1 out")
row("rank_best(v, 1, f->index", "rank_best(v, 0, f->index", "block 1 makes no anchor")
row("bool opened = view_last_full(v, from, &full);",
    "bool opened = view_last_full(v, from + 1, &full);", "a full block where the look back begins",
    equal="the walk begins at that very block and sees that it is full")
row("bool opened = view_last_full(v, from, &full);", "bool opened = false;",
    "the window that the look back begins in")
row("full.index >= v->params->block_signers_start",
    "full.index > v->params->block_signers_start", "the first full block with a draw")
row("opened && full.index", "full.index", "a look back without a full block",
    equal="full is only read when opened; the height of activation is above every first full block "
    "that can be asked for")
row("f->index > HEALING_LOOKBACK ? f->index - HEALING_LOOKBACK : 0",
    "f->index > HEALING_LOOKBACK ? f->index - HEALING_LOOKBACK + 1 : 0", "ten blocks of look back")
row("if (from < p->healing_activation_height + 1) from = p->healing_activation_height + 1;",
    "if (from < p->healing_activation_height) from = p->healing_activation_height;",
    "healing before its activation does not count")
row("return healed ? p->healing_timeout_fast : p->healing_timeout;", "return p->healing_timeout;",
    "the fast time-out")
row("if (from >= f->index) return p->healing_timeout;",
    "if (from >= f->index) return p->healing_timeout_fast;", "the time-out near the activation")
row("w->blocks >= SIGNERS_MIN &&", "w->blocks > SIGNERS_MIN &&", "lock: four blocks")
row("w->drawn >= SIGNERS_MIN ||", "w->drawn > SIGNERS_MIN ||", "lock: four drawn signers")
row("w->anchors >= ANCHORS_MIN", "w->anchors > ANCHORS_MIN", "lock: one anchor")
row("(w->drawn >= SIGNERS_MIN || w->anchors >= ANCHORS_MIN)", "true",
    "lock: who signed matters")
row("for (uint64_t i = f->index + 1; i < below && !enough(&w); i++)",
    "for (uint64_t i = f->index + 1; i <= below && !enough(&w); i++)", "lock: below the block alone")
row("if (!view_summary(v, i, &h) || h.full) break; w.blocks++;",
    "if (!view_summary(v, i, &h)) break; w.blocks++;", "lock: the window ends at a full block")
row("return n >= SIGNERS_MIN;", "return n > SIGNERS_MIN;", "the old lock: four blocks")
row("i < below && n < SIGNERS_MIN", "i <= below && n < SIGNERS_MIN",
    "the old lock: below the block alone")
row("if (f->index < v->params->block_signers_start) return true;",
    "if (f->index <= v->params->block_signers_start) return true;",
    "lock: the first full block with signers")
row("if (f->index < v->params->healing_activation_height) locked",
    "if (f->index <= v->params->healing_activation_height) locked",
    "lock: the full block of the activation height")
row("waited >= 0 && (uint64_t)waited >= timeout", "(uint64_t)waited >= timeout",
    "a signer older than the full block")
row("(uint64_t)waited >= timeout", "(uint64_t)waited > timeout", "exactly the time-out")
row("active && strength < (int)v->params->keystore_difficulty",
    "active && strength <= (int)v->params->keystore_difficulty", "a signer just strong enough")
row("active && strength < (int)v->params->keystore_difficulty", "0", "weak signers")
row("view_count(v, key, b->index) > view_count(v, key, f->index + 1)", "0",
    "a signer signs a window once")
row("view_count(v, key, b->index) > view_count(v, key, f->index + 1)",
    "view_count(v, key, b->index) > view_count(v, key, f->index)",
    "the author of the full block",
    equal="he is never drawn and never standby: refused all the same")
row("if (b->index > f->index + 1 && view_count", "if (view_count",
    "a window of no block yet",
    equal="the counts below an index that is not above F + 1 are never greater")
row("!active || memcmp(key, f->key, KEY_SIZE) == 0", "!active",
    "the author does not sign his own window as standby")
row("!active || memcmp(key, f->key, KEY_SIZE) == 0", "memcmp(key, f->key, KEY_SIZE) == 0",
    "no standby before the activation")
row("signers_pool(v, f, true, &p);", "signers_pool(v, f, false, &p);", "the recent ones stand by")
row("if (!late_enough(b, f, signers_timeout(v, f)))", "if (0)", "standby signers wait")
row("height - f->index >= SIGNERS_ALL", "height - f->index > SIGNERS_ALL",
    "the old rule: seven blocks by our own height")
row("b->index - f->index - 1 >= SIGNERS_ALL", "b->index - f->index >= SIGNERS_ALL",
    "a full window is seven blocks")
row("b->index - f->index - 1 >= SIGNERS_ALL && signers_locked(v, f, b->index)",
    "b->index - f->index - 1 >= SIGNERS_ALL", "a full window that is not locked goes on")
row("bool active = b->index > v->params->healing_activation_height;",
    "bool active = b->index >= v->params->healing_activation_height;",
    "the activation height itself", "replay consensus/s5*")
row("if (active && b->index > f->index && !signers_locked(v, f, b->index))",
    "if (active && !signers_locked(v, f, b->index))", "a full block that replaces F or is below it")
row("if (active && b->index > f->index && !signers_locked(v, f, b->index))",
    "if (b->index > f->index && !signers_locked(v, f, b->index))",
    "no lock asked for before the activation")
row("if (active && b->index > f->index && !signers_locked(v, f, b->index))", "if (0)",
    "a full block asks for the lock of the last one")

file("chain/signer_draw.c", "test_draw", "test_signers", "test_signers_model", "replay consensus/first-*",
     "replay consensus/s08*", "replay consensus/s[0-9]*", "replay chains/*")
row(">= w->minimum &&", "> w->minimum &&", "exactly enough blocks to be drawn")
row("view_count(w->v, key, w->f->index)", "view_count(w->v, key, w->f->index + 1)",
    "blocks below the full one count")
row("&& !draw_bans_have(w->v, &w->skip, key)", "", "the banned are not drawn")
row("memcmp(key, f->key, KEY_SIZE) != 0 && !draw_has(d, key)", "!draw_has(d, key)",
    "the author is not drawn")
row("memcmp(key, f->key, KEY_SIZE) != 0 && !draw_has(d, key)",
    "memcmp(key, f->key, KEY_SIZE) != 0", "nobody is drawn twice")
row("ends && d->n < SIGNERS_ALL;", "ends && d->n < SIGNERS_MIN;", "seven are drawn")
row("c + 1 > MITIGATION_COUNT", "c > MITIGATION_COUNT", "when the mitigation begins")
row("tail / MITIGATION_DIVISOR, c", "tail / (MITIGATION_DIVISOR + 1), c", "what the mitigation does")
row("course_begin(&s.course, w->f->index - 1, d->tail, 1);", "course_begin(&s.course, w->f->index, d->tail, 1);",
    "the window of the draw")
row("view_summary(s->w->v, s->course.at + 1, &h)", "view_summary(s->w->v, s->course.at, &h)",
    "the draw's index begins at 1")
row("mark(&s->marks, s->course.at); return; } add_key", "mark(&s->marks, s->course.at); } else add_key",
    "who may not sign does not let the mitigation begin")
row("k->tail <= UINT64_MAX / DRAW_STEPS_MAX ? common : common & -common", "common",
    "a product that wraps meets more than the multiples of the common divisor")
row("k->tail <= UINT64_MAX / DRAW_STEPS_MAX ? common : common & -common", "common & -common",
    "a small multiple of the window is seen not to end",
    equal="the marks of one that repeats itself are skipped over as well: it only saves additions")
row("DOUBT_STEPS = 1 << 13", "DOUBT_STEPS = 1 << 22", "a long walk looks at each block once")
row("k->run = 0; m->left", "m->left", "what was met before the marks does not count")
row("k->run < m->period ||", "", "a course that repeats itself is skipped over")
row("m->bits[at / 8] |= (uint8_t)(1 << at % 8);", "", "an index is looked at once")
row("k->at += k->at < k->wrap ? k->window - k->wrap : -k->wrap;", "", "the product wraps at 2^64")
row("old->tail != d->tail || memcmp(old->hash, d->hash, HASH_SIZE) != 0",
    "memcmp(old->hash, d->hash, HASH_SIZE) != 0", "the same block may be signed twice")
row("old->tail != d->tail || memcmp(old->hash, d->hash, HASH_SIZE) != 0",
    "old->tail != d->tail", "a tail alone is no block")
row("if (f->index < v->params->block_signers_start || view_height(v) < f->index)",
    "if (f->index <= v->params->block_signers_start || view_height(v) < f->index)",
    "the first draw")
row("if (f->index < v->params->block_signers_start || view_height(v) < f->index)",
    "if (f->index < v->params->block_signers_start || view_height(v) <= f->index)",
    "a draw on top of the chain")

file("chain/signer_bans.c", "test_signing", "test_signers", "test_signers_model", "replay consensus/s03*",
     "replay consensus/s7*", "replay chains/devnet-3000*", "replay consensus/s[0-9]*")
row("view_ban_of(v, key, &b) && b.closing <= upto", "view_ban_of(v, key, &b) && b.closing < upto",
    "a ban counts from the block that closes")
row("view_ban_of(v, key, &b) && b.closing <= upto", "view_ban_of(v, key, &b)",
    "later bans do not count")
row("least = minimum ? minimum : 1", "least = minimum", "who has no block is not eligible")
row("w.total >= least) n +=", "w.total > least) n +=", "the walk over the ranking ends too soon")
row("view_count(v, w.key, below) >= least", "view_count(v, w.key, below) > least",
    "exactly eligible")
row("struct ban b = {.closing = upto + 1};", "struct ban b = {.closing = upto};",
    "the bans of the block itself")
row("n += view_count(v, b.key, below) >= minimum;", "n += view_count(v, b.key, below) > minimum;",
    "exactly eligible, banned")
row("if (f->index <= p->ban_activation_height ||", "if (f->index < p->ban_activation_height ||",
    "the height at which bans begin")
row("struct ban b = {.closing = f->index + 1};", "struct ban b = {.closing = f->index};",
    "the bans of the full block itself")
row("if (remaining >= p->ban_draw_min) return;", "if (remaining > p->ban_draw_min) return;",
    "re-admission ends with enough")
row("if (view_count(v, b.key, f->index) >= d->minimum) remaining++;",
    "if (view_count(v, b.key, f->index) > d->minimum) remaining++;",
    "re-admission of one just eligible")
row("a->closing == b->closing && a->place < b->place",
    "a->closing == b->closing && a->place <= b->place", "the last one re-admitted")
row("b.closing > d->below", "b.closing >= d->below", "banned by the full block itself")
row("|| view_count(v, key, d->below) < d->minimum", "", "who is not eligible is not re-admitted",
    equal="may_sign() asks the same count first: who lacks it is not drawn, banned or not")
row("return x->count > y->count ? -1 : 1;", "return x->count > y->count ? 1 : -1;",
    "who has most blocks is banned first")
row("return memcmp(x->key, y->key, KEY_SIZE);", "return memcmp(y->key, x->key, KEY_SIZE);",
    "of equals the smaller key is banned first")
row("signed_by[k] = drawn = true;", "drawn = true;", "who signed is alive")
row("healed |= !drawn;", "healed = !drawn;", "one healed block is enough")
row("uint64_t after = c[i].count >= minimum ? minus(remaining, 1) : remaining;",
    "uint64_t after = minus(remaining, 1);", "who was not eligible leaves the pool as it is")
row("c[i].count >= minimum ?", "c[i].count > minimum ?", "exactly eligible, to be banned")
row("if (after < v->params->ban_pool_floor)", "if (after <= v->params->ban_pool_floor)",
    "the floor itself")
row("if (after < v->params->ban_pool_floor) continue;",
    "if (after < v->params->ban_pool_floor) break;",
    "behind the floor, those who are not eligible are banned still")
row("if (opening->index < v->params->healing_activation_height) return 0;",
    "if (opening->index <= v->params->healing_activation_height) return 0;",
    "a window that opened at the activation height")
row("read_window(v, &d, opening->index + 1, index, alive)",
    "read_window(v, &d, opening->index + 2, index, alive)", "the first block of the window")
row("alive[k] || memcmp(d.keys[k], author, KEY_SIZE) == 0 ||",
    "memcmp(d.keys[k], author, KEY_SIZE) == 0 ||", "who signed is not banned")
row("alive[k] || memcmp(d.keys[k], author, KEY_SIZE) == 0 ||", "alive[k] ||",
    "who closes the window is not banned")
row("|| signer_bans_have(v, d.keys[k], index)) continue;", ") continue;", "nobody is banned twice")
row("qsort(c, n, sizeof c[0], by_count);", "", "the order of bans")
row("params_draw_minimum(v->params, index), list)",
    "params_draw_minimum(v->params, opening->index), list)", "eligible at the closing height")
