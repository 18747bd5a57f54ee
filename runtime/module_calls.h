// ModuleCalls: the imports `blockless.register` and `blockless.mcall` of programs of several
// modules, calls by name between modules that do not share a memory. Entry points: define,
// addLibrary.
//
// A library registers methods; `mcall` copies JSON into the callee's memory, calls, and copies a
// result buffer back. Calls may nest up to the engine's bound on host-to-wasm calls
// (kMaxHostDepth); beyond, the innermost one fails like a callee that trapped. Fuel, time limit and
// proc_exit in a callee end the whole run. Reference: hostcalls description, section 12.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "runtime/runtime.h"

namespace bls::cli {

/// The codes both calls return.
enum class ModuleCallCode : u32 {
  Ok = 0,
  NoMemory = 1,     // the caller exports no memory
  AllocFailed = 2,  // also: what alloc returned is not inside the memory
  DeallocFailed = 3,
  Trapped = 4,
  Failed = 5,  // with {"code":-1,"message":…} in the buffer
  NotALibrary = 6,
};

class ModuleCalls {
 public:
  /// Defines both functions in `linker`. The object outlives the store's use.
  void define(embed::Linker& linker);

  /// The module whose instance is the library `name`: it may register from its initialiser on, and
  /// from its start function. Modules are told apart by address; each library has its own.
  void addLibrary(const std::string& name, const bls::Module* module);

 private:
  struct Method {
    bls::Instance* instance = nullptr;
    FuncObj* function = nullptr;
    FuncObj* alloc = nullptr;
    FuncObj* dealloc = nullptr;
  };
  struct Buffer {
    u32 address;
    u32 size;
  };
  using Work = ModuleCallCode (ModuleCalls::*)(host::Caller& caller, std::string_view text,
                                               const Buffer& out, std::string* why);

  u32 answer(host::Caller& caller, const Buffer& in, const Buffer& out, Work work);
  ModuleCallCode enroll(host::Caller& caller, std::string_view text, const Buffer& out,
                        std::string* why);
  ModuleCallCode call(host::Caller& caller, std::string_view text, const Buffer& out,
                      std::string* why);

  std::map<const bls::Module*, std::string> libraries_;
  std::map<std::string, Method, std::less<>> methods_;
  u64 buffered_ = 0;  // bytes of JSON of the calls under way
};

/// Finds the members of one JSON object: decodes the string `mcall`, and takes `params` as it is
/// but without white space (`null` when absent). False with `why` when the text is no such object.
bool readModuleCall(std::string_view text, std::string* method, std::string* params,
                    std::string* why);

}  // namespace bls::cli
