// Program: the modules of one run, a single one or an entry module with the libraries it is linked
// with. Entry points: Program::load, Program::instantiate.
//
// Libraries come first, in the order given, then the entry module: a library imports from those in
// front of it. Each is instantiated with the same WASI and host imports, over one descriptor table,
// its exports are defined under its name, and its `_initialize` runs. All share one store, so one
// budget of fuel, memory and time. A file with a checksum is read into memory once, compared, and
// that memory is used. Reference: command line description, sections 8.2; hostcalls, section 12.
#pragma once

#include <vector>

#include "runtime/module_calls.h"
#include "runtime/run_request.h"
#include "runtime/runtime.h"

namespace bls::cli {

class Program {
 public:
  /// Reads, checks and compiles what `request` names. Errors: Config for a wrong checksum and for
  /// what no configuration may say; Io; those of embed::Module::compile. `*file` is the one it is
  /// about.
  embed::Expected<embed::Nothing> load(const embed::Engine& engine, const RunRequest& request,
                                       std::string* file);

  /// Makes all instances in the store of `linker`, which has WASI, and runs the initialisers of the
  /// libraries. Errors: Link, also for a name that is defined twice; Limit; a trap or exit of an
  /// initialiser. `anotherThread`: as
  /// embed::Linker::instantiateThread. `*file` as with load. Thread rule: the store's; calls for
  /// several stores may overlap.
  embed::Expected<embed::Instance> instantiate(embed::Store& store, embed::Linker& linker,
                                               bool anotherThread, std::string* file) const;

  /// Modules that were compiled, the entry module last.
  const std::vector<embed::Module>& modules() const { return modules_; }

 private:
  struct Part {
    std::string file;
    std::string name;
    size_t module;  // in modules_
  };

  embed::Expected<embed::Nothing> add(const embed::Engine& engine, const ProgramFile& file,
                                      ModuleBytes bytes, u64 readNs);
  embed::Expected<embed::Nothing> addLibrary(embed::Store& store, embed::Linker& linker,
                                             ModuleCalls& calls, const Part& part,
                                             bool anotherThread) const;

  std::vector<embed::Module> modules_;
  std::vector<Part> parts_;  // libraries in order, then the entry
  bool linked_ = false;
};

}  // namespace bls::cli
