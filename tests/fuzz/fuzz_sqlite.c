/* With the first byte even, any bytes as a database file. With it odd they are values of rows, of
 * every type in every column, in a table of a sound database. */
#include <sqlite3.h>

#include "tests/fuzz/source_file.h"

enum { COLUMNS = 11, ROWS = 16, LONGEST = 1 << 16 };

static const char table[] =
	"CREATE TABLE blocks (id, timestamp, version, difficulty, random, nonce, \"transaction\", "
	"prev_block_hash, hash, pub_key, signature)";

/* A byte of kind and length, then the value. */
static void bind_value(sqlite3_stmt *row, int column, struct rd *r)
{
	uint8_t kind = rd_u8(r), small = kind >> 3;
	size_t n = small < 31 ? small * 4u : rd_be16(r);
	struct slice v;

	switch (kind & 7) {
	case 0:
		break; /* NULL */
	case 1:
		sqlite3_bind_int64(row, column, (int64_t)rd_be64(r));
		break;
	case 2:
		sqlite3_bind_double(row, column, (double)rd_be64(r) / 256);
		break;
	case 3:
		sqlite3_bind_int64(row, column, small);
		break;
	case 4:
		sqlite3_bind_zeroblob(row, column, (int)n);
		break;
	case 5:
		v = rd_bytes(r, n < r->left ? n : r->left);
		sqlite3_bind_text(row, column, (const char *)v.p, (int)v.n, SQLITE_STATIC);
		break;
	default:
		v = rd_bytes(r, n < r->left ? n : r->left);
		sqlite3_bind_blob(row, column, v.p, (int)v.n, SQLITE_STATIC);
	}
}

static void make_rows(struct rd *r)
{
	sqlite3_stmt *row = NULL;
	sqlite3 *db = NULL;

	must(sqlite3_open(source_path(), &db) == SQLITE_OK);
	sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
	must(sqlite3_exec(db, table, NULL, NULL, NULL) == SQLITE_OK);
	must(sqlite3_prepare_v2(db, "INSERT INTO blocks VALUES (?,?,?,?,?,?,?,?,?,?,?)", -1, &row,
		     NULL) == SQLITE_OK);
	for (int i = 0; i < ROWS && r->left; i++) {
		for (int column = 1; column <= COLUMNS; column++)
			bind_value(row, column, r);
		must(sqlite3_step(row) == SQLITE_DONE);
		sqlite3_reset(row);
		sqlite3_clear_bindings(row);
	}
	sqlite3_finalize(row);
	must(sqlite3_close(db) == SQLITE_OK);
}

static void remove_all(void)
{
	static const char *const behind[] = {"", "-wal", "-shm", "-journal"};
	char path[128];

	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
		snprintf(path, sizeof path, "%s%s", source_path(), behind[i]);
		unlink(path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(slice_of(data, size));

	if (size > LONGEST || !crypto_init())
		return 0;
	remove_all();
	if (rd_u8(&r) & 1)
		make_rows(&r);
	else
		source_write(r.p, r.left);
	source_read_twice();
	remove_all();
	return 0;
}
