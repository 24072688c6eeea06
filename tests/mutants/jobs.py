"""Mutants of the owner's work: what is searched, signed, kept and given up; the folder of keys."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("owner/job.c", "test_jobs", "test_jobs_kept")
row("memcpy(job->author, r->author, KEY_SIZE);", "", "whose job it is")
row("if (r->name.n > DRAFT_NAME_MAX || texts > JOB_BYTES_MAX - 1024)", "if (r->name.n > DRAFT_NAME_MAX)",
    "one that the store could not keep is refused")
row("job->state = job_has_ended((enum job_state)state) ? (enum job_state)state : JOB_WAITS;",
    "job->state = (enum job_state)state;", "what was searched waits after a restart")
row("job->paused = flags & 2;", "", "a pause survives a restart")
row("job->hashes = head.hashes;", "", "hashes survive a restart", sample=True)
row("if (job_has_ended(job->state)) memcpy(job->line, line.p, line.n);", "memcpy(job->line, line.p, line.n);",
    "why it waited is looked at anew")
row("if (!version || !rd_done(&r) || state >= JOB_STATES", "if (!version || r.bad || state >= JOB_STATES",
    "nothing stands behind the last text", "fuzz_job")
row("line.n >= sizeof head.line || memchr(line.p, 0, line.n))", "line.n >= sizeof head.line)",
    "a text has no NUL", "fuzz_job")
row("bound_give(row, sizeof *job + texts); return ERR_NOMEM;", "return ERR_NOMEM;", "the row has its bytes back")

file("owner/jobs.c", "test_jobs", "test_jobs_kept", "test_jobs_sign")
row("if (job_has_ended(j->all[i]->state)) { remove_at(j, i);", "if (true) { remove_at(j, i);",
    "only jobs that ended give way")
row("if (place_of(j, job->id) < j->count || !job->id) {", "if (!job->id) {", "each number once")
row("if (job->id >= j->next_id) j->next_id = job->id + 1;", "if (!j->next_id) j->next_id = job->id + 1;",
    "a number is never used again")
row("while (err == ERR_FULL && make_room(j));", "while (false);", "bytes of jobs that ended are taken")
row("if (job_has_ended(job->state) || job->state == JOB_CHECKS) return ERR_EXISTS; jobs_set(j, job, JOB_CANCELLED",
    "if (job_has_ended(job->state)) return ERR_EXISTS; jobs_set(j, job, JOB_CANCELLED",
    "a block that is being checked is not cancelled")
row("jobs_set(j, job, JOB_CANCELLED, \"cancelled\"); if (j->current == job) jobs_leave(j);",
    "jobs_set(j, job, JOB_CANCELLED, \"cancelled\");", "its search ends", sample=True)
row("if (pause && j->current == job) jobs_leave(j);", "", "a paused job is not searched")
row("if (!on && j->signing.searching) jobs_leave(j);", "", "`sign off` ends the search")
row("j->phase = PHASE_UNWANTED;", "", "a signature that nobody waits for is not published")
row("j->all[place]->hashes = j->hashes_before + hashes;", "", "hashes are counted")
row("j->block = wanted && found ? block_copy(found) : NULL;", "j->block = found ? block_copy(found) : NULL;",
    "what nobody waits for any more is thrown away")

row("if (job_has_ended(state)) { job->ended = clock_wall(j->s.clock); jobs_drop_found(j, job); }",
    "if (job_has_ended(state)) { job->ended = clock_wall(j->s.clock); }", "what was found for a job that ended is forgotten",
    "test_jobs_found")

file("owner/found.c", "test_jobs_found")
row("if (f->index > tip->height + 1) return FOUND_LATER;", "", "a chain that is shorter may grow again")
row("f->index == tip->height + 1 && memcmp(f->prev_hash, tip->hash, HASH_SIZE) == 0", "f->index == tip->height + 1",
    "a found block is for one place")
row("if (memcmp(digest, bytes.p + bytes.n - sizeof digest, sizeof digest) != 0 ||", "if (", "a damaged one is known", sample=True)
row("rd_u8(&r) != VERSION || rd_be64(&r) != id)", "rd_u8(&r) != VERSION || (rd_be64(&r), false))", "each job has its own")

file("owner/jobs_found.c", "test_jobs_found", "test_jobs_sign", "test_jobs", "test_jobs_kept")
row("j->keeping = true;", "", "who looks within the write changes nothing")
row("f->is = false; keep(j, job, NULL);", "f->is = false;", "what is over is forgotten on the disk")
row("if (err == ERR_OK && wanted)", "if (err == ERR_OK)", "a block of no job is forgotten")
row("found_for(j, j->current)->again = clock_wall(j->s.clock) + JOBS_AGAIN_S;", "", "not asked in a circle")
row("if (j->s.hooks.submit(j->s.hooks.ctx, &b) != ERR_OK) {", "if (j->s.hooks.submit(j->s.hooks.ctx, &b), false) {",
    "a block that could not be checked is kept")
row("if (keep(j, j->current, &j->block->b)) {", "if (keep(j, j->current, &j->block->b), true) {",
    "nothing is signed before it is kept", sample=True)
row("if (jobs_tip_moved(j, tip)) jobs_put_back(j, OVERTAKEN);", "if (false) jobs_put_back(j, OVERTAKEN);",
    "one that could not be kept is for one place, too")
row("b.signature = slice_of(signature, SIGNATURE_SIZE);", "", "the block gets its signature")
row("found_for(j, j->current)->is_signed = keep(j, j->current, &whole->b);", "", "the signed block is kept")
row("|| (job ? job->paused : !j->signing.on)) return false;", ") return false;", "a pause, and `sign off`, hold")
row("if (f->is_signed) return true;", "", "a signed block needs no key")
row("return k == JOB_KEY_OPEN || k == JOB_KEY_SPENT;", "return k == JOB_KEY_OPEN;",
    "a key signs its own block again after a kill", sample=True)
row("return k == JOB_KEY_OPEN || k == JOB_KEY_SPENT;", "return true;", "a locked key holds up no other")
row("return is_usable(j, job, tip) && clock_wall(j->s.clock) >= f->again;", "return is_usable(j, job, tip);",
    "a block is tried again after a while")
row("else if (err == ERR_OK && memcmp(j->block->b.hash.p, f->hash, HASH_SIZE) == 0)", "else if (err == ERR_OK)",
    "it is the block that was kept", equal="one value a job, written by nobody else")
row("jobs_sign_with(j, tip, f->author);", "", "a key whose block was refused does not try again")
row("return j->phase != PHASE_IDLE || is_usable(j, job, tip);", "return j->phase != PHASE_IDLE;",
    "while it is about to be tried nothing else begins")
row("if (!f->is || asked || found_place", "if (!f->is || found_place", "one that is being checked is its own")
row("if (job && jobs_is_in_chain(j, f->index, f->hash)) {", "if (false) {", "a job whose block is in the chain is done")

file("owner/jobs_told.c", "test_jobs", "test_jobs_kept", "test_jobs_sign", "test_jobs_found")
row("} else if (later) { jobs_set_aside(j, line);", "} else if (false) { jobs_set_aside(j, line);",
    "a block whose key was locked is kept")
row("jobs_drop_found(j, NULL); snprintf", "snprintf", "a signature that was refused is forgotten")
row("if (j->signing.searching) jobs_refuse_signer(j);", "", "a key that cannot sign does not try again")
row("(unsigned long long)j->submitted, why); jobs_refuse_signer(j);", "(unsigned long long)j->submitted, why);",
    "nor one whose block was refused")
row("j->signing.signed_ += !why && j->signing.searching;", "j->signing.signed_ += j->signing.searching;",
    "only what was taken counts")

file("owner/jobs_done.c", "test_jobs", "test_jobs_kept", "test_jobs_sign", "test_jobs_found")
row("job->block = j->submitted;", "", "where it is")
row("memcmp(h.hash, hash, HASH_SIZE) == 0;", "true;", "another block has its place")
row("if (job->state != JOB_DONE || slice_zero(slice_of(job->hash, HASH_SIZE)))", "if (job->state != JOB_DONE)",
    "one that is deep is not looked at again")
row("else if (tip->height > job->block + CONFIDENCE_DEPTH)", "else if (tip->height >= job->block + CONFIDENCE_DEPTH)",
    "until it is deep")
row("job->ended = 0;", "", "one that goes on has not ended")

file("owner/jobs_next.c", "test_jobs", "test_jobs_kept", "test_jobs_sign")
row("b->index = tip->height + 1;", "b->index = tip->height;", "the place above the tip")
row("return tip->height != j->tip_index || memcmp(tip->hash, j->tip_hash, HASH_SIZE) != 0;", "return false;",
    "a tip that moved is seen")
row("enum err err = draft_seal(d, j->s.rng);", "enum err err = ERR_OK;", "the name is encrypted",
    "program test_domains")
row("b.difficulty = (uint32_t)price.difficulty;", "b.difficulty = 1;", "as hard as is required")
row("|| why == DRAFT_COOLDOWN;", ";", "a cooldown passes")
row("return why == DRAFT_WAITING || why", "return why", "a lock comes")
row("if (!key_is_open(j, job, encryption)) return false;", "key_is_open(j, job, encryption);",
    "nothing is searched for a locked key")
row("else if (k == JOB_KEY_SPENT)", "else if (false)", "a key that signed for this place says so")
row("if (jobs_sign_is_due(j, tip, now)) { jobs_search_signature(j, tip); return; }", "", "signatures go first")
row("if (job->state != JOB_WAITS || job->paused || job->found.is) continue;", "if (job->state != JOB_WAITS || job->found.is) continue;",
    "a pause holds")
row("if (j->phase == PHASE_IDLE) try_job(j, job, tip);", "try_job(j, job, tip);", "one search at a time")
row("if (!j->s.hooks.ready(j->s.hooks.ctx, line)) { jobs_put_back(j, line); } else if",
    "if (false) { jobs_put_back(j, line); } else if", "a search stops when the node falls behind", sample=True)
row("} else if (job && !key_is_open(j, job, encryption)) { jobs_leave(j);", "} else if (false) {",
    "a search stops when its key is locked")
row("} else if (!job) { if (jobs_tip_moved(j, tip)) jobs_leave(j);", "} else if (!job) {",
    "a signature is for one place")
row("} else if (jobs_tip_moved(j, tip) || now - j->looked >= LOOK_S) {", "} else if (now - j->looked >= LOOK_S) {",
    "a search goes on above the new tip")
row("} else if (jobs_tip_moved(j, tip) || now - j->looked >= LOOK_S) {", "} else if (jobs_tip_moved(j, tip)) {",
    "the difficulty is asked again")
row("job->hashes = j->hashes_before + j->s.hooks.hashes(j->s.hooks.ctx);", "", "hashes survive a kill")
row("if (!job || now - j->hashes_kept < (uint64_t)KEEP_S * 1000) return;", "if (!job) return;",
    "a minute is one write to the disk")

file("owner/jobs_sign.c", "test_jobs_sign")
row("return tip->last_full == tip->height || wait < step / 2 ? wait : step / 2;", "return wait;",
    "the next signature follows soon")
row("before += !has_signed(v, &full, d.keys[i]);", "before++;", "who has signed is waited for no longer")
row("if (place >= best || is_refused(j, key)) continue;", "if (place >= best) continue;", "a refused key is passed over")
row("if (place >= best || is_refused(j, key)) continue;", "if (is_refused(j, key)) continue;", "the first of the draw")
row("if (memcmp(j->drawn_tip, tip->hash, HASH_SIZE) == 0) return; memcpy", "memcpy",
    "what was drawn holds for its tip")
row("} else if (!j->drawn || !may_sign_still(j)) {", "} else if (!j->drawn) {", "a key that was locked meanwhile",
    equal="its block is not signed, and the next key is chosen then")
row("if (!j->signing.on) return false;", "", "`sign off`")
row("return j->drawn && now >= j->signing.starts;", "return j->drawn;", "not before its time")
row(".difficulty = (uint32_t)j->s.params->signer_difficulty,", ".difficulty = 1,", "as hard as signatures are")

file("mine/search.c", "test_search")
row("pause_for_others(s); if (atomic_load(&s->stopping)) break;", "if (atomic_load(&s->stopping)) break;",
    "the checkers go first")

file("mine/block_search.c", "test_search_block")
row("if (b.timestamp < now) b.timestamp = now;", "", "a fresh timestamp for each batch")
row("if (!search_has_ended(s->search) || !s->found || atomic_load(&s->next))",
    "if (!search_has_ended(s->search) || !s->found)", "what was found for the block before is thrown away")

file("node/node_mine_ask.c", "program test_job_faults", "program test_domains")
row("return n->config->mining_offline;", "return true;", "mined alone when its user says so", "program test_domains")
row("if (kinds[i]->index == tip.height + 1 &&", "if (false &&", "a key that signed for this place waits")
row("said == KEYS_LOCKED || said == KEYS_GONE || said == KEYS_NO_JOURNAL,", "said == KEYS_LOCKED || said == KEYS_GONE,",
    "a full disk passes")

file("node/node_mine_keep.c", "program test_domains")
row("sync_commit_soon(n->sync);", "(void)0;", "a job is on the disk soon", "program test_job_faults")
row("if (job->id != without) wr_be(&w, job->id, 8);", "if (job->id == without) wr_be(&w, job->id, 8);",
    "the list has all of them")

file("owner/key_folder.c", "test_key_folder")
row("if (s.st_mode & OTHERS) return key_folder_say(why, ERR_REFUSED, \"%s: others may look",
    "if (0) return key_folder_say(why, ERR_REFUSED, \"%s: others may look", "a folder that others may look into",
    sample=True)
row("if (s.st_mode & OTHERS) return \"others may read it: chmod 600 it\";", "", "a file that others may read")
row("if (s.st_uid != geteuid()) return \"belongs", "if (0) return \"belongs", "a file of another user",
    "program test_key_files")
row("if (!S_ISREG(s.st_mode)) return \"is no regular file\";", "", "a pipe is no key")
row("O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC", "O_RDONLY | O_NONBLOCK | O_CLOEXEC", "a link is no key")
row("f->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);",
    "f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);", "a link is no folder")
row("} else if (strcmp(name, names[most - 1]) < 0) {", "} else if (false) {", "the first ones by name")
row("return key_name_is_valid(slice_str(to));", "return true;", "other files are no keys")
row("return wrong ? wrong : \"is too long for a key\";", "return wrong;", "a file that is too long",
    equal="its size was looked at; this is for one that grows meanwhile")
row("for (int i = 2; error == EEXIST && i <= REMOVED_MAX; i++) {", "for (int i = 2; i <= 2; i++) {",
    "removed keys of one name are all kept")

file("owner/key_folder_write.c", "test_key_folder")
row("key_folder_move(dir, part, dir, name); if (error)", "renameat(dir, part, dir, name); if (error)",
    "a key is never written over", sample=True)
row("return fsync(fd) == 0 ? 0 : errno;", "return 0;", "on the disk", equal="only a power cut shows it")
row("else if (fsync(dir) != 0) error = errno;", "", "its name, too", equal="only a power cut shows it")
row("unlinkat(dir, part, 0); /* what a crash has left */", "", "what a crash has left is no hindrance")
row("if (error) unlinkat(dir, part, 0);", "if (error) (void)0;", "half a file is not left behind")
row("int error = fchmod(fd, MODE) == 0 ? write_all(fd, bytes) : errno;",
    "int error = fchmod(fd, 0644) == 0 ? write_all(fd, bytes) : errno;", "for us alone")
row("if (n <= 0) return n < 0 ? errno : ENOSPC;", "if (n <= 0) return 0;", "a full disk", "program test_key_files")
