// Recursive calls: recursive-descent parser for arithmetic and logic expressions that builds a
// tree, folds constants, and evaluates it for several variable assignments.
//
// Size: number of generated expressions (a few hundred characters each).
#include "bench/programs/kernels/kernel.h"

enum { kTextMax = 4096, kNodesMax = 4096, kVariables = 8 };
typedef enum { kNumber, kVariable, kNegate, kNot, kBinary, kSelect } Kind;

typedef struct {
  u8 kind, op;
  u32 value;  // number or variable
  u32 child[3];
} Node;

static char text[kTextMax];
static u32 textLength, cursor;
static Node nodes[kNodesMax];
static u32 nodeCount;
static u32 variables[kVariables];

static void emit(char c) {
  if (textLength < kTextMax - 1) text[textLength++] = c;
}

static void generate(u64* seed, u32 depth) {
  u32 choice = depth == 0 ? rngBelow(seed, 2) : 2 + rngBelow(seed, 10);
  if (choice == 0) {
    char digits[12];
    int count = snprintf(digits, sizeof digits, "%u", rngBelow(seed, 100000));
    for (int i = 0; i < count; i++) emit(digits[i]);
  } else if (choice == 1) {
    emit((char)('a' + rngBelow(seed, kVariables)));
  } else if (choice < 9) {
    emit('(');
    generate(seed, depth - 1);
    emit(' ');
    emit("+-*/%&|^<="[rngBelow(seed, 10)]);
    emit(' ');
    generate(seed, depth - (depth > 1 && choice > 6 ? 2 : 1));
    emit(')');
  } else if (choice < 10) {
    emit(choice == 9 ? '-' : '!');
    generate(seed, depth - 1);
  } else {
    emit('(');
    generate(seed, depth - 1);
    emit('?');
    generate(seed, depth - 1);
    emit(':');
    generate(seed, depth - 1);
    emit(')');
  }
}

static u32 newNode(Kind kind, u8 op, u32 value, u32 a, u32 b, u32 c) {
  nodes[nodeCount] = (Node){(u8)kind, op, value, {a, b, c}};
  return nodeCount < kNodesMax - 1 ? nodeCount++ : nodeCount;
}

static u32 applyBinary(u8 op, u32 a, u32 b) {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b ? a / b : 0;
    case '%':
      return b ? a % b : 0;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<':
      return a < b;
    default:
      return a == b;
  }
}

static char peek(void) {
  while (text[cursor] == ' ') cursor++;
  return text[cursor];
}

static u32 precedence(char op) {
  switch (op) {
    case '|':
    case '^':
      return 1;
    case '&':
      return 2;
    case '<':
    case '=':
      return 3;
    case '+':
    case '-':
      return 4;
    case '*':
    case '/':
    case '%':
      return 5;
    default:
      return 0;
  }
}

static u32 parseSelect(void);
static u32 parseBinary(u32 minimum);

static u32 parsePrimary(void) {
  char c = peek();
  if (c == '(') {
    cursor++;
    u32 inner = parseSelect();
    if (peek() == ')') cursor++;
    return inner;
  }
  if (c == '-' || c == '!') {
    cursor++;
    return newNode(c == '-' ? kNegate : kNot, 0, 0, parsePrimary(), 0, 0);
  }
  if (c >= 'a' && c < 'a' + kVariables) {
    cursor++;
    return newNode(kVariable, 0, (u32)(c - 'a'), 0, 0, 0);
  }
  u32 value = 0;
  while (text[cursor] >= '0' && text[cursor] <= '9')
    value = value * 10 + (u32)(text[cursor++] - '0');
  return newNode(kNumber, 0, value, 0, 0, 0);
}

static u32 parseBinary(u32 minimum) {
  u32 left = parsePrimary();
  for (;;) {
    char op = peek();
    u32 level = precedence(op);
    if (level == 0 || level < minimum) return left;
    cursor++;
    left = newNode(kBinary, (u8)op, 0, left, parseBinary(level + 1), 0);
  }
}

static u32 parseSelect(void) {
  u32 condition = parseBinary(1);
  if (peek() != '?') return condition;
  cursor++;
  u32 yes = parseSelect();
  if (peek() == ':') cursor++;
  return newNode(kSelect, 0, 0, condition, yes, parseSelect());
}

static u32 fold(u32 at) {
  Node* n = &nodes[at];
  if (n->kind != kBinary) {
    if (n->kind >= kNegate) n->child[0] = fold(n->child[0]);
    if (n->kind == kSelect) {
      n->child[1] = fold(n->child[1]);
      n->child[2] = fold(n->child[2]);
    }
    return at;
  }
  u32 a = n->child[0] = fold(n->child[0]);
  u32 b = n->child[1] = fold(n->child[1]);
  if (nodes[a].kind == kNumber && nodes[b].kind == kNumber) {
    n->value = applyBinary(n->op, nodes[a].value, nodes[b].value);
    n->kind = kNumber;
  }
  return at;
}

static u32 evaluate(u32 at) {
  const Node* n = &nodes[at];
  switch (n->kind) {
    case kNumber:
      return n->value;
    case kVariable:
      return variables[n->value];
    case kNegate:
      return 0u - evaluate(n->child[0]);
    case kNot:
      return !evaluate(n->child[0]);
    case kBinary:
      return applyBinary(n->op, evaluate(n->child[0]), evaluate(n->child[1]));
    default:
      return evaluate(evaluate(n->child[0]) ? n->child[1] : n->child[2]);
  }
}

static u64 run(u32 n) {
  u64 seed = 101, sum = 0;
  for (u32 e = 0; e < n; e++) {
    textLength = cursor = nodeCount = 0;
    generate(&seed, 7);
    text[textLength] = 0;
    u32 root = fold(parseSelect());
    sum = mix(sum, ((u64)textLength << 32) | nodeCount);
    for (u32 assignment = 0; assignment < 12; assignment++) {
      for (u32 v = 0; v < kVariables; v++) variables[v] = (assignment * 2654435761u) >> (v + 8);
      sum = mix(sum, evaluate(root));
    }
  }
  return sum;
}

KERNEL_MAIN(run)
