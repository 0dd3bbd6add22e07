// xterm, made as every page with a terminal has it.
export async function makeScreen(element, options) {
  allowStyles(element.dataset.nonce)
  const { Terminal } = await import('../vendor/xterm.js')
  const terminal = new Terminal({
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
    fontSize: 13,
    scrollback: 10_000,
    screenReaderMode: false,
    theme: { background: '#06121a', foreground: '#e5eef2', cursor: '#7dd3e0', selectionBackground: '#27576a' },
    ...options,
  })
  terminal.open(element.querySelector('.terminal-screen'))
  await document.fonts.ready
  return terminal
}

// xterm writes its own style elements; the page's policy allows those with this page's nonce only.
function allowStyles(nonce) {
  const create = document.createElement
  document.createElement = function (name, options) {
    const made = create.call(document, name, options)
    if (String(name).toLowerCase() === 'style') made.nonce = nonce
    return made
  }
}
