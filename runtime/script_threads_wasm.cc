// No threads in the wasm build.
#include "runtime/script_threads.h"

namespace bls::embed {

struct ScriptThread::Impl {};

ScriptThread::ScriptThread() = default;
ScriptThread::~ScriptThread() = default;
bool ScriptThread::start(std::function<void()>) { return false; }
void ScriptThread::join() {}

}  // namespace bls::embed
