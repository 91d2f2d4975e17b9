'use strict';
// What both pages have.
const $ = id => document.getElementById(id);

function fail(fault) {
  $('fault').textContent = fault.message;
  $('fault').hidden = false;
}

// What a colour of the style sheet is in the light, or in the dark: a canvas doesn't resolve it.
const probe = document.createElement('span');
probe.hidden = true;
document.documentElement.append(probe);

function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function shown(v) {
  const size = Math.abs(v);
  return v === 0 ? '0' : size >= 1000 ? v.toFixed(0) : size >= 10 ? v.toFixed(1) : size >= 0.1 ? v.toFixed(3) : v.toPrecision(2);
}
