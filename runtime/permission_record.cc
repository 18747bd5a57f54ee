// Keeping and showing what was asked for.
#include "runtime/permission_record.h"

#include <algorithm>
#include <cstring>

#include "engine/base/status.h"
#include "engine/host/guest_path.h"
#include "runtime/json_text.h"

namespace bls::permissions {
namespace {

constexpr size_t kShownBytes = 400;

std::string itemText(std::string_view text) {
  return escapeForMessage(text.data(), text.size(), kShownBytes);
}

// As one word of a shell.
std::string shellWord(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=/.,:@%+";
  if (text.find_first_not_of(kPlain) == std::string::npos) return itemText(text);
  std::string out = "'";
  for (char c : itemText(text)) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool isPathKind(Kind kind) { return kind == Kind::Read || kind == Kind::Write; }

std::string withoutComma(const std::string& path) {
  size_t comma = path.find(',');
  if (comma == std::string::npos) return path;
  size_t slash = path.rfind('/', comma);
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

void addUnique(std::vector<const char*>* calls, const char* call) {
  for (const char* known : *calls) {
    if (std::strcmp(known, call) == 0) return;
  }
  calls->push_back(call);
}

bool overlap(std::string_view a, std::string_view b) {
  return host::coversPath(a, b) || host::coversPath(b, a);
}

// Reads that a rename or link needs under flags that allow `reads`; see AccessGate::permitNewName.
template <class Renames>
void addRenamed(const Renames& renames, std::vector<std::string>* reads) {
  auto readable = [&](const std::string& path) {
    return std::any_of(reads->begin(), reads->end(),
                       [&](const std::string& item) { return overlap(item, path); });
  };
  for (bool added = true; added;) {
    added = false;
    for (const auto& one : renames) {
      bool needsTo = one.directory && (readable(one.from) || readable(one.to));
      auto add = [&](const std::string& path) {
        for (const std::string& item : *reads) {
          if (host::coversPath(item, path)) return;
        }
        reads->push_back(path);
        added = true;
      };
      if (needsTo) add(one.to);
      if (needsTo || readable(one.to)) add(one.from);
    }
  }
}

std::string timesText(u64 times) { return times == 1 ? "once" : std::to_string(times) + " times"; }

}  // namespace

PermissionRecord::Entry* PermissionRecord::entry(Entries* entries, Kind kind,
                                                 std::string_view item) {
  Key key(kind, std::string(item));
  auto found = entries->find(key);
  if (found != entries->end()) return &found->second;
  if (entries->size() >= kMaxEntries || item.size() > kMaxBytes - bytes_) {
    ++leftOut_;
    return nullptr;
  }
  bytes_ += item.size();
  return &(*entries)[std::move(key)];
}

void PermissionRecord::used(Kind kind, std::string_view item, const char* call) {
  Entry* known = entry(&used_, kind, item);
  if (known == nullptr) return;
  ++known->times;
  addUnique(&known->calls, call);
}

void PermissionRecord::renamed(std::string_view from, std::string_view to, bool directory) {
  if (renames_.size() >= kMaxRenames || from.size() + to.size() > kMaxBytes - bytes_) {
    ++leftOut_;
    return;
  }
  bytes_ += from.size() + to.size();
  renames_.push_back({std::string(from), std::string(to), directory});
}

bool PermissionRecord::denied(Kind kind, std::string_view item, const char* call,
                              const std::string& reason) {
  Entry* known = entry(&denied_, kind, item);
  if (known == nullptr) {
    ++deniedLeftOut_;
    return false;
  }
  ++known->times;
  size_t before = known->calls.size();
  addUnique(&known->calls, call);
  known->reason = reason;
  return known->calls.size() != before;
}

bool PermissionRecord::overflowed() {
  if (deniedLeftOut_ == 0 || toldOverflow_) return false;
  toldOverflow_ = true;
  return true;
}

std::vector<std::string> PermissionRecord::flags() const {
  std::vector<std::string> out;
  for (u32 k = 0; k < kKindCount; ++k) {
    Kind kind = static_cast<Kind>(k);
    std::vector<std::string> items;
    for (const auto& [key, known] : used_) {
      if (key.first == kind) items.push_back(key.second);
    }
    if (kind == Kind::Read) addRenamed(renames_, &items);
    if (!items.empty()) out.push_back(allowFlag(kind, std::move(items)));
  }
  return out;
}

std::string PermissionRecord::explain() const {
  std::string out;
  auto list = [&](const char* title, const Entries& entries) {
    out += title;
    if (entries.empty()) out += " nothing";
    out += "\n";
    for (const auto& [key, known] : entries) {
      out += std::string("  ") + kindName(key.first) + " \"" + itemText(key.second) + "\" by ";
      for (size_t i = 0; i < known.calls.size(); ++i)
        out += (i == 0 ? "" : ", ") + std::string(known.calls[i]);
      out += ", " + timesText(known.times);
      if (!known.reason.empty()) out += ": " + known.reason;
      out += "\n";
    }
  };
  list("permissions used:", used_);
  list("permissions denied:", denied_);
  if (leftOut_ != 0) out += "  and " + std::to_string(leftOut_) + " more accesses\n";
  out += "flags for what was used:";
  std::vector<std::string> words = flags();
  if (words.empty()) out += " none";
  for (const std::string& word : words) out += " " + shellWord(word);
  return out + "\n";
}

std::string PermissionRecord::json(const std::string& program) const {
  cli::JsonText text;
  text.open('{').key("version").number(1).key("program").string(program);
  auto list = [&](const char* name, const Entries& entries) {
    text.key(name).open('[');
    for (const auto& [key, known] : entries) {
      text.open('{').key("kind").string(kindName(key.first)).key("item").string(key.second);
      text.key("calls").open('[');
      for (const char* call : known.calls) text.string(call);
      text.close(']').key("times").number(known.times);
      if (!known.reason.empty()) text.key("reason").string(known.reason);
      text.close('}');
    }
    text.close(']');
  };
  list("used", used_);
  list("denied", denied_);
  text.key("flags").open('[');
  for (const std::string& word : flags()) text.string(word);
  text.close(']').key("left_out").number(leftOut_).close('}');
  // A line an entry, so that a person can read it and tools can compare two.
  std::string out;
  bool inString = false;
  bool escaped = false;
  for (char c : text.text()) {
    if (c == '"' && !escaped) inString = !inString;
    escaped = c == '\\' && !escaped;
    bool item = c == '{' && !inString && !out.empty() && (out.back() == '[' || out.back() == ',');
    if (item) out += "\n  ";
    out += c;
  }
  return out + "\n";
}

std::string allowFlag(Kind kind, std::vector<std::string> items) {
  std::string flag = std::string("--allow-") + kindName(kind);
  if (kind == Kind::RunModel) return flag;
  // The listing of extensions, which any grant allows.
  if (kind == Kind::Cgi) std::erase(items, std::string());
  for (std::string& item : items) {
    if (isPathKind(kind)) {
      item = withoutComma(item);
    } else if (item.find(',') != std::string::npos) {
      return flag;
    }
  }
  std::sort(items.begin(), items.end());
  std::vector<std::string> kept;
  for (const std::string& item : items) {
    bool covered = std::any_of(kept.begin(), kept.end(), [&](const std::string& other) {
      return isPathKind(kind) ? host::coversPath(other, item) : other == item;
    });
    if (!covered) kept.push_back(item);
  }
  for (size_t i = 0; i < kept.size(); ++i) flag += (i == 0 ? "=" : ",") + kept[i];
  return flag;
}

std::string denialHint(Generation generation, Kind kind, std::string_view item,
                       std::string_view url, const Decision& decision) {
  std::string deny = std::string("--deny-") + kindName(kind);
  std::string allow = shellWord(allowFlag(kind, {std::string(item)}));
  switch (decision.cause) {
    case Cause::DenyAll: return deny + " forbids it; run without that flag";
    case Cause::DenyItem:
      return shellWord(deny + "=" + decision.item) + " forbids it; run without that item";
    case Cause::DenyBelow:
      return "something in it is forbidden by " + shellWord(deny + "=" + decision.item) +
             "; run without that item";
    case Cause::Refused: return "refused at the prompt; " + allow + " allows it";
    case Cause::BadTarget: return decision.item;
    case Cause::NotPublic:
      return "it leads to " + decision.item +
             ", which is not public; try --allow-net=" + decision.item +
             std::string(item.substr(item.rfind(':')));
    case Cause::None:
    case Cause::NotGranted: break;
  }
  // A flag would switch to the other set of rules, under which files need one as well.
  if (kind == Kind::Net && generation == Generation::UrlList) {
    size_t authority = url.find("://");
    size_t end =
        authority == std::string_view::npos ? url.size() : url.find_first_of("/?#", authority + 3);
    return "not granted; try --permission " + shellWord(std::string(url.substr(0, end)));
  }
  return "not granted; try " + allow;
}

std::string denialLine(Kind kind, std::string_view item, const char* call,
                       const std::string& reason) {
  return std::string("error: permission: ") + kindName(kind) + " access to \"" +
         escapeForMessage(item.data(), item.size(), 256) + "\" denied to " + call + ": " + reason;
}

std::string grantLine(Kind kind, std::string_view item) {
  return std::string("⚠️  Granted ") + kindName(kind) + " access to \"" +
         escapeForMessage(item.data(), item.size(), 256) + "\"";
}

}  // namespace bls::permissions
