// Keys: / filters, Ctrl+K searches, g and a letter go, ? lists them. All off while something is typed.
const typing = (target) => target.closest?.('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable], .xterm')

let going = 0

export function listenForKeys() {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'k' && !event.target.closest?.('.xterm')) {
      event.preventDefault()
      focus(document.querySelector('.bar-search input'))
      return
    }
    if (event.ctrlKey && event.key === 'Enter') {
      event.target.closest?.('form[data-ctrl-enter]')?.requestSubmit()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    if (document.querySelector('dialog[open]')) return
    if (performance.now() - going < 1500 && go(event)) return
    going = 0
    if (event.key === 'g') going = performance.now()
    else if (event.key === '/') act(event, () => focus(document.querySelector('main [aria-keyshortcuts="/"]') ?? document.querySelector('.bar-search input')))
    else if (event.key === '?') act(event, () => document.getElementById('keys')?.showModal())
  })
}

function go(event) {
  const link = document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`)
  if (!link) return false
  act(event, () => location.assign(link.href))
  return true
}

function act(event, what) {
  event.preventDefault()
  what()
}

function focus(input) {
  input?.focus()
  input?.select?.()
}
