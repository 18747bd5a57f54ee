// Byte-wise recogniser of terminal sequences (ECMA-48) and UTF-8.
#include "wasi/terminal_filter.h"

#include <string_view>

namespace bls::wasi {
namespace {

constexpr u8 kEsc = 0x1b;
constexpr size_t kMaxSequence = 64;

// Final bytes of control sequences that pass: SGR, cursor movement, erasing, saving and restoring
// the cursor.
bool csiMayPass(const std::string& sequence) {
  std::string_view body(sequence);
  body.remove_prefix(2);
  char final = body.back();
  body.remove_suffix(1);
  if (body == "?25") return final == 'h' || final == 'l';  // show or hide the cursor
  for (char c : body) {
    if ((c < '0' || c > '9') && c != ';' && c != ':') return false;
  }
  return std::string_view("mABCDEFGHfdJKsu").find(final) != std::string_view::npos;
}

}  // namespace

void TerminalFilter::filter(const u8* data, size_t size, std::string* out) {
  for (size_t i = 0; i < size; ++i) step(data[i], out);
}

void TerminalFilter::endOfUtf8(std::string* out) {
  const u8* p = reinterpret_cast<const u8*>(pending_.data());
  u32 code = p[0] & (0x7fu >> pending_.size());
  for (size_t i = 1; i < pending_.size(); ++i) code = (code << 6) | (p[i] & 0x3fu);
  constexpr u32 kMin[5] = {0, 0, 0x80, 0x800, 0x10000};
  bool bad = code < kMin[pending_.size()] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
             code < 0xa0;
  // Bidirectional overrides can make text read differently from what it says.
  bad = bad || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  if (!bad) *out += pending_;
  pending_.clear();
  state_ = State::Text;
}

void TerminalFilter::text(u8 byte, std::string* out) {
  if (byte == kEsc) {
    state_ = State::Escape;
    pending_.assign(1, static_cast<char>(byte));
  } else if (byte < 0x80) {
    bool control = byte < 0x20 || byte == 0x7f;
    if (!control || byte == '\n' || byte == '\r' || byte == '\t' || byte == '\b')
      out->push_back(static_cast<char>(byte));
  } else if (byte >= 0xc2 && byte <= 0xf4) {
    pending_.assign(1, static_cast<char>(byte));
    utf8Left_ = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    state_ = State::Utf8;
  }
}

void TerminalFilter::step(u8 byte, std::string* out) {
  switch (state_) {
    case State::Text: text(byte, out); return;
    case State::Utf8:
      if ((byte & 0xc0) != 0x80) {
        state_ = State::Text;
        pending_.clear();
        text(byte, out);
        return;
      }
      pending_.push_back(static_cast<char>(byte));
      if (--utf8Left_ == 0) endOfUtf8(out);
      return;
    case State::Escape:
      pending_.push_back(static_cast<char>(byte));
      if (byte == '[') {
        state_ = State::Csi;
      } else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_') {
        state_ = State::String;
        pending_.clear();
      } else if (byte == kEsc) {
        pending_.assign(1, static_cast<char>(byte));
      } else if (byte < 0x20 || byte > 0x2f) {  // 20..2f: more of the sequence follows
        if (byte == '7' || byte == '8') {
          if (pending_.size() == 2) *out += pending_;  // save or restore the cursor
        }
        pending_.clear();
        state_ = State::Text;
      } else if (pending_.size() > kMaxSequence) {
        pending_.resize(2);
      }
      return;
    case State::Csi:
      if (byte == kEsc) {
        state_ = State::Escape;
        pending_.assign(1, static_cast<char>(byte));
        return;
      }
      if (byte < 0x20 || byte > 0x7e) {  // not part of a control sequence: drop what there is
        pending_.clear();
        state_ = State::Text;
        return;
      }
      if (pending_.size() < kMaxSequence) pending_.push_back(static_cast<char>(byte));
      if (byte >= 0x40) {
        if (pending_.size() < kMaxSequence && csiMayPass(pending_)) *out += pending_;
        pending_.clear();
        state_ = State::Text;
      }
      return;
    case State::String:
      if (byte == kEsc) state_ = State::StringEscape;
      if (byte == 0x07) state_ = State::Text;
      return;
    case State::StringEscape:
      state_ = byte == '\\' || byte == 0x07 ? State::Text
               : byte == kEsc               ? State::StringEscape
                                            : State::String;
      return;
  }
}

}  // namespace bls::wasi
