// ExtensionHost: the extensions of one run, from the imports of its modules to their end. Entry
// points: choose, start, link, finish.
//
// Nothing is made for a program that imports from no extension. Order: choose once the modules are
// loaded; start while there is one thread and the process is not yet confined; link into every
// store; finish when no guest code runs any more. Thread rule: the run's first thread, but for
// link.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "extensions/base/extension.h"
#include "runtime/runtime.h"
#include "runtime/sandbox.h"

namespace bls::cli {

class ExtensionHost {
 public:
  ExtensionHost();
  ~ExtensionHost();
  ExtensionHost(const ExtensionHost&) = delete;
  ExtensionHost& operator=(const ExtensionHost&) = delete;

  /// Which extensions `modules` import from.
  void choose(const std::vector<embed::Module>& modules);
  bool empty() const { return chosen_.empty() && !needsFull_; }
  /// True when one of them is only in the program with big libraries, and this is not that.
  bool needsFullProgram() const { return needsFull_; }

  /// Makes the states. `services` is completed with the helper process where one is needed. False
  /// with `why`; an operator's mistake when `*badSettings`.
  bool start(extensions::Services services, std::string* why, bool* badSettings);
  /// What they need beyond what a run without them may do.
  void widen(SandboxRequest* sandbox) const;
  /// True when one of them runs native code of the operator's that no sandbox is known to suit.
  bool unconfined() const;
  /// Adds their functions. Any thread, each with its own store.
  void link(embed::Linker& linker) const;
  /// Ends everything they hold; again: no effect. `unused` false: a thread may still be in one of
  /// their calls, so the states stay until the process ends, and only what the helper process has
  /// started is ended.
  void finish(bool unused);

 private:
  struct Live {
    const extensions::ExtensionInfo* info;
    std::unique_ptr<extensions::Extension> state;
  };
  std::vector<const extensions::ExtensionInfo*> chosen_;
  bool needsFull_ = false;
  extensions::Settings settings_;
  std::unique_ptr<extensions::HelperProcess> helper_;
  std::vector<Live> live_;
};

}  // namespace bls::cli
