// JsonText: writes JSON into a string, one value after the other. For output only; names are plain,
// strings are escaped.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::cli {

class JsonText {
 public:
  JsonText& open(char bracket) {
    comma();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  JsonText& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  JsonText& key(std::string_view name) {
    comma();
    quote(name);
    text_ += ':';
    first_ = true;  // the value needs no comma
    return *this;
  }
  JsonText& number(u64 value) { return raw(std::to_string(value)); }
  JsonText& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonText& null() { return raw("null"); }
  /// Bytes that are not UTF-8 come out as U+FFFD.
  JsonText& string(std::string_view value) {
    comma();
    quote(value);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  void comma() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  JsonText& raw(std::string_view value) {
    comma();
    text_ += value;
    return *this;
  }
  void quote(std::string_view value);

  std::string text_;
  bool first_ = true;
};

}  // namespace bls::cli
