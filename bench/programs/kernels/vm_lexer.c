// Bytecode machine: switch-driven state machines over text: a tokeniser for a C-like language on
// generated source, with keyword recognition, numbers in three bases, strings with escapes and
// comments, followed by a bracket and statement counter driven by the token codes.
//
// Size: number of 16 KiB texts.
#include "bench/programs/kernels/kernel.h"

enum { kTextBytes = 16384 };

typedef enum {
  kEnd,
  kIdentifier,
  kKeyword,
  kInteger,
  kHex,
  kReal,
  kString,
  kCharacter,
  kComment,
  kAssign,
  kEqual,
  kLess,
  kLessEqual,
  kShiftLeft,
  kShiftRight,
  kGreater,
  kGreaterEqual,
  kPlus,
  kIncrement,
  kMinus,
  kArrow,
  kStar,
  kSlash,
  kOpenParen,
  kCloseParen,
  kOpenBrace,
  kCloseBrace,
  kSemicolon,
  kComma,
  kDot,
  kAmpersand,
  kAndAnd,
  kNot,
  kNotEqual,
  kError,
  kTokenKinds
} Token;

static char text[kTextBytes + 1];
static u32 used;

static void put(const char* s) {
  while (*s && used < kTextBytes) text[used++] = *s++;
}

static void putName(u64* seed) {
  static const char* const kWords[16] = {
      "if",    "else",  "while", "return",      "for",  "int", "struct", "static",
      "count", "value", "i",     "buffer_size", "next", "x1",  "Node",   "fortune"};
  put(kWords[rngBelow(seed, 16)]);
}

static void putNumber(u64* seed) {
  char digits[24];
  u32 v = (u32)rngNext(seed) >> rngBelow(seed, 28);
  switch (rngBelow(seed, 4)) {
    case 0:
      snprintf(digits, sizeof digits, "0x%x", v);
      break;
    case 1:
      snprintf(digits, sizeof digits, "%u.%u", v & 1023, v >> 24);
      break;
    default:
      snprintf(digits, sizeof digits, "%u", v);
      break;
  }
  put(digits);
}

static void generate(u64* seed) {
  static const char* const kOperators[16] = {" = ",  " == ", " + ", "++",  "->", " << ",
                                             " <= ", "(",    ")",   " * ", "/",  ", ",
                                             " && ", " != ", ".",   " >> "};
  used = 0;
  while (used < kTextBytes - 40) {
    switch (rngBelow(seed, 14)) {
      case 0:
        put("  // remark about the line below\n");
        break;
      case 1:
        put("/* block\n * comment */ ");
        break;
      case 2:
        put("\"text with \\\"quotes\\\" and \\n\"");
        break;
      case 3:
        put("'c'");
        break;
      case 4:
        put("{\n    ");
        break;
      case 5:
        put("}\n");
        break;
      case 6:
        put(";\n    ");
        break;
      case 7:
      case 8:
        putNumber(seed);
        break;
      case 9:
      case 10:
        put(kOperators[rngBelow(seed, 16)]);
        break;
      default:
        putName(seed);
        put(" ");
        break;
    }
  }
  text[used] = 0;
}

static int isName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static int matches(const char* s, u32 length, const char* word) {
  u32 i = 0;
  for (; i < length && word[i]; i++) {
    if (s[i] != word[i]) return 0;
  }
  return i == length && word[i] == 0;
}

static Token classify(const char* s, u32 length) {
  switch (s[0]) {
    case 'e':
      return matches(s, length, "else") ? kKeyword : kIdentifier;
    case 'f':
      return matches(s, length, "for") ? kKeyword : kIdentifier;
    case 'i':
      return matches(s, length, "if") || matches(s, length, "int") ? kKeyword : kIdentifier;
    case 'r':
      return matches(s, length, "return") ? kKeyword : kIdentifier;
    case 's':
      return matches(s, length, "struct") || matches(s, length, "static") ? kKeyword : kIdentifier;
    case 'w':
      return matches(s, length, "while") ? kKeyword : kIdentifier;
    default:
      return kIdentifier;
  }
}

static const char* scanQuoted(const char* p, char quote) {
  while (*p && *p != quote) p += p[0] == '\\' && p[1] ? 2 : 1;
  return *p ? p + 1 : p;
}

static Token scanNumber(const char** cursor) {
  const char* p = *cursor;
  Token kind = kInteger;
  if (p[0] == '0' && p[1] == 'x') {
    p += 2;
    while ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')) p++;
    *cursor = p;
    return kHex;
  }
  for (;; p++) {
    if (*p == '.' && kind == kInteger) {
      kind = kReal;
    } else if (*p < '0' || *p > '9') {
      break;
    }
  }
  *cursor = p;
  return kind;
}

static Token either(const char** p, char second, Token pair, Token single) {
  if (**p != second) return single;
  ++*p;
  return pair;
}

static Token nextToken(const char** cursor, u32* lines) {
  const char* p = *cursor;
  while (*p == ' ' || *p == '\n') *lines += *p++ == '\n';
  const char* start = p;
  Token token;
  switch (*p++) {
    case 0:
      p--;
      token = kEnd;
      break;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      p--;
      token = scanNumber(&p);
      break;
    case '"':
      p = scanQuoted(p, '"');
      token = kString;
      break;
    case '\'':
      p = scanQuoted(p, '\'');
      token = kCharacter;
      break;
    case '/':
      if (*p == '/') {
        while (*p && *p != '\n') p++;
        token = kComment;
      } else if (*p == '*') {
        p++;
        while (*p && !(p[0] == '*' && p[1] == '/')) *lines += *p++ == '\n';
        if (*p) p += 2;
        token = kComment;
      } else {
        token = kSlash;
      }
      break;
    case '=':
      token = either(&p, '=', kEqual, kAssign);
      break;
    case '!':
      token = either(&p, '=', kNotEqual, kNot);
      break;
    case '+':
      token = either(&p, '+', kIncrement, kPlus);
      break;
    case '-':
      token = either(&p, '>', kArrow, kMinus);
      break;
    case '&':
      token = either(&p, '&', kAndAnd, kAmpersand);
      break;
    case '<':
      token = either(&p, '=', kLessEqual, kLess);
      if (token == kLess) token = either(&p, '<', kShiftLeft, kLess);
      break;
    case '>':
      token = either(&p, '=', kGreaterEqual, kGreater);
      if (token == kGreater) token = either(&p, '>', kShiftRight, kGreater);
      break;
    case '*':
      token = kStar;
      break;
    case '(':
      token = kOpenParen;
      break;
    case ')':
      token = kCloseParen;
      break;
    case '{':
      token = kOpenBrace;
      break;
    case '}':
      token = kCloseBrace;
      break;
    case ';':
      token = kSemicolon;
      break;
    case ',':
      token = kComma;
      break;
    case '.':
      token = kDot;
      break;
    default:
      if (!isName(start[0])) {
        token = kError;
        break;
      }
      while (isName(*p)) p++;
      token = classify(start, (u32)(p - start));
      break;
  }
  *cursor = p;
  return token;
}

static u64 run(u32 n) {
  u64 seed = 139, sum = 0;
  for (u32 t = 0; t < n; t++) {
    if (t % 8 == 0) generate(&seed);
    u32 counts[kTokenKinds] = {0};
    u32 lines = 0, depth = 0, deepest = 0, statements = 0;
    const char* cursor = text + (t % 8) * 16;
    for (;;) {
      Token token = nextToken(&cursor, &lines);
      counts[token]++;
      switch (token) {
        case kOpenBrace:
        case kOpenParen:
          if (++depth > deepest) deepest = depth;
          break;
        case kCloseBrace:
        case kCloseParen:
          if (depth) depth--;
          break;
        case kSemicolon:
          statements += depth < 8;
          break;
        default:
          break;
      }
      if (token == kEnd) break;
    }
    for (u32 k = 0; k < kTokenKinds; k++) sum = mix(sum, counts[k]);
    sum = mix(sum, ((u64)lines << 32) | (deepest << 16) | statements);
  }
  return sum;
}

KERNEL_MAIN(run)
