/* Sockets. Argument "none": stdin is a pipe, answers of things that are no sockets. "stdin": stdin
 * is one end of a connected stream socket whose peer sent "hello from the host". "listener":
 * descriptor 4 is a listening socket; a client comes that says "knock", then a second that says
 * "hello from the host" and listens to the end. */

#include "check.h"

static void nothing(void) {
  u32 fd, done;
  u16 flags;
  char byte = 'x';
  Iovec vector = {&byte, 1};
  expect("recv bad fd", sockRecv(kNoFd, &vector, 1, 0, &done, &flags), kBadf);
  expect("send bad fd", sockSend(kNoFd, &vector, 1, 0, &done), kBadf);
  expect("shutdown bad fd", sockShutdown(kNoFd, 1), kBadf);
  expect("accept bad fd", sockAccept(kNoFd, 0, &fd), kBadf);
  makeFile("file", "x");
  openAt("file", 0, 0, kReadWrite, 0, &fd);
  expect("recv file", sockRecv(fd, &vector, 1, 0, &done, &flags), kNotsock);
  expect("send file", sockSend(fd, &vector, 1, 0, &done), kNotsock);
  expect("shutdown file", sockShutdown(fd, 1), kNotsock);
  u32 accepted;
  expect("accept file", sockAccept(fd, 0, &accepted), kNotsock);
  fdClose(fd);
  expect("recv stdin pipe", sockRecv(0, &vector, 1, 0, &done, &flags), kNotsock);
  expect("send stdout", sockSend(1, &vector, 1, 0, &done), kNotsock);
  expect("shutdown stdout", sockShutdown(1, 3), kNotsock);
  verify("recv folder", sockRecv(kRoot, &vector, 1, 0, &done, &flags) != 0);
}

/* What a peer that said "hello from the host" can be asked without answering it. */
static void receiving(u32 fd) {
  char text[64] = {0};
  Iovec vectors[2] = {{text, 5}, {text + 5, 40}};
  u32 done = 0;
  u16 flags = 9;
  u64 position;
  Fdstat state;
  expect("fdstat of a socket", fdFdstatGet(fd, &state), kSuccess);
  equal("type of a socket", state.filetype, kSocketStream);
  expect("recv peek", sockRecv(fd, vectors, 1, 1, &done, &flags), kSuccess);
  verify("peeked", done == 5 && memcmp(text, "hello", 5) == 0 && flags == 0);
  memset(text, 0, sizeof text);
  expect("recv", sockRecv(fd, vectors, 2, 0, &done, &flags), kSuccess);
  verify("received from the start", done == 19 && strcmp(text, "hello from the host") == 0);
  expect("seek a socket", fdSeek(fd, 0, kSeekCur, &position), kSpipe);
}

static void answering(u32 fd) {
  Iovec vectors[2] = {{"hello ", 6}, {"back", 4}};
  u32 done = 0;
  u16 flags;
  expect("send", sockSend(fd, vectors, 2, 0, &done), kSuccess);
  equal("sent all", done, 10);
  vectors[0] = (Iovec){"!", 1};
  expect("write to a socket", fdWrite(fd, vectors, 1, &done), kSuccess);
  expect("shutdown writing", sockShutdown(fd, 2), kSuccess);
  expect("send after shutdown", sockSend(fd, vectors, 1, 0, &done), kPipe);
  // The peer may have gone by now.
  expectEither("shutdown reading", sockShutdown(fd, 1), kSuccess, kNotconn);
  char byte;
  vectors[0] = (Iovec){&byte, 1};
  expect("recv at the end", sockRecv(fd, vectors, 1, 0, &done, &flags), kSuccess);
  equal("recv at the end count", done, 0);
  expect("shutdown 0", sockShutdown(fd, 0), kInval);
  expect("shutdown 4", sockShutdown(fd, 4), kInval);
  expect("recv unknown flag", sockRecv(fd, vectors, 1, 4, &done, &flags), kInval);
  expect("send with flags", sockSend(fd, vectors, 1, 1, &done), kInval);
}

static void listener(u32 door) {
  u32 fd = kNoFd, done;
  u16 flags;
  char text[16] = {0};
  Iovec vector = {text, 15};
  Fdstat state;
  expect("fdstat of a listener", fdFdstatGet(door, &state), kSuccess);
  equal("type of a listener", state.filetype, kSocketStream);
  expect("accept with append", sockAccept(door, kAppend, &fd), kInval);
  expect("accept", sockAccept(door, kNonblock, &fd), kSuccess);
  verify("accepted fd", fd > door && fd != kNoFd);
  fdFdstatGet(fd, &state);
  equal("accepted fd is nonblocking", state.flags, kNonblock);
  int error = kAgain;
  for (int i = 0; i < 1000000 && error == kAgain; i++) {
    error = sockRecv(fd, &vector, 1, 0, &done, &flags);
  }
  expect("recv from accepted", error, kSuccess);
  verify("received", done == 5 && strcmp(text, "knock") == 0);
  expect("recv again", sockRecv(fd, &vector, 1, 0, &done, &flags), kAgain);
  vector = (Iovec){"come in", 7};
  expect("send to accepted", sockSend(fd, &vector, 1, 0, &done), kSuccess);
  fdClose(fd);

  expect("accept the second", sockAccept(door, 0, &fd), kSuccess);
  receiving(fd);
  answering(fd);
  fdClose(fd);
  expect("set nonblock", fdFdstatSetFlags(door, kNonblock), kSuccess);
  expect("accept when none is pending", sockAccept(door, 0, &fd), kAgain);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (strcmp(argv[1], "none") == 0) nothing();
  if (strcmp(argv[1], "stdin") == 0) receiving(0);
  if (strcmp(argv[1], "listener") == 0) listener(4);
  return finish();
}
