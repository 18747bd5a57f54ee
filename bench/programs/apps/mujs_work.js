// Workload for the MuJS benchmark: an expression compiler, prototypes and closures, string building
// and regular expressions, array methods, JSON. work(rounds) returns a number; raises no error.
function Random(seed) { this.state = seed >>> 0; }
Random.prototype.below = function (bound) {
  this.state = (this.state * 1664525 + 1013904223) % 4294967296;
  return Math.floor(this.state / 4294967296 * bound);
};

function mix(sum, value) {
  sum = ((sum << 5) - sum + value) | 0;
  return sum ^ (sum >>> 11);
}

function Shape(name) { this.name = name; }
Shape.prototype.area = function () { return 0; };
Shape.prototype.describe = function () { return this.name + ':' + this.area(); };
function Box(w, h) { Shape.call(this, 'box'); this.w = w; this.h = h; }
Box.prototype = new Shape();
Box.prototype.area = function () { return this.w * this.h; };
function Ring(inner, outer) { Shape.call(this, 'ring'); this.inner = inner; this.outer = outer; }
Ring.prototype = new Shape();
Ring.prototype.area = function () { return 3 * (this.outer * this.outer - this.inner * this.inner); };

function shapes(random) {
  var list = [], i, total = 0;
  for (i = 0; i < 60; i++) {
    var a = random.below(50), b = random.below(50);
    list.push(i % 3 ? new Box(a, b) : new Ring(a, a + b));
  }
  list.sort(function (x, y) { return x.area() - y.area() || (x.name < y.name ? -1 : 1); });
  for (i = 0; i < list.length; i++) total = mix(total, list[i].area() * (i + 1));
  return mix(total, list.map(function (s) { return s.describe(); }).join('|').length);
}

function tokenize(text) {
  var pattern = /\s*([A-Za-z_]\w*|\d+|[-+*\/()])/g, match, tokens = [];
  while ((match = pattern.exec(text)) !== null) tokens.push(match[1]);
  return tokens;
}

function Compiler(tokens) { this.tokens = tokens; this.at = 0; }
Compiler.prototype.primary = function () {
  var token = this.tokens[this.at++], inner;
  if (token === '(') {
    inner = this.sum();
    this.at++;
    return inner;
  }
  if (token >= '0' && token <= '99999999' && /^\d/.test(token)) {
    var value = parseInt(token, 10);
    return function () { return value; };
  }
  return function (env) { return env[token] | 0; };
};
Compiler.prototype.product = function () {
  var left = this.primary();
  while (this.tokens[this.at] === '*' || this.tokens[this.at] === '/') {
    var op = this.tokens[this.at++], right = this.primary();
    left = combine(op, left, right);
  }
  return left;
};
Compiler.prototype.sum = function () {
  var left = this.product();
  while (this.tokens[this.at] === '+' || this.tokens[this.at] === '-') {
    var op = this.tokens[this.at++], right = this.product();
    left = combine(op, left, right);
  }
  return left;
};
function combine(op, left, right) {
  switch (op) {
    case '+': return function (env) { return (left(env) + right(env)) | 0; };
    case '-': return function (env) { return (left(env) - right(env)) | 0; };
    case '*': return function (env) { return (left(env) % 4096 * (right(env) % 4096)) | 0; };
    default: return function (env) { var d = right(env); return d === 0 ? 0 : (left(env) / d) | 0; };
  }
}

function expressions(random) {
  var names = ['alpha', 'beta', 'gamma', 'x1'], ops = [' + ', ' - ', ' * ', ' / '], sum = 0, e, i;
  for (e = 0; e < 6; e++) {
    var text = names[0];
    for (i = 0; i < 8; i++) {
      var term = random.below(2) ? names[random.below(4)] : String(1 + random.below(300));
      text = i % 3 === 2 ? '(' + text + ')' + ops[random.below(4)] + term : text + ops[random.below(4)] + term;
    }
    var f = new Compiler(tokenize(text)).sum();
    for (i = 1; i <= 12; i++) sum = mix(sum, f({ alpha: i, beta: i * 7, gamma: 100 - i, x1: i * i }));
  }
  return sum;
}

function grid(random) {
  var size = 16, cells = [], x, y, step, alive = 0;
  for (y = 0; y < size; y++) {
    cells.push([]);
    for (x = 0; x < size; x++) cells[y].push(random.below(3) === 0 ? 1 : 0);
  }
  for (step = 0; step < 3; step++) {
    var next = [];
    for (y = 0; y < size; y++) {
      var up = cells[(y + size - 1) % size], row = cells[y], down = cells[(y + 1) % size], out = [];
      for (x = 0; x < size; x++) {
        var l = (x + size - 1) % size, r = (x + 1) % size;
        var n = up[l] + up[x] + up[r] + row[l] + row[r] + down[l] + down[x] + down[r];
        out.push(n === 3 || (n === 2 && row[x]) ? 1 : 0);
      }
      next.push(out);
    }
    cells = next;
  }
  for (y = 0; y < size; y++) for (x = 0; x < size; x++) alive += cells[y][x] * (x + y * size);
  return alive;
}

function documents(random) {
  var list = [], i, text, sum = 0;
  for (i = 0; i < 12; i++) {
    list.push({ id: i, tags: ['t' + random.below(9), 'u' + random.below(9)], size: random.below(1000),
                title: 'document number ' + i, draft: i % 2 === 0 });
  }
  text = JSON.stringify(list);
  var back = JSON.parse(text);
  for (i = 0; i < back.length; i++) sum = mix(sum, back[i].size + back[i].title.length);
  text = text.replace(/"t(\d)"/g, function (all, digit) { return '"' + digit + digit + '"'; });
  return mix(sum, text.length + text.split('"').length);
}

function work(rounds) {
  var sum = 0, round;
  for (round = 1; round <= rounds; round++) {
    var random = new Random(round * 2741);
    sum = mix(sum, shapes(random));
    sum = mix(sum, expressions(random));
    sum = mix(sum, grid(random));
    sum = mix(sum, documents(random));
  }
  return sum;
}
