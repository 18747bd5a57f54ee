// Text and answers of the prompt.
#include "runtime/permission_prompt.h"

#include "engine/base/status.h"

namespace bls::permissions {
namespace {

constexpr const char* kReset = "\x1b[0m";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kItalic = "\x1b[3m";
constexpr const char* kAlarm = "\x1b[37;41m";  // white on red
constexpr u32 kMaxQuestions = 100;             // of one access, answered by nothing that counts

size_t characterBytes(std::string_view text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  return end - at;
}

// What must not reach a terminal is escaped and, in colour, stands out from what is really written
// so.
std::string visible(std::string_view text, bool colours, const char* style) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t size = characterBytes(text, at);
    std::string one = escapeForMessage(text.data() + at, size, size);
    if (one != text.substr(at, size) && colours) {
      out += kAlarm + one + kReset + style;
    } else {
      out += one;
    }
    at += size;
  }
  return out;
}

std::string styled(const char* style, const std::string& text, bool colours) {
  return colours ? style + text + kReset : text;
}

std::string choices(Kind kind, bool colours, const char* lead) {
  return std::string("┗ ") + styled(kBold, lead, colours) +
         " [y/n/A] (y = yes, allow; n = no, deny; A = allow all " + kindName(kind) +
         " permissions) > ";
}

// Columns a text takes; close enough to know how many rows to erase.
size_t widthOf(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size(); at += characterBytes(text, at)) {
    unsigned char lead = static_cast<unsigned char>(text[at]);
    bool boxDrawing = text.substr(at, 2) == "\xe2\x94";
    bool variation = text.substr(at, 3) == "\xef\xb8\x8f";  // of the sign before it
    width += variation ? 0 : lead >= 0xe1 && !boxDrawing ? 2 : 1;
  }
  return width;
}

size_t rowsOf(std::string_view text, u32 columns) {
  size_t rows = 0;
  for (size_t at = 0; at <= text.size();) {
    size_t end = text.find('\n', at);
    if (end == std::string_view::npos) end = text.size();
    size_t width = widthOf(text.substr(at, end - at));
    rows += columns == 0 || width == 0 ? 1 : (width + columns - 1) / columns;
    at = end + 1;
  }
  return rows;
}

std::string eraseRows(size_t rows) {
  return std::string("\x1b[") + std::to_string(rows) + "A\r\x1b[0J";
}

size_t countCharacters(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += characterBytes(text, at)) ++count;
  return count;
}

enum class Word : u8 { Yes, No, All, Unknown };

Word meaning(std::string_view line) {
  if (countCharacters(line) != 1) return Word::No;
  switch (line[0]) {
    case 'y':
    case 'Y': return Word::Yes;
    case 'n':
    case 'N':
    case '\x1b': return Word::No;
    case 'A': return Word::All;
    default: return Word::Unknown;
  }
}

void sayTooLong(PromptTerminal& terminal, Kind kind, size_t bytes) {
  terminal.write("❌ A permission prompt of " + std::to_string(bytes) + " bytes was not shown (" +
                 std::to_string(kMaxQuestionBytes) +
                 " are the limit); the request is denied.\n"
                 "❌ WARNING: the program may be trying to hide what it asks for.\n"
                 "❌ Run again with --allow-" +
                 kindName(kind) + " if this access is really wanted.\n");
}

}  // namespace

std::string promptText(const Question& question, bool colours) {
  std::string kind = kindName(question.kind);
  // A guest may have left the terminal in colours in which this could not be read.
  std::string out = colours ? kReset : "";
  out += "┏ ⚠️  ";
  out += styled(kBold,
                "Bls-Runtime requests " + kind + " access to \"" +
                    visible(question.item, colours, kBold) + "\".",
                colours);
  out += std::string("\n┠─ Requested by `") + question.operation + "` API.\n┠─ ";
  out += styled(kItalic, "Learn more at: https://docs.bless.network/go/--allow-" + kind, colours);
  out += "\n┠─ ";
  out += styled(kItalic, "Run again with --allow-" + kind + " to bypass this prompt.", colours);
  return out + "\n" + choices(question.kind, colours, "Allow?");
}

Reply askPerson(PromptTerminal& terminal, const Question& question) {
  const bool colours = terminal.colours();
  // Without colours too, the guest may have written an escape that hides what follows.
  std::string text = (colours ? "" : kReset) + promptText(question, colours);
  if (text.size() > kMaxQuestionBytes) {
    sayTooLong(terminal, question.kind, text.size());
    return Reply::No;
  }
  const std::string plain = promptText(question, false);
  const std::string item = visible(question.item, colours, kBold);
  const std::string kind = kindName(question.kind);
  const u32 columns = terminal.columns();
  // The rows above the line that asks.
  const size_t bodyRows = rowsOf(plain.substr(0, plain.rfind('\n')), columns);
  std::string asking = choices(question.kind, false, "Allow?");

  Input input = terminal.discard();
  std::string answer;
  Word word = Word::Unknown;
  for (u32 i = 0; input == Input::Ok && word == Word::Unknown && i < kMaxQuestions; ++i) {
    if (i != 0) {
      text = eraseRows(rowsOf(asking + answer, columns));
      asking = choices(question.kind, false, "Unrecognized option. Allow?");
      text += choices(question.kind, colours, "Unrecognized option. Allow?");
    }
    terminal.write(text);
    answer.clear();
    input = terminal.discard();
    if (input == Input::Ok) input = terminal.line(&answer);
    if (input == Input::Ok) word = meaning(answer);
    if (input != Input::Ok) terminal.write("\n");  // nobody ended the line
  }
  std::string end =
      input == Input::OtherDevice ? "" : eraseRows(bodyRows + rowsOf(asking + answer, columns));
  Reply reply = input == Input::Interrupted ? Reply::Interrupted : Reply::No;
  std::string said = "Denied " + kind + " access to \"" + item + "\".";
  if (input == Input::Ok && word == Word::Yes) {
    reply = Reply::Yes;
    said = "Granted " + kind + " access to \"" + item + "\".";
  } else if (input == Input::Ok && word == Word::All) {
    reply = Reply::All;
    said = "Granted all " + kind + " access.";
  }
  end += reply == Reply::Yes || reply == Reply::All ? "✅ " : "❌ ";
  terminal.write(end + styled(kBold, said, colours) + "\n");
  return reply;
}

}  // namespace bls::permissions
