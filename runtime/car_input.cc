// Both kinds of archives go the same way up to the point where their files are there.
#include "runtime/car_input.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "extensions/base/json.h"
#include "runtime/abilities.h"
#include "runtime/car_archive.h"
#include "runtime/cli.h"

namespace bls::cli {
namespace {

using extensions::Json;
using extensions::readJson;

constexpr u64 kMaxConfigValues = 100000;

class ArchiveInput {
 public:
  ArchiveInput(const ParsedOptions& options, OptionPlace place, Console& console)
      : options_(options), place_(place), console_(console), file_(options.positionals[0]) {}

  const ConfigRoots& roots() const { return roots_; }
  const std::string& text() const { return text_; }

  /// Opens the archive and reads its configuration. Each of these: 0 or the exit status.
  int open() {
    Diagnostics diag;
    ConfigError error;
    if (!configRoots(options_, &roots_, &error.message)) return refused(error);
    if (!car::CarArchive::open(file_.c_str(), diag, &archive_).ok()) return refused(*diag.first());
    if (!archive_->findConfig(diag, &text_).ok()) return refused(*diag.first());
    roots_.suffix = archive_->firstRoot();
    return 0;
  }

  /// Puts all files below the configuration's fs_root_path.
  int extract(const std::string* fsRoot) {
    const int status = checkRoot(fsRoot, &directory_);
    if (status != 0) return status;
    Diagnostics diag;
    return archive_->extract(directory_.c_str(), diag).ok() ? 0 : refused(*diag.first());
  }

  /// An archive runs its own files only, not what else there is on this machine (threat model
  /// CAC-6). After extract.
  int checkModules(const ConfigFile& config) {
    if (config.version == 0 && !isOwn(config.entry)) return foreign(config.entry);
    for (const ConfigModule& module : config.modules) {
      if (!isOwn(module.file)) return foreign(module.file);
    }
    return 0;
  }

  int refused(const ConfigError& error) { return configProblem(error, file_, place_, console_); }
  int refused(const Error& error) {
    ConfigError out;
    out.message = error.message;
    if (error.offset != kNoOffset) {
      char place[40];
      std::snprintf(place, sizeof place, " at offset 0x%llx",
                    static_cast<unsigned long long>(error.offset));
      out.message += place;
    }
    return refused(out);
  }
  /// A mistake in the configuration: exit status 128.
  int misconfigured(std::string message) { return refused(ConfigError{true, std::move(message)}); }

 private:
  // `*out` is the real path, so that no link in the name can be turned elsewhere meanwhile.
  int checkRoot(const std::string* fsRoot, std::string* out) {
    if (fsRoot == nullptr)
      return misconfigured(
          "key \"fs_root_path\" is missing; an archive needs a place for its files");
    if (!resolve(*fsRoot, out)) return 255;
    if (!roots_.known) {
      if (options_.has(OptionId::TrustArchiveConfig)) return 0;
      return misconfigured(
          "the archive itself must not choose where its files go; give --fs-root-path DIR");
    }
    std::string allowed;
    if (!resolve(roots_.directory, &allowed)) return 255;
    if (allowed.back() != '/') allowed += '/';
    if ((*out + "/").starts_with(allowed)) return 0;
    return misconfigured("fs_root_path '" + escapeForMessage(*fsRoot, 200) +
                         "' of the archive is outside the root '" +
                         escapeForMessage(roots_.directory, 200) + "'");
  }

  // What is not there is not foreign; loading it says so. `-` would be standard input, and a pipe
  // among the open files can be read, but has no path.
  bool isOwn(const std::string& file) const {
    std::string real;
    if (car::realPath(file.c_str(), &real) != 0)
      return file != "-" && access(file.c_str(), F_OK) != 0;
    return std::any_of(archive_->roots().begin(), archive_->roots().end(),
                       [&](const car::Cid& root) {
                         const std::string tree = directory_ == "/" ? "/" : directory_ + "/";
                         return real.starts_with(tree + root.text() + "/");
                       });
  }

  int foreign(const std::string& file) {
    return misconfigured("module file '" + escapeForMessage(file, 200) +
                         "' is none of the archive's own files; --trust-archive-config takes it");
  }

  bool resolve(const std::string& path, std::string* out) {
    const int failed = car::realDirectory(path.c_str(), out);
    if (failed == 0) return true;
    ConfigError error;
    error.message =
        "cannot open the directory '" + escapeForMessage(path, 200) + "': " + std::strerror(failed);
    refused(error);
    return false;
  }

  const ParsedOptions& options_;
  OptionPlace place_;
  Console& console_;
  std::string file_;
  ConfigRoots roots_;
  std::string directory_;  // where the trees of the archive's roots are, without links
  std::unique_ptr<car::CarArchive> archive_;
  std::string text_;
};

// `$ROOT` and `$ENV_ROOT_PATH` in all strings, however deep.
bool expandStrings(Json* top, const ConfigRoots& roots) {
  std::vector<Json*> todo{top};
  while (!todo.empty()) {
    Json& value = *todo.back();
    todo.pop_back();
    if (value.is_structured()) {
      for (Json& part : value) todo.push_back(&part);
    } else if (value.is_string() && !roots.expand(value.get_ptr<std::string*>())) {
      return false;
    }
  }
  return true;
}

const std::string* stringAt(const Json& top, const char* key) {
  if (!top.is_object()) return nullptr;
  const auto found = top.find(key);
  return found == top.end() ? nullptr : found->get_ptr<const std::string*>();
}

// A library's own numbers would be taken for verdicts of ours.
int v86Status(int returned) {
  const bool known = (returned >= 0 && returned <= 13) || returned == kExitTimeLimit ||
                     returned == kExitMemoryOverLimit || returned == kExitConfig;
  return known ? returned : kExitFailure;
}

}  // namespace

int loadArchive(const ParsedOptions& options, OptionPlace place, Console& console,
                ConfigFile* out) {
  ArchiveInput input(options, place, console);
  int status = input.open();
  if (status != 0) return status;
  ConfigError error;
  if (!parseConfig(input.text(), input.roots(), nullptr, out, &error)) return input.refused(error);
  const ConfigSetting* fsRoot = out->find(OptionId::FsRootPath);
  status = input.extract(fsRoot != nullptr ? &fsRoot->text : nullptr);
  if (status != 0) return status;
  // Again, now that files it may speak of are there.
  const auto exists = [](const char* path) { return access(path, F_OK) == 0; };
  if (!parseConfig(input.text(), input.roots(), exists, out, &error)) return input.refused(error);
  if (!options.has(OptionId::TrustArchiveConfig)) {
    status = input.checkModules(*out);
    if (status != 0) return status;
    narrowToArchive(out);
  }
  warnOf(*out, console);
  return 0;
}

int runV86(const ParsedOptions& options, OptionPlace place, Console& console) {
  ArchiveInput input(options, place, console);
  if (!options.has(OptionId::AllowNativeLibrary)) {
    return input.misconfigured(
        "a v86 archive brings native code, which nothing confines; --allow-native-library takes "
        "it");
  }
  int status = input.open();
  if (status != 0) return status;
  ConfigError error;
  Json top;
  if (!readJson(input.text(), &top, &error.message, kMaxConfigDepth, kMaxConfigValues))
    return input.refused(error);
  if (!expandStrings(&top, input.roots())) {
    error.message = "a string is too long once $ROOT is put in";
    return input.refused(error);
  }
  const std::string* library = stringAt(top, "dynamic_lib_path");
  if (library == nullptr)
    return input.misconfigured("key \"dynamic_lib_path\" is missing or no string");
  status = input.extract(stringAt(top, "fs_root_path"));
  if (status != 0) return status;
  const std::string text = top.dump(-1, ' ', false, Json::error_handler_t::replace);
  int returned = 0;
  std::string why;
  switch (abilities()->callNativeLibrary(*library, "run_v86_wasi", text, &returned, &why)) {
    case NativeCall::Done: return v86Status(returned);
    case NativeCall::NotLoadable:
      return input.misconfigured("cannot load '" + escapeForMessage(*library, 200) +
                                 "': " + escapeForMessage(why, 200));
    case NativeCall::NoSymbol: break;
  }
  error.message = "'" + escapeForMessage(*library, 200) + "' has no function run_v86_wasi";
  return input.refused(error);
}

}  // namespace bls::cli
