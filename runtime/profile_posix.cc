// Announcing compiled functions.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/base/mutex.h"
#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "engine/module/names.h"
#include "runtime/profile.h"
#include "runtime/tiers.h"

// What gdb looks for, by these names.
extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  bls::u64 symfile_size;
};
struct jit_descriptor {
  bls::u32 version;
  bls::u32 action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};
extern jit_descriptor __jit_debug_descriptor;
jit_descriptor __jit_debug_descriptor = {1, 0, nullptr, nullptr};
void __jit_debug_register_code();
// gdb stops here; it must be a function that nothing optimises away.
[[gnu::noinline, gnu::used]] void __jit_debug_register_code() { __asm__ volatile("" ::: "memory"); }
}

namespace bls::cli {
namespace {

Mutex lock;     // one announcement at a time
int file = -1;  // perfmap, jitdump
u64 announced = 0;

// Names come from guests: one word each, as the readers want it. The index makes them unique. Under
// the lock. Those of one module are kept: the command line has no other, and it stays.
std::string symbolOf(const CodeEvent& event) {
  static const Module* module = nullptr;
  static FuncNames* names = nullptr;
  if (module != event.module) {
    delete names;
    names = new FuncNames(*event.module);
    module = event.module;
  }
  std::string name = names->display(event.funcIndex);
  for (char& c : name) {
    if (c == ' ') c = '_';
  }
  return "wasm[" + std::to_string(event.funcIndex) + "]" + (name.empty() ? "" : "::" + name);
}

bool writeAll(const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size != 0) {
    const ssize_t done = write(file, at, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
    size -= static_cast<size_t>(done);
  }
  return true;
}

void announceToPerfMap(const CodeEvent& event) {
  char place[48];
  std::snprintf(place, sizeof place, "%llx %zx ",
                static_cast<unsigned long long>(reinterpret_cast<u64>(event.code)), event.size);
  MutexGuard guard(lock);
  const std::string line = place + symbolOf(event) + "\n";
  (void)writeAll(line.data(), line.size());
}

struct DumpHeader {
  u32 magic = 0x4a695444;
  u32 version = 1;
  u32 bytes = sizeof(DumpHeader);
#if defined(__aarch64__)
  u32 machine = 183;
#else
  u32 machine = 62;
#endif
  u32 pad = 0;
  u32 pid = 0;
  u64 time = 0;
  u64 flags = 0;
};
static_assert(sizeof(DumpHeader) == 40);
struct DumpLoad {
  u32 id = 0;  // JIT_CODE_LOAD
  u32 bytes = 0;
  u64 time = 0;
  u32 pid = 0;
  u32 thread = 0;
  u64 virtualAddress = 0;
  u64 address = 0;
  u64 size = 0;
  u64 index = 0;
};
static_assert(sizeof(DumpLoad) == 56);

void announceToJitDump(const CodeEvent& event) {
  MutexGuard guard(lock);
  const std::string name = symbolOf(event);
  DumpLoad load;
  load.time = platform::monotonicNs();
  load.pid = static_cast<u32>(getpid());
  load.thread = static_cast<u32>(gettid());
  load.virtualAddress = load.address = reinterpret_cast<u64>(event.code);
  load.size = event.size;
  load.index = announced++;
  load.bytes = static_cast<u32>(sizeof load + name.size() + 1 + event.size);
  std::string record(reinterpret_cast<const char*>(&load), sizeof load);
  record.append(name.c_str(), name.size() + 1);
  record.append(reinterpret_cast<const char*>(event.code), event.size);
  (void)writeAll(record.data(), record.size());
}

struct GdbEntry {
  jit_code_entry entry{};
  std::vector<u8> elf;
};

void announceToGdb(const CodeEvent& event) {
  MutexGuard guard(lock);
  auto* made = new GdbEntry;  // stays as long as the process
  made->elf = makeCodeElf(symbolOf(event), reinterpret_cast<u64>(event.code), event.size);
  made->entry.symfile_addr = reinterpret_cast<const char*>(made->elf.data());
  made->entry.symfile_size = made->elf.size();
  jit_descriptor& all = __jit_debug_descriptor;
  made->entry.next_entry = all.first_entry;
  if (all.first_entry != nullptr) all.first_entry->prev_entry = &made->entry;
  all.first_entry = &made->entry;
  all.relevant_entry = &made->entry;
  all.action_flag = 1;  // JIT_REGISTER_FN
  __jit_debug_register_code();
}

// A file of this process's own: nobody else's, nowhere else.
bool openFile(const std::string& path, std::string* why) {
  unlink(path.c_str());  // of an earlier process with this number
  file = open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) *why = "cannot make " + path + ": " + std::strerror(errno);
  return file >= 0;
}

bool beginJitDump(std::string* why) {
  if (!openFile("jit-" + std::to_string(getpid()) + ".dump", why)) return false;
  DumpHeader header;
  header.pid = static_cast<u32>(getpid());
  header.time = platform::monotonicNs();
  if (!writeAll(&header, sizeof header)) {
    *why = std::string("cannot write the dump: ") + std::strerror(errno);
    return false;
  }
  // How perf learns of the file: it records the mapping. Where that is forbidden, `perf inject`
  // takes the file by name.
  [[maybe_unused]] void* seen =
      mmap(nullptr, platform::pageSize(), PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  return true;
}

}  // namespace

Profile profileOf(std::string_view word) {
  if (word == "perfmap") return Profile::PerfMap;
  if (word == "jitdump") return Profile::JitDump;
  return word == "gdb" ? Profile::Gdb : Profile::None;
}

bool startProfile(Profile profile, std::string* why) {
  CodeObserver observer = &announceToGdb;
  if (profile == Profile::PerfMap) {
    if (!openFile("/tmp/perf-" + std::to_string(getpid()) + ".map", why)) return false;
    observer = &announceToPerfMap;
  } else if (profile == Profile::JitDump) {
    if (!beginJitDump(why)) return false;
    observer = &announceToJitDump;
  }
  if (observeCode(observer)) return true;
  *why = "this build has no compiler";
  return false;
}

}  // namespace bls::cli
