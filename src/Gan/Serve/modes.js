'use strict';
const $ = id => document.getElementById(id);
let setting, state;

const probe = document.createElement('span');
probe.hidden = true;
document.documentElement.append(probe);

function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function shown(v) {
  return v === null ? '' : v.toFixed(3);
}

function draw() {
  if (!state)
    return;
  const canvas = $('plane'), dense = devicePixelRatio || 1, side = canvas.clientWidth;
  canvas.width = canvas.height = side * dense;
  const pen = canvas.getContext('2d'), { extent } = setting;
  pen.scale(dense, dense);
  if ($('heat').checked)
    drawHeat(pen, side);
  const x = v => (v / extent + 1) / 2 * side, y = v => (1 - v / extent) / 2 * side;
  const points = (values, name, radius) => {
    pen.fillStyle = colour(name);
    for (let i = 0; i < values.length; i += 2) {
      pen.beginPath();
      pen.arc(x(values[i]), y(values[i + 1]), radius, 0, 7);
      pen.fill();
    }
  };
  points(setting.real, '--first', 1.5);
  if ($('slopes').checked)
    drawSlopes(pen, x, y, side);
  points(state.generated, '--second', 2);
}

// D's outputs from their lowest to their highest, in shades between the paper and the line's colour.
function drawHeat(pen, side) {
  const { heat } = state, low = Math.min(...heat), high = Math.max(...heat), cell = side / setting.side;
  pen.fillStyle = colour('--third');
  heat.forEach((v, i) => {
    pen.globalAlpha = 0.55 * (v - low) / (high - low || 1);
    pen.fillRect(i % setting.side * cell, Math.floor(i / setting.side) * cell, cell + 0.5, cell + 0.5);
  });
  pen.globalAlpha = 1;
}

function drawSlopes(pen, x, y, side) {
  const { slopes, generated } = state;
  let longest = 0;
  for (let i = 0; i < slopes.length; i += 2)
    longest = Math.max(longest, Math.hypot(slopes[i], slopes[i + 1]));
  if (longest === 0)
    return;
  pen.strokeStyle = colour('--second');
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0; i < slopes.length; i += 2) {
    const [left, top] = [x(generated[i]), y(generated[i + 1])], scale = 0.08 * side / longest;
    pen.moveTo(left, top);
    pen.lineTo(left + slopes[i] * scale, top - slopes[i + 1] * scale);
  }
  pen.stroke();
}

function say() {
  const at = `step ${state.step.toLocaleString('en')} of ${setting.total_steps.toLocaleString('en')}`;
  $('status').textContent = `${setting.set}, seed ${setting.seed}: ${state.is_playing ? 'playing' : 'paused'}, ${at}`;
  $('play').textContent = state.is_playing ? 'Pause' : 'Play';
  $('play').setAttribute('aria-pressed', state.is_playing);
  const numbers = `${state.covered} of ${setting.modes} modes found, ${(100 * state.high_quality).toFixed(1)} % of points near one; `
    + `D loss ${shown(state.d_loss)}, G loss ${shown(state.g_loss)}`;
  $('plane').setAttribute('aria-label', `The plane after ${at}: ${numbers}`);
  if (!state.is_playing || !say.at || performance.now() - say.at > 1000) { // not ten times a second for those who listen
    $('numbers').textContent = numbers;
    say.at = performance.now();
  }
}

async function begin() {
  setting = await (await fetch('/api/modes')).json();
  $('title').textContent = document.title = `gan modes: ${setting.objective}`;
  const events = new EventSource('/api/modes/events');
  events.addEventListener('state', event => {
    state = JSON.parse(event.data);
    say();
    draw();
  });
  events.onerror = () => {
    events.close();
    $('status').textContent = 'The program that serves this page has ended.';
  };
  const ask = command => fetch(`/api/modes/${command}`, { method: 'POST' });
  $('play').onclick = () => ask(state?.is_playing ? 'pause' : 'play');
  for (const command of ['d', 'g', 'restart'])
    $(command).onclick = () => ask(command);
  for (const id of ['heat', 'slopes'])
    $(id).onchange = draw;
  onresize = draw;
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

begin().catch(fault => {
  $('fault').textContent = fault.message;
  $('fault').hidden = false;
});
