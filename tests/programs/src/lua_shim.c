// What Lua's os and io libraries call and wasi-libc does not have: no temporary files, no shell.
#include <errno.h>
#include <stdio.h>

FILE* tmpfile(void) {
  errno = ENOTSUP;
  return NULL;
}
char* tmpnam(char* name) {
  (void)name;
  return NULL;
}
int system(const char* command) {
  (void)command;
  return command == NULL ? 0 : -1;
}
