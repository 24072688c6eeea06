"""Mutants of the DNS server's messages and of its cache."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- names ----

file("dns/name.c", "test_dns_name", "test_dns_read")
row("++w->jumps > JUMPS_MAX", "++w->jumps > JUMPS_MAX + 1", "pointers are counted")
row("target >= w->before ||", "target > w->before ||", "a pointer to itself",
    equal="the count of pointers ends it too")
row("w->before = target;", "", "each pointer leads further back")
row("|| target < DNS_HEADER_SIZE", "", "no name stands in the header")
row("n > DNS_LABEL_MAX || (size_t)(w->end - w->p) < n", "n > DNS_LABEL_MAX + 1 || (size_t)(w->end - w->p) < n",
    "a label of 64")
row("n > DNS_LABEL_MAX || (size_t)(w->end - w->p) < n", "n > DNS_LABEL_MAX",
    "a label that is cut", "test_dns_response")
row("out->size + 1 + n + (n ? 1 : 0) > DNS_NAME_MAX", "out->size + 1 + n > DNS_NAME_MAX",
    "255 bytes with the root", sample=True)
row("return at + 1 == wire.n && !wire.p[at];", "return at + 1 == wire.n;", "a name ends in the root")

file("dns/rdata.c", "test_dns_response", "test_dns_write")
row("[DNS_TYPE_SRV] = {.known = true, .head = 6, .names = 1}",
    "[DNS_TYPE_SRV] = {.known = true, .compress = true, .head = 6, .names = 1}",
    "targets of SRV are not compressed", "test_dns_write")
row("return rd_done(&in);", "return !in.bad;", "data longer than their type")
row("if (n > DNS_LABEL_MAX || (size_t)(in->p - start) > DNS_NAME_MAX) rd_fail(in);", "",
    "what is compressed already cannot be written", "test_dns_write")

# ---- messages ----

file("dns/read.c", "test_dns_read", "test_dns_response")
row("|| m.flags & DNS_FLAG_QR) return DNS_READ_SILENCE;", ") return DNS_READ_SILENCE;",
    "two servers that answer each other's answers")
row("m.questions != 1 || !read_question", "m.questions < 1 || !read_question", "two questions")
row("m.records[DNS_SECTION_ANSWER] || m.records[DNS_SECTION_AUTHORITY]", "m.records[DNS_SECTION_ANSWER]",
    "records before the additional section")
row("if (out->edns || h->owner.size != 1 || m->r.bad)", "if (h->owner.size != 1 || m->r.bad)", "two OPT")
row("return !options.bad;", "return true;", "options that are cut")
row("if (version > 0) return DNS_RCODE_BADVERS;", "", "another version of EDNS")
row("return section == DNS_SECTION_ADDITIONAL && read_opt", "return read_opt", "OPT among the answers",
    "test_dns_response")
row("return *tc;", "return false;", "an answer with TC may be cut anywhere", "test_dns_response")

file("dns/answer.c", "test_dns_write", "test_dns_response")
row("written->bad || a->count == DNS_ANSWER_RECORDS", "written->bad", "records have a bound")

file("dns/compress.c", "test_dns_write")
row("if (at > DNS_POINTER_MAX) return;", "", "pointers reach 16,383 bytes")
row("if (s->hash == hash >> 16 && is_at(w, s->at, name))", "if (s->hash == hash >> 16)",
    "equal hashes are not equal names", equal="two names of one message would have to collide in 24 bits")

file("dns/write.c", "test_dns_write")
row("end = start_of_set(a, end);", "", "sets are cut whole")
row("tc = is_needed(a, end);", "tc = true;", "additional records go silently")
row("tc = is_needed(a, end);", "tc = false;", "what is needed does not", sample=True)
row("bool beside = a->rcode == DNS_RCODE_NOERROR &&", "bool beside =", "servers beside an error are needed",
    equal="NS beside an error are not sent by any stage")
row("limit > opt ? limit - opt : 0", "limit", "room for OPT is kept")
row("ad && (q->ad || q->dnssec_ok) ? DNS_FLAG_AD : 0u", "ad ? DNS_FLAG_AD : 0u",
    "AD only for those who know it")
row("if (!q->edns || q->payload < DNS_UDP_PLAIN)", "if (q->payload < DNS_UDP_PLAIN)", "512 bytes without OPT")
row("return q->payload < DNS_UDP_SIZE ? q->payload : DNS_UDP_SIZE;", "return q->payload;", "no more than 1,232")

# ---- the cache ----

file("dns/cache.c", "test_dns_cache", "test_dns_cache_bounds", "test_dns_cache_model")
row("wr_u8(&w, (uint8_t)(q->dnssec_ok | q->cd << 1));", "",
    "DO and CD are in the hash", equal="is_it() compares them; only speed is lost")
row("e->dnssec_ok == k->q->dnssec_ok && e->cd == k->q->cd &&", "e->dnssec_ok == k->q->dnssec_ok &&",
    "CD is in the key", equal="it is in the hash as well, so the bucket differs by chance only")
row("(e->generation && e->generation != want->generation) ||", "", "answers of the chain end with its tip")
row("want->now_ms >= e->over_ms", "want->now_ms > e->over_ms", "an answer ends with its time")
row("return want->now_ms < e->until_ms;", "return true;", "stale answers only for who takes them")
row("return age < ttl ? (uint32_t)(ttl - age) : 0;", "return ttl;", "TTLs count down", sample=True)
row("memcpy(to + DNS_HEADER_SIZE, q->name.wire, q->name.size);", "", "the client's case")
row("if (first->until_ms <= now_ms) {", "if (0) {", "what is over goes first")
row("if (old) dns_table_drop(&c->table, old);", "", "an answer replaces the older one")
row("bound_hit(c->bytes); c->facts.evicted++;", "c->facts.evicted++;", "hits of the row are counted")
row("if (get16(at - 4) == DNS_TYPE_SOA && get32(at) > life) set32(at, (uint32_t)life);", "(void)at; (void)life;",
    "an SOA counts down from the time that it is kept")
row("plain.ad = true;", "", "AD is kept")

row("if (i == MOST_DROPPED) return false;", "", "one that is put does not wait for a lowered row")
row("if (dns_cache_free_one(c)) continue;", "", "what is gone makes room")
row("if (e && dns_cache_is_forgotten(c, e)) {", "if (0) {", "nobody gets what was forgotten", sample=True)

file("dns/cache_forget.c", "test_dns_cache", "test_dns_cache_bounds", "test_dns_cache_model")
row("if (is_before(e->round, f->names[i].round) && dns_wire_equal", "if (dns_wire_equal",
    "what is kept afterwards stays")
row("if (!f->unwanted || !is_before(e->round, f->unwanted_round)) return false;", "if (!f->unwanted) return false;",
    "what is kept after the hosts files came stays")
row("if (e->generation) return true;", "", "an alias of the chain may lead to a name that is listed")
row("e->round = f->round; /* once is enough */", "", "an answer is looked at once",
    equal="only speed is lost")
row("c->forget.bucket = 0;", "", "a look begins anew when more is wanted")
row("last->older = f->gone;", "", "what waits to be freed is not lost")
row("cost += DROP_COST; }", "}", "turns in which many are dropped are as short",
    equal="only the length of a turn changes")
row("f->name_count = 0;", "", "names have room again")

file("dns/cache_table.c", "test_dns_cache_model", "test_dns_cache", "test_dns_cache_bounds")
row("if (t->newest == e) return; leave_list(t, e); enter_list(t, e);", "(void)t; (void)e;",
    "the least recently used goes")
row("if (last->until_ms < e->until_ms) rise(t, place, last); else sink(t, place, last, t->count - 1);",
    "sink(t, place, last, t->count - 1);", "the heap stays one")
row("if (up->until_ms <= e->until_ms) break;", "break;", "the heap is one")
row("bound_has(row, dns_counted_guess(size)) ? mem_alloc(size) : NULL", "mem_alloc(size)",
    "room is looked for before memory is taken", equal="bound_take() behind it refuses too")
row("dns_counted_free(t->bytes, t->segment, t->directory_bytes); t->segment = bigger;", "t->segment = bigger;",
    "the old directory is freed")
row("if (is_full(t)) need += segment_bytes();", "", "room for the index is made too")

file("dns/answer_life.c", "test_dns_life")
row("rr->ttl > TTL_MAX ? 0 : rr->ttl", "rr->ttl", "TTL from 2^31 on is 0")
row("return negative_life(a, &life) ? life : 0;", "negative_life(a, &life); return life;",
    "nothing negative without SOA")
row("*life = least(*life, rd_be32(&r));", "", "the minimum of the SOA counts")

# ---- answers of others ----

file("dns/scrub.c", "test_dns_scrub")
row("return !dns_zone_is_ours(n) && !is_codec(n);", "return true;", "others know nothing of the chain", sample=True)
row("return !dns_zone_is_ours(n) && !is_codec(n);", "return !dns_zone_is_ours(n);", "v6 and q6 are addresses")
row("if (how->top) return dns_name_is_below(n, how->top);", "if (how->top) return true;",
    "a delegation tells only its domain")
row("s->names > DNS_SCRUB_LINKS ||", "s->names >= DNS_SCRUB_LINKS ||", "eleven links")
row("|| is_in_chain(s, link->rdata)) return false;", ") return false;", "a loop ends",
    equal="it ends at the twelfth link, with the same answer")
row("out->rcode = s.leads_out ? DNS_RCODE_NOERROR : in->rcode;", "out->rcode = in->rcode;",
    "NXDOMAIN of a name that is not theirs")
row("out->ad = in->ad && how->keep_ad;", "out->ad = in->ad;", "AD of a path that is not trusted")
row("if (rr->ttl > TTL_MAX) return 0;", "", "TTL from 2^31 on is 0")
row("return rr->ttl < cap ? rr->ttl : cap;", "return rr->ttl;", "a TTL of a day at most")
row("rr->klass == DNS_CLASS_IN && may_tell(s->how, &owner)", "may_tell(s->how, &owner)", "class IN alone")
row("dns_wire_equal(rr->owner, dns_name_slice(end));", "is_in_chain(s, rr->owner);", "data of the end alone",
    equal="data of the type end the chain, so no other name of it has some")
row("(rr->type == s->q->type || s->q->type == DNS_TYPE_ANY) &&", "", "data of the asked type alone")

file("dns/private_address.c", "test_dns_scrub")
row("{{[10] = 0xFF, 0xFF, 172, 16}, 108}", "{{[10] = 0xFF, 0xFF, 172}, 104}", "172.16.0.0/12")
row("{{0xFC}, 7}", "{{0xFC}, 8}", "fc00::/7")

# ---- records as text ----

file("dns/text.c", "test_dns_text", "test_api_dns")
row("p->all.bad || n > left(p)", "p->all.bad", "a string that is longer than its record",
    equal="what was read is then beyond the end of the data")
row("return good && !p->all.bad && p->all.p == p->end;", "return good && !p->all.bad;", "data longer than their type")
row("if (left(p) != bytes)", "if (left(p) < bytes)", "an address has one length",
    equal="what follows it makes the data longer than their type")
row("b < 0x20 || b > 0x7E", "b < 0x20", "bytes that are not ASCII")
row("to->n = before;", "", "nothing of data that is of no form", sample=True)

# ---- answers that have expired ----

file("dns/waiting.c", "test_dns_stale")
row("p->told = true;", "", "the client is told once")
row("dns_cache_failed(s->cache, &t->at, clock_mono(s->set.clock));", "", "a failure stands for some time")
