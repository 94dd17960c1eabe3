// Keeps a page current: asks for the same address again and exchanges the parts that differ. Without it everything
// still works by links and the form.
'use strict';

const EVERY = document.getElementById('hops') ? 3000 : 5000;
document.documentElement.classList.add('live');

let asked = 0;
// ages are told by the server's clock, whatever this machine's says; known with its first answer
let ahead = null;

async function renew(address) {
  const mine = ++asked;
  let response;
  try {
    response = await fetch(address, { cache: 'no-store' });
  } catch (unreachable) {
    said('The report server does not answer; this page shows what it had.');
    return;
  }
  const date = Date.parse(response.headers.get('date'));
  if (!Number.isNaN(date)) ahead = date - Date.now();
  const html = await response.text();
  if (mine !== asked) return; // a later question was asked meanwhile
  const next = new DOMParser().parseFromString(html, 'text/html');
  if (!response.ok || !next.querySelector('[data-live]')) {
    location.assign(address); // the server has something else to say
    return;
  }
  document.title = next.title;
  for (const part of document.querySelectorAll('[data-live]')) {
    const other = next.getElementById(part.id);
    if (other && other.outerHTML !== part.outerHTML) exchange(part, other);
  }
  for (const link of document.querySelectorAll('[data-live-href]')) {
    link.setAttribute('href', next.getElementById(link.id).getAttribute('href'));
  }
  for (const chart of document.querySelectorAll('[data-visual]')) {
    chart.setAttribute('aria-label', next.getElementById(chart.id).getAttribute('aria-label'));
  }
  const data = document.getElementById('data');
  if (data && data.textContent !== next.getElementById('data').textContent) {
    data.textContent = next.getElementById('data').textContent;
    drawAll();
  }
  ages();
}

// What has the focus keeps it.
function exchange(part, other) {
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  part.className = other.className;
  part.title = other.title;
  part.innerHTML = other.innerHTML;
  if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function said(text) {
  const line = document.getElementById('freshness') || document.getElementById('looked');
  if (!line.querySelector('.lost')) {
    const words = document.createElement('strong');
    words.className = 'lost';
    words.textContent = ' ' + text;
    line.append(words);
    line.classList.add('warn');
  }
}

function ages() {
  if (ahead === null) return;
  for (const time of document.querySelectorAll('[data-age]')) {
    const seconds = Math.max(0, Math.round((Date.now() + ahead - Date.parse(time.dateTime)) / 1000));
    time.textContent = seconds < 120 ? `${seconds} s ago`
      : seconds < 7200 ? `${Math.floor(seconds / 60)} min ago`
      : seconds < 172800 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} days ago`;
  }
}

async function go(address) {
  document.getElementById('main').classList.add('busy');
  await renew(address);
  document.getElementById('main').classList.remove('busy');
}

function filterAddress() {
  const query = new URLSearchParams(new FormData(document.getElementById('filters')));
  if (!query.get('state')) query.delete('state');
  return `${location.pathname}?${query}`;
}

function chooseState(code) {
  document.getElementById('state').value = code;
  document.getElementById('filters').requestSubmit();
}

const filters = document.getElementById('filters');
if (filters) {
  const follow = () => {
    const address = filterAddress();
    if (address !== location.pathname + location.search) history.pushState(null, '', address);
    return go(address);
  };
  filters.addEventListener('change', follow);
  filters.addEventListener('submit', event => { event.preventDefault(); follow(); });
  addEventListener('popstate', () => location.reload());
}

setInterval(() => { if (!document.hidden) renew(location.href); }, EVERY);
setInterval(ages, 1000);
