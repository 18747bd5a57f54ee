/* Symbolic links: made by the guest, and hostile ones made by the host beforehand:
 *   host-abs -> /etc/passwd       host-up -> ../secret.txt      host-updir -> ..      host-self ->
 * host-self host-back -> ../grant/file    host-dangling -> nowhere      host-slash -> ..///
 * host-chain0 .. 60 -> next host-absin -> the absolute host path of "file" inside the grant */

#include "check.h"

static int tryOpen(const char* path, u32 lookup, u32 oflags, u64 rights) {
  u32 fd;
  int error = openAt(path, lookup, oflags, rights, 0, &fd);
  if (error == 0) fdClose(fd);
  return error;
}

static int typeOf(const char* path, u32 lookup) {
  Filestat stat;
  int error = pathFilestatGet(kRoot, lookup, path, (u32)strlen(path), &stat);
  return error ? -error : stat.filetype;
}

static void making(void) {
  makeFile("file", "file");
  pathCreateDirectory(kRoot, P("dir"));
  makeFile("dir/inner", "inner");
  expect("symlink to file", pathSymlink(P("file"), kRoot, P("link")), kSuccess);
  expect("symlink to folder", pathSymlink(P("dir"), kRoot, P("dirlink")), kSuccess);
  expect("symlink inside folder with dot-dot", pathSymlink(P("../file"), kRoot, P("dir/up")),
         kSuccess);
  expect("symlink over file", pathSymlink(P("x"), kRoot, P("file")), kExist);
  expect("symlink over folder", pathSymlink(P("x"), kRoot, P("dir")), kExist);
  expectEither("symlink with empty target", pathSymlink("", 0, kRoot, P("empty")), kNoent, kInval);
  expect("symlink with absolute target", pathSymlink(P("/etc/passwd"), kRoot, P("abs")), kPerm);
  expect("symlink with absolute target made nothing", -typeOf("abs", 0), kNoent);
  expect("dangling symlink", pathSymlink(P("nothing"), kRoot, P("dangling")), kSuccess);
  verify("stat without follow", typeOf("link", 0) == kSymbolicLink);
  verify("stat with follow", typeOf("link", kFollow) == kRegularFile);
  verify("stat folder link with follow", typeOf("dirlink", kFollow) == kDirectory);
  expect("stat dangling with follow", -typeOf("dangling", kFollow), kNoent);
  verify("stat dangling without follow", typeOf("dangling", 0) == kSymbolicLink);
}

static void reading(void) {
  char text[32];
  u32 used = 99;
  memset(text, '#', sizeof text);
  expect("readlink", pathReadlink(kRoot, P("dir/up"), text, 31, &used), kSuccess);
  verify("readlink bytes, no NUL", used == 7 && memcmp(text, "../file#", 8) == 0);
  memset(text, '#', sizeof text);
  expect("readlink short buffer", pathReadlink(kRoot, P("dir/up"), text, 4, &used), kSuccess);
  verify("readlink truncates", used == 4 && memcmp(text, "../f#", 5) == 0);
  used = 99;
  expect("readlink empty buffer", pathReadlink(kRoot, P("dir/up"), text, 0, &used), kSuccess);
  equal("readlink empty buffer count", used, 0);
  expect("readlink file", pathReadlink(kRoot, P("file"), text, 31, &used), kInval);
  expect("readlink folder", pathReadlink(kRoot, P("dir"), text, 31, &used), kInval);
  expect("readlink missing", pathReadlink(kRoot, P("none"), text, 31, &used), kNoent);
  expect("readlink through folder link", pathReadlink(kRoot, P("dirlink/up"), text, 31, &used),
         kSuccess);
}

static void following(void) {
  expect("open link without follow", tryOpen("link", 0, 0, kForReading), kLoop);
  expect("open link with follow", tryOpen("link", kFollow, 0, kForReading), kSuccess);
  verify("content through link", strcmp(content("link"), "file") == 0);
  verify("link in the middle is followed", tryOpen("dirlink/inner", 0, 0, kForReading) == kSuccess);
  verify("content through two links", strcmp(content("dirlink/up"), "file") == 0);
  /* ".." applies to the real folder behind a link, not to the text. */
  verify("dot-dot after a link", tryOpen("dirlink/../file", 0, 0, kForReading) == kSuccess);
  int error = tryOpen("dirlink", 0, kODirectory, kForReading);
  verify("directory flag on a link without follow", error == kLoop || error == kNotdir);
  expect("directory flag on a link with follow",
         tryOpen("dirlink", kFollow, kODirectory, kForReading), kSuccess);
  expect("folder link with trailing slash", tryOpen("dirlink/", 0, 0, kForReading), kSuccess);
  expect("file link with trailing slash", tryOpen("link/", kFollow, 0, kForReading), kNotdir);

  expect("dangling without follow", tryOpen("dangling", 0, 0, kForReading), kLoop);
  expect("dangling with follow", tryOpen("dangling", kFollow, 0, kForReading), kNoent);
  expect("creat excl on dangling", tryOpen("dangling", 0, kCreat | kExcl, kReadWrite), kExist);
  expect("creat on dangling without follow", tryOpen("dangling", 0, kCreat, kReadWrite), kLoop);
  expect("its target was not made", -typeOf("nothing", 0), kNoent);
  expect("link of dangling", pathLink(kRoot, 0, P("dangling"), kRoot, P("dangling2")), kSuccess);
  verify("it is a link too", typeOf("dangling2", 0) == kSymbolicLink);
  expect("rmdir a folder link", pathRemoveDirectory(kRoot, P("dirlink")), kNotdir);
  expect("unlink dangling", pathUnlinkFile(kRoot, P("dangling")), kSuccess);
  expect("unlink folder link", pathUnlinkFile(kRoot, P("dirlink")), kSuccess);
  verify("its folder stays", typeOf("dir", 0) == kDirectory);
  expect("rename a link", pathRename(kRoot, P("link"), kRoot, P("renamed")), kSuccess);
  verify("the link moved, not the file",
         typeOf("renamed", 0) == kSymbolicLink && typeOf("file", 0) == kRegularFile);
}

static void loops(void) {
  pathSymlink(P("b"), kRoot, P("a"));
  pathSymlink(P("a"), kRoot, P("b"));
  expect("two links in a loop", tryOpen("a", kFollow, 0, kForReading), kLoop);
  expect("loop in the middle", tryOpen("a/x", 0, 0, kForReading), kLoop);
  expect("stat a loop", -typeOf("a", kFollow), kLoop);
  verify("stat a loop without follow", typeOf("a", 0) == kSymbolicLink);
  expect("link to itself", tryOpen("host-self", kFollow, 0, kForReading), kLoop);
  expect("chain of 60 links", tryOpen("host-chain0", kFollow, 0, kForReading), kLoop);
  expect("last link of the chain", tryOpen("host-chain59", kFollow, 0, kForReading), kSuccess);
}

static void hostile(void) {
  static const char* const kPaths[] = {"host-abs",
                                       "host-up",
                                       "host-updir",
                                       "host-back",
                                       "host-slash",
                                       "host-absin",
                                       "host-updir/secret.txt",
                                       "host-slash/secret.txt",
                                       "host-updir/grant/file"};
  char name[64];
  for (u32 i = 0; i < sizeof kPaths / sizeof *kPaths; i++) {
    snprintf(name, sizeof name, "open %s", kPaths[i]);
    expect(name, tryOpen(kPaths[i], kFollow, 0, kForReading), kPerm);
    snprintf(name, sizeof name, "write %s", kPaths[i]);
    int error = tryOpen(kPaths[i], kFollow, kCreat | kTrunc, kReadWrite);
    expectEither(name, error, kPerm, kIsdir);
    snprintf(name, sizeof name, "stat %s", kPaths[i]);
    expect(name, -typeOf(kPaths[i], kFollow), kPerm);
  }
  expect("open host-abs without follow", tryOpen("host-abs", 0, 0, kForReading), kLoop);
  expect("host-updir with trailing slash", tryOpen("host-updir/", 0, 0, kForReading), kPerm);
  expect("host-updir with directory flag", tryOpen("host-updir", kFollow, kODirectory, kForReading),
         kPerm);
  expect("mkdir through host-updir", pathCreateDirectory(kRoot, P("host-updir/made")), kPerm);
  expect("unlink through host-updir", pathUnlinkFile(kRoot, P("host-updir/secret.txt")), kPerm);
  expect("rename through host-updir", pathRename(kRoot, P("file"), kRoot, P("host-updir/made")),
         kPerm);
  expect("link through host-updir",
         pathLink(kRoot, 0, P("host-updir/secret.txt"), kRoot, P("stolen")), kPerm);
  expect("symlink through host-updir", pathSymlink(P("x"), kRoot, P("host-updir/made")), kPerm);
  expect("times through host-up",
         pathFilestatSetTimes(kRoot, kFollow, P("host-up"), 1, 1, kAtim | kMtim), kPerm);
  expect("create through host-dangling without follow",
         tryOpen("host-dangling", 0, kCreat, kReadWrite), kLoop);
  /* A link that climbs may be stored; following it is confined. */
  expect("guest link with dot-dot", pathSymlink(P("../secret.txt"), kRoot, P("mine")), kSuccess);
  expect("following it", tryOpen("mine", kFollow, 0, kForReading), kPerm);
  int error = pathLink(kRoot, kFollow, P("mine"), kRoot, P("stolen"));
  verify("hard link through it", error == kPerm || error == kInval);
  expect("nothing was stolen", -typeOf("stolen", 0), kNoent);
}

int main(void) {
  making();
  reading();
  following();
  loops();
  hostile();
  return finish();
}
