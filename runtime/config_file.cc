// From JSON to ConfigFile, key by key.
#include "runtime/config_file.h"

#include <algorithm>

#include "engine/base/status.h"
#include "extensions/base/json.h"
#include "runtime/permission_url.h"
#include "runtime/shown.h"
#include "runtime/tuning.h"

namespace bls::cli {
namespace {

using extensions::Json;
using extensions::readJson;

constexpr u64 kMaxConfigValues = 100000;
constexpr size_t kMaxExpandedBytes = 65536;
constexpr size_t kMaxWarnings = 20;

bool replaceAll(std::string* text, std::string_view token, const std::string& by) {
  size_t at = text->find(token);
  while (at != std::string::npos) {
    text->replace(at, token.size(), by);
    if (text->size() > kMaxExpandedBytes) return false;
    at = text->find(token, at + by.size());
  }
  return true;
}

class Reader {
 public:
  Reader(const ConfigRoots& roots, ConfigFile* out, ConfigError* error)
      : roots_(roots), out_(out), error_(error) {}

  bool run(const Json& top, bool (*exists)(const char* path)) {
    if (!top.is_object()) return fail("the configuration is not a JSON object");
    if (!version(top) || !entry(top) || !modules(top) || !directories(top) || !drivers(top) ||
        !optimize(top)) {
      return false;
    }
    for (u32 i = 0; i < kOptionCount; ++i) {
      if (!setting(top, optionInfo(static_cast<OptionId>(i)))) return false;
    }
    unknownKeys(top);
    // A compatible extension: what the reference's own sample means (section 3).
    const bool hasEntryModule = std::any_of(out_->modules.begin(), out_->modules.end(),
                                            [](const ConfigModule& m) { return m.entry; });
    if (!versionGiven_ && hasEntryModule && (exists == nullptr || !exists(out_->entry.c_str()))) {
      out_->version = 1;
    }
    return true;
  }

 private:
  bool fail(std::string message) {
    error_->configure = false;
    error_->message = std::move(message);
    return false;
  }
  bool failConfigure(std::string message) {
    error_->configure = true;
    error_->message = std::move(message);
    return false;
  }
  void warn(std::string text) {
    if (out_->warnings.size() < kMaxWarnings) {
      out_->warnings.push_back(std::move(text));
    } else if (out_->warnings.size() == kMaxWarnings) {
      out_->warnings.emplace_back("more of the configuration is ignored");
    }
  }
  void absent(const char* key, const std::string& wanted) {
    warn("key \"" + std::string(key) + "\" must be " + wanted + "; ignored");
  }

  // The value of a key, or null when it is absent; JSON's null is absent, too.
  static const Json* get(const Json& object, const char* key) {
    auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  // A string with its tokens replaced. False, with a warning, when it is none.
  enum class Text : u8 { Given, Absent, Failed };
  Text text(const Json& value, const char* key, bool zeroBytes, std::string* out) {
    if (!value.is_string()) {
      absent(key, "a string");
      return Text::Absent;
    }
    *out = value.get_ref<const std::string&>();
    if (!roots_.expand(out)) {
      fail("key \"" + std::string(key) + "\" is over " + std::to_string(kMaxExpandedBytes) +
           " bytes with its $ROOT replaced");
      return Text::Failed;
    }
    if (!zeroBytes && out->find('\0') != std::string::npos) {
      absent(key, "a string without zero bytes");
      out->clear();
      return Text::Absent;
    }
    return Text::Given;
  }
  // A string of an object in a list; absent is "".
  bool field(const Json& object, const char* key, std::string* out) {
    const Json* value = get(object, key);
    return value == nullptr || text(*value, key, false, out) != Text::Failed;
  }

  bool version(const Json& top) {
    const Json* value = get(top, "version");
    if (value == nullptr) return true;
    if (!value->is_number_unsigned()) {
      absent("version", "0 or 1");
      return true;
    }
    const u64 number = value->get<u64>();
    if (number > 1) {
      return failConfigure("key \"version\" must be 0 or 1, not " + std::to_string(number));
    }
    versionGiven_ = true;
    out_->version = static_cast<u32>(number);
    return true;
  }

  bool entry(const Json& top) {
    const Json* value = get(top, "entry");
    if (value == nullptr || !value->is_string()) {
      return failConfigure(
          "key \"entry\" must be a string: the module file, or with \"version\": 1 the function "
          "to run");
    }
    Text got = text(*value, "entry", false, &out_->entry);
    if (got == Text::Absent) return failConfigure("key \"entry\" holds a zero byte");
    return got == Text::Given;
  }

  bool modules(const Json& top) {
    const Json* value = get(top, "modules");
    if (value == nullptr) return true;
    if (!value->is_array()) {
      absent("modules", "an array of objects");
      return true;
    }
    for (const Json& item : *value) {
      if (!item.is_object()) {
        absent("modules", "an array of objects");
        continue;
      }
      ConfigModule module;
      std::string type;
      if (!field(item, "file", &module.file) || !field(item, "name", &module.name) ||
          !field(item, "md5", &module.md5) || !field(item, "sha256", &module.sha256) ||
          !field(item, "type", &type)) {
        return false;
      }
      module.entry = type == "entry" || type == "ENTRY";
      unknownKeysIn(item, "modules", {"file", "name", "type", "md5", "sha256"});
      out_->modules.push_back(std::move(module));
    }
    return true;
  }

  bool directories(const Json& top) {
    const Json* value = get(top, "map_dirs");
    if (value == nullptr) return true;
    if (!value->is_array()) return fail("the map dir item should be array.");
    for (const Json& item : *value) {
      ConfigDirectory directory;
      for (auto [key, where, message] :
           {std::tuple{"host", &directory.host, "host item is not define."},
            std::tuple{"guest", &directory.guest, "guest item is not define."}}) {
        const Json* given = item.is_object() ? get(item, key) : nullptr;
        if (given == nullptr || !given->is_string()) return fail(message);
        Text got = text(*given, key, false, where);
        if (got == Text::Failed) return false;
        if (got == Text::Absent) return fail(message);
      }
      unknownKeysIn(item, "map_dirs", {"host", "guest"});
      out_->directories.push_back(std::move(directory));
    }
    return true;
  }

  bool drivers(const Json& top) {
    const Json* value = get(top, "drivers");
    if (value == nullptr) return true;
    if (!value->is_array()) {
      absent("drivers", "an array of objects");
      return true;
    }
    for (const Json& item : *value) {
      const Json* schema = item.is_object() ? get(item, "schema") : nullptr;
      const Json* path = item.is_object() ? get(item, "path") : nullptr;
      ConfigDriver driver;
      if (schema == nullptr || path == nullptr || !schema->is_string() || !path->is_string()) {
        warn("an item of \"drivers\" lacks \"schema\" or \"path\"; ignored");
        continue;
      }
      Text first = text(*schema, "schema", false, &driver.schema);
      Text second = text(*path, "path", false, &driver.path);
      if (first == Text::Failed || second == Text::Failed) return false;
      if (first == Text::Absent || second == Text::Absent) continue;
      if (!field(item, "sha256", &driver.sha256)) return false;
      // What was meant to pin the file never turns into no pin.
      if (driver.sha256.empty() && item.find("sha256") != item.end()) driver.sha256 = "none";
      unknownKeysIn(item, "drivers", {"schema", "path", "sha256"});
      out_->drivers.push_back(std::move(driver));
    }
    return true;
  }

  bool optimize(const Json& top) {
    const Json* value = get(top, "optimize");
    if (value == nullptr) return true;
    if (!value->is_object()) {
      absent("optimize", "an object");
      return true;
    }
    Tuning unused;
    for (const auto& [name, given] : value->items()) {
      std::string text;
      if (given.is_string()) {
        text = given.get_ref<const std::string&>();
      } else if (given.is_boolean()) {
        text = given.get<bool>() ? "true" : "false";
      } else if (given.is_number_unsigned()) {
        text = std::to_string(given.get<u64>());
      } else if (given.is_null()) {
        continue;
      } else {
        return fail("\"optimize\": " + shown(name) + " must be a number, true, false or a string");
      }
      std::string why;
      if (!checkTuning(name, text, &unused, &why)) return fail("\"optimize\": " + why);
      text.insert(0, "=").insert(0, name);
      out_->settings.push_back({OptionId::Optimize, 0, std::move(text)});
    }
    return true;
  }

  static bool isStructured(OptionId id) {
    return id == OptionId::ConfigVersion || id == OptionId::Entry || id == OptionId::ModuleOption ||
           id == OptionId::Dir || id == OptionId::ConfigDrivers || id == OptionId::Optimize;
  }

  // A key that is what an option of the same type says.
  bool setting(const Json& top, const OptionInfo& info) {
    if (info.key[0] == 0 || isStructured(info.id)) return true;
    const Json* value = get(top, info.key);
    if (value == nullptr) return true;
    ConfigSetting out{info.id, 0, {}};
    switch (info.type) {
      case OptionType::Number:
        if (!value->is_number_unsigned()) {
          absent(info.key, "a whole number");
          return true;
        }
        out.number = value->get<u64>();
        if (out.number < info.min || out.number > info.max) {
          absent(info.key,
                 "between " + std::to_string(info.min) + " and " + std::to_string(info.max));
          return true;
        }
        break;
      case OptionType::Flag:
      case OptionType::Ignored:
        if (info.value[0] != 0) {
          if (!value->is_string()) absent(info.key, "a string");
          return true;
        }
        if (!value->is_boolean()) {
          absent(info.key, "true or false");
          return true;
        }
        if (!value->get<bool>()) return true;
        break;
      case OptionType::List: return list(*value, info);
      default: {
        const bool zeroBytes = info.id == OptionId::Stdin;
        Text got = text(*value, info.key, zeroBytes, &out.text);
        if (got == Text::Failed) return false;
        if (got == Text::Absent) return true;
        break;
      }
    }
    out_->settings.push_back(std::move(out));
    return true;
  }

  bool list(const Json& value, const OptionInfo& info) {
    if (!value.is_array()) {
      absent(info.key, "an array of strings");
      return true;
    }
    for (const Json& item : value) {
      ConfigSetting out{info.id, 0, {}};
      Text got = text(item, info.key, false, &out.text);
      if (got == Text::Failed) return false;
      if (got == Text::Absent) continue;
      // What --permission would refuse is left out here, as the reference does.
      std::string why;
      if (info.id == OptionId::Permission && !permissions::UrlRules().add(out.text, &why)) {
        warn("permission " + why + "; ignored");
        continue;
      }
      out_->settings.push_back(std::move(out));
    }
    return true;
  }

  void unknownKeys(const Json& top) {
    std::vector<const char*> known;
    for (u32 i = 0; i < kOptionCount; ++i) {
      const OptionInfo& info = optionInfo(static_cast<OptionId>(i));
      if (info.key[0] != 0) known.push_back(info.key);
    }
    warnUnknown(top, "the configuration", known);
  }
  void unknownKeysIn(const Json& object, const char* where, std::vector<const char*> known) {
    warnUnknown(object, "\"" + std::string(where) + "\"", known);
  }
  void warnUnknown(const Json& object, const std::string& where,
                   std::span<const char* const> known) {
    for (const auto& [name, value] : object.items()) {
      auto same = [&name = name](const char* key) { return name == key; };
      if (std::any_of(known.begin(), known.end(), same)) continue;
      std::string line = "unknown key " + shown(name) + " in " + where;
      const char* close = closestWord(name, known);
      warn(close != nullptr ? line + "; did you mean '" + close + "'?" : line + "; ignored");
    }
  }

  const ConfigRoots& roots_;
  ConfigFile* out_;
  ConfigError* error_;
  bool versionGiven_ = false;
};

}  // namespace

const ConfigSetting* ConfigFile::find(OptionId id) const {
  for (const ConfigSetting& setting : settings) {
    if (setting.id == id) return &setting;
  }
  return nullptr;
}

bool ConfigRoots::expand(std::string* text) const {
  if (!known) return true;
  return replaceAll(text, "$ROOT", directory + "/" + suffix) &&
         replaceAll(text, "$ENV_ROOT_PATH", directory);
}

bool parseConfig(std::string_view text, const ConfigRoots& roots, bool (*exists)(const char* path),
                 ConfigFile* out, ConfigError* error) {
  *out = {};
  *error = {};
  if (text.size() > kMaxConfigBytes) {
    error->message = "more than " + std::to_string(kMaxConfigBytes) + " bytes";
    return false;
  }
  Json top;
  if (!readJson(text, &top, &error->message, kMaxConfigDepth, kMaxConfigValues)) return false;
  return Reader(roots, out, error).run(top, exists);
}

void narrowToArchive(ConfigFile* config) {
  auto ignored = [config](const char* key) {
    config->warnings.push_back("key \"" + std::string(key) +
                               "\" of an archive is ignored; --trust-archive-config takes it");
  };
  if (!config->directories.empty()) ignored("map_dirs");
  if (!config->drivers.empty()) ignored("drivers");
  config->directories.clear();
  config->drivers.clear();
  for (OptionId id : {OptionId::DriversRootPath, OptionId::Permission, OptionId::RuntimeLogger}) {
    auto of = [id](const ConfigSetting& setting) { return setting.id == id; };
    if (std::erase_if(config->settings, of) != 0) ignored(optionInfo(id).key);
  }
}

}  // namespace bls::cli
