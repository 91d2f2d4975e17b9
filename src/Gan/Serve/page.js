'use strict';

async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok)
    throw new Error(await answer.text() || `${path}: ${answer.status}`);
  return answer.json();
}

const time = seconds => {
  const whole = Math.round(seconds), two = n => String(n).padStart(2, '0');
  return whole < 3600 ? `${Math.floor(whole / 60)}:${two(whole % 60)}` : `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
};
const number = n => n.toLocaleString('en');

// Curves of a run: [title, [[name, its column of epochs, its column of steps], ...]].
const curves = [
  ['Loss', [['D', 'd_mean_loss', 'd_loss'], ['G', 'g_mean_loss', 'g_loss']]],
  ['Accuracy of D', [['real', 'd_accuracy_real', 'd_accuracy_real'], ['generated', 'd_accuracy_fake', 'd_accuracy_fake']]],
  ['Norms of gradients', [['D', 'd_gradient_norm'], ['G', 'g_gradient_norm']]],
  ['Energy distance', [['pictures', 'energy_distance']]],
];

const ended = 'The program that serves this page has ended.';

// One run, live.
class RunView {
  constructor(name) {
    this.name = name;
    this.path = `/api/runs/${encodeURIComponent(name)}`;
    this.range = new Range();
    const options = { smoothing: () => Number($('smoothing').value), isLog: () => $('log').checked };
    $('charts').replaceChildren();
    this.charts = curves.map(([title]) => new Chart($('charts'), title, this.range, options));
    this.grid = -1;
    this.bind();
  }

  // Handlers are set, not added: another run takes the page's controls over.
  bind() {
    for (const id of ['smoothing', 'log'])
      $(id).oninput = () => this.range.draw();
    $('in').onclick = () => this.range.zoom(0.7);
    $('out').onclick = () => this.range.zoom(1.4);
    $('all').onclick = () => this.range.all();
    $('epoch').oninput = () => this.showGrid();
    $('scored').oninput = () => this.showScores();
    for (const id of ['seed', 'towards', 'way', 'count', 'class', 'to-class'])
      $(id).oninput = () => this.draw();
    $('redraw').onclick = () => this.draw();
    onresize = () => this.showScores();
  }

  async load() {
    const run = await get(this.path);
    if (this.isClosed)
      return;
    this.run = run;
    $('title').textContent = document.title = run.name;
    this.say();
    this.fill();
    this.grids = run.grids;
    this.followGrids(true);
    this.followScores(true);
    $('settings').tBodies[0].replaceChildren(...Object.entries(run.settings).map(([setting, value]) => row([setting, value])));
    this.listen();
    const { classes } = await get(`${this.path}/classes`).catch(() => ({ classes: [] }));
    if (this.isClosed)
      return;
    for (const label of document.querySelectorAll('.of-classes'))
      label.hidden = classes.length === 0;
    $('class').replaceChildren(new Option('all in turn', ''), ...classes.map((name, label) => new Option(name, label)));
    $('to-class').replaceChildren(new Option('the same', ''), ...classes.map((name, label) => new Option(name, label)));
    this.draw();
  }

  listen() {
    this.events?.close();
    if (document.hidden)
      return; // a browser has few connections to a host for all its tabs
    const { places } = this.run;
    this.events = new EventSource(`${this.path}/events?steps=${places.steps}&epochs=${places.epochs}&scores=${places.scores}`);
    const on = (name, take) => this.events.addEventListener(name, event => take(event.data));
    on('steps', data => data.startsWith('step,') ? this.reload() : this.addSteps(data.split(';').map(line => line.split(',').map(Number))));
    on('epoch', data => this.addEpoch(JSON.parse(data)));
    on('diagnoses', data => this.showDiagnoses(JSON.parse(data).diagnoses));
    on('scores', data => {
      this.run.score_bins.push(JSON.parse(data));
      if (this.run.score_bins.length > 800) // the newest stays
        this.run.score_bins = this.run.score_bins.filter((_, i) => i % 2 === 0 || i === 800);
      this.followScores();
    });
    on('state', data => {
      const state = JSON.parse(data);
      if (state.settings_of !== this.run.settings_of)
        return this.reload(); // it was lengthened, say
      this.run.is_training = state.is_training;
      this.grids = state.grids;
      this.followGrids();
      this.say();
    });
    on('again', () => this.reload());
    // The browser would connect again from where it began: better all of it anew.
    this.events.onerror = () => {
      this.events.close();
      this.run.is_training = false;
      $('status').textContent = ended;
      this.retry = setTimeout(() => this.reload(), 3000);
    };
  }

  reload() {
    this.pause();
    this.load().catch(fault => {
      $('status').textContent = fault.message;
      this.retry = setTimeout(() => this.reload(), 3000);
    });
  }

  pause() {
    clearTimeout(this.retry);
    this.events?.close();
  }

  close() {
    this.isClosed = true;
    this.pause();
  }

  addSteps(rows) {
    const columns = Object.values(this.run.steps);
    for (const values of rows)
      columns.forEach((column, i) => column.push(Number.isFinite(values[i]) ? values[i] : null));
    this.run.step = Math.max(this.run.step, rows.at(-1)[0]);
    halve(this.run.steps);
    this.fill();
    this.say();
  }

  addEpoch(epoch) {
    if (Object.keys(this.run.epochs).length <= 2)
      this.run.epochs = Object.fromEntries(Object.keys(epoch).filter(name => name !== 'troubles').map(name => [name, []]));
    for (const [name, column] of Object.entries(this.run.epochs))
      column.push(epoch[name] ?? null);
    this.run.step = epoch.step;
    this.run.seconds += epoch.seconds;
    halve(this.run.epochs);
    this.fill();
    this.say();
  }

  fill() {
    const { steps, epochs } = this.run;
    curves.forEach(([, lines], i) => {
      this.charts[i].lines = lines.flatMap(([name, ofEpochs, ofSteps], colour) => [
        ...ofSteps && steps[ofSteps] ? [{ name, colour, x: steps.step, y: steps[ofSteps], isPale: true }] : [],
        epochs[ofEpochs]?.length > 1 || !steps[ofSteps]
          ? { name, colour, x: epochs.step ?? [], y: epochs[ofEpochs] ?? [] }
          : { name, colour, x: steps.step, y: steps[ofSteps] },
      ]);
    });
    this.range.extend(this.run.step);
    this.showDiagnoses(this.run.diagnoses);
  }

  // Once a second the numbers change; those who listen hear of it twice a minute.
  say() {
    const { run } = this;
    const ofEpochs = run.epochs.seconds ?? [], stepsOfEpochs = run.epochs.step ?? [];
    this.sinceStep ??= [performance.now(), run.step];
    const [since, first] = this.sinceStep, here = (performance.now() - since) / 1000;
    const perStep = ofEpochs.length > 0 && stepsOfEpochs.at(-1) > 0 ? run.seconds / stepsOfEpochs.at(-1)
      : run.step > first && here > 1 ? here / (run.step - first) : NaN; // before an epoch is over
    const left = run.is_training && perStep > 0 ? `, ${time(perStep * (run.total_steps - run.step))} left` : '';
    const state = run.is_training ? 'training' : run.step >= run.total_steps ? 'finished' : 'stopped';
    const text = `${run.recipe} on ${run.dataset}, seed ${run.seed}: ${state}, step ${number(run.step)} of ${number(run.total_steps)}${left}`;
    $('status').textContent = text;
    if (state !== this.heard?.state || performance.now() - this.heard.at > 30000) {
      this.heard = { state, at: performance.now() };
      $('heard').textContent = text;
    }
  }

  // A slider at its end stays there when there is more.
  followGrids(isFirst = false) {
    const slider = $('epoch'), atEnd = isFirst || Number(slider.value) === Number(slider.max);
    slider.max = Math.max(0, this.grids.length - 1);
    if (atEnd)
      slider.value = slider.max;
    this.showGrid();
  }

  showGrid() {
    const epoch = this.grids[$('epoch').value];
    if (epoch === undefined || epoch === this.grid)
      return;
    this.grid = epoch;
    $('sample').src = `${this.path}/samples/${epoch}`;
    $('sample').alt = `The grid after epoch ${epoch}`;
    $('epoch-shown').textContent = `${epoch}`;
    $('epoch').setAttribute('aria-valuetext', `epoch ${epoch}`);
  }

  followScores(isFirst = false) {
    const slider = $('scored'), atEnd = isFirst || Number(slider.value) === Number(slider.max);
    slider.max = Math.max(0, this.run.score_bins.length - 1);
    if (atEnd)
      slider.value = slider.max;
    this.showScores();
  }

  showScores() {
    const bins = this.run.score_bins[$('scored').value];
    drawScores($('scores'), bins);
    if (!bins)
      return;
    const mean = counts => counts.reduce((sum, count, i) => sum + count * (bins.low + (i + 0.5) * (bins.high - bins.low) / counts.length), 0)
      / Math.max(1, counts.reduce((sum, count) => sum + count, 0));
    $('scores').setAttribute('aria-label', `D's outputs after epoch ${bins.epoch}: around ${shown(mean(bins.real))} on real pictures, `
      + `${shown(mean(bins.fake))} on generated ones`);
    $('scored-shown').textContent = `${bins.epoch}`;
    $('scored').setAttribute('aria-valuetext', `epoch ${bins.epoch}`);
  }

  showDiagnoses(diagnoses) {
    this.run.diagnoses = diagnoses;
    const list = diagnoses.length > 0 ? diagnoses : ['Nothing is wrong, as far as the program can tell.'];
    $('diagnoses').replaceChildren(...list.map(text => Object.assign(document.createElement('li'), { textContent: text })));
  }

  async draw() {
    const value = id => encodeURIComponent($(id).value);
    const mine = this.drawing = `${this.path}/pictures?seed=${value('seed')}&towards=${value('towards')}&share=${value('way')}&count=${value('count')}`
      + `&class=${value('class')}&to=${value('to-class')}&at=${this.run.step}`;
    this.drawer?.abort();
    this.drawer = new AbortController();
    const answer = await fetch(mine, { signal: this.drawer.signal }).catch(() => null);
    if (mine !== this.drawing || !answer)
      return;
    if (!answer.ok) { // no picture stays whose seed isn't that of the panel
      URL.revokeObjectURL($('drawn').src);
      $('drawn').removeAttribute('src');
      $('drawn').alt = $('drawn-fault').textContent = await answer.text();
      return;
    }
    $('drawn-fault').textContent = '';
    const picture = await answer.blob().catch(() => null);
    if (mine !== this.drawing || !picture)
      return;
    URL.revokeObjectURL($('drawn').src);
    $('drawn').src = URL.createObjectURL(picture);
    $('drawn').alt = `${$('count').value} pictures of the newest generator, seed ${$('seed').value}`;
  }
}

// Beyond what a screen shows two values become their mean, as the server makes of what came before.
function halve(columns) {
  const [first] = Object.values(columns);
  if (first.length < 8000)
    return;
  for (const name of Object.keys(columns))
    columns[name] = columns[name].filter((_, i) => i % 2 === 0)
      .map((value, i) => 2 * i + 1 < columns[name].length ? (value + columns[name][2 * i + 1]) / 2 : value);
}

function row(cells, kind = 'td') {
  const line = document.createElement('tr');
  for (const cell of cells) {
    const made = document.createElement(kind);
    made.append(cell ?? '');
    line.append(made);
  }
  return line;
}

// The runs of a folder: what differs, and chosen ones beside each other.
class ListView {
  constructor() {
    this.range = new Range();
    const options = { smoothing: () => Number($('smoothing-of-runs').value), isLog: () => $('log-of-runs').checked };
    $('overlaid').replaceChildren();
    this.overlaid = [['Energy distance', 'energy_distance'], ['Loss of D', 'd_mean_loss'], ['Loss of G', 'g_mean_loss']]
      .map(([title, column]) => [new Chart($('overlaid'), title, this.range, options), column]);
    this.chosen = new Map();
    for (const id of ['smoothing-of-runs', 'log-of-runs'])
      $(id).oninput = () => this.range.draw();
  }

  async load(runs) {
    $('title').textContent = document.title = 'Runs';
    $('status').textContent = this.counted = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
    const whole = runs.filter(run => !run.fault), names = [...new Set(whole.flatMap(run => Object.keys(run.settings)))];
    const hidden = ['recipe', 'seed', 'dataset.name', 'dataset.where', 'total_steps'];
    const differing = names.filter(name => !hidden.includes(name) && new Set(whole.map(run => run.settings[name])).size > 1);
    $('list').tHead.replaceChildren(row(['', 'run', 'recipe', 'data', 'seed', 'state', 'steps', 'energy', 'Frechet', 'time', ...differing], 'th'));
    $('list').tBodies[0].replaceChildren(...runs.map(run => {
      const link = Object.assign(document.createElement('a'), { href: `#${encodeURIComponent(run.name)}`, textContent: run.name });
      if (run.fault) {
        const line = row(['', link, run.fault]);
        line.lastChild.colSpan = 8 + differing.length;
        return line;
      }
      const tick = Object.assign(document.createElement('input'), { type: 'checkbox', checked: this.chosen.has(run.name) });
      tick.setAttribute('aria-label', `Choose ${run.name}`);
      tick.onchange = () => this.choose(run, tick.checked);
      const figure = (value, digits) => value === null ? '' : value.toFixed(digits);
      return row([tick, link, run.recipe, run.dataset, `${run.seed}`, run.state, `${number(run.step)} of ${number(run.total_steps)}`,
        figure(run.energy_distance, 4), figure(run.frechet, 2), time(run.seconds), ...differing.map(name => run.settings[name] ?? '')]);
    }));
    for (const run of whole.slice(0, 2))
      if (this.chosen.size === 0 || this.chosen.size < 2 && !this.isTouched)
        await this.choose(run, true, false);
    for (const tick of $('list').querySelectorAll('input'))
      tick.checked = [...this.chosen.keys()].some(name => tick.getAttribute('aria-label') === `Choose ${name}`);
    clearTimeout(this.retry);
    if (!this.isClosed)
      this.retry = setTimeout(() => this.follow(runs), 3000);
  }

  // The list anew where something of it changed, with the runs that were chosen.
  async follow(before) {
    const answer = document.hidden ? { runs: before } : await get('/api/runs').catch(() => null);
    if (this.isClosed)
      return;
    $('status').textContent = answer ? this.counted : ended;
    const runs = answer?.runs ?? before;
    if (JSON.stringify(runs) === JSON.stringify(before)) {
      this.retry = setTimeout(() => this.follow(before), 3000);
      return;
    }
    for (const run of runs)
      if (this.chosen.has(run.name) && !run.fault && run.step !== this.chosen.get(run.name).step)
        await this.choose(run, true, false);
    await this.load(runs);
  }

  async choose(run, isOn, byHand = true) {
    this.isTouched ||= byHand;
    const whole = isOn ? await get(`/api/runs/${encodeURIComponent(run.name)}`).catch(fail) : null;
    if (whole)
      this.chosen.set(run.name, whole);
    else
      this.chosen.delete(run.name);
    const runs = [...this.chosen.values()];
    for (const [chart, column] of this.overlaid)
      chart.lines = runs.map((one, colour) => ({ name: one.name, colour, x: one.epochs.step ?? [], y: one.epochs[column] ?? [] }));
    this.range.end = Math.max(1, ...runs.map(one => one.step));
    this.range.all();
    $('grids').replaceChildren(...runs.filter(one => one.last_grid !== null).map(one => {
      const figure = document.createElement('figure'), image = document.createElement('img');
      image.src = `/api/runs/${encodeURIComponent(one.name)}/samples/${one.last_grid}`;
      image.alt = `The last grid of ${one.name}`;
      figure.append(Object.assign(document.createElement('figcaption'), { textContent: `${one.name}, epoch ${one.last_grid}` }), image);
      return figure;
    }));
  }

  pause() {
    // it looks by itself whether it is seen
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.retry);
  }
}

let view = null, shows = 0;
async function show() {
  const mine = ++shows;
  view?.close();
  $('fault').hidden = true;
  const list = await get('/api/runs');
  if (mine !== shows)
    return;
  const name = list.is_run ? list.runs[0]?.name : decodeURIComponent(location.hash.slice(1));
  $('run').hidden = !name;
  $('runs').hidden = !!name;
  $('back').hidden = list.is_run || !name;
  view = name ? new RunView(name) : new ListView();
  await view.load(list.runs);
}

addEventListener('hashchange', () => show().catch(fail));
document.addEventListener('visibilitychange', () => {
  if (document.hidden)
    view?.pause();
  else
    view?.reload?.();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => view?.showScores?.());
show().catch(fail);
