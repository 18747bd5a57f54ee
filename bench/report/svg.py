"""Charts as SVG text, each complete by itself: bars (grouped, horizontal, with spreads) and lines (history)."""

import html
import math

PALETTE = ("#1f5fa8", "#d1662a", "#3f8f4f", "#8a56a5", "#b3392f", "#7a6a55", "#c15f95", "#5a5f66", "#a3962a", "#2a9aa8", "#4d4d9f", "#999999")
FONT = "font-family=\"system-ui,'DejaVu Sans',sans-serif\""
WIDTH, LEFT, RIGHT, BAR, GAP, HEAD, FOOT = 960, 190, 70, 9, 8, 44, 34


def text(x, y, words, size=12, anchor="start", color="#222", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{color}" font-weight="{weight}" {FONT}>'
            f"{html.escape(str(words))}</text>")


def document(width, height, parts, label):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}" role="img" '
            f'aria-label="{html.escape(label)}" class="chart"><rect width="{width}" height="{height:.0f}" fill="#fff"/>' + "".join(parts) + "</svg>")


def short(value):
    if value == 0:
        return "0"
    if abs(value) >= 1000 or abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def ticks(low, high, log):
    """Round numbers within the range."""
    if log:
        marks = [m * 10 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 2, 5)]
        inside = [m for m in marks if low <= m <= high]
        return inside if len(inside) <= 9 else [m for m in inside if abs(math.log10(m) - round(math.log10(m))) < 1e-9]
    step = 10 ** math.floor(math.log10(high / 4)) if high > 0 else 1
    step *= next((m for m in (1, 2, 5, 10) if high / (step * m) <= 6), 10)
    return [i * step for i in range(int(high / step) + 1)]


def bars(title, rows, series, unit, log=None, mark=None):
    """rows: [(label, {series: (value, low, high)})]; series: [(key, name)]. `mark` draws a line at that value.

    The axis is logarithmic when the values differ by more than thirty times, unless `log` says.
    """
    values = [v for _, row in rows for triple in row.values() for v in triple if v > 0]
    if not values:
        return None
    low, high = min(values + ([mark] if mark else [])), max(values + ([mark] if mark else []))
    log = high / low > 30 if log is None else log
    if log:
        low, high = low / 1.25, high * 1.15
        at = lambda v: LEFT + (math.log(max(v, low)) - math.log(low)) / (math.log(high) - math.log(low)) * (WIDTH - LEFT - RIGHT)
    else:
        low, high = 0, high * 1.08
        at = lambda v: LEFT + v / high * (WIDTH - LEFT - RIGHT)
    shown = [(key, name) for key, name in series if any(key in row for _, row in rows)]
    legend_rows = (len(shown) + 4) // 5
    top = HEAD + 18 * legend_rows
    parts, y = [text(12, 22, title, 15, weight="bold")], top + 6
    for index, (key, name) in enumerate(shown):
        x, line = 14 + (index % 5) * 185, HEAD - 6 + 18 * (index // 5)
        color = PALETTE[[k for k, _ in series].index(key) % len(PALETTE)]
        parts += [f'<rect x="{x}" y="{line}" width="11" height="11" fill="{color}"/>', text(x + 16, line + 10, name)]
    marks_at = len(parts)
    for label, row in rows:
        present = [(key, name) for key, name in shown if key in row]
        parts.append(text(LEFT - 8, y + len(present) * BAR / 2 + 4, label, anchor="end"))
        for key, name in present:
            value, down, up = row[key]
            color = PALETTE[[k for k, _ in series].index(key) % len(PALETTE)]
            parts.append(f'<rect class="bar" x="{LEFT}" y="{y:.1f}" width="{max(at(value) - LEFT, 1):.1f}" height="{BAR - 1}" fill="{color}">'
                         f"<title>{html.escape(f'{label}, {name}: {short(value)} {unit} ({short(down)} to {short(up)})')}</title></rect>")
            if up > down > 0:
                parts.append(f'<path d="M{at(down):.1f} {y + BAR / 2 - .5:.1f}H{at(up):.1f}" stroke="#111" stroke-width="1.2"/>')
            parts.append(text(at(max(value, up)) + 4, y + BAR - 1.5, short(value), 8.5, color="#555"))
            y += BAR
        y += GAP
    grid = []
    for tick in ticks(low if log else 0, high, log):
        grid += [f'<path d="M{at(tick):.1f} {top}V{y:.1f}" stroke="#ddd"/>', text(at(tick), y + 14, short(tick), 11, "middle", "#555")]
    if mark:
        grid.append(f'<path d="M{at(mark):.1f} {top}V{y:.1f}" stroke="#111" stroke-dasharray="4 3"/>')
    parts[marks_at:marks_at] = grid
    parts.append(text(WIDTH - RIGHT, y + 28, unit + (", logarithmic" if log else ""), 11, "end", "#555"))
    return document(WIDTH, y + FOOT, parts, title)


def lines(title, labels, series, unit):
    """A value of each label, in order: series [(name, [value or None])]."""
    values = [v for _, line in series for v in line if v is not None]
    if not values:
        return None
    height, top, bottom = 320, 30 + 18 * ((len(series) + 4) // 5) + 10, 270
    high = max(values) * 1.1
    at_x = lambda i: LEFT + (i + 0.5) * (WIDTH - LEFT - RIGHT) / len(labels)
    at_y = lambda v: bottom - v / high * (bottom - top)
    parts = [text(12, 22, title, 15, weight="bold")]
    for tick in ticks(0, high, False):
        parts += [f'<path d="M{LEFT} {at_y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>', text(LEFT - 8, at_y(tick) + 4, short(tick), 11, "end", "#555")]
    for i, label in enumerate(labels):
        parts.append(text(at_x(i), bottom + 16, label, 10, "middle", "#555"))
    for index, (name, line) in enumerate(series):
        color, x, y = PALETTE[index % len(PALETTE)], 14 + (index % 5) * 185, 34 + 18 * (index // 5)
        parts += [f'<rect x="{x}" y="{y}" width="11" height="11" fill="{color}"/>', text(x + 16, y + 10, name)]
        points = [(at_x(i), at_y(v)) for i, v in enumerate(line) if v is not None]
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="' + " ".join(f"{a:.1f},{b:.1f}" for a, b in points) + '"/>')
        parts += [f'<circle class="bar" cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{color}"/>' for a, b in points]
    parts.append(text(WIDTH - RIGHT, height - 8, unit, 11, "end", "#555"))
    return document(WIDTH, height, parts, title)
