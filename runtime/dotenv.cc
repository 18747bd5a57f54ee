// A small line parser for dotenv files.
#include "runtime/dotenv.h"

#include <algorithm>
#include <unordered_map>

namespace bls::cli {
namespace {

bool isNameChar(char c, bool first) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         (!first && ((c >= '0' && c <= '9') || c == '.'));
}

// What expansion may add to one file: lines that double the one before would fill any memory.
constexpr size_t kMaxExpandedBytes = 16 << 20;

// The variables so far, found by name.
struct Known {
  Environment list;
  std::unordered_map<std::string, size_t> places;
  size_t expansionsLeft = kMaxExpandedBytes;

  const std::string* find(const std::string& name) const {
    const auto found = places.find(name);
    return found == places.end() ? nullptr : &list[found->second].second;
  }
  void set(const std::string& name, std::string value) {
    const auto [place, isNew] = places.emplace(name, list.size());
    if (isNew) {
      list.emplace_back(name, std::move(value));
    } else {
      list[place->second].second = std::move(value);
    }
  }
};

class LineParser {
 public:
  LineParser(std::string_view line, Known* soFar, const char* (*outer)(const char*))
      : line_(line), soFar_(*soFar), outer_(outer) {}

  bool parse(std::string* name, std::string* value) {
    if (line_.find('\0') != std::string_view::npos) return false;
    blanks();
    if (line_.substr(at_, 7) == "export ") at_ += 7;
    blanks();
    while (at_ < line_.size() && isNameChar(line_[at_], name->empty()))
      name->push_back(line_[at_++]);
    blanks();
    if (name->empty() || at_ >= line_.size() || line_[at_] != '=') return false;
    ++at_;
    blanks();
    while (at_ < line_.size()) {
      char c = line_[at_];
      if (c == '\'') {
        if (!single(value)) return false;
      } else if (c == '"') {
        if (!quoted(value)) return false;
      } else if (c == '#' && (value->empty() || line_[at_ - 1] == ' ' || line_[at_ - 1] == '\t')) {
        break;
      } else if (c == ' ' || c == '\t') {
        return restIsComment();
      } else {
        bare(value);
      }
    }
    return !tooLong_;
  }

 private:
  void blanks() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
  }
  bool restIsComment() {
    blanks();
    return at_ == line_.size() || line_[at_] == '#';
  }
  bool single(std::string* value) {
    size_t end = line_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return false;
    value->append(line_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return true;
  }
  bool quoted(std::string* value) {
    for (++at_; at_ < line_.size(); ++at_) {
      char c = line_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\' && at_ + 1 < line_.size()) {
        char next = line_[++at_];
        value->push_back(next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next);
      } else if (c == '$') {
        expand(value);
        --at_;
      } else {
        value->push_back(c);
      }
    }
    return false;
  }
  void bare(std::string* value) {
    if (line_[at_] == '$') {
      expand(value);
    } else if (line_[at_] == '\\' && at_ + 1 < line_.size()) {
      value->push_back(line_[at_ + 1]);
      at_ += 2;
    } else {
      value->push_back(line_[at_++]);
    }
  }
  // At a '$': consumes the reference and appends the variable's value; a '$' without a name stands
  // for itself.
  void expand(std::string* value) {
    size_t start = at_ + 1;
    bool braces = start < line_.size() && line_[start] == '{';
    if (braces) ++start;
    size_t end = start;
    while (end < line_.size() && isNameChar(line_[end], end == start)) ++end;
    bool closed = !braces || (end < line_.size() && line_[end] == '}');
    if (end == start || !closed) {
      value->push_back('$');
      ++at_;
      return;
    }
    std::string name(line_.substr(start, end - start));
    at_ = braces ? end + 1 : end;
    const std::string* known = soFar_.find(name);
    const char* outer = known == nullptr && outer_ != nullptr ? outer_(name.c_str()) : nullptr;
    const std::string_view text = known != nullptr   ? std::string_view(*known)
                                  : outer != nullptr ? std::string_view(outer)
                                                     : std::string_view();
    tooLong_ = tooLong_ || text.size() > soFar_.expansionsLeft;
    if (tooLong_) return;
    soFar_.expansionsLeft -= text.size();
    value->append(text);
  }

  std::string_view line_;
  Known& soFar_;
  const char* (*outer_)(const char*);
  size_t at_ = 0;
  bool tooLong_ = false;
};

}  // namespace

Environment parseDotenv(std::string_view text, const char* (*outer)(const char* name)) {
  Known out;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::string name, value;
    if (LineParser(line, &out, outer).parse(&name, &value)) out.set(name, std::move(value));
  }
  return std::move(out.list);
}

void setVariable(Environment* env, std::string_view name, std::string_view value) {
  env->erase(std::remove_if(env->begin(), env->end(),
                            [&](const auto& item) { return item.first == name; }),
             env->end());
  env->emplace_back(name, value);
}

void sortEnvironment(Environment* env) {
  std::stable_sort(env->begin(), env->end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace bls::cli
