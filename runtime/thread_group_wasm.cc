// The wasm build has no threads.
#include "runtime/thread_group.h"

namespace bls::embed {

struct ThreadGroup::Threads {};

bool ThreadGroup::supported() { return false; }
ThreadGroup::ThreadGroup(Engine engine, ThreadGroupConfig config, SetUp setUp)
    : engine_(std::move(engine)), config_(std::move(config)), setUp_(std::move(setUp)) {}
ThreadGroup::~ThreadGroup() = default;
void ThreadGroup::share(Store&) {}
Expected<Nothing> ThreadGroup::link(Store&, Linker&, std::span<const Module>) {
  return Failure::of(ErrorClass::Unsupported, "threads are not possible in this build");
}
Expected<Nothing> ThreadGroup::watch(Store&) { return Nothing{}; }
i32 ThreadGroup::spawn(i32) { return -1; }
void ThreadGroup::body(u32, i32) {}
void ThreadGroup::end(Failure failure) { outcome_ = std::move(failure); }
bool ThreadGroup::finish(u64) { return true; }
u32 ThreadGroup::peakThreads() const { return 1; }

}  // namespace bls::embed
