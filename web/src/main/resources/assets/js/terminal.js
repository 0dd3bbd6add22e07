// The terminal: xterm over a WebSocket. Frames are a type byte and its payload, the same numbers as to the node.
const STDIN = 0, STDOUT = 1, STDERR = 2, RESIZE = 3, EXIT = 4

export async function start(element) {
  allowStyles(element.dataset.nonce)
  const [{ Terminal }, { FitAddon }, { SearchAddon }] = await Promise.all([
    import('../vendor/xterm.js'),
    import('../vendor/xterm-addon-fit.js'),
    import('../vendor/xterm-addon-search.js'),
  ])
  const screen = element.querySelector('.terminal-screen')
  const terminal = new Terminal({
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
    fontSize: 13,
    scrollback: 10_000,
    screenReaderMode: false,
    theme: { background: '#06121a', foreground: '#e5eef2', cursor: '#7dd3e0', selectionBackground: '#27576a' },
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.open(screen)
  await document.fonts.ready
  fit.fit()
  talk(element, terminal, fit)
  offerSearch(element, terminal, search)
}

function talk(element, terminal, fit) {
  const address = new URL(element.dataset.socket, location.href)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  address.searchParams.set('mode', element.dataset.mode)
  address.searchParams.set('columns', terminal.cols)
  address.searchParams.set('rows', terminal.rows)
  for (const name of ['command', 'user']) {
    const value = element.querySelector(`[name="${name}"]`)?.value
    if (value) address.searchParams.set(name, value)
  }
  const socket = new WebSocket(address)
  socket.binaryType = 'arraybuffer'
  const state = stateOf(element)
  let ended = false

  socket.onopen = () => {
    state('running', element.dataset.mode === 'attach' ? 'Attached' : 'Connected')
    terminal.focus()
  }
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') {
      terminal.write(`\r\n\x1b[31m${data.replace(/[\x00-\x1f]/g, ' ')}\x1b[0m\r\n`)
      return
    }
    const frame = new Uint8Array(data)
    if (frame[0] === STDOUT || frame[0] === STDERR) {
      terminal.write(frame.subarray(1))
    } else if (frame[0] === EXIT) {
      ended = true
      const code = new DataView(data).getInt32(1)
      state(code === 0 ? 'completed' : 'failed', code < 0 ? 'Ended, exit code unknown' : `Ended with exit code ${code}`)
      socket.close()
    }
  }
  socket.onclose = (event) => {
    if (!ended) state('lost', event.reason || 'Disconnected')
    ended = true
    terminal.options.disableStdin = true
    terminal.options.cursorBlink = false
  }

  const encoder = new TextEncoder()
  const send = (type, payload) => {
    if (socket.readyState !== WebSocket.OPEN) return
    const frame = new Uint8Array(payload.length + 1)
    frame[0] = type
    frame.set(payload, 1)
    socket.send(frame)
  }
  terminal.onData((text) => send(STDIN, encoder.encode(text)))
  terminal.onBinary((text) => send(STDIN, Uint8Array.from(text, (c) => c.charCodeAt(0))))
  terminal.onResize(({ cols, rows }) => {
    const size = new DataView(new ArrayBuffer(4))
    size.setUint16(0, cols)
    size.setUint16(2, rows)
    send(RESIZE, new Uint8Array(size.buffer))
  })
  new ResizeObserver(() => fit.fit()).observe(element)
  addEventListener('beforeunload', (event) => {
    if (!ended && socket.readyState === WebSocket.OPEN) event.preventDefault()
  })
  // The form starts another command on purpose: that is no leaving by mistake.
  element.querySelector('form').addEventListener('submit', () => {
    ended = true
    socket.close()
  })
}

function stateOf(element) {
  const state = element.querySelector('#terminal-state')
  return (status, word) => {
    state.dataset.status = status
    const use = state.querySelector('use')
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#s-${status}`))
    state.lastChild.textContent = word
  }
}

function offerSearch(element, terminal, search) {
  const button = element.querySelector('[data-find]')
  button.hidden = false
  let last = ''
  const find = () => {
    const text = prompt('Find in the terminal', last)
    if (text) search.findNext((last = text))
    terminal.focus()
  }
  button.addEventListener('click', find)
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type === 'keydown' && event.ctrlKey && event.shiftKey && event.key === 'F') {
      find()
      return false
    }
    return true
  })
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
