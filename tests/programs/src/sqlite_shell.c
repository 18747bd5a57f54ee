/* The smallest shell over SQLite: runs the statements read from stdin on the database named by
 * argv[1] and prints rows as tab-separated columns, NULL as "NULL". Ends with 1 at the first error.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static int printRow(void* unused, int count, char** values, char** names) {
  (void)unused, (void)names;
  for (int i = 0; i < count; i++) printf("%s%s", i > 0 ? "\t" : "", values[i] ? values[i] : "NULL");
  putchar('\n');
  return 0;
}

int main(int argc, char** argv) {
  static char script[1 << 16];
  if (argc != 2) return 2;
  size_t size = fread(script, 1, sizeof script - 1, stdin);
  script[size] = 0;

  sqlite3* database = NULL;
  char* error = NULL;
  int status = sqlite3_open(argv[1], &database);
  if (status == SQLITE_OK) status = sqlite3_exec(database, script, printRow, NULL, &error);
  if (status != SQLITE_OK) {
    fprintf(stderr, "sqlite: %s\n", error ? error : sqlite3_errmsg(database));
    return 1;
  }
  sqlite3_close(database);
  return 0;
}
