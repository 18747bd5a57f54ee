/* Path resolution without symlinks, and the calls that make, move and remove names.
 * Descriptor 3 is a fresh folder, descriptor 4 a second grant; "../secret.txt" exists outside of
 * both. */

#include "check.h"

enum { kOther = 4 };

static int open0(const char* path, u32 size, u32 oflags) {
  u32 fd;
  int error = pathOpen(kRoot, 0, path, size, oflags, kForReading, 0, 0, &fd);
  if (error == 0) fdClose(fd);
  return error;
}

static int stat0(const char* path, u32 size) {
  Filestat stat;
  return pathFilestatGet(kRoot, 0, path, size, &stat);
}

static void escapes(void) {
  expect("mkdir dir", pathCreateDirectory(kRoot, P("dir")), kSuccess);
  expect("mkdir dir/sub", pathCreateDirectory(kRoot, P("dir/sub")), kSuccess);
  makeFile("file", "file");
  makeFile("dir/file", "inner");

  expect("open dot-dot", open0(P(".."), 0), kPerm);
  expect("open dot-dot slash", open0(P("../"), 0), kPerm);
  expect("open outside", open0(P("../secret.txt"), 0), kPerm);
  expect("open climbing through a folder", open0(P("dir/../../secret.txt"), 0), kPerm);
  expect("open climbing and coming back", open0(P("../grant/file"), 0), kPerm);
  expect("open absolute", open0(P("/etc/passwd"), 0), kPerm);
  expect("open slash", open0(P("/"), 0), kPerm);
  expect("open double slash", open0(P("//file"), 0), kPerm);
  expect("stat outside", stat0(P("../secret.txt")), kPerm);
  expect("stat absolute", stat0(P("/etc/passwd")), kPerm);
  expect("mkdir outside", pathCreateDirectory(kRoot, P("../made")), kPerm);
  expect("rmdir outside", pathRemoveDirectory(kRoot, P("../other")), kPerm);
  expect("unlink outside", pathUnlinkFile(kRoot, P("../secret.txt")), kPerm);
  expect("rename from outside", pathRename(kRoot, P("../secret.txt"), kRoot, P("x")), kPerm);
  expect("rename to outside", pathRename(kRoot, P("file"), kRoot, P("../x")), kPerm);
  expect("link from outside", pathLink(kRoot, 0, P("../secret.txt"), kRoot, P("x")), kPerm);
  expect("link to outside", pathLink(kRoot, 0, P("file"), kRoot, P("../x")), kPerm);
  expect("symlink outside", pathSymlink(P("file"), kRoot, P("../x")), kPerm);
  expect("set_times outside", pathFilestatSetTimes(kRoot, 0, P("../secret.txt"), 0, 0, kAtim),
         kPerm);
  char buffer[8];
  u32 used;
  expect("readlink outside", pathReadlink(kRoot, P("../secret.txt"), buffer, 8, &used), kPerm);
  expect("create outside", open0(P("../made.txt"), kCreat), kPerm);

  expect("dot-dot inside", open0(P("dir/../file"), 0), kSuccess);
  expect("dot-dot deep inside", open0(P("dir/sub/../../dir/./file"), 0), kSuccess);
  expect("dot-dot back to the root", open0(P("dir/.."), 0), kSuccess);
  expect("dot-dot through a missing folder", open0(P("none/../file"), 0), kNoent);
  expect("dot-dot through a file", open0(P("file/../file"), 0), kNotdir);
  expect("double slash inside", open0(P("dir//file"), 0), kSuccess);
  u32 sub;
  expect("open dir/sub",
         pathOpen(kRoot, 0, P("dir/sub"), kODirectory, kFolder, kAllRights, 0, &sub), kSuccess);
  u32 fd = kNoFd;
  /* A folder that was opened is a boundary of its own. */
  expect("dot-dot from an opened folder", pathOpen(sub, 0, P("../file"), 0, kForReading, 0, 0, &fd),
         kPerm);
  fdClose(sub);
}

static void strangeNames(void) {
  expect("open empty path", open0("", 0, 0), kNoent);
  expect("stat empty path", stat0("", 0), kNoent);
  expect("mkdir empty path", pathCreateDirectory(kRoot, "", 0), kNoent);
  expect("unlink empty path", pathUnlinkFile(kRoot, "", 0), kNoent);
  int error = open0(P("file\0x"), 0);
  verify("interior NUL", error == kInval || error == kIlseq || error == kNoent);
  error = open0(P("new\0x"), kCreat);
  verify("interior NUL creates nothing", error != 0 && stat0(P("new")) == kNoent);
  expect("invalid UTF-8", open0(P("a\xff"), 0), kIlseq);
  expect("overlong UTF-8", open0(P("a\xc0\xaf"), 0), kIlseq);
  expect("surrogate in UTF-8", open0(P("a\xed\xa0\x80"), 0), kIlseq);
  expect("create invalid UTF-8", pathCreateDirectory(kRoot, P("d\x80")), kIlseq);
  static char path[9000];
  memset(path, 'n', sizeof path);
  expect("component of 255 bytes", open0(path, 255, kCreat), kSuccess);
  expect("unlink it", pathUnlinkFile(kRoot, path, 255), kSuccess);
  expect("component of 256 bytes", open0(path, 256, kCreat), kNametoolong);
  for (u32 i = 0; i < sizeof path; i += 2) path[i] = '.', path[i + 1] = '/';
  error = open0(path, sizeof path, 0);
  verify("path of 9000 bytes", error == kNametoolong || error == kInval || error == kNoent);
  expect("name with spaces and UTF-8", open0(P("z\xc5\xbc \xf0\x9f\x8e\x88"), kCreat), kSuccess);
  expect("same name again", stat0(P("z\xc5\xbc \xf0\x9f\x8e\x88")), kSuccess);
  expect("three dots are a name", pathCreateDirectory(kRoot, P("...")), kSuccess);
  expect("backslash is a name", pathCreateDirectory(kRoot, P("..\\x")), kSuccess);

  u32 fd, file;
  expect("bad folder fd", pathOpen(kNoFd, 0, P("file"), 0, kForReading, 0, 0, &fd), kBadf);
  verify("stdio as folder", pathOpen(0, 0, P("file"), 0, kForReading, 0, 0, &fd) != 0);
  openAt("file", 0, 0, kForReading, 0, &file);
  expectEither("file as folder", pathOpen(file, 0, P("file"), 0, kForReading, 0, 0, &fd), kNotdir,
               kNotcapable);
  fdClose(file);
  expect("closed fd as folder", pathOpen(file, 0, P("file"), 0, kForReading, 0, 0, &fd), kBadf);
  expect("fd 2^31", pathOpen(0x80000000, 0, P("file"), 0, kForReading, 0, 0, &fd), kBadf);
  expect("fd 2^32-1", pathUnlinkFile(0xffffffff, P("file")), kBadf);
}

static void trailingSlashes(void) {
  expect("open file/", open0(P("file/"), 0), kNotdir);
  expect("open dir/", open0(P("dir/"), 0), kSuccess);
  expect("open dir///", open0(P("dir///"), 0), kSuccess);
  expect("stat dir/", stat0(P("dir/")), kSuccess);
  expect("stat file/", stat0(P("file/")), kNotdir);
  verify("create new/", open0(P("new/"), kCreat) != 0 && stat0(P("new")) == kNoent);
  expect("mkdir slash/", pathCreateDirectory(kRoot, P("slash/")), kSuccess);
  expect("rename slash/ to moved/", pathRename(kRoot, P("slash/"), kRoot, P("moved/")), kSuccess);
  expect("rmdir moved/", pathRemoveDirectory(kRoot, P("moved/")), kSuccess);
  expect("rmdir file/", pathRemoveDirectory(kRoot, P("file/")), kNotdir);
  expect("unlink file/", pathUnlinkFile(kRoot, P("file/")), kNotdir);
  expectEither("unlink dir/", pathUnlinkFile(kRoot, P("dir/")), kIsdir, kPerm);
  expect("link to new/", pathLink(kRoot, 0, P("file"), kRoot, P("new/")), kNoent);
  verify("symlink at new/", pathSymlink(P("file"), kRoot, P("new/")) != 0);
  expect("symlink at dir/", pathSymlink(P("file"), kRoot, P("dir/")), kExist);
  expectEither("symlink at file/", pathSymlink(P("file"), kRoot, P("file/")), kNotdir, kExist);
  verify("rename file to new/", pathRename(kRoot, P("file"), kRoot, P("new/")) != 0);
  verify("file is still there", strcmp(content("file"), "file") == 0);
}

static void folders(void) {
  expect("mkdir existing folder", pathCreateDirectory(kRoot, P("dir")), kExist);
  expect("mkdir existing file", pathCreateDirectory(kRoot, P("file")), kExist);
  expect("mkdir missing parent", pathCreateDirectory(kRoot, P("none/x")), kNoent);
  expect("mkdir below a file", pathCreateDirectory(kRoot, P("file/x")), kNotdir);
  expectEither("mkdir dot", pathCreateDirectory(kRoot, P(".")), kExist, kInval);
  expect("rmdir non-empty", pathRemoveDirectory(kRoot, P("dir")), kNotempty);
  expect("rmdir file", pathRemoveDirectory(kRoot, P("file")), kNotdir);
  expect("rmdir missing", pathRemoveDirectory(kRoot, P("none")), kNoent);
  expect("rmdir dot", pathRemoveDirectory(kRoot, P(".")), kInval);
  expectEither("unlink folder", pathUnlinkFile(kRoot, P("dir")), kIsdir, kPerm);
  expect("unlink missing", pathUnlinkFile(kRoot, P("none")), kNoent);
  makeFile("gone", "x");
  expect("unlink", pathUnlinkFile(kRoot, P("gone")), kSuccess);
  expect("unlink again", pathUnlinkFile(kRoot, P("gone")), kNoent);
}

static void renames(void) {
  makeFile("from", "from");
  makeFile("to", "to");
  expect("rename over file", pathRename(kRoot, P("from"), kRoot, P("to")), kSuccess);
  verify("rename replaced", strcmp(content("to"), "from") == 0 && stat0(P("from")) == kNoent);
  expect("rename missing", pathRename(kRoot, P("from"), kRoot, P("x")), kNoent);
  expect("rename onto itself", pathRename(kRoot, P("to"), kRoot, P("to")), kSuccess);
  pathCreateDirectory(kRoot, P("one"));
  pathCreateDirectory(kRoot, P("two"));
  pathCreateDirectory(kRoot, P("full"));
  makeFile("full/file", "x");
  expect("rename folder over empty folder", pathRename(kRoot, P("one"), kRoot, P("two")), kSuccess);
  expect("rename folder over full folder", pathRename(kRoot, P("two"), kRoot, P("full")),
         kNotempty);
  expect("rename folder over file", pathRename(kRoot, P("two"), kRoot, P("to")), kNotdir);
  expect("rename file over folder", pathRename(kRoot, P("to"), kRoot, P("two")), kIsdir);
  expect("rename into itself", pathRename(kRoot, P("full"), kRoot, P("full/sub")), kInval);

  expect("rename across grants", pathRename(kRoot, P("to"), kOther, P("across")), kSuccess);
  Filestat stat;
  expect("it arrived", pathFilestatGet(kOther, 0, P("across"), &stat), kSuccess);
  expect("it left", stat0(P("to")), kNoent);
  expect("link across grants", pathLink(kOther, 0, P("across"), kRoot, P("linked")), kSuccess);
  pathFilestatGet(kOther, 0, P("across"), &stat);
  equal("both names count", stat.nlink, 2);
}

static void links(void) {
  makeFile("origin", "origin");
  expect("link", pathLink(kRoot, 0, P("origin"), kRoot, P("dir/second")), kSuccess);
  Filestat one, two;
  pathFilestatGet(kRoot, 0, P("origin"), &one);
  pathFilestatGet(kRoot, 0, P("dir/second"), &two);
  verify("link is the same file", one.ino == two.ino && one.dev == two.dev && one.nlink == 2);
  expect("link over file", pathLink(kRoot, 0, P("origin"), kRoot, P("file")), kExist);
  expect("link over folder", pathLink(kRoot, 0, P("origin"), kRoot, P("dir")), kExist);
  expect("link onto itself", pathLink(kRoot, 0, P("origin"), kRoot, P("origin")), kExist);
  expect("link missing", pathLink(kRoot, 0, P("none"), kRoot, P("x")), kNoent);
  expectEither("link folder", pathLink(kRoot, 0, P("dir"), kRoot, P("x")), kPerm, kAcces);
}

static void exclusive(void) {
  expect("excl on folder", open0(P("dir"), kCreat | kExcl), kExist);
  expect("excl alone", open0(P("file"), kExcl), kSuccess);
  /* The answer to creating with the directory flag is the host's or EINVAL; it never makes a file.
   */
  verify("creat with directory flag", open0(P("newdir"), kCreat | kODirectory) != 0);
  verify("creat excl with directory flag", open0(P("newdir"), kCreat | kExcl | kODirectory) != 0);
  verify("trunc with directory flag", open0(P("dir"), kTrunc | kODirectory) != 0);
  expect("nothing was made", stat0(P("newdir")), kNoent);
}

int main(void) {
  escapes();
  strangeNames();
  trailingSlashes();
  folders();
  renames();
  links();
  exclusive();
  return finish();
}
