'use strict';
let setting, state;

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
    const column = i % setting.side, row = (i - column) / setting.side, [left, top] = [Math.round(column * cell), Math.round(row * cell)];
    pen.fillRect(left, top, Math.round((column + 1) * cell) - left, Math.round((row + 1) * cell) - top);
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
    const [right, down] = [slopes[i] * scale, -slopes[i + 1] * scale];
    pen.moveTo(left, top);
    pen.lineTo(left + right, top + down);
    for (const side of [-0.15, 0.15]) { // the head
      pen.moveTo(left + right, top + down);
      pen.lineTo(left + 0.75 * right - side * down, top + 0.75 * down + side * right);
    }
  }
  pen.stroke();
}

function say() {
  const loss = value => value === null ? '' : shown(value); // before the first step there is none
  const at = `step ${state.step.toLocaleString('en')} of ${setting.total_steps.toLocaleString('en')}`;
  $('status').textContent = `${setting.set}, seed ${setting.seed}: ${state.is_playing ? 'playing' : 'paused'}, ${at}`;
  $('play').textContent = state.is_playing ? 'Pause' : 'Play';
  const numbers = `${state.covered} of ${setting.modes} modes found by ${state.generated.length / 2} points, ${(100 * state.high_quality).toFixed(1)} % of points near one; `
    + `D loss ${loss(state.d_loss)}, G loss ${loss(state.g_loss)}`;
  $('plane').setAttribute('aria-label', `The plane after ${at}: ${numbers}`);
  if (!state.is_playing || !say.at || performance.now() - say.at > 1000) { // not ten times a second for those who listen
    $('numbers').textContent = numbers;
    say.at = performance.now();
  }
}

async function begin() {
  setting = await (await fetch('/api/modes')).json();
  $('title').textContent = document.title = `gan modes: ${setting.objective}`;
  listen();
  const ask = command => fetch(`/api/modes/${command}`, { method: 'POST' }).catch(fail);
  $('play').onclick = () => ask(state?.is_playing ? 'pause' : 'play');
  for (const command of ['d', 'g', 'restart'])
    $(command).onclick = () => ask(command);
  for (const id of ['heat', 'slopes'])
    $(id).onchange = draw;
  onresize = draw;
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

let events;
function listen() {
  events?.close();
  if (document.hidden)
    return; // a browser has few connections to a host for all its tabs
  events = new EventSource('/api/modes/events');
  events.addEventListener('state', event => {
    const news = JSON.parse(event.data);
    if (news.fault)
      return fail(new Error(news.fault));
    state = news;
    say();
    draw();
  });
  events.onerror = () => {
    events.close();
    $('status').textContent = 'The program that serves this page has ended.';
    setTimeout(listen, 3000);
  };
}

document.addEventListener('visibilitychange', listen);
begin().catch(fail);
