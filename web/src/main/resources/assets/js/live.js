// The page's one event stream. The server sends the regions that changed; htmx morphs them into place. The bar says how
// long ago something was heard, and a banner says it when that is too long.
import { span } from './time.js'

const LATE = 6_000
const BANNER = 10_000
const HIDDEN = 15_000

let source = null
let heard = performance.now()
let retry = 0
let retryTimer = 0
let hiddenTimer = 0

export function connect() {
  const address = document.body.dataset.live
  if (!address) return
  show()
  open()
  setInterval(show, 1000)
  document.addEventListener('visibilitychange', pauseWhileHidden)
  document.addEventListener('reconnect', open)
  addEventListener('pagehide', () => source?.close())
  addEventListener('pageshow', (event) => event.persisted && open())
}

// Browsers allow six connections to a host: pages that nobody looks at give theirs back.
function pauseWhileHidden() {
  clearTimeout(hiddenTimer)
  if (document.hidden) {
    hiddenTimer = setTimeout(() => {
      source?.close()
      source = null
    }, HIDDEN)
  } else if (!source) {
    open()
  }
}

function open() {
  clearTimeout(retryTimer)
  source?.close()
  source = new EventSource(document.body.dataset.live)
  source.onmessage = (event) => {
    hear()
    htmx.swap({ text: event.data, sourceElement: document.body, target: document.body, swap: 'none' })
  }
  source.addEventListener('beat', hear)
  source.onerror = () => {
    show()
    // The browser tries again by itself after a lost connection, but not after a refusal.
    if (source?.readyState === EventSource.CLOSED) {
      retryTimer = setTimeout(open, Math.min(30_000, 1000 * 2 ** retry++))
    }
  }
}

function hear() {
  heard = performance.now()
  retry = 0
  show()
}

function show() {
  const age = performance.now() - heard
  const bar = document.getElementById('connection')
  const banner = document.getElementById('stale')
  if (!bar || !banner) return
  const late = age > LATE && !document.hidden
  bar.hidden = false
  set(bar, late ? 'stale' : 'online', late ? 'Stale' : 'Live')
  bar.querySelector('.age').textContent = late ? span(age) : ''
  banner.hidden = !(age > BANNER && !document.hidden)
  banner.querySelector('.age').textContent = span(age)
}

function set(bar, status, word) {
  if (bar.dataset.status === status) return
  bar.dataset.status = status
  bar.querySelector('[role="status"]').textContent = word
  const use = bar.querySelector('use')
  use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#s-${status}`))
}

// What a reader opened stays open although the server's markup does not know of it.
export function keepWhatReadersChanged() {
  htmx.registerExtension('keep', {
    htmx_before_morph_attr: (element, detail) =>
      !(detail.attrName === 'open' && element.matches('details, dialog')) && detail.attrName !== 'hidden',
  })
}
