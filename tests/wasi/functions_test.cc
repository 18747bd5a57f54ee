// Every function of both WASI modules is called at least once so that it succeeds and once so that
// it fails. The list here is compared with the registration table: a function added there without a
// row here fails the test, and the other way round. What the functions do in detail is tested in
// the other files.
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <set>

#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

using namespace oflags;
using Outcome = Guest::Outcome;

// A guest with an argument, a variable, a directory (3) with file f, directory d and link l, a
// listener (4) that has a connection waiting, a stream socket as descriptor 0, and f open (5).
class World {
 public:
  explicit World(bool unstable) {
    dir_.write("f", "content");
    dir_.dir("d");
    dir_.link("f", "l");
    auto made = openListener("127.0.0.1:0", diag_);
    listener_ = made.value();
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    client_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(client_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair_), 0);
    EXPECT_EQ(::send(pair_[1], "hello", 5, MSG_NOSIGNAL), 5);
    ContextConfig config = Guest::withDir(dir_);
    config.args = {"program", "argument"};
    config.env = {{"NAME", "value"}};
    config.listeners = {{listener_, -1}};
    config.in = Stdio::fromFd(pair_[0]);
    config.out = Stdio::fromFd(pair_[0]);
    guest_.emplace(std::move(config), unstable);
    file = guest_->open(3, "f", 0, kRead | kWrite).fd;
    guest_->resetAllocator();
    at = guest_->alloc(512);
    std::memset(guest_->base() + at, 0, 512);
    list = guest_->iovs({{at + 256, 4}});
  }
  ~World() {
    for (int fd : {listener_, client_, pair_[0], pair_[1]}) ::close(fd);
  }
  template <class... A>
  Outcome run(const char* name, A... args) {
    return guest_->run(name, args...);
  }
  u32 path(std::string_view s) { return guest_->put(s); }

  u32 file = 0;  // open for reading and writing
  u32 at = 0;    // 512 zero bytes
  u32 list = 0;  // one buffer of 4 bytes

 private:
  Diagnostics diag_;
  TempDir dir_;
  int listener_ = -1, client_ = -1;
  int pair_[2] = {-1, -1};
  std::optional<Guest> guest_;
};

constexpr Outcome ok{Trap::None, Errno::Success};
constexpr Outcome fault{Trap::BadGuestPointer, Errno::Success};
constexpr Outcome err(Errno error) { return {Trap::None, error}; }
constexpr u32 kFar = kMemoryBytes - 2;  // no room for anything behind it
constexpr u32 kClosed = 77;

struct Row {
  const char* name;
  Outcome good;
  std::function<Outcome(World&)> succeed;
  Outcome bad;
  std::function<Outcome(World&)> fail;  // null: no arguments can make it fail
};

#define DO(...) [](World& w) { return w.run(__VA_ARGS__); }
const Row kRows[] = {
    {"args_get", ok, DO("args_get", w.at, w.at + 64), fault, DO("args_get", w.at, kFar)},
    {"args_sizes_get", ok, DO("args_sizes_get", w.at, w.at + 4), fault,
     DO("args_sizes_get", w.at + 1, w.at + 4)},
    {"environ_get", ok, DO("environ_get", w.at, w.at + 64), fault, DO("environ_get", kFar, w.at)},
    {"environ_sizes_get", ok, DO("environ_sizes_get", w.at, w.at + 4), fault,
     DO("environ_sizes_get", w.at, kFar)},
    {"clock_res_get", ok, DO("clock_res_get", 1, w.at), err(Errno::Inval),
     DO("clock_res_get", 9, w.at)},
    {"clock_time_get", ok, DO("clock_time_get", 0, u64{1}, w.at), err(Errno::Inval),
     DO("clock_time_get", 9, u64{1}, w.at)},
    {"fd_advise", ok, DO("fd_advise", w.file, u64{0}, u64{1}, 0), err(Errno::Badf),
     DO("fd_advise", kClosed, u64{0}, u64{1}, 0)},
    {"fd_allocate", ok, DO("fd_allocate", w.file, u64{0}, u64{64}), err(Errno::Badf),
     DO("fd_allocate", 3, u64{0}, u64{64})},
    {"fd_close", ok, DO("fd_close", w.file), err(Errno::Badf), DO("fd_close", kClosed)},
    {"fd_datasync", ok, DO("fd_datasync", w.file), err(Errno::Badf), DO("fd_datasync", kClosed)},
    {"fd_fdstat_get", ok, DO("fd_fdstat_get", w.file, w.at), err(Errno::Badf),
     DO("fd_fdstat_get", kClosed, w.at)},
    {"fd_fdstat_set_flags", ok, DO("fd_fdstat_set_flags", w.file, fdflags::kAppend),
     err(Errno::Badf), DO("fd_fdstat_set_flags", kClosed, 0)},
    {"fd_fdstat_set_rights", err(Errno::NotSup),  // rights are fixed: this is all it answers
     DO("fd_fdstat_set_rights", w.file, kRead, kRead), err(Errno::Badf),
     DO("fd_fdstat_set_rights", kClosed, kRead, kRead)},
    {"fd_filestat_get", ok, DO("fd_filestat_get", w.file, w.at), err(Errno::Badf),
     DO("fd_filestat_get", kClosed, w.at)},
    {"fd_filestat_set_size", ok, DO("fd_filestat_set_size", w.file, u64{3}), err(Errno::Badf),
     DO("fd_filestat_set_size", 3, u64{3})},
    {"fd_filestat_set_times", ok, DO("fd_filestat_set_times", w.file, u64{1}, u64{1}, 5),
     err(Errno::Inval), DO("fd_filestat_set_times", w.file, u64{1}, u64{1}, 3)},
    {"fd_pread", ok, DO("fd_pread", w.file, w.list, 1, u64{2}, w.at), err(Errno::Spipe),
     DO("fd_pread", 0, w.list, 1, u64{0}, w.at)},
    {"fd_prestat_get", ok, DO("fd_prestat_get", 3, w.at), err(Errno::Badf),
     DO("fd_prestat_get", w.file, w.at)},
    {"fd_prestat_dir_name", ok, DO("fd_prestat_dir_name", 3, w.at, 1), err(Errno::NameTooLong),
     DO("fd_prestat_dir_name", 3, w.at, 0)},
    {"fd_pwrite", ok, DO("fd_pwrite", w.file, w.list, 1, u64{2}, w.at), err(Errno::Inval),
     DO("fd_pwrite", w.file, w.list, 1, ~u64{0}, w.at)},
    {"fd_read", ok, DO("fd_read", w.file, w.list, 1, w.at), err(Errno::IsDir),
     DO("fd_read", 3, w.list, 1, w.at)},
    {"fd_readdir", ok, DO("fd_readdir", 3, w.at, 200, u64{0}, w.at + 256), err(Errno::NotDir),
     DO("fd_readdir", w.file, w.at, 200, u64{0}, w.at + 256)},
    {"fd_renumber", ok, DO("fd_renumber", w.file, 2), err(Errno::Badf),
     DO("fd_renumber", w.file, kClosed)},
    {"fd_seek", ok, DO("fd_seek", w.file, u64{0}, 1, w.at), err(Errno::Inval),
     DO("fd_seek", w.file, u64{0}, 3, w.at)},
    {"fd_sync", ok, DO("fd_sync", w.file), err(Errno::Badf), DO("fd_sync", kClosed)},
    {"fd_tell", ok, DO("fd_tell", w.file, w.at), err(Errno::Spipe), DO("fd_tell", 0, w.at)},
    {"fd_write", ok, DO("fd_write", w.file, w.list, 1, w.at), fault,
     DO("fd_write", w.file, kFar, 1, w.at)},
    {"path_create_directory", ok, DO("path_create_directory", 3, w.path("n"), 1), err(Errno::Exist),
     DO("path_create_directory", 3, w.path("d"), 1)},
    {"path_filestat_get", ok, DO("path_filestat_get", 3, 0, w.path("f"), 1, w.at),
     err(Errno::NoEnt), DO("path_filestat_get", 3, 0, w.path("n"), 1, w.at)},
    {"path_filestat_set_times", ok,
     DO("path_filestat_set_times", 3, 0, w.path("f"), 1, u64{1}, u64{1}, 5), err(Errno::NoEnt),
     DO("path_filestat_set_times", 3, 0, w.path("n"), 1, u64{1}, u64{1}, 5)},
    {"path_link", ok, DO("path_link", 3, 0, w.path("f"), 1, 3, w.path("n"), 1), err(Errno::Exist),
     DO("path_link", 3, 0, w.path("f"), 1, 3, w.path("l"), 1)},
    {"path_open", ok, DO("path_open", 3, 0, w.path("f"), 1, 0, kRead, u64{0}, 0, w.at),
     err(Errno::Perm), DO("path_open", 3, 0, w.path(".."), 2, 0, kRead, u64{0}, 0, w.at)},
    {"path_readlink", ok, DO("path_readlink", 3, w.path("l"), 1, w.at, 64, w.at + 64),
     err(Errno::Inval), DO("path_readlink", 3, w.path("f"), 1, w.at, 64, w.at + 64)},
    {"path_remove_directory", ok, DO("path_remove_directory", 3, w.path("d"), 1),
     err(Errno::NotDir), DO("path_remove_directory", 3, w.path("f"), 1)},
    {"path_rename", ok, DO("path_rename", 3, w.path("f"), 1, 3, w.path("n"), 1), err(Errno::NoEnt),
     DO("path_rename", 3, w.path("x"), 1, 3, w.path("n"), 1)},
    {"path_symlink", ok, DO("path_symlink", w.path("f"), 1, 3, w.path("n"), 1), err(Errno::Exist),
     DO("path_symlink", w.path("f"), 1, 3, w.path("l"), 1)},
    {"path_unlink_file", ok, DO("path_unlink_file", 3, w.path("f"), 1), err(Errno::IsDir),
     DO("path_unlink_file", 3, w.path("d"), 1)},
    {"poll_oneoff", ok, DO("poll_oneoff", w.at, w.at + 128, 1, w.at + 256), err(Errno::Inval),
     DO("poll_oneoff", w.at, w.at + 128, 0, w.at + 256)},
    {"proc_exit", {Trap::Exit, Errno::Success}, DO("proc_exit", 3), ok, nullptr},
    {"proc_raise", err(Errno::NotSup),  // no signal is delivered
     DO("proc_raise", 6), err(Errno::Inval), DO("proc_raise", 200)},
    {"sched_yield", ok, DO("sched_yield"), ok, nullptr},
    {"random_get", ok, DO("random_get", w.at, 64), fault, DO("random_get", w.at, kMemoryBytes)},
    {"sock_accept", ok, DO("sock_accept", 4, 0, w.at), err(Errno::NotSock),
     DO("sock_accept", w.file, 0, w.at)},
    {"sock_recv", ok, DO("sock_recv", 0, w.list, 1, 0, w.at, w.at + 4), err(Errno::NotSock),
     DO("sock_recv", w.file, w.list, 1, 0, w.at, w.at + 4)},
    {"sock_send", ok, DO("sock_send", 1, w.list, 1, 0, w.at), err(Errno::Inval),
     DO("sock_send", 1, w.list, 1, 1, w.at)},
    {"sock_shutdown", ok, DO("sock_shutdown", 0, 1), err(Errno::Inval), DO("sock_shutdown", 0, 4)},
};
#undef DO

void runRows(bool unstable) {
  Guest listed(Guest::quiet(), unstable);
  std::set<std::string> registered, rows;
  for (const host::HostFunc& function : listed.module().functions())
    EXPECT_TRUE(registered.insert(function.name).second) << function.name << " twice";
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(rows.insert(row.name).second) << "twice";
    if (registered.count(row.name) == 0) continue;
    auto expect = [&](const char* which, const std::function<Outcome(World&)>& call, Outcome want) {
      World world(unstable);
      const Outcome got = call(world);
      EXPECT_EQ(got.trap, want.trap) << which;
      if (want.trap == Trap::None && std::string_view(row.name) != "proc_exit") {
        EXPECT_EQ(got.error, want.error) << which;
      }
    };
    expect("good", row.succeed, row.good);
    if (row.fail != nullptr) expect("bad", row.fail, row.bad);
  }
  if (unstable) rows.erase("sock_accept");  // came with preview 1
  EXPECT_EQ(rows, registered);
}

TEST(WasiFunctions, EachOfPreview1SucceedsAndFails) { runRows(false); }
TEST(WasiFunctions, EachOfUnstableSucceedsAndFails) { runRows(true); }

}  // namespace
}  // namespace bls::wasi
