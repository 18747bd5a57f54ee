// What a C++ program sees through libc and libc++: streams, folders, time, environment, errno.
// The grant is "/"; the host made "many" with 100 files. Stdin holds two lines.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

int gPassed = 0, gFailed = 0;

void verify(const char* name, bool condition) {
  std::printf("%s %s", condition ? "ok" : "FAIL", name);
  std::printf(condition ? "\n" : " (errno %d)\n", errno);
  (condition ? gPassed : gFailed)++;
}

struct Closer {
  void operator()(FILE* file) const { std::fclose(file); }
  void operator()(DIR* folder) const { closedir(folder); }
};
using File = std::unique_ptr<FILE, Closer>;
using Folder = std::unique_ptr<DIR, Closer>;

std::string readAll(const char* path) {
  File file(std::fopen(path, "r"));
  if (!file) return "?";
  std::string text;
  char part[100];
  for (size_t count; (count = std::fread(part, 1, sizeof part, file.get())) > 0;)
    text.append(part, count);
  return text;
}

void streams() {
  {
    File file(std::fopen("/text", "w+"));
    verify("fopen w+", file != nullptr);
    for (int i = 0; i < 1000; i++) std::fprintf(file.get(), "line %d\n", i);
    std::rewind(file.get());
    char line[32];
    int count = 0;
    while (std::fgets(line, sizeof line, file.get())) count++;
    verify("fgets reads what fprintf wrote", count == 1000 && std::strcmp(line, "line 999\n") == 0);
    verify("ftell", std::ftell(file.get()) == 8890);
    verify("fseek", std::fseek(file.get(), 5, SEEK_SET) == 0 && std::fgetc(file.get()) == '0');
    verify("ungetc", std::ungetc('Z', file.get()) == 'Z' && std::fgetc(file.get()) == 'Z');
    verify("fseek end", std::fseek(file.get(), -4, SEEK_END) == 0 && std::fgetc(file.get()) == '9');
  }
  {
    File file(std::fopen("/text", "r+"));
    std::fputs("LINE", file.get());
    std::fflush(file.get());
    verify("r+ overwrites", readAll("/text").compare(0, 6, "LINE 0") == 0);
  }
  {
    File file(std::fopen("/text", "a"));
    std::fputs("end", file.get());
  }
  std::string text = readAll("/text");
  verify("a appends", text.size() == 8893 && text.substr(8890) == "end");
  File missing(std::fopen("/none/text", "r"));
  verify("missing is ENOENT", !missing && errno == ENOENT);
  File exclusive(std::fopen("/text", "wx"));
  verify("wx on existing is EEXIST", !exclusive && errno == EEXIST);
  File folder(std::fopen("/many", "w"));
  verify("writing a folder is EISDIR", !folder && errno == EISDIR);
  File outside(std::fopen("/../etc/passwd", "r"));
  verify("outside is refused", !outside);

  char line[64] = "";
  verify("stdin first line",
         std::fgets(line, sizeof line, stdin) && std::strcmp(line, "first line\n") == 0);
  verify("stdin second line",
         std::fgets(line, sizeof line, stdin) && std::strcmp(line, "second") == 0);
  verify("stdin end", !std::fgets(line, sizeof line, stdin) && std::feof(stdin));
  verify("stdout is no terminal", !isatty(1));
}

void descriptors() {
  int fd = open("/fd", O_CREAT | O_RDWR | O_TRUNC, 0600);
  verify("open", fd > 2);
  verify("write", write(fd, "0123456789", 10) == 10);
  verify("pwrite", pwrite(fd, "AB", 2, 3) == 2 && lseek(fd, 0, SEEK_CUR) == 10);
  char text[16] = "";
  verify("pread", pread(fd, text, 4, 2) == 4 && std::string(text) == "2AB5");
  verify("ftruncate", ftruncate(fd, 4) == 0 && lseek(fd, 0, SEEK_END) == 4);
  struct stat info;
  verify("fstat",
         fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 4 && info.st_nlink == 1);
  verify("fcntl getfl", (fcntl(fd, F_GETFL) & O_APPEND) == 0);
  verify("fcntl append", fcntl(fd, F_SETFL, O_APPEND) == 0 && (fcntl(fd, F_GETFL) & O_APPEND) != 0);
  verify("append goes to the end",
         lseek(fd, 0, SEEK_SET) == 0 && write(fd, "!", 1) == 1 && readAll("/fd") == "012A!");
  verify("fsync", fsync(fd) == 0 && fdatasync(fd) == 0);
  verify("close", close(fd) == 0);
  verify("close again", close(fd) == -1 && errno == EBADF);
  verify("read closed", read(fd, text, 1) == -1 && errno == EBADF);
  timespec times[2] = {{1000000000, 1}, {1100000000, 999999999}};
  verify("utimensat", utimensat(AT_FDCWD, "/fd", times, 0) == 0);
  verify("stat times", stat("/fd", &info) == 0 && info.st_mtim.tv_sec == 1100000000 &&
                           info.st_mtim.tv_nsec == 999999999);
}

void folders() {
  verify("mkdir", mkdir("/new", 0777) == 0);
  verify("mkdir again", mkdir("/new", 0777) == -1 && errno == EEXIST);
  struct stat info;
  verify("stat folder", stat("/new", &info) == 0 && S_ISDIR(info.st_mode));
  verify("rename", rename("/fd", "/new/moved") == 0 && stat("/fd", &info) == -1 && errno == ENOENT);
  verify("rmdir full", rmdir("/new") == -1 && errno == ENOTEMPTY);
  verify("symlink", symlink("moved", "/new/link") == 0);
  char target[16] = "";
  verify("readlink",
         readlink("/new/link", target, sizeof target) == 5 && std::string(target) == "moved");
  verify("lstat", lstat("/new/link", &info) == 0 && S_ISLNK(info.st_mode));
  verify("stat follows", stat("/new/link", &info) == 0 && S_ISREG(info.st_mode));
  verify("link", link("/new/moved", "/new/second") == 0 && stat("/new/second", &info) == 0 &&
                     info.st_nlink == 2);
  verify("unlink",
         unlink("/new/link") == 0 && unlink("/new/moved") == 0 && unlink("/new/second") == 0);
  verify("unlink folder", unlink("/new") == -1);
  verify("rmdir", rmdir("/new") == 0);

  Folder folder(opendir("/many"));
  std::set<std::string> names;
  int count = 0;
  while (dirent* entry = readdir(folder.get())) count++, names.insert(entry->d_name);
  verify("readdir",
         count == 102 && names.size() == 102 && names.count("f077") == 1 && names.count("..") == 1);
  rewinddir(folder.get());
  long middle = 0;
  for (int i = 0; i < 50; i++) readdir(folder.get());
  middle = telldir(folder.get());
  std::string next = readdir(folder.get())->d_name;
  for (int i = 0; i < 20; i++) readdir(folder.get());
  seekdir(folder.get(), middle);
  dirent* again = readdir(folder.get());
  verify("seekdir", again && next == again->d_name);
  verify("opendir file", !opendir("/text") && errno == ENOTDIR);
}

void timeAndEnvironment() {
  using namespace std::chrono;
  auto start = steady_clock::now();
  timespec pause{0, 20000000};
  verify("nanosleep",
         nanosleep(&pause, nullptr) == 0 && steady_clock::now() - start >= milliseconds(20));
  verify("system_clock", system_clock::to_time_t(system_clock::now()) > 1577836800);
  pollfd ready{1, POLLOUT, 0};
  verify("poll stdout", poll(&ready, 1, 1000) == 1 && (ready.revents & POLLOUT));
  const char* value = std::getenv("GREETING");
  verify("getenv", value && std::string(value) == "hello there");
  verify("getenv missing", !std::getenv("PATH"));
  verify("setenv", setenv("MADE", "here", 1) == 0 && std::string(std::getenv("MADE")) == "here");
  std::random_device device;
  std::set<unsigned> drawn;
  for (int i = 0; i < 100; i++) drawn.insert(device());
  verify("random_device", drawn.size() > 95);
  std::vector<std::unique_ptr<std::string>> pool;
  for (int i = 0; i < 20000; i++)
    pool.push_back(std::make_unique<std::string>(300, static_cast<char>('a' + i % 26)));
  verify("memory grows",
         std::all_of(pool.begin(), pool.end(), [](auto& text) { return text->size() == 300; }));
}

}  // namespace

int main() {
  streams();
  descriptors();
  folders();
  timeAndEnvironment();
  std::printf("%d passed, %d failed\n", gPassed, gFailed);
  return gFailed != 0;
}
