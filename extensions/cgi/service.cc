#include "extensions/cgi/service.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "engine/base/status.h"
#include "extensions/cgi/confine.h"
#include "extensions/cgi/discovery.h"
#include "extensions/cgi/environment.h"
#include "extensions/cgi/held_program.h"
#include "extensions/cgi/wire.h"
#include "extensions/helper/children.h"
#include "extensions/helper/spawn.h"
#include "extensions/helper/supervise.h"

namespace bls::extensions::cgi {
namespace {

class Answer {
 public:
  explicit Answer(int channel) : channel_(channel) {}
  void log(LogLevel level, const std::string& line) const {
    sendFrame(channel_, FrameKind::Log, std::string(1, static_cast<char>(level)) + line);
  }
  void result(Code code, const std::string& text = {}) const {
    sendFrame(channel_, FrameKind::Result, std::string(1, static_cast<char>(code)) + text);
  }

 private:
  const int channel_;
};

DiscoverySetup setupFor(const HelperRequest& request, const Answer& answer) {
  return {request.settings, request.memory, request.channel,
          [answer](LogLevel level, const std::string& line) { answer.log(level, line); }};
}

std::string shown(const std::string& text) { return "\"" + escapeForMessage(text, 100) + "\""; }

std::optional<CatalogEntry> find(const std::vector<CatalogEntry>& entries,
                                 const std::string& alias) {
  for (const CatalogEntry& entry : entries) {
    if (!entry.alias.empty() && entry.alias == alias) return entry;
  }
  return std::nullopt;
}

class Opening {
 public:
  explicit Opening(const HelperRequest& request) : request_(request), answer_(request.channel) {}
  ~Opening() {
    if (program_ >= 0) close(program_);
  }
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  // True when the process may serve again: a discovery leaves too much behind.
  bool run() {
    const Code code = start();
    answer_.result(code);
    if (code != Code::Success) return false;
    supervise(request_.channel, pid_);
    // Before the folder of a confined program is removed. Then the channel hangs up, which tells
    // that nothing is left.
    endChildren({}, nullptr);
    return !discovered_;
  }

 private:
  Code start();
  Code resolve();
  bool unchanged();

  const HelperRequest& request_;
  const Answer answer_;
  OpenRequest asked_;
  std::vector<CatalogEntry> catalog_;
  CatalogEntry entry_;
  int program_ = -1;
  HeldProgram held_;
  Confinement confinement_;
  pid_t pid_ = -1;
  bool discovered_ = false;
};

// What is held is what was listed.
bool Opening::unchanged() {
  // As it is since nobody can write it.
  struct stat info{};
  if (fstat(held_.file(), &info) != 0) return false;
  const Identity identity = identify(info);
  const bool same = !held_.isCopy() && entry_.identity.sameAs(identity);
  if (same && entry_.identity.settled) return true;
  if (digestOfProgram(held_.file(), request_.channel) != entry_.md5) return false;
  if (held_.isCopy() || !identity.settled) return true;
  for (CatalogEntry& entry : catalog_) {
    if (entry.file == entry_.file) entry.identity = identity;
  }
  saveCatalog(request_.memory, catalog_);
  return true;
}

// From the alias to an open file.
Code Opening::resolve() {
  const Settings& settings = *request_.settings;
  std::optional<CatalogEntry> entry;
  if (loadCatalog(request_.memory, &catalog_)) entry = find(catalog_, asked_.alias);
  if (!entry) {
    discovered_ = true;
    std::vector<ExtensionRow> extensions;
    if (!discover(setupFor(request_, answer_), &extensions)) return Code::RuntimeError;
    loadCatalog(request_.memory, &catalog_);
    entry = find(catalog_, asked_.alias);
  }
  if (!entry) {
    answer_.log(LogLevel::Error,
                "error get_extension_by_alias: there is no extension " + shown(asked_.alias));
    return Code::InvalidExtension;
  }
  entry_ = *entry;
  std::string why = "it is no program any more";
  const int root = openRoot(settings);
  Identity identity;
  if (root >= 0) program_ = openProgram(root, entry_.file, &identity, &why);
  if (root >= 0) close(root);
  Code code = Code::InvalidExtension;
  if (program_ >= 0 && !held_.hold(program_, &why)) {
    code = Code::RuntimeError;  // as a failed start
  } else if (program_ >= 0) {
    if (unchanged()) return Code::Success;
    why = "it has changed since it was listed";
  }
  answer_.log(LogLevel::Error, "the extension " + shown(asked_.alias) + " is not started: " + why);
  return code;
}

Code Opening::start() {
  const Settings& settings = *request_.settings;
  if (!decodeOpen(request_.body, &asked_) || request_.fds.size() != 3)
    return Code::InvalidParameter;
  if (settings.driversRoot.empty() || !isAlias(asked_.alias)) return Code::InvalidExtension;
  if (const Code code = resolve(); code != Code::Success) return code;
  ChildEnvironment environment = childEnvironment(settings, environ, asked_.variables);
  for (const std::string& name : environment.dropped) {
    answer_.log(LogLevel::Warn, "the variable " + shown(name) +
                                    " is not for guests to set; the extension " +
                                    shown(asked_.alias) + " runs without");
  }
  SpawnRequest spawn;
  spawn.program = held_.file();
  spawn.arguments.push_back(settings.driversRoot + "/" + entry_.file);
  spawn.arguments.insert(spawn.arguments.end(), asked_.arguments.begin(), asked_.arguments.end());
  spawn.environment = std::move(environment.variables);
  spawn.in = request_.fds[0];
  spawn.out = request_.fds[1];
  spawn.err = request_.fds[2];
  spawn.limits = settings.childLimits;
  std::string why;
  const bool prepared = confinement_.prepare(settings, *request_.scratch, &spawn, &why);
  prepareToSupervise();
  int error = 0;
  if (prepared) pid_ = spawnProgram(spawn, &error);
  held_.release();
  // Who reads them must see the end when the program ends.
  for (int fd : request_.fds) close(fd);
  if (pid_ > 0) return Code::Success;
  if (prepared) why = strerror(error);
  answer_.log(LogLevel::Error,
              "the extension " + shown(asked_.alias) + " cannot be started: " + why);
  return Code::RuntimeError;
}

}  // namespace

bool serveList(const HelperRequest& request) {
  const Answer answer(request.channel);
  std::vector<ExtensionRow> extensions;
  if (discover(setupFor(request, answer), &extensions))
    answer.result(Code::Success, listJson(extensions));
  return false;
}

bool serveOpen(const HelperRequest& request) { return Opening(request).run(); }

}  // namespace bls::extensions::cgi
