"""Mutants of the rules: the block check, signers, bans, domain data, fork choice, what is stored."""

from mutant import Table

RULES = Table()
file, row = RULES.file, RULES.row

# ---- the block check ----

file("chain/rules.c", "test_rules", "test_owner", "replay consensus/first-*", "replay consensus/sp-*",
     "replay consensus/s03*", "replay consensus/s16*", "replay consensus/s[0-9]*")
row("b->version > CHAIN_VERSION", "b->version > CHAIN_VERSION + 1", "step 1: a later version")
row("if (b->index == 0)", "if (0 && b->index == 0)", "step 2: index 0")
row("if (wrong_hash(b))", "if (0 && wrong_hash(b))", "step 3: refused hashes")
row("i < sizeof wrong_hashes / sizeof wrong_hashes[0]", "i + 1 < sizeof wrong_hashes / HASH_SIZE",
    "step 3: the last refused hash")
row("b->difficulty < required", "b->difficulty <= required", "step 6: exactly enough", sample=True)
row("b->difficulty < required", "0", "step 6: any difficulty would do")
row("(int64_t)hash_difficulty(b->hash) < (int64_t)b->difficulty",
    "(int64_t)hash_difficulty(b->hash) + 1 < (int64_t)b->difficulty", "step 7: one bit too few")
row("(int64_t)hash_difficulty(b->hash) < (int64_t)b->difficulty",
    "(int64_t)hash_difficulty(b->hash) <= (int64_t)b->difficulty", "step 7: exactly enough bits")
row("block_is_origin(b) && slice_eq(b->hash, slice_of(p->origin, HASH_SIZE))",
    "block_is_origin(b)", "work waived for any genesis block")
row("p->has_origin && b->index == 1 &&", "0 && b->index == 1 &&",
    "the origin may have less work than asked for")
row('return "12d too many records";', "break;", "step 12d")
row('return "12e clearnet record in a Yggdrasil-only zone";', "break;", "step 12e, clearnet")
row('return "12e record is too long";', "break;", "step 12e, length")
row("if (!block_is_domain(b)) return NULL;", "if (!b->full) return NULL;",
    "12d and 12e are for domains alone")
row("b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE", "b->hash.n != HASH_SIZE",
    "keys of a wrong length reach the checkers")
row("b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE", "b->pub_key.n != KEY_SIZE",
    "hashes of a wrong length reach the checkers")
row("b->signature.n != SIGNATURE_SIZE", "b->signature.n > SIGNATURE_SIZE",
    "short signatures reach the checkers")
row("is_configured_origin(p, b) ? 0 : owner_required_least(p, b)", "owner_required_least(p, b)",
    "an origin with less work must not be refused unseen")
row("if (!f->hash_ok || !f->signature_ok) return false;", "if (!f->hash_ok) return false;",
    "a copy with a broken signature must not condemn the block")
row("if (!f->hash_ok || !f->signature_ok) return false;",
    "if (!f->signature_ok) return false;", "a copy with a broken hash must not condemn the block")
row("(uint64_t)f->key_strength < p->keystore_difficulty",
    "(uint64_t)f->key_strength <= p->keystore_difficulty", "a key that is just strong enough")
row("now > INT64_MAX - FUTURE_TOLERANCE ? INT64_MAX : now + FUTURE_TOLERANCE",
    "(int64_t)((uint64_t)now + FUTURE_TOLERANCE)", "a clock at the end of time")
row("b->timestamp > latest_time(c->now)", "b->timestamp >= latest_time(c->now)",
    "step 4: exactly a minute ahead")
row("b->timestamp > latest_time(c->now)", "0", "step 4: any time")
row("b->index > c->tip->index + 1", "b->index > c->tip->index + 2", "step 5: a gap of one")
row('''if (c->tip && b->index > c->tip->index + 1) {
    *why = "5 blocks below are missing"; return VERDICT_FUTURE; }
    *why = break_proof(c); if (*why) return VERDICT_BAD;''',
    '''*why = break_proof(c); if (*why) return VERDICT_BAD;
    if (c->tip && b->index > c->tip->index + 1) {
    *why = "5 blocks below are missing"; return VERDICT_FUTURE; }''',
    "order: steps 6 to 9 before 5")
row("if (!c->facts->hash_ok)", "if (0)", "step 8")
row("if (!c->facts->signature_ok)", "if (0)", "step 9")
row('''if (breaks_link(c, &verdict, why)) return verdict; *why = break_transaction(c);
    if (*why) return VERDICT_BAD;''',
    '''*why = break_transaction(c); if (*why) return VERDICT_BAD;
    if (breaks_link(c, &verdict, why)) return verdict;''', "order: step 12 before 10")
row("(uint64_t)c->facts->key_strength < c->view->params->keystore_difficulty",
    "(uint64_t)c->facts->key_strength <= c->view->params->keystore_difficulty",
    "step 12a: exactly strong enough")
row("(uint64_t)c->facts->key_strength < c->view->params->keystore_difficulty", "0",
    "step 12a: weak keys")
row("if (!owner_available(c->view, b, c->now))", "if (0)", "step 12b")
row("if (!owner_rested(c->view, b))", "if (0)", "step 12c")
row("return break_records(b);", "return NULL;", "steps 12d and 12e in the check")
row("b->index != 1 || !block_is_origin(b) ||", "!block_is_origin(b) ||",
    "step 13a: a genesis block of another index", "replay consensus/sp-genesis*")
row("b->index != 1 || !block_is_origin(b) ||", "b->index != 1 ||",
    "step 13a: a first block that is no origin", "replay consensus/sp-genesis*")
row("!block_is_origin(b) || b->prev_hash.n != 0", "!block_is_origin(b)",
    "step 13a: a genesis block that follows another", "replay consensus/sp-genesis*")
row("if (!p->has_origin)", "if (0)", "step 13b", "replay consensus/sp-noorigin*")
row("if (!slice_eq(b->hash, slice_of(p->origin, HASH_SIZE)))", "if (0)",
    "step 13c: another network's genesis block", "replay consensus/sp-genesis*")
row("c->block->index <= c->tip->index &&", "", "step 14e looks up to T alone, not above",
    "test_chain")
row("slice_eq(c->block->hash, slice_of(ours.hash, HASH_SIZE))", "c->block->hash.n == HASH_SIZE",
    "step 14e: another block of our index")
row("if (is_stored(c))", "if (0)", "step 14e")
row("b->index > c->view->params->block_signers_start",
    "b->index > c->view->params->block_signers_start + 1", "step 14b: the first index with signers")
row("b->index > c->view->params->block_signers_start",
    "b->index >= c->view->params->block_signers_start", "step 14b: the last index without")
row("view_height(c->view), c->facts->key_strength", "c->tip->index, c->facts->key_strength",
    "step 14b measures by the whole chain also at start-up")
row("b->index + CONFIDENCE_DEPTH < c->tip->index", "b->index + CONFIDENCE_DEPTH <= c->tip->index",
    "step 14d: a fork exactly four blocks down")
row("b->index + CONFIDENCE_DEPTH < c->tip->index",
    "b->index + CONFIDENCE_DEPTH + 1 < c->tip->index", "step 14d: a fork five blocks down")
row("!slice_eq(b->prev_hash, slice_of(below.hash, HASH_SIZE))", "0", "step 10")
row("b->index < height - CONFIDENCE_DEPTH", "b->index <= height - CONFIDENCE_DEPTH",
    "step 10: rewind exactly four blocks down")
row("height > CONFIDENCE_DEPTH && b->index", "b->index", "step 10 on a short chain")
row("return b->timestamp < below.timestamp;", "return b->timestamp <= below.timestamp;",
    "step 11: the same second")
row("return b->timestamp < below.timestamp;", "return false;", "step 11")

# ---- work and owners ----

file("chain/owner.c", "test_owner", "test_rules", "replay consensus/first-*",
     "replay consensus/s05*", "replay consensus/s83*", "replay consensus/s[0-9]*")
row("if (end >= at)", "if (end > at)", "the last second of a name's life")
row("plus(end, p->domain_renew_time) >= at", "plus(end, p->domain_renew_time) > at",
    "the last second of the time to renew")
row("view_domain(v, b->tx.identity, b->index, &row)) return 0;",
    "view_domain(v, b->tx.identity, b->index - 1, &row)) return 0;",
    "the discount sees the block right below")
row("row.timestamp < plus(b->timestamp, -p->domain_lifetime)",
    "row.timestamp <= plus(b->timestamp, -p->domain_lifetime)", "a row exactly a lifetime old")
row("view_height(v) < p->blocks_without_discount", "view_height(v) <= p->blocks_without_discount",
    "the height at which discounts begin")
row("between(row.timestamp, b->timestamp) / ONE_WEEK",
    "between(row.timestamp, b->timestamp) / (ONE_WEEK + 1)", "exactly a week")
row("if (weeks < 0) return 0;", "if (weeks <= 0) return 0;", "a row of the same week")
row("if (weeks < 0) return 0;", "", "a row of the future")
row("DISCOUNT_WEEKS = 7", "DISCOUNT_WEEKS = 8", "the most that a discount can be")
row("DISCOUNT_MOST = 8", "DISCOUNT_MOST = 7", "what is refused unseen may have the whole discount")
row("return a > b ? a - b : 0;", "return a - b;", "a discount larger than the work asked for")
row("b->index == 1 ? p->origin_difficulty : p->signer_difficulty", "p->signer_difficulty",
    "an empty block at index 1")
row("if (block_is_origin(b)) return p->origin_difficulty;",
    "if (block_is_origin(b)) return p->domain_difficulty;", "the work of an origin block")
row("block_is_domain(b) && domain_parses(b->tx.data)", "block_is_domain(b)",
    "domain data that does not parse")
row("uint64_t most = required_at_most(v->params, b); if (most == UINT32_MAX || !block_is_domain(b))",
    "uint64_t most = required_at_most(v->params, b); if (most == UINT32_MAX)",
    "no discount for other classes")
row("uint64_t most = required_at_most(v->params, b); if (most == UINT32_MAX || !block_is_domain(b))",
    "uint64_t most = required_at_most(v->params, b); if (!block_is_domain(b))",
    "no discount on the impossible",
    equal="no hash has 2^32 - 9 zeros: step 7 refuses what step 6 would let pass")
row("view_domain(v, b->tx.identity, b->index - 1, &row)",
    "view_domain(v, b->tx.identity, b->index, &row)", "12b does not see the block right below")
row("row.owned && slice_eq(slice_of(row.owner, KEY_SIZE), b->pub_key)", "row.owned",
    "12b: somebody else renews")
row("row.owned && slice_eq(slice_of(row.owner, KEY_SIZE), b->pub_key)", "0",
    "12b: the owner renews")
row("owner_state(v->params, &row, now) == DOMAIN_FREE",
    "owner_state(v->params, &row, now) != DOMAIN_ALIVE", "12b: a name in its time to renew")
row("owner_state(v->params, &row, now)", "owner_state(v->params, &row, b->timestamp)",
    "12b asks our clock, not the block's")
row("view_last_full_of(v, b->index, b->pub_key.p, &last)",
    "view_last_full_of(v, b->index - 1, b->pub_key.p, &last)", "12c sees the block right below")
row("if (view_domain(v, b->tx.identity, b->index, &row)) return true;", "",
    "12c: a renewal needs no rest")
row("v->params->new_domains_interval) <= b->timestamp",
    "v->params->new_domains_interval) < b->timestamp", "12c: exactly rested")

# ---- signers ----

file("chain/signers.c", "test_signers", "test_signing", "test_signers_model", "replay consensus/s08*",
     "replay consensus/s7*", "replay consensus/s16*", "replay consensus/s[0-9]*")
row("memcmp(above->key, new->key, KEY_SIZE) < 0", "memcmp(above->key, new->key, KEY_SIZE) > 0",
    "equal counts are in order of their keys")
row("memcmp(a->key, b->key, KEY_SIZE) < 0", "memcmp(a->key, b->key, KEY_SIZE) > 0",
    "of equals the smaller key stays in the pool")
row("w.total < best[n - 1].count", "w.total <= best[n - 1].count",
    "the walk over the ranking ends too soon")
row("if (n == most && w.total < best[n - 1].count) break;", "", "the walk over the ranking ends",
    equal="it only saves time: nobody behind can be among the best")
row("if (new.count == 0 ||", "if (", "who has no block there is in no pool")
row("view_count(v, w.key, upto + 1)", "view_count(v, w.key, upto)", "the full block counts")
row("view_count(v, w.key, above + 1)", "view_count(v, w.key, above)", "where the range begins")
row("listed(p->anchor, p->anchors, w.key) ||", "", "an anchor takes no place of the recent ones")
row("|| bans_have(v, w.key, banned_upto)", "", "the banned are in no pool")
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
row("if (!view_head(v, i, &h) || h.full) break; w.blocks++;",
    "if (!view_head(v, i, &h)) break; w.blocks++;", "lock: the window ends at a full block")
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

file("chain/draw.c", "test_signers", "test_signers_model", "replay consensus/first-*",
     "replay consensus/s08*", "replay consensus/s[0-9]*", "replay chains/*")
row(">= w->minimum &&", "> w->minimum &&", "exactly enough blocks to be drawn")
row("view_count(w->v, key, w->f->index)", "view_count(w->v, key, w->f->index + 1)",
    "blocks below the full one count")
row("&& !draw_bans_have(w->v, &w->skip, key)", "", "the banned are not drawn")
row("memcmp(key, f->key, KEY_SIZE) != 0 && !draw_has(d, key)", "!draw_has(d, key)",
    "the author is not drawn")
row("memcmp(key, f->key, KEY_SIZE) != 0 && !draw_has(d, key)",
    "memcmp(key, f->key, KEY_SIZE) != 0", "nobody is drawn twice")
row("d->n < SIGNERS_ALL; steps++, c++", "d->n < SIGNERS_MIN; steps++, c++", "seven are drawn")
row("c + 1 > MITIGATION_COUNT", "c > MITIGATION_COUNT", "when the mitigation begins")
row("tail /= MITIGATION_DIVISOR;", "tail /= MITIGATION_DIVISOR + 1;", "what the mitigation does")
row("uint64_t tail = d->tail, window = w->f->index - 1, c = 1;",
    "uint64_t tail = d->tail, window = w->f->index, c = 1;", "the window of the draw")
row("tail * c % window + 1", "tail * c % window", "the draw's index begins at 1")
row("if (!may_sign(w, h.key)) continue; add_key(d, h.key, w->f);",
    "if (may_sign(w, h.key)) add_key(d, h.key, w->f);",
    "who may not sign does not let the mitigation begin")
row("unsigned zeros = trailing_zeros(tail | window);", "unsigned zeros = trailing_zeros(tail);",
    "which indices a doubtful walk meets",
    equal="only a chain of more than 27,000 blocks could show it: on a shorter one the walk has met "
    "every index that it ever meets by then, and its end is as far as it looks")
row("if (!mitigated) return false;", "", "a walk that waits for its mitigation has hope",
    equal="only a chain of more than 27,000 blocks could show it: on a shorter one the walk has met "
    "every index that it ever meets by then, and its end is as far as it looks")
row("if (all.n == SIGNERS_ALL) return false;", "", "a walk that can end has hope",
    equal="only a chain of more than 27,000 blocks could show it: on a shorter one the walk has met "
    "every index that it ever meets by then, and its end is as far as it looks")
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

file("chain/bans.c", "test_signing", "test_signers", "test_signers_model", "replay consensus/s03*",
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
row("|| bans_have(v, d.keys[k], index)) continue;", ") continue;", "nobody is banned twice")
row("qsort(c, n, sizeof c[0], by_count);", "", "the order of bans")
row("params_draw_minimum(v->params, index), list)",
    "params_draw_minimum(v->params, opening->index), list)", "eligible at the closing height")

# ---- worth ----

file("chain/difficulty.c", "test_block", "replay tables/difficulty*", "replay tables/better*",
     "replay consensus/first-*")
row('b->full && slice_is(b->tx.class_name, "domain")', 'slice_is(b->tx.class_name, "domain")',
    "an empty block is no domain", equal="an empty block has no class name")
row("return x.n < WORD ? -1 : key_difficulty(x) + trailing_zeros(slice_tail(x));",
    "return x.n < WORD ? -1 : key_difficulty(x);", "zeros at the end of a hash")
row("return x.n < WORD ? -1 : leading_zeros(word_at(x.p));",
    "return x.n <= WORD ? -1 : leading_zeros(word_at(x.p));", "a hash of eight bytes")
row("return x.n < WORD ? 0 : word_at(x.p + x.n - WORD);",
    "return x.n < WORD ? 0 : word_at(x.p);", "the tail is the end")
row("(uint64_t)zeros << 16", "(uint64_t)zeros << 15", "what zeros weigh")
row("SCORE_MODULUS = 65535", "SCORE_MODULUS = 65536", "what the tail weighs")
row("if (x->full && !y->full) return true;", "", "a full block beats an empty one")
row("hash_difficulty(hash) + key_difficulty(hash)", "hash_difficulty(hash)",
    "leading zeros count twice")
row("return of_x > of_y;", "return of_x < of_y;", "the greater score wins")
row("return x->nonce < y->nonce;", "return x->nonce <= y->nonce;", "equal blocks")
row("if (x->hash.n < WORD || y->hash.n < WORD) return false;",
    "if (y->hash.n < WORD) return false;", "a short hash of theirs", "test_preimage")
row("if (x->hash.n < WORD || y->hash.n < WORD) return false;",
    "if (x->hash.n < WORD) return false;", "a short hash of ours",
    equal="its score is above all others: nothing is better than it, with the line or without")

# ---- domain data ----

file("chain/domain.c", "test_domain", "replay tables/domain-data*", "replay tables/json-accept*",
     "replay tables/bytes-from-hex*", "replay consensus/sp-json*", "replay tables/*")
row("(c >= 0x09 && c <= 0x0D)", "(c >= 0x09 && c < 0x0D)", "white space around hex")
row("int high = a == '+' ? 0 : hex_digit(a)", "int high = hex_digit(a)", "hex with a plus sign")
row("return c < 0 && first < 0 && *n > 0;", "return c < 0 && *n > 0;", "an odd digit at the end")
row("return c < 0 && first < 0 && *n > 0;", "return c < 0 && first < 0;", "white space alone")
row("return jt_decoded_size(raw) % 2 == 0 && domain_hex_stripped", "return domain_hex_stripped",
    "an odd number of bytes with white space")
row("if (*has || !read_text(r, is_name ? name : value))",
    "if (!read_text(r, is_name ? name : value))", "a contact's member twice")
row("return end && has_name && has_value;", "return end && has_name;", "a contact without a value")
row("if (seen >> i & 1 || !read_field(r, i, out, v))", "if (!read_field(r, i, out, v))",
    "a member twice")
row("return end && seen & 1u << ENCRYPTED && seen & 1u << ZONE;",
    "return end && seen & 1u << ENCRYPTED;", "data without a zone")
row("return end && seen & 1u << ENCRYPTED && seen & 1u << ZONE;",
    "return end && seen & 1u << ZONE;", "data without `encrypted`")
row("if (i > ZONE && jt_take(r, ']'))", "if (i >= ZONE && jt_take(r, ']'))",
    "the array form without a zone")
row("if (!utf8_valid(data)) return false;", "", "texts that are no UTF-8")
row("return good && rd_done(&r);", "return good && !r.bad;", "something behind the data")
row("if (t.records > MAX_RECORDS)", "if (t.records >= MAX_RECORDS)", "exactly thirty records")
row("if (t.records > MAX_RECORDS)", "if (t.records > MAX_RECORDS + 1)", "one record too many")
row("record_text_size(r) > MAX_DATA_LEN", "record_text_size(r) >= MAX_DATA_LEN",
    "exactly the length")
row("record_text_size(r) > MAX_DATA_LEN", "record_text_size(r) > MAX_DATA_LEN + 1",
    "one byte too long")
row('jt_is(raw_zone, "ygg") || jt_is(raw_zone, "anon")', 'jt_is(raw_zone, "ygg")',
    "the other Yggdrasil-only zone", "replay consensus/sp-zones*")
row("return zone_is_yggdrasil_only(text.zone) ? t.first : DOMAIN_OK;", "return t.first;",
    "the other zones may have such records", "replay consensus/sp-zones*")

file("chain/domain_record.c", "test_domain", "replay tables/domain-data*",
     "replay tables/json-accept*", "replay consensus/sp-json*")
row("LEVELS = 3,", "LEVELS = 2,", "how deep a record's values may be", "test_jsontext")
row("LEVELS = 3,", "LEVELS = 4,", "how deep a record's values may be", "test_jsontext")
row("return is_integer(value, UINT8_MAX);", "return is_integer(value, UINT16_MAX);",
    "a number of one byte")
row("return is_integer(value, UINT16_MAX);", "return is_integer(value, UINT16_MAX - 1);",
    "a number of two bytes")
row("return is_integer(value, UINT32_MAX);", "return is_integer(value, UINT64_MAX);",
    "a number of four bytes")
row("if (!is_integer(jt_number(&r), UINT8_MAX))", "if (!is_integer(jt_number(&r), UINT16_MAX))",
    "bytes of an array")
row("if (found || value.p[0] != '\"')", "if (value.p[0] != '\"')", "two types")
row("if (seen >> i & 1 || !keep_value(", "if (!keep_value(", "a field twice")
row("return seen == all;", "return seen != 0;", "a field that is missing")
row("return jt_take(r, ']'); } bool record_read", "return true; } bool record_read",
    "an array that is too long")
row("ip[0] != 0x02 && ip[0] != 0x03", "ip[0] != 0x02", "Yggdrasil's network for hosts behind a node")
row("ip[0] != 0x02 && ip[0] != 0x03", "ip[0] != 0x03", "Yggdrasil's network for nodes")
row('if (is_type(r, "A")) return true;', "", "IPv4 is clearnet")
row('field_size(r, "m_name") + 3 + field_size', 'field_size(r, "m_name") + 2 + field_size',
    "the text of a SOA")
row("(int64_t)(r->value[1].n + r->value[2].n + r->value[3].n) + 4",
    "(int64_t)(r->value[1].n + r->value[2].n + r->value[3].n) + 3", "the text of a TLSA")
row('field_size(r, "target") + 2', 'field_size(r, "target") + 3', "the text of an HTTPS")
row("(int64_t)(2 * count) : 0", "(int64_t)count : 0", "bytes as hex")
row('if (is_type(r, "OPT")) return -1;', 'if (is_type(r, "OPT")) return 256;',
    "OPT has no text")
row('is_type(r, "UNKNOWN") ? "domain" : "host"', '"host"', "the text of an unknown record")

file("chain/dnsaddr.c", "test_domain", "replay tables/domain-data*", "replay tables/json-accept*")
row("(n == 3 && v >= 100 && v <= 255)", "(n == 3 && v >= 100 && v <= 256)", "the greatest octet")
row("(n == 2 && v >= 10)", "n == 2", "an octet with a leading zero")
row("take_groups(&r, tail, 7 - head, &dotted)", "take_groups(&r, tail, 8 - head, &dotted)",
    "`::` stands for one group at least")
row("if (*count < 2) *count = 0;", "if (*count < 1) *count = 0;", "one zero group is written out")
row("if (run > *count)", "if (run >= *count)", "the first longest run of zeros")
row("if (memcmp(ip, mapped, sizeof mapped) == 0)", "if (0)", "the text of an IPv4 in IPv6")

file("chain/jsontext.c", "test_jsontext", "replay tables/json-accept*",
     "replay tables/domain-data*", "replay consensus/sp-json*", "replay tables/*")
row("return c >= 0xD800 && c < 0xDC00;", "return c > 0xD800 && c < 0xDC00;",
    "the first high surrogate")
row("return c >= 0xDC00 && c < 0xE000;", "return c >= 0xDC00 && c < 0xDFFF;",
    "the last low surrogate")
row("return c >= 0x20 && c != '\"' && c != '\\\\';", "return c >= 0x1F && c != '\"' && c != '\\\\';",
    "control characters in a string")
row("else if (!c || !strchr(\"\\\"\\\\/bfnrt\", c))", "else if (!strchr(\"\\\"\\\\/bfnrt\", c))",
    "an escaped zero byte")
row("if (!r->bad && strict && !jt_magnitude_ok(number))",
    "if (!r->bad && !jt_magnitude_ok(number))", "ignored numbers may be of any size")
row("if (!r->bad && strict && !jt_magnitude_ok(number))", "if (0)", "numbers too large to hold")
row("take_value(r, true, JSON_DEPTH_MAX - depth);", "take_value(r, true, JSON_DEPTH_MAX - depth + 1);",
    "the depth of values")
row("if (i >= most || i >= LEVELS)", "if (i >= LEVELS)", "the depth of values that are read")
row("case 'f': return '\\f';", "case 'f': return 'f';", "the form feed")
row("*r->p == ' ' || *r->p == '\\t' || *r->p == '\\n' || *r->p == '\\r'",
    "*r->p == ' ' || *r->p == '\\t' || *r->p == '\\n'", "white space between tokens")

file("chain/jsonnumber.c", "test_jsontext", "replay tables/json-accept*",
     "replay consensus/sp-json*")
row("if (n == 0 || (zero && n > 1))", "if (n == 0)", "leading zeros")
row("*v > max / 10 || *v * 10 > max - d", "*v > max / 10 || *v * 10 >= max - d",
    "the greatest number")
row("(uint64_t)1 << 63, &v) && v > 0", "(uint64_t)1 << 63, &v)", "-0 is no integer",
    equal="-0 is of a size that can be held, in whichever way it is looked at")
row("if (d->m > (UINT64_MAX - digit) / 10)", "if (d->m > (UINT64_MAX - digit) / 10 + 1)",
    "the digits that 64 bits hold")
row("*valid = d->m == 0 || minus;", "*valid = minus;", "zero with a huge exponent")
row("if (d.m == 0 || d.e < 289)", "if (d.e < 289)", "zero with a large exponent")
row("return d.e <= 308 && !isinf(", "return d.e < 308 && !isinf(", "the greatest exponent")
row("!isinf((double)d.m * power[d.e - 289])", "true", "a product that is infinite")
row("d->e -= fits;", "", "digits behind the point")
row("d->e += !fits;", "", "digits that 64 bits do not hold")

file("chain/names.c", "test_names", "replay tables/domain-names*")
row("lower.n - zone - 1 < 3", "lower.n - zone - 1 <= 3", "short names of digits")
row("(edge(lower.p[0]) || edge(lower.p[lower.n - 1]))", "edge(lower.p[0])", "a name's last byte")
row("(c == '.' && dot) ||", "", "two dots")
row("(c == '-' && hyphen) ||", "", "two hyphens")

# ---- the chain and its rows ----

file("chain/chain.c", "test_chain", "replay consensus/first-*", "replay consensus/s03*",
     "replay consensus/s16*", "test_sync")
row("if (b->full && c->has_full) n = bans", "if (c->has_full) n = bans", "a window is closed by a full block")
row("for (unsigned i = 0; i < n; i++) store_add_ban(c->store, &bans[i]);", "", "bans are kept")
row("forget_draws(c); load_tip(c);", "load_tip(c);", "what is remembered goes with its blocks")
row("store_truncate(c->store, from); forget_draws(c); load_tip(c);",
    "store_truncate(c->store, from); forget_draws(c);", "the tip after a cut")
row("if (c->committed >= from)", "if (c->committed > from)", "what is durable after a cut")
row("b->index > 1 && (better || lagged)", "(better || lagged)", "block 1 is never replaced",
    "replay consensus/sp-genesis*")
row("b->index > 1 && (better || lagged)", "b->index > 1", "a worse branch", "test_sync")
row("max_height > c->tip.index && max_height", "max_height", "who is behind us makes nobody lag")
row("max_height >= CONFIDENCE_DEPTH && b->index", "b->index", "a height below the depth")
row("b->index <= max_height - CONFIDENCE_DEPTH", "b->index < max_height - CONFIDENCE_DEPTH",
    "lagging exactly four blocks")
row("c->uncommitted >= l->commit_blocks.max", "c->uncommitted > l->commit_blocks.max",
    "limits.commit_blocks")
row("l->commit_bytes.used >= l->commit_bytes.max", "0", "limits.commit_bytes")
row("if (!o.err && c->read_only)", "if (0)", "a chain opened for reading")
row("facts.key_strength = strengths_get(&c->strengths, b->pub_key.p);", ";",
    "strengths that are known")
row("c->has_full = view_last_full(&c->view, height + 1, &c->last_full);",
    "c->has_full = view_last_full(&c->view, height, &c->last_full);", "LF may be the tip")

file("chain/store_index.c", "test_store", "test_chain", "test_signers",
     "replay consensus/first-*", "replay consensus/s03*", "replay consensus/s[0-9]*")
row("head_read(s, b->index - 1, &below);", "", "the last full block below")
row("struct slice owner = b->tx.signing.n ? b->tx.signing : b->pub_key;",
    "struct slice owner = b->tx.signing;", "no owner named is the author")
row("if (owner.n == KEY_SIZE)", "if (1)", "an owner of another length")
row("delete_rank(s, b->pub_key.p, total); put_rank(s, b->pub_key.p, total + 1);",
    "put_rank(s, b->pub_key.p, total + 1);", "one place in the ranking")
row("delete_rank(s, b->pub_key.p, total + 1); put_rank(s, b->pub_key.p, total);",
    "delete_rank(s, b->pub_key.p, total + 1);", "the ranking after a cut")
row("row_delete(s, TABLE_BANNED, slice_of(author, KEY_SIZE));", "", "a ban goes with its block")
row("delete_bans(s, s->height);", "", "bans go with their block")
row("if (block_is_domain(&o->b)) { struct store_key key = domain_key(&o->b);",
    "if (0) { struct store_key key = domain_key(&o->b);", "a domain row goes with its block")
row("delete_author(s, &o->b);", "", "an author's row goes with its block")
row("row_delete(s, TABLE_HASHES, o->b.hash);", "", "a hash goes with its block")
row("wr_be(&w, b->full ? b->index : full, 8); row_put(s, TABLE_AUTHORS",
    "wr_be(&w, b->full ? b->index : 0, 8); row_put(s, TABLE_AUTHORS",
    "an author's last full block below an empty one")

file("chain/store_view.c", "test_store", "test_chain", "test_signers",
     "replay consensus/first-*", "replay consensus/s03*", "replay consensus/s[0-9]*")
row("if (index == 0 || index > store_height(v->store))", "if (index == 0)",
    "nothing is above the height",
    equal="the rows of a block go with it: there is none above the height either")
row("uint64_t top = below == 0 ? 0 : below - 1;", "uint64_t top = below;", "strictly below")
row("slice_eq(found, slice_of(digest, 32))", "true", "the row of another identity")
row("return h->full || view_head(v, h->last_full, h);", "return h->full;",
    "the last full block below an empty one")

file("chain/startup.c", "test_chain", "replay consensus/s[0-9]*", "replay consensus/sp-*",
     "program test_disk test_stop")
row("if (index > 1 && s->has_tip && s->tip.full)", "if (s->has_tip && s->tip.full)",
    "block 1 is no last full block of the start-up check")
row("if (start > 1)", "if (0)", "the block below the first one judged")
row("stored > count ? stored - count + 1 : 1", "stored > count ? stored - count : 1",
    "how many are judged")
row("stored > count ? stored - count + 1 : 1", "stored > count ? stored - count + 2 : 1",
    "how many are judged")
row("if (verdict == VERDICT_GOOD) return; s->cut = b->index;",
    "if (verdict == VERDICT_GOOD || verdict == VERDICT_FORK) return; s->cut = b->index;",
    "each is judged as if it had just arrived",
    equal="T is the block right below: its successor is no fork of it")
row("if (verdict == VERDICT_GOOD) return; s->cut = b->index;", "return;", "what is bad is cut off")
row("err = chain_truncate(c, s.cut);", "err = chain_truncate(c, s.cut + 1);",
    "the bad block itself goes")
row("if (!err) err = chain_commit(c); } *height", "} *height", "the cut is durable")
row("if (p->has_origin && slice_eq(b->hash, slice_of(p->origin, HASH_SIZE)))", "if (1)",
    "a store of another network")
row("if (count == 0 || stored == 0)", "if (stored == 0)", "no check asked for",
    equal="the last 0 blocks begin behind the tip: none is looked at")
row("enum { GROUP = 16 }", "enum { GROUP = 5 }", "how many are hashed at once",
    equal="it changes the speed alone")

file("chain/store_compare.c", "test_chain", "program test_disk test_import_export")
row("t < TABLE_META && same", "t + 1 < TABLE_META && same", "every table is compared")
row("if (!slice_eq(x.value, y.value))", "if (0)", "values are compared")
row("if (!more_x) return differ(t, y.key, \"missing\", what, size);", "if (!more_x) return true;",
    "rows that are missing")
row("if (!more_y || (more_x && !slice_eq(x.key, y.key)))", "if (!more_y)", "rows of other keys")

file("chain/strengths.c", "test_chain", "test_verify", "test_limits")
row("if (bits < 0) return;", "", "an unknown strength is not remembered")
row("forget_one(s);", "", "limits.max_key_strengths: the newest has a place")
row("bound_hit(s->known.bound);", "", "limits.max_key_strengths counts its hits")

# ---- fork choice ----

file("node/sync_fork.c", "test_sync_forks", "test_sync test_fork*", "test_sync", "program test_sync")
row("drop_undecided(s, np); sync_walk_end(s, np); if (np->sync.height > tip)",
    "sync_walk_end(s, np); if (np->sync.height > tip)",
    "blocks of a branch that nobody follows do not hide another one")
row("drop_undecided(s, np); sync_walk_end(s, np); if (s->fork_at != index)",
    "sync_walk_end(s, np); if (s->fork_at != index)",
    "blocks of a branch that left ours too deep do not hide another one")
row("b->index + CONFIDENCE_DEPTH <= tip;", "b->index + CONFIDENCE_DEPTH < tip;",
    "they lag exactly four blocks")
row("bool they_lag = theirs < tip &&", "bool they_lag =", "who is as high as we does not lag")
row("bool we_lag = theirs > tip &&", "bool we_lag = theirs >= tip &&",
    "who is as high as they does not lag",
    equal="chain_submit() asks again whether that branch is higher, and leaves ours alone")
row("bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH <= theirs;",
    "bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH < theirs;",
    "we lag exactly four blocks")
row("bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH <= theirs;", "bool we_lag = false;",
    "a branch four blocks ahead wins")
row("if (!(better && !they_lag) && !we_lag)", "if (!better && !we_lag)",
    "a better block of a branch that lags")
row("if (!(better && !they_lag) && !we_lag)", "if (!we_lag)", "a better block of a branch as high")
row("slice_eq(next->prev_hash, hash)", "true", "what waits must be of that branch")
row("if (top < root->index) return root->index;", "", "a branch is as high as its root",
    equal="a probe of a block that is not the tip lags four blocks or it does not, by either height")
row("if (!bound_has(row, 1))", "if (0)", "limits.max_walk_backs")
row("if (np->sync.height > tip) np->sync.height = tip;", "",
    "a branch that was left is not walked again at once")
row("!slice_eq(b->hash, slice_of(np->sync.walk_parent, HASH_SIZE))", "0",
    "a peer that changes its branch during the walk")
row("height + CONFIDENCE_DEPTH < t.height", "height + CONFIDENCE_DEPTH <= t.height",
    "a probe exactly four blocks down")
row("if (memcmp(mark, np->sync.probed, sizeof mark) == 0) return;", "",
    "a tip is looked at once")
row("|| chain_has(s->s.chain, height, hash)", "", "a tip of our own chain is not asked for")
row("o.verdict == VERDICT_BAD && b->index + CONFIDENCE_DEPTH < tip", "0",
    "who is on a deep fork is no enemy")
row("sync_reset_window(s); sync_appended(s, np);", "sync_appended(s, np);",
    "what waits belongs to the branch that was left")
row("if (b->prev_hash.n != HASH_SIZE || b->index < 2)", "if (b->prev_hash.n != HASH_SIZE)",
    "a walk ends at block 1",
    equal="nothing lies below block 1, so that the check never says rewind of it")
row("np->sync.walk_index || chain_has", "chain_has", "one walk a peer")
row("s->replaced = true;", "", "the feed hears of a replacement")
