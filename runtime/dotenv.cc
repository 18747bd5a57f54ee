// A small line parser for dotenv files.
#include "runtime/dotenv.h"

#include <algorithm>

namespace bls::cli {
namespace {

bool isNameChar(char c, bool first) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         (!first && ((c >= '0' && c <= '9') || c == '.'));
}

class LineParser {
 public:
  LineParser(std::string_view line, const Environment& soFar, const char* (*outer)(const char*))
      : line_(line), soFar_(soFar), outer_(outer) {}

  bool parse(std::string* name, std::string* value) {
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
    return true;
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
    for (const auto& [known, text] : soFar_) {
      if (known == name) {
        value->append(text);
        return;
      }
    }
    const char* outer = outer_ != nullptr ? outer_(name.c_str()) : nullptr;
    if (outer != nullptr) value->append(outer);
  }

  std::string_view line_;
  const Environment& soFar_;
  const char* (*outer_)(const char*);
  size_t at_ = 0;
};

}  // namespace

Environment parseDotenv(std::string_view text, const char* (*outer)(const char* name)) {
  Environment out;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::string name, value;
    if (LineParser(line, out, outer).parse(&name, &value)) setVariable(&out, name, value);
  }
  return out;
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
