// Loading and linking the modules of one run.
#include "runtime/program.h"

#include <algorithm>

#include "engine/base/platform.h"
#include "runtime/abilities.h"
#include "runtime/load.h"

namespace bls::cli {
namespace {

using embed::Expected;
using embed::Failure;
using embed::Nothing;

std::string quoted(std::string_view text) {
  return "\"" + escapeForMessage(text.data(), text.size(), 100) + "\"";
}

// Lower-case hexadecimal digits. False when this program or the system does not have the kind.
bool digitsOf(DigestKind kind, std::span<const u8> bytes, std::string* out) {
  u8 digest[kMaxDigestSize];
  if (abilities() == nullptr || !abilities()->digestOf(kind, bytes, digest)) return false;
  out->clear();
  for (size_t i = 0; i < digestSize(kind); ++i) {
    out->push_back("0123456789abcdef"[digest[i] >> 4]);
    out->push_back("0123456789abcdef"[digest[i] & 15]);
  }
  return true;
}

Expected<ModuleBytes> readFile(const std::string& file, u64 maxBytes, bool listed) {
  Diagnostics diag;
  ModuleBytes bytes;
  Status status = embed::readModuleFile(file.c_str(), maxBytes, diag, &bytes);
  if (status.ok()) return Expected<ModuleBytes>(std::move(bytes));
  if (!listed || status.error()->cls != ErrorClass::Io) return Failure::of(*status.error());
  return Failure::of(ErrorClass::Io,
                     "Unknown error: the module file either does not exist or is inaccessible.");
}

// Compares a listed file with its checksums: each that is given, and the MD5 when none is. `*bytes`
// become memory of our own: a mapping could change between here and the decoder.
Expected<Nothing> checkSum(const ProgramFile& file, ModuleBytes* bytes) {
  *bytes = ModuleBytes::copyOf(bytes->span());
  for (DigestKind kind : {DigestKind::Sha256, DigestKind::Md5}) {
    const std::string& wanted = kind == DigestKind::Md5 ? file.md5 : file.sha256;
    const bool needed = kind == DigestKind::Md5 && file.sha256.empty();
    if (wanted.empty() && !needed) continue;
    std::string sum;
    if (!digitsOf(kind, bytes->span(), &sum)) {
      return Failure::of(ErrorClass::Unsupported,
                         "modules with a checksum need the program bls-full and a system that "
                         "offers MD5 and SHA-256");
    }
    if (sum == wanted) continue;
    return Failure::of(ErrorClass::Config,
                       "the module " + escapeForMessage(file.file, 200) + " file " +
                           (needed || kind == DigestKind::Md5 ? "md5" : "sha256") +
                           " checksum is not correctly.");
  }
  return Nothing();
}

bool importsNeuralNetworks(const bls::Module& module) {
  return std::any_of(module.imports.begin(), module.imports.end(), [](const ImportDecl& decl) {
    return decl.module == "wasi_ephemeral_nn" || decl.module == "wasi_nn";
  });
}

}  // namespace

Expected<Nothing> Program::load(const embed::Engine& engine, const RunRequest& request,
                                std::string* file) {
  const u64 most = engine.config().maxModuleBytes;
  linked_ = request.linked;
  ProgramFile main;
  main.file = request.file;
  main.entry = true;
  std::vector<std::pair<ProgramFile, ModuleBytes>> wanted;
  ModuleBytes mainBytes;
  bool mainRead = false;
  u64 kept = 0;  // bytes of libraries
  // A guest that may write somewhere may reach its own modules there; a mapping would change under
  // what has been validated.
  const bool guestWrites = std::any_of(request.wasi.preopens.begin(), request.wasi.preopens.end(),
                                       [](const wasi::Preopen& dir) { return dir.write; });
  const auto own = [guestWrites](ModuleBytes* bytes) {
    if (guestWrites) *bytes = ModuleBytes::copyOf(bytes->span());
  };
  u64 start = platform::monotonicNs();
  // Checksums first, of all files: nothing is compiled that is not what the list says.
  for (const ProgramFile& listed : request.modules) {
    *file = listed.file;
    Expected<ModuleBytes> bytes = readFile(listed.file, most - kept, listed.checked);
    if (!bytes.ok()) return bytes.failure();
    if (listed.checked) {
      Expected<Nothing> same = checkSum(listed, &bytes.value());
      if (!same.ok()) return same.failure();
    } else {
      own(&bytes.value());
    }
    const bool isMain = listed.file == request.file && (!linked_ || listed.entry);
    if (isMain) {
      mainBytes = std::move(bytes.value());
      mainRead = true;
    } else if (linked_ && !listed.entry) {
      kept += bytes.value().span().size();
      wanted.emplace_back(listed, std::move(bytes.value()));
    }
  }
  if (request.file.empty())
    return Failure::of(ErrorClass::Link, "not found the entry module.; list one of type \"entry\"");
  *file = request.file;
  if (!mainRead) {
    Expected<ModuleBytes> bytes = readFile(request.file, most, false);
    if (!bytes.ok()) return bytes.failure();
    own(&bytes.value());
    mainBytes = std::move(bytes.value());
  }
  u64 readNs = platform::monotonicNs() - start;
  for (auto& [library, bytes] : wanted) {
    *file = library.file;
    Expected<Nothing> added = add(engine, library, std::move(bytes), readNs);
    if (!added.ok()) return added.failure();
    readNs = 0;
  }
  *file = request.file;
  return add(engine, main, std::move(mainBytes), readNs);
}

Expected<Nothing> Program::add(const embed::Engine& engine, const ProgramFile& file,
                               ModuleBytes bytes, u64 readNs) {
  Diagnostics diag;
  std::shared_ptr<embed::LoadedModule> loaded;
  Status status = embed::loadModule(engine.state(), std::move(bytes), diag, &loaded);
  if (!status.ok()) return Failure::of(*status.error());
  if (importsNeuralNetworks(*loaded->module)) {
    return Failure::of(ErrorClass::Unsupported,
                       "the module uses wasi-nn, which this runtime does not have; build it "
                       "without neural network imports");
  }
  loaded->times.readNs = readNs;
  parts_.push_back({file.file, file.name, modules_.size()});
  modules_.push_back(embed::LoadedModule::handle(std::move(loaded)));
  return Nothing();
}

Expected<Nothing> Program::addLibrary(embed::Store& store, embed::Linker& linker,
                                      ModuleCalls& calls, const Part& part,
                                      bool anotherThread) const {
  const embed::Module& module = modules_[part.module];
  calls.addLibrary(part.name, &module.declarations());
  for (const ExportDecl& decl : module.declarations().exports) {
    if (store.state()->linker.find(part.name, decl.name) == nullptr) continue;
    return Failure::of(ErrorClass::Link, "import " + quoted(part.name) + " " + quoted(decl.name) +
                                             " is defined twice; give the library another name");
  }
  Expected<embed::Instance> instance =
      anotherThread ? linker.instantiateThread(module) : linker.instantiate(module);
  if (!instance.ok()) return instance.failure();
  Expected<Nothing> defined = linker.instance(part.name, instance.value());
  if (!defined.ok()) return defined.failure();
  // What an initialiser does to a shared memory is done once.
  const bls::Module& declared = module.declarations();
  const bool shares = std::any_of(declared.imports.begin(), declared.imports.end(),
                                  [&declared](const ImportDecl& decl) {
                                    return decl.kind == ExternKind::Memory &&
                                           declared.memories[MemoryIndex{decl.index}].limits.shared;
                                  });
  if (anotherThread && shares) return Nothing();
  Expected<embed::Function> setUp = instance.value().function("_initialize");
  if (!setUp.ok() || setUp.value().type() != FuncType{}) return Nothing();
  auto done = setUp.value().call({});
  if (!done.ok()) return done.failure();
  return Nothing();
}

Expected<embed::Instance> Program::instantiate(embed::Store& store, embed::Linker& linker,
                                               bool anotherThread, std::string* file) const {
  if (linked_) {
    auto calls = std::make_shared<ModuleCalls>();
    calls->define(linker);
    store.objects().keepAlive(calls);
    for (size_t i = 0; i + 1 < parts_.size(); ++i) {
      *file = parts_[i].file;
      Expected<Nothing> added = addLibrary(store, linker, *calls, parts_[i], anotherThread);
      if (!added.ok()) return added.failure();
    }
  }
  *file = parts_.back().file;
  const embed::Module& entry = modules_.back();
  return anotherThread ? linker.instantiateThread(entry) : linker.instantiate(entry);
}

}  // namespace bls::cli
