'use strict';
// Charts of lines over steps: all of a page's have one range of steps, so that what happens at once is seen at once.

class Range {
  constructor() {
    this.low = 0;
    this.high = 1;
    this.end = 1;
    this.charts = [];
  }

  // The last step moves on; whoever looks at all of them goes along.
  extend(end) {
    const sawAll = this.low === 0 && this.high >= this.end;
    this.end = Math.max(1, end);
    if (sawAll)
      this.high = this.end;
    this.draw();
  }

  zoom(factor, around = (this.low + this.high) / 2) {
    const width = Math.min(this.end, Math.max(4, (this.high - this.low) * factor));
    const share = (around - this.low) / (this.high - this.low);
    this.show(around - share * width, around + (1 - share) * width);
  }

  show(low, high) {
    const width = Math.min(this.end, Math.max(4, high - low));
    this.low = Math.min(Math.max(0, low), this.end - width);
    this.high = this.low + width;
    this.draw();
  }

  all() {
    [this.low, this.high] = [0, this.end];
    this.draw();
  }

  draw() {
    for (const chart of this.charts)
      chart.drawSoon();
  }
}

class Chart {
  // lines: [{ name, x: [], y: [], isPale }]
  constructor(host, title, range, options) {
    this.title = title;
    this.range = range;
    this.options = options;
    this.lines = [];
    const figure = document.createElement('figure');
    this.caption = document.createElement('figcaption');
    this.canvas = document.createElement('canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    this.canvas.className = 'chart';
    figure.append(this.caption, this.canvas);
    host.append(figure);
    range.charts.push(this);
    new ResizeObserver(() => this.drawSoon()).observe(this.canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.drawSoon());
    this.canvas.addEventListener('keydown', event => this.press(event));
    this.canvas.addEventListener('wheel', event => {
      if (!event.ctrlKey && !event.shiftKey)
        return; // the page scrolls
      event.preventDefault();
      range.zoom((event.deltaY || event.deltaX) > 0 ? 1.25 : 0.8, this.stepAt(event.offsetX));
    }, { passive: false });
    this.canvas.addEventListener('pointerdown', event => {
      if (event.button !== 0)
        return;
      this.from = event.offsetX;
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener('pointercancel', () => { this.from = undefined; });
    this.canvas.addEventListener('pointermove', event => { this.at = event.offsetX; this.drawSoon(); });
    this.canvas.addEventListener('pointerleave', () => { this.at = undefined; this.drawSoon(); });
    this.canvas.addEventListener('pointerup', event => {
      if (this.from === undefined)
        return;
      const [from, to] = [this.from, event.offsetX].sort((a, b) => a - b);
      this.from = undefined;
      if (to - from > 8)
        range.show(this.stepAt(from), this.stepAt(to));
    });
  }

  press(event) {
    const width = this.range.high - this.range.low;
    const moves = { ArrowLeft: -0.1, ArrowRight: 0.1 };
    if (event.key in moves)
      this.range.show(this.range.low + moves[event.key] * width, this.range.high + moves[event.key] * width);
    else if (event.key === '+' || event.key === '=')
      this.range.zoom(0.7);
    else if (event.key === '-')
      this.range.zoom(1.4);
    else if (event.key === '0')
      this.range.all();
    else
      return;
    event.preventDefault();
  }

  stepAt(x) {
    return this.range.low + (x - this.left) / (this.right - this.left) * (this.range.high - this.range.low);
  }

  drawSoon() {
    if (this.isDue)
      return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.draw();
    });
  }

  draw() {
    const { canvas, range } = this, dense = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (width === 0)
      return;
    canvas.width = width * dense;
    canvas.height = height * dense;
    const pen = canvas.getContext('2d');
    pen.scale(dense, dense);
    const style = getComputedStyle(canvas), colours = ['--first', '--second', '--third', '--fourth'].map(colour);
    const isLog = this.options.isLog();
    const lines = this.lines.map(line => ({ ...line, y: line.isPale ? line.y : smoothed(line.y, this.options.smoothing()) }));
    let low = Infinity, high = -Infinity;
    for (const line of lines)
      for (let i = 0; i < line.x.length; i++) {
        const v = line.y[i];
        if (v != null && Number.isFinite(v) && line.x[i] >= range.low && line.x[i] <= range.high && !line.isPale && (!isLog || v > 0))
          [low, high] = [Math.min(low, v), Math.max(high, v)];
      }
    if (!(low <= high))
      [low, high] = isLog ? [0.1, 1] : [0, 1];
    if (low === high)
      [low, high] = isLog ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
    const scale = isLog ? Math.log10 : v => v;
    const [bottom, top] = [scale(low), scale(high)];
    [this.left, this.right] = [52, width - 6];
    const up = 8, down = height - 22;
    const x = step => this.left + (step - range.low) / (range.high - range.low) * (this.right - this.left);
    const y = v => down - (scale(v) - bottom) / (top - bottom) * (down - up);
    pen.font = `12px ${style.fontFamily}`;
    pen.fillStyle = colour('--quiet');
    pen.strokeStyle = colour('--line');
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (let i = 0; i <= 4; i++) {
      const place = down - i / 4 * (down - up), value = bottom + i / 4 * (top - bottom);
      pen.beginPath();
      pen.moveTo(this.left, place);
      pen.lineTo(this.right, place);
      pen.stroke();
      pen.fillText(shown(isLog ? 10 ** value : value), this.left - 5, place);
    }
    pen.textBaseline = 'top';
    for (let i = 0; i <= 3; i++) {
      pen.textAlign = i === 0 ? 'left' : i === 3 ? 'right' : 'center';
      pen.fillText(Math.round(range.low + i / 3 * (range.high - range.low)).toLocaleString('en'), this.left + i / 3 * (this.right - this.left), down + 5);
    }
    pen.save();
    pen.beginPath();
    pen.rect(this.left, up - 4, this.right - this.left, down - up + 8);
    pen.clip();
    for (const line of lines) {
      pen.strokeStyle = colours[line.colour % colours.length];
      pen.globalAlpha = line.isPale ? 0.25 : 1;
      pen.lineWidth = line.isPale ? 1 : 2;
      pen.beginPath();
      let isOn = false;
      for (let i = 0; i < line.x.length; i++) {
        const v = line.y[i], canBe = v != null && Number.isFinite(v) && (!isLog || v > 0);
        if (canBe && isOn)
          pen.lineTo(x(line.x[i]), y(v));
        else if (canBe)
          pen.moveTo(x(line.x[i]), y(v));
        isOn = canBe;
      }
      pen.stroke();
    }
    pen.restore();
    pen.globalAlpha = 1;
    if (isLog && lines.some(line => line.y.some(v => v != null && v <= 0))) {
      pen.fillStyle = colour('--quiet');
      pen.textAlign = 'left';
      pen.fillText('0 and below are not shown', this.left + 4, up);
    }
    if (this.from !== undefined && this.at !== undefined) {
      pen.fillStyle = colour('--accent');
      pen.globalAlpha = 0.2;
      pen.fillRect(Math.min(this.from, this.at), up, Math.abs(this.at - this.from), down - up);
      pen.globalAlpha = 1;
    }
    this.say(lines, this.at === undefined ? range.high : this.stepAt(this.at));
  }

  // The values at a step, beside the names of the lines: for eyes as a legend, for others as the picture's text.
  say(lines, step) {
    const parts = [];
    for (const line of lines.filter(line => !line.isPale)) {
      let i = line.x.length - 1;
      while (i > 0 && line.x[i] > step)
        i--;
      parts.push([line.name, line.colour, i >= 0 && line.y[i] != null ? shown(line.y[i]) : '']);
    }
    this.caption.replaceChildren(strong(this.title), ...parts.flatMap(([name, line, value]) => [' ', span(`${name} ${value}`, `line-${line % 4}`)]));
    this.canvas.setAttribute('aria-label', `${this.title}: ${parts.map(([name, , value]) => `${name} ${value}`).join(', ')}`);
  }
}

function strong(text) {
  return Object.assign(document.createElement('strong'), { textContent: text });
}

function span(text, kind) {
  return Object.assign(document.createElement('span'), { textContent: text, className: kind });
}

// The exponential mean that TensorBoard has, without its slow start.
function smoothed(values, weight) {
  let sum = 0, share = 0;
  return values.map(v => {
    if (v == null || !Number.isFinite(v))
      return v;
    sum = sum * weight + v * (1 - weight);
    share = share * weight + 1 - weight;
    return sum / share;
  });
}

// Two histograms of the same bins, one up and one down from the middle.
function drawScores(canvas, bins) {
  const dense = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * dense;
  canvas.height = height * dense;
  const pen = canvas.getContext('2d'), style = getComputedStyle(canvas);
  pen.scale(dense, dense);
  if (!bins || bins.low === null)
    return;
  const most = Math.max(1, ...bins.real, ...bins.fake), down = height - 22, middle = down / 2;
  const x = v => (v - bins.low) / (bins.high - bins.low) * width;
  for (const [counts, name, side] of [[bins.real, '--first', -1], [bins.fake, '--second', 1]]) {
    pen.fillStyle = colour(name);
    counts.forEach((count, i) => {
      const tall = count / most * (middle - 4);
      pen.fillRect(i * width / counts.length, side < 0 ? middle - tall : middle, width / counts.length - 1, tall);
    });
  }
  pen.fillStyle = pen.strokeStyle = colour('--quiet');
  pen.font = `12px ${style.fontFamily}`;
  pen.textBaseline = 'top';
  for (const [v, align] of [[bins.low, 'left'], [bins.high, 'right']]) {
    pen.textAlign = align;
    pen.fillText(shown(v), x(v), down + 5);
  }
  if (bins.low < 0 && bins.high > 0) {
    pen.beginPath();
    pen.moveTo(x(0), 0);
    pen.lineTo(x(0), down);
    pen.stroke();
    pen.textAlign = 'center';
    if (x(0) > 50 && x(0) < width - 50)
      pen.fillText('0', x(0), down + 5);
  }
}
