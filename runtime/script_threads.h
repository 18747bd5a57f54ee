// ScriptThread: a thread of a script, where the build has threads. Joins in its destructor.
#pragma once

#include <functional>
#include <memory>

namespace bls::embed {

class ScriptThread {
 public:
  ScriptThread();
  ~ScriptThread();
  ScriptThread(const ScriptThread&) = delete;
  ScriptThread& operator=(const ScriptThread&) = delete;

  /// False when there are no threads, or the system refuses one; `body` is not run then.
  bool start(std::function<void()> body);
  void join();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bls::embed
