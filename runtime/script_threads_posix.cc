// Threads of scripts, on POSIX threads with room for deep guest calls.
#include <pthread.h>

#include "runtime/script_threads.h"

namespace bls::embed {
namespace {

constexpr size_t kStackBytes = size_t{16} << 20;  // of which compiled code may take half

}  // namespace

struct ScriptThread::Impl {
  std::function<void()> body;
  pthread_t thread{};
  bool running = false;
};

ScriptThread::ScriptThread() : impl_(std::make_unique<Impl>()) {}
ScriptThread::~ScriptThread() { join(); }

bool ScriptThread::start(std::function<void()> body) {
  impl_->body = std::move(body);
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  auto entry = [](void* impl) -> void* {
    static_cast<Impl*>(impl)->body();
    return nullptr;
  };
  impl_->running = pthread_create(&impl_->thread, &attributes, entry, impl_.get()) == 0;
  pthread_attr_destroy(&attributes);
  return impl_->running;
}

void ScriptThread::join() {
  if (impl_->running) pthread_join(impl_->thread, nullptr);
  impl_->running = false;
}

}  // namespace bls::embed
