"""Mutants of the check of one block: its rules, work, owners, and what a block is worth."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- the block check ----

file("chain/rules.c", "test_rules", "test_domain_rules", "replay consensus/first-*", "replay consensus/sp-*",
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
row("block_is_domain(b) ? domain_check(b->tx.data) : DOMAIN_OK", "b->full ? domain_check(b->tx.data) : DOMAIN_OK",
    "12d and 12e are for domains alone")
row("b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE", "b->hash.n != HASH_SIZE",
    "keys of a wrong length reach the checkers")
row("b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE", "b->pub_key.n != KEY_SIZE",
    "hashes of a wrong length reach the checkers")
row("b->signature.n != SIGNATURE_SIZE", "b->signature.n > SIGNATURE_SIZE",
    "short signatures reach the checkers")
row("is_configured_origin(p, b) ? 0 : domain_rules_least_difficulty(p, b, domain)",
    "domain_rules_least_difficulty(p, b, domain)",
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
row("if (!domain_rules_available(c->view, b, c->now))", "if (0)", "step 12b")
row("if (!domain_rules_cooled_down(c->view, b))", "if (0)", "step 12c")
row("return break_records(c->facts);", "return NULL;", "steps 12d and 12e in the check")
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

file("chain/domain_rules.c", "test_domain_rules", "test_rules", "replay consensus/first-*",
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
row("block_is_domain(b) && domain != DOMAIN_MALFORMED", "block_is_domain(b)",
    "domain data that does not parse")
row("uint64_t most = required_at_most(v->params, b, domain); if (most == UINT32_MAX || !block_is_domain(b))",
    "uint64_t most = required_at_most(v->params, b, domain); if (most == UINT32_MAX)",
    "no discount for other classes")
row("uint64_t most = required_at_most(v->params, b, domain); if (most == UINT32_MAX || !block_is_domain(b))",
    "uint64_t most = required_at_most(v->params, b, domain); if (!block_is_domain(b))",
    "no discount on the impossible",
    equal="no hash has 2^32 - 9 zeros: step 7 refuses what step 6 would let pass")
row("view_domain(v, b->tx.identity, b->index - 1, &row)",
    "view_domain(v, b->tx.identity, b->index, &row)", "12b does not see the block right below")
row("row.owned && slice_eq(slice_of(row.owner, KEY_SIZE), b->pub_key)", "row.owned",
    "12b: somebody else renews")
row("row.owned && slice_eq(slice_of(row.owner, KEY_SIZE), b->pub_key)", "0",
    "12b: the owner renews")
row("domain_rules_state(v->params, &row, now) == DOMAIN_FREE",
    "domain_rules_state(v->params, &row, now) != DOMAIN_ALIVE", "12b: a name in its time to renew")
row("domain_rules_state(v->params, &row, now)", "domain_rules_state(v->params, &row, b->timestamp)",
    "12b asks our clock, not the block's")
row("view_last_full_of(v, b->index, b->pub_key.p, &last)",
    "view_last_full_of(v, b->index - 1, b->pub_key.p, &last)", "12c sees the block right below")
row("if (view_domain(v, b->tx.identity, b->index, &row)) return true;", "",
    "12c: a renewal needs no rest")
row("v->params->new_domains_interval) <= b->timestamp",
    "v->params->new_domains_interval) < b->timestamp", "12c: exactly rested")

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
