// Application: SQLite with an in-memory database.
//
// Size: number of order rows divided by 100. Creates a small shop schema, loads it inside
// transactions, runs joins, aggregates, text search, updates, deletes and a recursive query, and
// folds every result row into the checksum. SQLITE_OS_OTHER is set: the file layer below is empty,
// because nothing may reach a disk.
#include "bench/programs/kernels/kernel.h"
#include "sqlite3.h"

static int openNothing(sqlite3_vfs* v, const char* name, sqlite3_file* f, int flags, int* out) {
  (void)v, (void)name, (void)flags, (void)out;
  f->pMethods = NULL;
  return SQLITE_CANTOPEN;
}

static int deleteNothing(sqlite3_vfs* v, const char* name, int sync) {
  (void)v, (void)name, (void)sync;
  return SQLITE_OK;
}

static int accessNothing(sqlite3_vfs* v, const char* name, int flags, int* out) {
  (void)v, (void)name, (void)flags;
  *out = 0;
  return SQLITE_OK;
}

static int fullName(sqlite3_vfs* v, const char* name, int room, char* out) {
  (void)v;
  sqlite3_snprintf(room, out, "%s", name);
  return SQLITE_OK;
}

static int fixedRandom(sqlite3_vfs* v, int count, char* out) {
  (void)v;
  memset(out, 0x2a, (size_t)count);
  return count;
}

static int fixedTime(sqlite3_vfs* v, f64* out) {
  (void)v;
  *out = 2460000.5;
  return SQLITE_OK;
}

static int noSleep(sqlite3_vfs* v, int microseconds) {
  (void)v;
  return microseconds;
}

int sqlite3_os_init(void) {
  static sqlite3_vfs vfs = {.iVersion = 1,
                            .szOsFile = sizeof(sqlite3_file),
                            .mxPathname = 64,
                            .zName = "nothing",
                            .xOpen = openNothing,
                            .xDelete = deleteNothing,
                            .xAccess = accessNothing,
                            .xFullPathname = fullName,
                            .xRandomness = fixedRandom,
                            .xSleep = noSleep,
                            .xCurrentTime = fixedTime};
  return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void) { return SQLITE_OK; }

static sqlite3* db;
static u64 sum;

static void check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
  exit(2);
}

static void execute(const char* sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL)); }

static sqlite3_stmt* prepare(const char* sql) {
  sqlite3_stmt* s;
  check(sqlite3_prepare_v2(db, sql, -1, &s, NULL));
  return s;
}

static void foldText(const u8* text, int count) {
  for (int i = 0; i < count; i++) sum = mix(sum, text[i]);
}

// Runs a query, optionally with one bound integer, and folds all columns of all rows.
static void query(const char* sql, i64 argument) {
  sqlite3_stmt* s = prepare(sql);
  if (sqlite3_bind_parameter_count(s) > 0) check(sqlite3_bind_int64(s, 1, argument));
  int code;
  while ((code = sqlite3_step(s)) == SQLITE_ROW) {
    for (int c = 0; c < sqlite3_column_count(s); c++) {
      if (sqlite3_column_type(s, c) == SQLITE_TEXT) {
        foldText(sqlite3_column_text(s, c), sqlite3_column_bytes(s, c));
      } else {
        sum = mix(sum, (u64)sqlite3_column_int64(s, c));
      }
    }
  }
  check(code);
  check(sqlite3_finalize(s));
}

static void load(u32 n) {
  u64 seed = 171;
  char name[64];
  execute(
      "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price INT, stock INT);"
      "CREATE TABLE buyer(id INTEGER PRIMARY KEY, name TEXT, city INT);"
      "CREATE TABLE sale(id INTEGER PRIMARY KEY, buyer INT, item INT, amount INT, day INT);"
      "CREATE INDEX sale_buyer ON sale(buyer); CREATE INDEX sale_day ON sale(day, item);"
      "CREATE TABLE note(sale INT, body TEXT);");
  execute("BEGIN");
  sqlite3_stmt* s = prepare("INSERT INTO item VALUES(?, ?, ?, ?)");
  for (u32 i = 1; i <= 200; i++) {
    sqlite3_bind_int64(s, 1, i);
    snprintf(name, sizeof name, "item %c%c %u", 'a' + i % 26, 'a' + i % 7, i * 37 % 101);
    sqlite3_bind_text(s, 2, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 3, 5 + rngBelow(&seed, 995));
    sqlite3_bind_int64(s, 4, rngBelow(&seed, 100));
    check(sqlite3_step(s));
    sqlite3_reset(s);
  }
  check(sqlite3_finalize(s));
  s = prepare("INSERT INTO buyer VALUES(?, ?, ?)");
  for (u32 i = 1; i <= 50 + n; i++) {
    sqlite3_bind_int64(s, 1, i);
    snprintf(name, sizeof name, "buyer %u", rngBelow(&seed, 100000));
    sqlite3_bind_text(s, 2, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 3, rngBelow(&seed, 40));
    check(sqlite3_step(s));
    sqlite3_reset(s);
  }
  check(sqlite3_finalize(s));
  s = prepare("INSERT INTO sale(buyer, item, amount, day) VALUES(?, ?, ?, ?)");
  for (u32 i = 0; i < n * 100; i++) {
    sqlite3_bind_int64(s, 1, 1 + rngBelow(&seed, 50 + n));
    sqlite3_bind_int64(s, 2, 1 + rngBelow(&seed, 200));
    sqlite3_bind_int64(s, 3, 1 + rngBelow(&seed, 9));
    sqlite3_bind_int64(s, 4, rngBelow(&seed, 365));
    check(sqlite3_step(s));
    sqlite3_reset(s);
  }
  check(sqlite3_finalize(s));
  execute(
      "INSERT INTO note SELECT id, 'about sale ' || id || ' of ' || amount || ' pieces on day ' || "
      "day "
      "FROM sale WHERE id % 5 = 0");
  execute("COMMIT");
}

static u64 run(u32 n) {
  check(sqlite3_open(":memory:", &db));
  load(n);
  query(
      "SELECT city, count(*), sum(amount * price) FROM sale JOIN buyer ON buyer.id = sale.buyer "
      "JOIN item ON item.id = sale.item GROUP BY city ORDER BY 3 DESC, city",
      0);
  query(
      "SELECT item.name, sum(amount) AS pieces FROM sale JOIN item ON item.id = sale.item "
      "GROUP BY item.id HAVING pieces > 20 ORDER BY pieces DESC, item.name LIMIT 50",
      0);
  for (i64 day = 0; day < 365; day += 9) {
    query(
        "SELECT item, count(*), max(amount) FROM sale WHERE day BETWEEN ?1 AND ?1 + 6 GROUP BY "
        "item",
        day);
  }
  query("SELECT count(*), group_concat(substr(body, 12, 4)) FROM note WHERE body LIKE '%7 of 3%'",
        0);
  query("SELECT length(replace(body, 'sale', 'order')), upper(body) FROM note WHERE sale % 100 = 0",
        0);
  for (i64 buyer = 1; buyer <= (i64)n; buyer += 3) {
    query("SELECT id, day FROM sale WHERE buyer = ?1 ORDER BY day DESC, id LIMIT 5", buyer);
  }
  execute(
      "UPDATE item SET stock = stock + (SELECT total(amount) FROM sale WHERE sale.item = item.id "
      "AND day < 30)");
  execute("UPDATE sale SET amount = amount + 1 WHERE day % 7 = 3");
  execute("DELETE FROM sale WHERE day BETWEEN 100 AND 130 AND amount < 4");
  query("SELECT sum(stock), (SELECT sum(amount) FROM sale), (SELECT count(*) FROM sale) FROM item",
        0);
  query(
      "WITH RECURSIVE walk(day, total) AS (SELECT 0, 0 UNION ALL SELECT day + 1, total + "
      "(SELECT count(*) FROM sale WHERE sale.day = walk.day) FROM walk WHERE day < 200) "
      "SELECT sum(total), max(total) FROM walk",
      0);
  query(
      "SELECT day, amount, rank() OVER (PARTITION BY item ORDER BY amount DESC, id) AS place "
      "FROM sale WHERE item < ?1 ORDER BY place, id LIMIT 500",
      40);
  query("PRAGMA integrity_check", 0);
  check(sqlite3_close(db));
  return sum;
}

KERNEL_MAIN(run)
